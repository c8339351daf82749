//! A real Envoy, an upstream and a client for tests of the built-in plugins.
//!
//! One Envoy serves all cases, with a listener for each chain of plugins and configurations.

pub mod client;
pub mod envoy;
pub mod http2;
pub mod upstream;

/// Writes `text` as a JSON string.
pub fn json_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
