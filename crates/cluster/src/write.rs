//! Writing WasmPlugins: server-side apply under one name, never by force, strictly validated.

mod fields;
mod plan;
mod refusal;
mod render;
mod writer;

pub(crate) use plan::{plan, presentable};
pub(crate) use writer::Writer;

/// The one name under which we own fields.
pub const FIELD_MANAGER: &str = "plugin-marketplace";
