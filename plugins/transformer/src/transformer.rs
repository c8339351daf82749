//! The phases: headers and query at once, bodies when they are complete.

use log::info;
use plugin_kit::body::Expected;
use plugin_kit::config::Refusal;
use plugin_kit::http;
use plugin_kit::plugin::{Body, Cx, Decision, Headers, Plugin, Side, Uncollected};

use crate::document::Document;
use crate::form::Form;
use crate::head::Seen;
use crate::settings::{Rules, Settings};
use crate::steps::{self, Outcome, Pending};
use crate::text::Sources;

/// The plugin.
#[derive(Debug)]
pub struct Transformer(Settings);

/// What a stream remembers.
#[derive(Default)]
pub struct Stream {
    seen: Seen,
    to_head: bool,
    pending: Vec<Pending>,
    kind: Option<Format>,
    /// The headers of the message whose body is waited for have changed.
    changed: bool,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Form,
}

impl Plugin for Transformer {
    const NAME: &'static str = "transformer";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Settings::read(configuration).map(Self)
    }

    fn warnings(&self) -> Vec<String> {
        let idle = self.0.is_idle();
        idle.then(|| "neither reqRules nor respRules: nothing is changed".to_owned()).into_iter().collect()
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let settings = &self.0;
        stream.seen = Seen::of(cx.headers, &settings.seen);
        if settings.response.body {
            stream.to_head = cx.headers.get(":method").as_deref() == Some(b"HEAD");
            http::ask_for_plain_answer(cx.headers);
        }
        if settings.request.steps.is_empty() {
            return Decision::Undecided;
        }
        let format = if cx.end { None } else { self.format(cx.headers, &settings.request, Side::Request) };
        let sources = Sources { message: cx.headers, request: cx.headers };
        let (outcome, decision) = self.head(stream, cx, &settings.request, sources, format);
        if outcome.changed && settings.reroute {
            cx.proxy.clear_route_cache();
        }
        decision
    }

    fn on_request_body(&self, stream: &mut Stream, cx: &Cx, body: Body) -> Decision {
        self.body(stream, cx, &self.0.request, body)
    }

    fn on_response(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let rules = &self.0.response;
        if rules.steps.is_empty() {
            return Decision::Undecided;
        }
        let mut format = self.format(cx.headers, rules, Side::Response);
        if format.is_some() && http::is_bodiless_status(&cx.headers.get(":status").unwrap_or_default()) {
            format = None;
        }
        if cx.end {
            // The headers of an answer to HEAD are those of the answer to GET, whose length is not known.
            if stream.to_head && format.is_some() {
                http::clear_body_bound(cx.headers);
            }
            format = None;
        }
        let seen = std::mem::take(&mut stream.seen);
        let sources = Sources { message: cx.headers, request: &seen };
        self.head(stream, cx, rules, sources, format).1
    }

    fn on_response_body(&self, stream: &mut Stream, cx: &Cx, body: Body) -> Decision {
        self.body(stream, cx, &self.0.response, body)
    }

    fn wants_responses(&self) -> bool {
        self.0.response.body
    }

    fn on_uncollected(&self, _stream: &mut Stream, _cx: &Cx, _side: Side, why: Uncollected) -> Decision {
        if why == Uncollected::TooLarge {
            info!("{}: a body passed unchanged: larger than max_body_kib ({})", Self::NAME, self.0.max_body / 1024);
        }
        Decision::Failed
    }
}

impl Transformer {
    /// How the body of a message is written, if it is to be changed and can be.
    fn format(&self, headers: &dyn Headers, rules: &Rules, side: Side) -> Option<Format> {
        if !rules.body {
            return None;
        }
        let kind = headers.get("content-type").and_then(|kind| http::media_type(&kind))?;
        let subtype = kind.split('/').nth(1).unwrap_or_default();
        let format = match &kind[..] {
            "application/x-www-form-urlencoded" if side == Side::Request => Format::Form,
            _ if subtype == "json" || subtype.ends_with("+json") => Format::Json,
            _ => return None,
        };
        let encoding = headers.get("content-encoding");
        if !http::is_plain(encoding.as_deref()) {
            info!("{}: a body passed unchanged: it is compressed", Self::NAME);
            return None;
        }
        let length = headers.get("content-length").and_then(|length| http::length(&length));
        if length.is_some_and(|length| length > self.0.max_body as u64) {
            info!("{}: a body passed unchanged: larger than max_body_kib ({})", Self::NAME, self.0.max_body / 1024);
            return None;
        }
        Some(format)
    }

    fn head(
        &self,
        stream: &mut Stream,
        cx: &Cx,
        rules: &Rules,
        sources: Sources,
        format: Option<Format>,
    ) -> (Outcome, Decision) {
        let expected = format.map(|_| Expected::of(cx.headers, self.0.max_body));
        let mut pending = Vec::new();
        let outcome = steps::for_head(&rules.steps, sources, cx.headers, format.is_some().then_some(&mut pending));
        cx.proxy.count("failed_steps", outcome.failed);
        stream.kind = format;
        stream.changed = outcome.changed;
        let decision = match expected {
            Some(expected) if !pending.is_empty() => {
                http::clear_body_bound(cx.headers);
                Decision::Collect(expected)
            }
            _ if outcome.changed => Decision::Change,
            _ => Decision::Pass,
        };
        stream.pending = pending;
        (outcome, decision)
    }

    fn body(&self, stream: &mut Stream, cx: &Cx, rules: &Rules, body: Body) -> Decision {
        let unchanged = if stream.changed { Decision::Change } else { Decision::Pass };
        let pending = std::mem::take(&mut stream.pending);
        if body.bytes.is_empty() {
            return unchanged;
        }
        let (outcome, text) = match stream.kind {
            None => return unchanged,
            Some(Format::Form) => {
                let mut form = Form::parse(&body.bytes);
                (steps::for_form(&rules.steps, pending, &mut form), form.text())
            }
            Some(Format::Json) => {
                let Some(mut document) = Document::parse(&body.bytes) else {
                    info!("{}: a body passed unchanged: it is no JSON, although it says so", Self::NAME);
                    return Decision::Failed;
                };
                let outcome = steps::for_json(&rules.steps, pending, &mut document);
                (outcome, if outcome.changed { document.text() } else { Vec::new() })
            }
        };
        cx.proxy.count("failed_steps", outcome.failed);
        if !outcome.changed {
            return unchanged;
        }
        if text.len() > body.room { Decision::Failed } else { Decision::Replace(text) }
    }
}

#[cfg(test)]
mod tests;
