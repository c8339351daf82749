//! What Plugin Marketplace talks about, as types that cannot be wrong: names, digests, module addresses, phases,
//! priorities, plugins, proxies, and the rules of Istio about them. No IO; builds for the browser too.

pub mod catalogue;
pub mod chain;
pub mod check;
pub mod digest;
pub mod draft;
pub mod extension;
pub mod fetch;
pub mod form;
pub mod i18n;
pub mod mesh;
pub mod module_url;
pub mod names;
pub mod placement;
pub mod problem;
pub mod reach;
pub mod state;
pub mod verdict;
pub mod views;

pub use catalogue::{Category, Origin, PluginMeta, Proposal, Release};
pub use digest::Digest;
pub use extension::{EnvVar, Extension, MatchRule, TargetRef};
pub use i18n::{Lang, Localised};
pub use module_url::{ModuleUrl, Scheme};
pub use names::{Namespace, ObjectName, PluginName, ServiceName};
pub use placement::{Direction, FailStrategy, Phase, Priority, PullPolicy};
pub use problem::{Problem, Reason};
pub use state::ProxyState;
pub use verdict::{Loads, Verdict};
