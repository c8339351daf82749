//! Recognises crawlers and scripts by their User-Agent.

mod detect;

plugin_kit::start!(crate::detect::Detect);
