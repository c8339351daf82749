use super::*;

fn refused(json: &str) -> (String, String) {
    let refusal = Settings::read(json.as_bytes()).expect_err("bad configuration");
    (refusal.field().to_owned(), refusal.to_string())
}

#[test]
fn nothing_means_the_defaults() {
    for empty in ["", "{}"] {
        let settings = Settings::read(empty.as_bytes()).expect("defaults");
        let rules = &settings.rules;
        assert!(rules.phone.is_some() && rules.id_card.is_some());
        assert!(rules.bank_card.is_some() && rules.email.is_some());
        assert!(rules.ipv4.is_none() && rules.patterns.is_empty());
        assert_eq!(settings.mask, '*');
        assert_eq!(settings.max_body, 512 * 1024);
        assert!(settings.plain_answers);
    }
}

#[test]
fn content_types_may_have_stars() {
    let json = br#"{"contentTypes":["Text/*","application/*+json","application/json"]}"#;
    let settings = Settings::read(json).expect("good");
    for wanted in ["text/plain", "application/json", "application/a+json"] {
        assert!(settings.wants(wanted), "{wanted}");
    }
    for other in ["text/", "image/png", "application/+json", "application/jsonx"] {
        assert!(!settings.wants(other), "{other}");
    }
}

#[test]
fn refusals_name_the_field() {
    for (json, field) in [
        (r#"{"detector":["phone"]}"#, "detector"),
        (r#"{"detectors":"phone"}"#, "detectors"),
        (r#"{"detectors":["phone","fax"]}"#, "detectors[1]"),
        (r#"{"detectors":[]}"#, "detectors"),
        (r#"{"mask":""}"#, "mask"),
        (r#"{"mask":"**"}"#, "mask"),
        (r#"{"mask":"\""}"#, "mask"),
        (r#"{"mask":"\n"}"#, "mask"),
        (r#"{"mask":1}"#, "mask"),
        (r#"{"keepFirst":-1}"#, "keepFirst"),
        (r#"{"keepLast":65}"#, "keepLast"),
        (r#"{"contentTypes":[]}"#, "contentTypes"),
        (r#"{"contentTypes":["json"]}"#, "contentTypes[0]"),
        (r#"{"contentTypes":["*/*"]}"#, "contentTypes[0]"),
        (r#"{"contentTypes":["text/a*"]}"#, "contentTypes[0]"),
        (r#"{"maxBodyKiB":1025}"#, "maxBodyKiB"),
        (r#"{"plainAnswers":1}"#, "plainAnswers"),
        (r#"{"patterns":[{"match":"a"},{"match":"("}]}"#, "patterns[1].match"),
        (r#"{"patterns":[{}]}"#, "patterns[0].match"),
        (r#"{"patterns":[{"match":"a*"}]}"#, "patterns[0].match"),
        (r#"{"patterns":[{"match":"(a{99}){99}"}]}"#, "patterns[0].match"),
        (r#"{"patterns":[{"match":"a","keep":1}]}"#, "patterns[0].keep"),
        (r#"{"patterns":["a"]}"#, "patterns[0]"),
        ("[]", ""),
        ("{", ""),
    ] {
        let (name, text) = refused(json);
        assert_eq!(name, field, "{json}");
        assert!(!text.contains('\n'), "{text}");
    }
    let many = format!("{{\"patterns\":[{}]}}", vec![r#"{"match":"a"}"#; 17].join(","));
    assert_eq!(refused(&many).0, "patterns");
    let deep = format!("{{\"patterns\":[{{\"match\":\"{}a{}\"}}]}}", "(".repeat(200), ")".repeat(200));
    assert_eq!(refused(&deep).0, "patterns[0].match");
}
