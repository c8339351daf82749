//! Refuses requests by URL, header or body.

mod block;
mod settings;

plugin_kit::start!(crate::block::Block: request_body, response);
