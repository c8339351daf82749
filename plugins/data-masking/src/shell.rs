//! The plugin's phases: decisions fall with the headers; small bodies are masked when they are complete, large ones as
//! they flow.

use log::warn;
use plugin_kit::body::Expected;
use plugin_kit::config::Refusal;
use plugin_kit::http;
use plugin_kit::plugin::{Body, Cx, Decision, Plugin, Side, Uncollected};
use plugin_kit::seldom::Seldom;

use crate::masking::{self, Masker, WINDOW};
use crate::policy::{self, Message, Plan};
use crate::settings::Settings;

/// The plugin.
#[derive(Debug)]
pub struct Masking {
    settings: Settings,
    /// That bodies passed unmasked: for each reason, and in each direction.
    said: [[Seldom; 2]; 3],
}

/// Why a body passes unmasked.
#[derive(Clone, Copy)]
enum Unmasked {
    Encoded,
    TooLarge,
    Unreadable,
}

/// What a stream remembers.
#[derive(Default)]
pub struct Stream {
    to_head: bool,
    request: Way,
    response: Way,
}

/// What a stream remembers of one direction.
#[derive(Default)]
struct Way {
    json: bool,
    masker: Option<Masker>,
}

impl Stream {
    fn way(&mut self, side: Side) -> &mut Way {
        match side {
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        }
    }
}

impl Plugin for Masking {
    const NAME: &'static str = "data-masking";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { settings: Settings::read(configuration)?, said: Default::default() })
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        stream.to_head = cx.headers.get(":method").as_deref() == Some(b"HEAD");
        if self.settings.responses && self.settings.plain_answers {
            http::ask_for_plain_answer(cx.headers);
        }
        if self.settings.requests { self.begin(stream, cx, Side::Request) } else { Decision::Undecided }
    }

    fn on_request_body(&self, stream: &mut Stream, cx: &Cx, body: Body) -> Decision {
        self.mask(&stream.request, cx, &body)
    }

    fn on_response(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        if self.settings.responses { self.begin(stream, cx, Side::Response) } else { Decision::Undecided }
    }

    fn on_response_body(&self, stream: &mut Stream, cx: &Cx, body: Body) -> Decision {
        self.mask(&stream.response, cx, &body)
    }

    fn on_uncollected(&self, stream: &mut Stream, cx: &Cx, side: Side, why: Uncollected) -> Decision {
        match why {
            Uncollected::TooLarge if self.settings.streams => self.stream(stream.way(side), cx),
            Uncollected::TooLarge => self.too_large(cx, side),
            Uncollected::Unreadable => {
                self.warn(cx, side, Unmasked::Unreadable, "the proxy did not give its body");
                Decision::Failed
            }
        }
    }

    fn on_piece(&self, stream: &mut Stream, _cx: &Cx, side: Side, piece: Vec<u8>) -> Vec<u8> {
        match &mut stream.way(side).masker {
            Some(masker) => masker.push(&self.settings, &piece, false),
            None => piece,
        }
    }

    fn on_streamed(&self, stream: &mut Stream, cx: &Cx, side: Side) -> (Vec<u8>, Decision) {
        let Some(mut masker) = stream.way(side).masker.take() else {
            return (Vec::new(), Decision::Pass);
        };
        let rest = masker.push(&self.settings, b"", true);
        cx.proxy.count("values", masker.values);
        (rest, if masker.values > 0 { Decision::Change } else { Decision::Pass })
    }
}

impl Masking {
    fn begin(&self, stream: &mut Stream, cx: &Cx, side: Side) -> Decision {
        let message = Message::of(cx.headers, cx.end, stream.to_head && side == Side::Response);
        let plan = policy::plan(&message, &self.settings);
        let expected = Expected::of(cx.headers, self.settings.max_body);
        if matches!(plan, Plan::Mask { .. } | Plan::Stream { .. } | Plan::HeadersOnly) {
            http::clear_body_bound(cx.headers);
        }
        match plan {
            Plan::Mask { json } => {
                stream.way(side).json = json;
                Decision::Collect(expected)
            }
            Plan::Stream { json } => {
                stream.way(side).json = json;
                self.stream(stream.way(side), cx)
            }
            Plan::HeadersOnly | Plan::Skip => Decision::Skip,
            Plan::Encoded => {
                cx.proxy.count("skipped_encoded", 1);
                let encoding = message.content_encoding.unwrap_or_default();
                let encoding = String::from_utf8_lossy(&encoding);
                self.warn(cx, side, Unmasked::Encoded, &format!("content-encoding {encoding:.40?}"));
                Decision::Skip
            }
            Plan::TooLarge => self.too_large(cx, side),
        }
    }

    fn mask(&self, way: &Way, cx: &Cx, body: &Body) -> Decision {
        let mask = |with| masking::mask(&body.bytes, way.json, &self.settings, with);
        let mut masked = mask(self.settings.mask);
        // A wide mask makes the body longer than the proxy's buffer may take; this one never does.
        if masked.as_ref().is_some_and(|m| m.body.len() > body.room) {
            masked = mask('*');
        }
        match masked {
            Some(masked) => {
                cx.proxy.count("values", masked.values);
                Decision::Replace(masked.body)
            }
            None => Decision::Pass,
        }
    }

    fn stream(&self, way: &mut Way, cx: &Cx) -> Decision {
        cx.proxy.count("streamed", 1);
        way.masker = Some(Masker::new(way.json, &self.settings, self.settings.mask, WINDOW));
        Decision::Stream
    }

    fn too_large(&self, cx: &Cx, side: Side) -> Decision {
        cx.proxy.count("skipped_too_large", 1);
        let kib = self.settings.max_body / 1024;
        self.warn(cx, side, Unmasked::TooLarge, &format!("larger than maxBodyKiB ({kib})"));
        Decision::Skip
    }

    /// Says it once a minute: clients and upstreams can cause it with each message. All are counted.
    fn warn(&self, cx: &Cx, side: Side, what: Unmasked, why: &str) {
        let said = &self.said[what as usize][usize::from(side == Side::Response)];
        if said.is_due(cx.proxy) {
            warn!("{}: {} passed unmasked: {why}; others of the next minute are only counted", Self::NAME, word(side));
        }
    }
}

fn word(side: Side) -> &'static str {
    match side {
        Side::Request => "request",
        Side::Response => "answer",
    }
}
