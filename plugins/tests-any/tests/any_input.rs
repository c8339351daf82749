//! No plugin panics, whatever it is given, and none writes what must not be in a header.

#![allow(clippy::expect_used, clippy::panic)] // All of this file is a test.

use proptest::prelude::*;
use tests_any::{SUBJECTS, any_configuration, any_exchange, any_text, pieces_make_no_difference};

#[test]
fn the_examples_are_good_configurations() {
    for subject in SUBJECTS {
        let example = subject.example_json().unwrap_or_else(|| panic!("{}: not YAML", subject.name));
        if let Err(refusal) = (subject.read)(&example) {
            panic!("{}: {refusal}", subject.name);
        }
    }
}

#[test]
fn every_folder_of_a_plugin_is_a_subject() {
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).expect("the folder of all plugins");
    let mut names: Vec<_> = folders
        .map(|folder| folder.expect("a folder"))
        .filter(|folder| folder.path().join("plugin.toml").is_file())
        .map(|folder| folder.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(SUBJECTS.iter().map(|subject| subject.name).collect::<Vec<_>>(), names);
}

/// Bytes as they come, and pieces of what plugins read.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let telling = prop::sample::select(vec![
        "/../",
        "%2e%2e",
        "?a=b&",
        "bearer ",
        "Basic YTpi",
        "eyJhbGciOiJub25lIn0.e30.",
        "a=b; c=\"d\"",
        "https://a.example.com",
        "null",
        "\r\n",
        "{\"a\":\"13812345678\"}",
        "[[[[",
        "<body>",
        "</body>",
        "\"",
        "\\u00",
        "10.0.0.1, 2001:db8::1",
        "gzip",
        "-1",
        "18446744073709551616",
        "${",
        "}",
        "{{",
        "//evil.example.com",
        "\\",
        "no-store",
        "max-age=1",
        "2026-01-01T00:00:00Z",
        "\u{e4}\u{f6}",
    ]);
    let part = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 1..12),
        // A length and as much text, as `Input::bytes` takes it.
        4 => telling.prop_map(|text| [&[text.len() as u8, 0], text.as_bytes()].concat()),
        1 => ("[a-z{}$.:/%\"]{0,200}").prop_map(|text| [&[text.len() as u8, 0], text.as_bytes()].concat()),
    ];
    prop::collection::vec(part, 1..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_exchange_goes_through(bytes in message(), subject: u8, change in prop::array::uniform3(any::<u8>())) {
        any_exchange(&[&[subject], &change[..], &bytes].concat());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        any_configuration(&bytes);
    }

    #[test]
    fn any_text_is_read(bytes in message()) {
        any_text(&bytes);
    }

    #[test]
    fn large_bodies_are_masked_alike_in_any_pieces(bytes in message()) {
        pieces_make_no_difference(&bytes);
    }
}
