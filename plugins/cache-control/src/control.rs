//! The phases: the path is remembered, and the answer's headers are written.

use plugin_kit::config::Refusal;
use plugin_kit::http;
use plugin_kit::plugin::{Cx, Decision, Headers, Plugin};

use crate::lifetime::{self, Saying};
use crate::settings::Settings;

/// Answers that caches keep.
const KEPT: [&[u8]; 7] = [b"200", b"203", b"204", b"206", b"301", b"304", b"308"];

/// The plugin.
#[derive(Debug)]
pub struct Control(Settings);

/// What a stream remembers: the path, if it was asked for in a way that caches answer.
#[derive(Default)]
pub struct Stream(Option<Vec<u8>>);

impl Plugin for Control {
    const NAME: &'static str = "cache-control";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Settings::read(configuration).map(Self)
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        if matches!(cx.headers.get(":method").as_deref(), Some(b"GET" | b"HEAD")) {
            stream.0 = Some(http::path_only(&cx.headers.get(":path").unwrap_or_default()).to_vec());
        }
        Decision::Undecided
    }

    fn on_response(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let Some(path) = stream.0.take() else {
            return Decision::Skip;
        };
        let status = cx.headers.get(":status").unwrap_or_default();
        let kind = cx.headers.get("content-type").and_then(|kind| http::media_type(&kind)).unwrap_or_default();
        if kind.starts_with("application/grpc") {
            return Decision::Skip;
        }
        if matches!(status.first(), Some(b'4' | b'5')) {
            return self.error(cx.headers);
        }
        if !KEPT.contains(&&status[..]) {
            return Decision::Skip;
        }
        let Some(rule) = self.0.rules.iter().find(|rule| rule.matches(&path, &kind)) else {
            return Decision::Skip;
        };
        // An answer that sets a cookie is somebody's own: a cache between would hand it to everybody.
        let is_own = lifetime::says_it_itself(cx.headers) || cx.headers.get("set-cookie").is_some();
        if is_own && !rule.over {
            return Decision::Pass;
        }
        rule.saying.write(cx.headers, cx.proxy.seconds());
        Decision::Change
    }
}

impl Control {
    fn error(&self, answer: &dyn Headers) -> Decision {
        if !self.0.no_store_errors {
            return Decision::Skip;
        }
        if lifetime::says_it_itself(answer) {
            return Decision::Pass;
        }
        Saying { directives: Some("no-store".to_owned()), lifetime: None }.write(answer, 0);
        Decision::Change
    }
}

#[cfg(test)]
mod tests;
