//! No plugin panics, whatever it is given, and none writes what must not be in a header.

#![allow(clippy::expect_used, clippy::panic)] // All of this file is a test.

use proptest::prelude::*;
use tests_any::{
    SUBJECTS, any_configuration, any_document, any_exchange, any_logged_body, any_schema, any_signature, any_text,
    any_token, pieces_make_no_difference,
};

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

/// Something that looks like JSON, and often is.
fn json_text() -> impl Strategy<Value = String> {
    let scalar = || {
        prop::sample::select(vec![
            "1",
            "-0",
            "1e9",
            "true",
            "null",
            "\"a\"",
            "\"#\"",
            "\"\\u00e4\"",
            "\"^a$\"",
            "[]",
            "{}",
            "x",
        ])
    };
    let name = prop::sample::select(vec![
        "a",
        "b",
        "c",
        "d",
        "h",
        "properties",
        "items",
        "$ref",
        "$anchor",
        "allOf",
        "not",
        "format",
        "unevaluatedItems",
        "enum",
        "type",
        "password",
    ]);
    let leaf = scalar().prop_map(str::to_owned);
    leaf.prop_recursive(4, 32, 4, move |inner| {
        let member = (name.clone(), inner.clone()).prop_map(|(name, value)| format!("\"{name}\":{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
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
    fn tokens_and_signatures_pass_only_as_they_were_signed(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
        any_token(&bytes);
        any_signature(&bytes);
    }

    #[test]
    fn any_schema_is_read_and_any_value_checked(schema in json_text(), value in json_text()) {
        any_schema(&[&(schema.len() as u16).to_le_bytes(), schema.as_bytes(), value.as_bytes()].concat());
    }

    #[test]
    fn json_stays_json_and_secrets_stay_secret(how in prop::array::uniform2(any::<u8>()), text in json_text()) {
        any_document(&[&how, text.as_bytes()].concat());
        any_logged_body(&[&(text.len() as u16).to_le_bytes(), text.as_bytes(), &how].concat());
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
