//! The plugin's phases: decisions fall with the headers, and bodies are masked when they are complete.

use log::warn;
use plugin_kit::body::Expected;
use plugin_kit::config::Refusal;
use plugin_kit::http;
use plugin_kit::plugin::{Body, Cx, Decision, Plugin, Side, Uncollected};

use crate::masking;
use crate::policy::{self, Answer, Plan};
use crate::settings::Settings;

/// The plugin.
pub struct Masking(Settings);

/// What a stream remembers.
#[derive(Default)]
pub struct Stream {
    to_head: bool,
    json: bool,
}

impl Plugin for Masking {
    const NAME: &'static str = "data-masking";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Settings::read(configuration).map(Self)
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        stream.to_head = cx.headers.get(":method").as_deref() == Some(b"HEAD");
        if self.0.plain_answers {
            http::ask_for_plain_answer(cx.headers);
        }
        Decision::Undecided
    }

    fn on_response(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let answer = Answer {
            status: cx.headers.get(":status"),
            content_type: cx.headers.get("content-type"),
            content_encoding: cx.headers.get("content-encoding"),
            content_length: cx.headers.get("content-length"),
            no_body: cx.end,
            to_head: stream.to_head,
        };
        match policy::plan(&answer, &self.0) {
            Plan::Mask { json } => {
                stream.json = json;
                let expected = Expected::of(cx.headers, self.0.max_body);
                http::clear_body_bound(cx.headers);
                Decision::Collect(expected)
            }
            Plan::HeadersOnly => {
                http::clear_body_bound(cx.headers);
                Decision::Skip
            }
            Plan::Skip => Decision::Skip,
            Plan::Encoded => {
                cx.proxy.count("skipped_encoded", 1);
                let encoding = answer.content_encoding.unwrap_or_default();
                warn!(
                    "{}: answer passed unmasked: content-encoding {:?}",
                    Self::NAME,
                    String::from_utf8_lossy(&encoding)
                );
                Decision::Skip
            }
            Plan::TooLarge => self.too_large(cx),
        }
    }

    fn on_response_body(&self, stream: &mut Stream, cx: &Cx, body: Body) -> Decision {
        let mask = |with| masking::mask(&body.bytes, stream.json, &self.0.rules, with);
        let mut masked = mask(self.0.mask);
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

    fn on_uncollected(&self, _stream: &mut Stream, cx: &Cx, _side: Side, why: Uncollected) -> Decision {
        match why {
            Uncollected::TooLarge => self.too_large(cx),
            Uncollected::Unreadable => {
                warn!("{}: answer passed unmasked: the proxy did not give its body", Self::NAME);
                Decision::Failed
            }
        }
    }
}

impl Masking {
    fn too_large(&self, cx: &Cx) -> Decision {
        cx.proxy.count("skipped_too_large", 1);
        let kib = self.0.max_body / 1024;
        warn!("{}: answer passed unmasked: larger than maxBodyKiB ({kib})", Self::NAME);
        Decision::Skip
    }
}
