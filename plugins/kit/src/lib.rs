//! What the built-in plugins share.
//!
//! A plugin implements [`plugin::Plugin`] and says `plugin_kit::start!(ItsType);`. Everything but `host` and `shell` is
//! plain Rust without proxy-wasm types, so that it is tested natively with [`fake`]; those two talk to the proxy and
//! exist on wasm32 only.

pub mod access;
pub mod address;
pub mod body;
pub mod cache;
pub mod config;
pub mod credentials;
pub mod http;
pub mod json;
pub mod pattern;
pub mod plugin;
pub mod query;
pub mod scope;
pub mod seldom;
pub mod service;
pub mod share;
pub mod template;
pub mod time;

#[cfg(not(target_arch = "wasm32"))]
pub mod fake;
#[cfg(target_arch = "wasm32")]
pub mod host;
#[cfg(target_arch = "wasm32")]
pub mod shell;
#[cfg(target_arch = "wasm32")]
pub use proxy_wasm;

#[cfg(not(target_arch = "wasm32"))]
#[macro_export]
/// Makes a [`plugin::Plugin`] the one of this module; natively, it only has to compile.
macro_rules! start {
    ($plugin:ty) => {
        const _: fn(&[u8]) -> Result<$plugin, $crate::config::Refusal> = <$plugin as $crate::plugin::Plugin>::read;
    };
}
