//! Both plugins in one chain.

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
    ]
}

pub fn refused() -> Vec<Refused> {
    Vec::new()
}
