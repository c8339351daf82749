//! Two plugins in one chain, in both orders.

use tests_envoy::upstream::{chunked, sized};

use super::{Case, Outcome, Refused, has_no_length};

const HTML: &str = "content-type: text/html";
const PAGE: &str = "<html><body><p>13812345678</p></body></html>";
const TEXT: &str = r#"{"textEn":"Call 13912345678"}"#;

fn case(name: &'static str, path: &'static str, masking_is_outside: bool) -> Case {
    let mut chain = vec![("data_masking", None), ("notice", Some(TEXT.to_owned()))];
    if !masking_is_outside {
        chain.reverse();
    }
    Case {
        answer: sized(&[HTML], PAGE.as_bytes()),
        counted: vec![("data_masking_changed", 1), ("notice_changed", 1)],
        ..Case::new(name, chain, path)
    }
}

fn page_is_masked(outcome: &Outcome) -> String {
    has_no_length(outcome);
    assert!(outcome.response.complete);
    let text = outcome.response.text();
    assert!(text.ends_with("</div><p>138****5678</p></body></html>"), "{text}");
    text
}

/// Two requests a day for each consumer of key-auth, of which there is one.
fn limited(name: &'static str, path: &'static str, authentication_is_outside: bool) -> Case {
    let keys = r#"{"consumers":[{"name":"ann","credentials":["0123456789abcdef"]}]}"#;
    let limits = r#"{"rule_items":[{"limit_by_per_consumer":"","limit_keys":[{"key":"*","query_per_day":2}]}]}"#;
    let mut chain = vec![("key_auth", Some(keys.to_owned())), ("local_rate_limit", Some(limits.to_owned()))];
    if !authentication_is_outside {
        chain.reverse();
    }
    // Whoever the client says it is: who it is, the key tells.
    Case { headers: vec!["apikey: 0123456789abcdef", "x-consumer-name: bob"], times: 3, ..Case::new(name, chain, path) }
}

fn statuses(outcome: &Outcome) -> Vec<u16> {
    outcome.earlier.iter().chain([&outcome.response]).map(|response| response.status).collect()
}

pub fn cases() -> Vec<Case> {
    let chunks = || chunked(&[HTML], &[&PAGE.as_bytes()[..8], &PAGE.as_bytes()[8..20], &PAGE.as_bytes()[20..]]);
    // Answers pass the inner plugin first: what the notice says is masked if masking is outside.
    vec![
        Case {
            check: |outcome| assert!(page_is_masked(outcome).contains("Call 139****5678<")),
            ..case("masking outside notice", "/c/masking", true)
        },
        Case {
            check: |outcome| assert!(page_is_masked(outcome).contains("Call 13912345678<")),
            ..case("notice outside masking", "/c/notice", false)
        },
        Case {
            answer: chunks(),
            check: |outcome| assert!(page_is_masked(outcome).contains("Call 139****5678<")),
            ..case("masking outside notice, chunked", "/c/masking-chunked", true)
        },
        Case {
            answer: chunks(),
            check: |outcome| assert!(page_is_masked(outcome).contains("Call 13912345678<")),
            ..case("notice outside masking, chunked", "/c/notice-chunked", false)
        },
        Case {
            counted: vec![("key_auth_passed", 1), ("local_rate_limit_refused", 1)],
            check: |outcome| assert_eq!(statuses(outcome), [200, 200, 429]),
            ..limited("a limit for each consumer", "/c/consumer", true)
        },
        Case {
            // The limit believes what the client says, as nobody else has said anything yet.
            counted: vec![("key_auth_passed", 0), ("local_rate_limit_refused", 1)],
            check: |outcome| assert_eq!(statuses(outcome), [200, 200, 429]),
            ..limited("a limit in front of the authentication", "/c/consumer-before", false)
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    Vec::new()
}
