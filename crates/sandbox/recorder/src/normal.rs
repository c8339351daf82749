//! What differs from run to run, replaced by fixed words.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Headers that both sides have, each with values of its own.
const DROPPED: [&str; 7] = [
    "date",
    "server",
    "connection",
    "keep-alive",
    "x-request-id",
    "x-envoy-upstream-service-time",
    "x-envoy-expected-rq-timeout-ms",
];

/// Whether a header is left out of the comparison.
pub(crate) fn is_dropped(name: &str) -> bool {
    DROPPED.contains(&name)
}

/// A text with UUIDs, ports of this machine and the like taken out.
pub(crate) fn text(text: &str) -> String {
    static VARIES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let uuid = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
        let service_time = r#"(?:x-envoy-upstream-service-time)["\]:=,>| \x00-]{1,6}[0-9]+"#;
        let date = "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT";
        let port = r"127\.0\.0\.1:[0-9]{2,5}";
        // The probe's size of pairs, which may have such a value among them.
        let size = "get_header_map_pairs=0 [0-9]+:";
        Regex::new(&format!(
            "(?P<size>{size})|(?P<uuid>{uuid})|(?P<time>{service_time})|(?P<port>{port})|(?P<date>{date})|(?P<cas>cas=[0-9]+)"
        ))
        .ok()
    });
    let Some(varies) = VARIES.as_ref() else { return text.to_owned() };
    varies
        .replace_all(text, |found: &Captures<'_>| {
            let word = [
                ("size", "get_header_map_pairs=0 N:"),
                ("uuid", "UUID"),
                ("time", "SERVICE-TIME"),
                ("port", "127.0.0.1:PORT"),
                ("date", "DATE"),
                ("cas", "cas=N"),
            ];
            word.iter().find(|(name, _)| found.name(name).is_some()).map_or("", |(_, word)| *word).to_owned()
        })
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn what_varies_becomes_a_word() {
        assert_eq!(text("id 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0."), "id UUID.");
        assert_eq!(text("from 127.0.0.1:41234, cas=7"), "from 127.0.0.1:PORT, cas=N");
        assert_eq!(text("x-envoy-upstream-service-time: 12 a"), "SERVICE-TIME a");
        assert_eq!(text("127.0.0.1 is not a port"), "127.0.0.1 is not a port");
    }
}
