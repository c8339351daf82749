//! Where the pieces part makes no difference.

use proptest::prelude::*;

use crate::masking::{Masker, WINDOW, mask};
use crate::settings::Settings;

const ALL: &str = r#"{"detectors":["phone","id-card","bank-card","email","ipv4"]}"#;
const PATTERNS: &str = r#"{"detectors":["phone","email"],"keepFirst":1,"patterns":[{"match":"key=([a-z]{1,40})"},
    {"match":"(?m)^\\w+$","keepLast":1},{"match":"\\b[A-Z]{2}\\b"},{"match":"张+"},{"match":"<[^>]{0,200}>"}]}"#;
const PATHS: &str = r#"{"detectors":["phone","bank-card"],"mask":"●","patterns":[{"match":"key=([a-z]{1,40})"}],
    "jsonPaths":[{"path":"$..pin","keepFirst":1,"keepLast":2},{"path":"$.a[1]"},{"path":"$.skip","action":"skip"}]}"#;

fn settings(json: &str) -> Settings {
    Settings::read(json.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// Masks a body that comes in pieces of these lengths, over and over; an empty list: all at once.
fn in_pieces(settings: &Settings, json: bool, window: usize, body: &[u8], lengths: &[usize]) -> (Vec<u8>, usize) {
    let mut masker = Masker::new(json, settings, settings.mask, window);
    let mut out = Vec::new();
    let mut rest = body;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*length).clamp(1, rest.len()));
        out.extend(masker.push(settings, piece, false));
        rest = after;
    }
    out.extend(masker.push(settings, rest, true));
    (out, masker.values)
}

fn whole(settings: &Settings, json: bool, body: &[u8]) -> (Vec<u8>, usize) {
    mask(body, json, settings, settings.mask).map_or((body.to_vec(), 0), |masked| (masked.body, masked.values))
}

/// Parts of which bodies are made: what is found, what is nearly found, and what stands in between.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let fixed = prop::sample::select(vec![
        "13812345678",
        "138-1234-5678",
        "138 1234 5678",
        "+86",
        "0086",
        "4111 1111 1111 1111",
        "4111111111111111",
        "4111",
        "11010519491231002X",
        "1101051949123100",
        "a.b@example.com",
        "@",
        "x@",
        "@y.cn",
        ".com",
        "xn--fiq",
        "10.20.30.40",
        "10.20",
        ".",
        "-",
        " ",
        "+",
        "_",
        "\n",
        ",",
        ":",
        "\"",
        "\\",
        "\\n",
        "\\u0031",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\\u00",
        "\\\"",
        "{",
        "}",
        "[",
        "]",
        "\"pin\"",
        "\"a\":[",
        "\"skip\":",
        "true",
        "null",
        "-1.5e3",
        "张",
        "张三",
        "é",
        "key=",
        "secret",
        "<b>",
        "<",
        ">",
        "AB",
        "word",
        "cafe",
        "550e8400-e29b-41d4-a716-446655440000",
    ]);
    prop_oneof![
        12 => fixed.prop_map(|text| text.as_bytes().to_vec()),
        2 => "[0-9]{1,24}".prop_map(String::into_bytes),
        2 => "[a-z0-9.@_-]{1,90}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 1..4),
        1 => (prop::sample::select(vec!["1", "a", "@", "a.", "f0", "x ", "\u{80}", "\\u0031", "1 2 "]), 1..700usize)
            .prop_map(|(text, times)| text.repeat(times).into_bytes()),
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(part(), 1..24).prop_map(|parts| parts.concat())
}

fn lengths() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![Just(vec![1]), prop::collection::vec(1..40usize, 1..6), prop::collection::vec(1..5000usize, 1..6),]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn detectors_find_the_same_in_pieces(body in body(), lengths in lengths(), json: bool) {
        let settings = settings(ALL);
        let expected = whole(&settings, json, &body);
        prop_assert_eq!(&in_pieces(&settings, json, WINDOW, &body, &lengths), &expected);
        prop_assert_eq!(&in_pieces(&settings, json, 64, &body, &lengths), &expected);
    }

    #[test]
    fn patterns_find_the_same_in_pieces(body in body(), lengths in lengths(), json: bool) {
        let settings = settings(PATTERNS);
        // Where the pieces part makes no difference, however small the window is.
        for window in [WINDOW, 48] {
            let at_once = in_pieces(&settings, json, window, &body, &[]);
            prop_assert_eq!(&in_pieces(&settings, json, window, &body, &lengths), &at_once);
        }
    }

    #[test]
    fn paths_find_the_same_in_pieces(body in body(), lengths in lengths()) {
        let settings = settings(PATHS);
        // What is hidden as a whole is counted in characters; bytes that are none may be counted otherwise.
        let body = String::from_utf8_lossy(&body).into_owned().into_bytes();
        let expected = whole(&settings, true, &body);
        prop_assert_eq!(&in_pieces(&settings, true, WINDOW, &body, &lengths), &expected);
    }

    #[test]
    fn patterns_within_the_window_find_the_same_as_without(
        values in prop::collection::vec("key=[a-z]{1,40}|<[^>]{1,150}>|[a-z ]{0,300}|13812345678|AB CD|\n", 1..60),
        lengths in lengths(), json: bool,
    ) {
        let settings = settings(PATTERNS);
        let body = values.concat().replace(['"', '\\'], "'").into_bytes();
        let body = if json { [b"[\"", &body[..], b"\"]"].concat() } else { body };
        let expected = whole(&settings, json, &body);
        // Each line is a match of its own and may be longer than a small window.
        prop_assert_eq!(&in_pieces(&settings, json, WINDOW, &body, &lengths), &expected);
    }

    #[test]
    fn json_stays_json(body in body(), lengths in lengths()) {
        let settings = settings(PATHS);
        if serde_json::from_slice::<serde_json::Value>(&body).is_ok() {
            let (out, _) = in_pieces(&settings, true, WINDOW, &body, &lengths);
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok());
        }
    }
}

#[test]
fn little_is_held_of_a_long_body() {
    for (config, most) in [(ALL, 1024), (PATTERNS, 3 * WINDOW as i64)] {
        let settings = settings(config);
        for (json, part) in [
            (false, "some words and 13812345678 in a line\n"),
            (false, "1"),
            (false, "a"),
            (false, "\u{80}"),
            (false, "a.b@c.de "),
            (true, "[\"13812345678\"],"),
            (true, "1"),
            (true, "x"),
            (true, "[\"a"),
            (true, "\\u0031"),
        ] {
            let mut masker = Masker::new(json, &settings, '*', WINDOW);
            let prefix = if json && part.starts_with('\\') { "\"" } else { "" };
            let mut held = 0i64;
            let piece = part.repeat(4096 / part.len() + 1);
            held += prefix.len() as i64 - masker.push(&settings, prefix.as_bytes(), false).len() as i64;
            for _ in 0..200 {
                held += piece.len() as i64 - masker.push(&settings, piece.as_bytes(), false).len() as i64;
                // A mask may be shorter than what it hides; an escape is up to six times as long as its meaning.
                if masker.values == 0 {
                    assert!(held <= most * 6 + 1024, "{config} {part}: {held}");
                }
            }
        }
    }
}

#[test]
fn a_line_goes_out_as_soon_as_it_is_complete() {
    let settings = settings(ALL);
    let mut masker = Masker::new(false, &settings, '*', WINDOW);
    assert_eq!(masker.push(&settings, b"call: 138123", false), b"call:");
    assert_eq!(masker.push(&settings, b"45678\n", false), b" 138****5678\n");
    let mut masker = Masker::new(true, &settings, '*', WINDOW);
    assert_eq!(masker.push(&settings, b"{\"a\":\"138123", false), b"{\"a\":\"");
    assert_eq!(masker.push(&settings, b"45678\",", false), b"138****5678\",");
    assert_eq!(masker.push(&settings, b"\"b\":1}", false), b"\"b\":1}");
    assert_eq!(masker.push(&settings, b"", true), b"");
}

/// Texts in which something far away decides.
fn far_sighted() -> Vec<String> {
    let far = |text: String| [text.clone(), format!("{}{text}", "words, ".repeat(3000))];
    [
        far(format!("{}@{}.com", "a".repeat(70), "1".repeat(200))),
        far(format!("{}@{}.c om", "a.b".repeat(20), "x1-".repeat(80))),
        far(format!("{}13812345678 13812345678", "1".repeat(1000))),
        far(format!("{} 4111 1111 1111 1111", "4111 ".repeat(200))),
        far(format!("x{}13812345678ef {}", "a1b2c3".repeat(9), "f00d".repeat(12))),
        far(format!("{}13812345678{}g", "ab-".repeat(20), "cd0".repeat(21))),
        far("10.20.30.40.50 10.20.30.4".to_owned()),
    ]
    .concat()
}

#[test]
fn what_is_far_away_is_seen() {
    let settings = settings(ALL);
    for text in far_sighted() {
        for json in [false, true] {
            let body = if json { format!("[\"{text}\"]") } else { text.clone() };
            let expected = whole(&settings, json, body.as_bytes());
            let step = if body.len() > 3000 { 61 } else { 3 };
            for at in (body.len().saturating_sub(1100)..body.len()).step_by(step) {
                let (first, rest) = body.as_bytes().split_at(at);
                let mut masker = Masker::new(json, &settings, '*', WINDOW);
                let mut out = masker.push(&settings, first, false);
                out.extend(masker.push(&settings, rest, false));
                out.extend(masker.push(&settings, b"", true));
                assert_eq!((out, masker.values), expected, "{at} of {body}");
            }
            for lengths in [&[1][..], &[7, 331], &[640]] {
                assert_eq!(in_pieces(&settings, json, WINDOW, body.as_bytes(), lengths), expected, "{body}");
            }
        }
    }
}

#[test]
fn patterns_see_over_the_edge_of_their_window() {
    let settings = settings(PATTERNS);
    for at in (WINDOW - 60..WINDOW + 4).step_by(5) {
        for value in [
            "key=abcdefghijklmnopqrstuvwxyzabcdefghijklmn",
            "\nwordofaline\n",
            " AB ",
            "张张张张",
            "<a long tag of html>",
        ] {
            for filler in ["-", "é "] {
                let text = filler.repeat(at / filler.len()) + value;
                let text = format!("{text}{}", "; ".repeat(WINDOW));
                let expected = whole(&settings, false, text.as_bytes());
                for lengths in [&[WINDOW][..], &[at.max(1), 3, 9000]] {
                    assert!(
                        in_pieces(&settings, false, WINDOW, text.as_bytes(), lengths) == expected,
                        "{at} {value} {filler}"
                    );
                }
            }
        }
    }
}
