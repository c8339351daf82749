//! Which answers are looked at. Decided from the headers alone.

use plugin_kit::http;

use crate::settings::Settings;

/// What the headers of an answer say.
#[derive(Debug, Default)]
pub struct Answer {
    /// `:status`.
    pub status: Option<Vec<u8>>,
    /// `content-type`.
    pub content_type: Option<Vec<u8>>,
    /// `content-encoding`.
    pub content_encoding: Option<Vec<u8>>,
    /// `content-length`.
    pub content_length: Option<Vec<u8>>,
    /// The answer ends with its headers.
    pub no_body: bool,
    /// The request was a HEAD.
    pub to_head: bool,
}

impl Answer {
    /// The announced length of the body.
    pub fn length(&self) -> Option<u64> {
        self.content_length.as_deref().and_then(http::length)
    }
}

/// What is done with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Collect the body and mask it.
    Mask {
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

/// Decides about an answer.
pub fn plan(answer: &Answer, settings: &Settings) -> Plan {
    let status = answer.status.as_deref().unwrap_or_default();
    if http::is_bodiless_status(status) {
        return Plan::Skip;
    }
    let Some(media_type) = answer.content_type.as_deref().and_then(http::media_type) else {
        return Plan::Skip;
    };
    // A stream of events never ends: to collect it would be to swallow it.
    if media_type == "text/event-stream" || !settings.wants(&media_type) {
        return Plan::Skip;
    }
    if !http::is_plain(answer.content_encoding.as_deref()) {
        return if answer.no_body { Plan::Skip } else { Plan::Encoded };
    }
    if answer.length().is_some_and(|length| length > settings.max_body as u64) {
        return if answer.no_body { Plan::Skip } else { Plan::TooLarge };
    }
    match (answer.no_body, answer.to_head) {
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

    fn answer(content_type: &str) -> Answer {
        Answer {
            status: Some(b"200".to_vec()),
            content_type: Some(content_type.as_bytes().to_vec()),
            ..Answer::default()
        }
    }

    fn decide(answer: Answer) -> Plan {
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
        assert_eq!(decide(Answer::default()), Plan::Skip);
    }

    #[test]
    fn event_streams_are_skipped_even_if_all_text_is_wanted() {
        let settings = Settings::read(br#"{"contentTypes":["text/*"]}"#).expect("good");
        assert_eq!(plan(&answer("text/event-stream"), &settings), Plan::Skip);
        assert_eq!(plan(&answer("text/css"), &settings), Plan::Mask { json: false });
    }

    #[test]
    fn compressed_and_large_answers_are_told_apart() {
        let gzip = Answer { content_encoding: Some(b"gzip".to_vec()), ..answer("application/json") };
        assert_eq!(decide(gzip), Plan::Encoded);
        let sized =
            |length: &str| Answer { content_length: Some(length.as_bytes().to_vec()), ..answer("application/json") };
        assert_eq!(decide(sized("524289")), Plan::TooLarge);
        for fits in ["524288", "0", "nonsense"] {
            assert_eq!(decide(sized(fits)), Plan::Mask { json: true }, "{fits}");
        }
    }

    #[test]
    fn answers_without_a_body() {
        for status in ["204", "304", "101"] {
            let answer = Answer { status: Some(status.as_bytes().to_vec()), ..answer("application/json") };
            assert_eq!(decide(answer), Plan::Skip, "{status}");
        }
        let head = |no_body, to_head| Answer { no_body, to_head, ..answer("application/json") };
        assert_eq!(decide(head(true, true)), Plan::HeadersOnly);
        assert_eq!(decide(head(true, false)), Plan::Skip);
    }
}
