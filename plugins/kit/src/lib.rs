//! What the built-in plugins share.
//!
//! A plugin implements [`plugin::Plugin`] and says `plugin_kit::start!(ItsType: what, it, needs);`. Most is plain Rust that
//! is tested natively with [`fake`]. What talks to the proxy exists on wasm32 only: `abi` (the proxy's functions), `host`
//! (headers, bodies and counters by them), `shell` (a stream and its decisions), `module` (all streams, and what is
//! exported).

pub mod access;
pub mod address;
pub mod body;
pub mod cache;
pub mod config;
pub mod credentials;
pub mod headers;
pub mod http;
pub mod json;
pub mod language;
pub mod pattern;
pub mod plugin;
pub mod query;
pub mod scope;
pub mod seldom;
pub mod service;
pub mod share;
pub mod template;
pub mod time;
pub mod wire;

#[cfg(not(target_arch = "wasm32"))]
pub mod exercise;
#[cfg(not(target_arch = "wasm32"))]
pub mod fake;

#[cfg(target_arch = "wasm32")]
mod abi;
#[cfg(target_arch = "wasm32")]
mod host;
#[cfg(target_arch = "wasm32")]
mod logger;
#[cfg(target_arch = "wasm32")]
pub mod module;
#[cfg(target_arch = "wasm32")]
pub mod shell;

/// Makes a [`plugin::Plugin`] the one of this module, and says which callbacks it needs besides the request's headers, by
/// the names of [`plugin::Phases`]: `start!(It: request_body, response)`. Natively, tests find it as `Started`.
#[macro_export]
macro_rules! start {
    ($plugin:ty) => { $crate::start!($plugin:); };
    ($plugin:ty: $($phase:ident),*) => {
        #[cfg(not(target_arch = "wasm32"))]
        /// The plugin of this module.
        pub type Started = $plugin;

        impl $crate::plugin::Exports for $plugin {
            #[allow(clippy::needless_update)] // One day a plugin may need all of them.
            const PHASES: $crate::plugin::Phases = $crate::plugin::Phases { $($phase: true,)* ..$crate::plugin::NO_PHASES };
        }

        #[cfg(target_arch = "wasm32")]
        type Started = $plugin;
        #[cfg(target_arch = "wasm32")]
        $crate::export!(super::Started: $($phase),*);
    };
}
