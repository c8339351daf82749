//! Which bodies are looked at. Decided from the headers alone.

use plugin_kit::http;
use plugin_kit::plugin::Headers;

use crate::settings::Settings;

/// What the headers of a request or of an answer say.
#[derive(Debug, Default)]
pub struct Message {
    /// `:status`. None for a request.
    pub status: Option<Vec<u8>>,
    /// `content-type`.
    pub content_type: Option<Vec<u8>>,
    /// `content-encoding`.
    pub content_encoding: Option<Vec<u8>>,
    /// `content-length`.
    pub content_length: Option<Vec<u8>>,
    /// The message ends with its headers.
    pub no_body: bool,
    /// It is the answer to a HEAD.
    pub to_head: bool,
}

impl Message {
    /// What these headers say.
    pub fn of(headers: &dyn Headers, no_body: bool, to_head: bool) -> Self {
        Self {
            status: headers.get(":status"),
            content_type: headers.get("content-type"),
            content_encoding: headers.get("content-encoding"),
            content_length: headers.get("content-length"),
            no_body,
            to_head,
        }
    }

    /// The announced length of the body.
    pub fn length(&self) -> Option<u64> {
        self.content_length.as_deref().and_then(http::length)
    }
}

/// What is done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Collect the body and mask it.
    Mask {
        /// It is a JSON text.
        json: bool,
    },
    /// It is too large to be collected: mask it piece by piece.
    Stream {
        /// It is a JSON text.
        json: bool,
    },
    /// No body comes, but the headers are to be those of the answer with body.
    HeadersOnly,
    /// Not one of the content types, or nothing to read.
    Skip,
    /// It would be masked, but it is compressed.
    Encoded,
    /// It would be masked, but it is too large.
    TooLarge,
}

/// Decides about a message.
pub fn plan(message: &Message, settings: &Settings) -> Plan {
    let status = message.status.as_deref().unwrap_or_default();
    if http::is_bodiless_status(status) {
        return Plan::Skip;
    }
    let Some(media_type) = message.content_type.as_deref().and_then(http::media_type) else {
        return Plan::Skip;
    };
    // A stream of events never ends: to collect it would be to swallow it.
    if media_type == "text/event-stream" || !settings.wants(&media_type) {
        return Plan::Skip;
    }
    if !http::is_plain(message.content_encoding.as_deref()) {
        return if message.no_body { Plan::Skip } else { Plan::Encoded };
    }
    if message.length().is_some_and(|length| length > settings.max_body as u64) {
        return match (message.no_body, settings.streams) {
            (false, true) => Plan::Stream { json: is_json(&media_type) },
            (false, false) => Plan::TooLarge,
            (true, true) if message.to_head => Plan::HeadersOnly,
            (true, _) => Plan::Skip,
        };
    }
    match (message.no_body, message.to_head) {
        (false, false) => Plan::Mask { json: is_json(&media_type) },
        (_, true) => Plan::HeadersOnly,
        (true, false) => Plan::Skip,
    }
}

fn is_json(media_type: &str) -> bool {
    let subtype = media_type.split('/').nth(1).unwrap_or_default();
    matches!(subtype, "json" | "x-json" | "x-ndjson" | "jsonl" | "json-seq") || subtype.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(content_type: &str) -> Message {
        Message {
            status: Some(b"200".to_vec()),
            content_type: Some(content_type.as_bytes().to_vec()),
            ..Message::default()
        }
    }

    fn decide(answer: Message) -> Plan {
        plan(&answer, &Settings::read(b"").expect("defaults"))
    }

    #[test]
    fn json_and_text_are_masked_each_in_its_way() {
        let json = Plan::Mask { json: true };
        let text = Plan::Mask { json: false };
        assert_eq!(decide(answer("application/json; charset=utf-8")), json);
        assert_eq!(decide(answer("application/problem+json")), json);
        assert_eq!(decide(answer("TEXT/HTML")), text);
        assert_eq!(decide(answer("application/xml")), text);
    }

    #[test]
    fn other_types_are_not() {
        for other in ["image/png", "application/grpc", "text/event-stream", "nonsense", ""] {
            assert_eq!(decide(answer(other)), Plan::Skip, "{other}");
        }
        assert_eq!(decide(Message::default()), Plan::Skip);
    }

    #[test]
    fn event_streams_are_skipped_even_if_all_text_is_wanted() {
        let settings = Settings::read(br#"{"contentTypes":["text/*"]}"#).expect("good");
        assert_eq!(plan(&answer("text/event-stream"), &settings), Plan::Skip);
        assert_eq!(plan(&answer("text/css"), &settings), Plan::Mask { json: false });
    }

    #[test]
    fn compressed_and_large_answers_are_told_apart() {
        let gzip = Message { content_encoding: Some(b"gzip".to_vec()), ..answer("application/json") };
        assert_eq!(decide(gzip), Plan::Encoded);
        let sized =
            |length: &str| Message { content_length: Some(length.as_bytes().to_vec()), ..answer("application/json") };
        assert_eq!(decide(sized("524289")), Plan::Stream { json: true });
        let pass = Settings::read(br#"{"largeBodies":"pass"}"#).expect("good");
        assert_eq!(plan(&sized("524289"), &pass), Plan::TooLarge);
        for fits in ["524288", "0", "nonsense"] {
            assert_eq!(decide(sized(fits)), Plan::Mask { json: true }, "{fits}");
        }
    }

    #[test]
    fn answers_without_a_body() {
        for status in ["204", "304", "101"] {
            let answer = Message { status: Some(status.as_bytes().to_vec()), ..answer("application/json") };
            assert_eq!(decide(answer), Plan::Skip, "{status}");
        }
        let head = |no_body, to_head| Message { no_body, to_head, ..answer("application/json") };
        assert_eq!(decide(head(true, true)), Plan::HeadersOnly);
        assert_eq!(decide(head(true, false)), Plan::Skip);
    }
}
