//! Parts that several pages are made of. They show what they are given and load nothing.

mod blocks;
mod chip;
mod error_view;
mod field;
pub mod form;
mod icon;
mod module;
mod names;
mod page;
mod pager;
mod state_chip;
mod when;

pub use blocks::{CodeBlock, Diff};
pub use chip::{Chip, PhaseChip, Tone};
pub use error_view::ErrorView;
pub use field::{Field, FieldProblems, Summary};
pub use icon::{Icon, Sign};
pub use module::{AnswerChip, Findings, ModuleFacts, VerdictChip};
pub use names::{Tile, TwoNames};
pub use page::{Empty, PageHead, PageTitle, Skeleton};
pub use pager::Pager;
pub use state_chip::{StateChip, StateReasons};
pub use when::When;
