use super::*;

fn read(json: &str) -> Settings {
    Settings::read(json.as_bytes()).expect("good configuration")
}

fn refused(json: &str) -> (String, String) {
    let refusal = Settings::read(json.as_bytes()).expect_err("bad configuration");
    (refusal.field().to_owned(), refusal.to_string())
}

#[test]
fn nothing_means_nothing_is_shown() {
    for empty in ["", "{}", "{\"textEn\":\"  \"}"] {
        let settings = read(empty);
        assert!(settings.banners.is_none());
        assert_eq!(settings.max_body, 512 * 1024);
        assert!(settings.plain_answers && !settings.has_window());
    }
}

#[test]
fn a_missing_language_is_served_by_the_other() {
    let banners = read(r#"{"textZh":"公告"}"#).banners.expect("a banner");
    assert!(!banners.differ());
    assert_eq!(banners.get(Language::En), banners.get(Language::Zh));
    let banners = read(r#"{"textZh":"公告","textEn":"News"}"#).banners.expect("two");
    assert!(banners.differ());
    assert!(banners.get(Language::En).contains("News"));
    assert!(banners.get(Language::Zh).contains("lang=\"zh\""));
}

#[test]
fn a_link_has_words_in_each_language() {
    let json = r#"{"textEn":"a","textZh":"b","link":"https://status.example/","linkTextEn":"Status"}"#;
    let banners = read(json).banners.expect("two");
    assert!(banners.get(Language::En).contains(">Status</a>"));
    assert!(banners.get(Language::Zh).contains(">&#20102;&#35299;&#35814;&#24773;</a>"));
}

#[test]
fn links_go_to_the_web_only() {
    for bad in ["javascript:alert(1)", "//x", "/x", "ftp://x", " https://x", "https://", "https:///x", "http://:80"] {
        let (field, _) = refused(&format!("{{\"link\":\"{bad}\"}}"));
        assert_eq!(field, "link", "{bad}");
    }
    assert_eq!(refused(r#"{"link":"https://a b"}"#).0, "link");
    assert_eq!(refused(r#"{"link":"https://a\\b"}"#).0, "link");
    assert!(Settings::read(br#"{"link":"HTTPS://x.example"}"#).is_ok());
}

#[test]
fn prefixes_end_at_slashes() {
    let settings = read(r#"{"paths":["/shop","/docs/"]}"#);
    for shown in ["/shop", "/shop/", "/shop/a", "/docs/", "/docs/a"] {
        assert!(settings.is_shown_on(shown.as_bytes()), "{shown}");
    }
    for hidden in ["/", "/shopping", "/docs", "/a/shop", ""] {
        assert!(!settings.is_shown_on(hidden.as_bytes()), "{hidden}");
    }
    assert!(read("{\"paths\":[\"/\"]}").is_shown_on(b"/any"));
    assert!(read("{}").is_shown_on(b"*"));
}

#[test]
fn the_window_includes_its_start_and_not_its_end() {
    let settings = read(r#"{"start":"1970-01-01T00:00:01Z","end":"1970-01-01T00:00:02Z"}"#);
    let second = 1_000_000_000;
    assert!(settings.has_window());
    assert!(!settings.is_shown_at(second - 1));
    assert!(settings.is_shown_at(second));
    assert!(settings.is_shown_at(2 * second - 1));
    assert!(!settings.is_shown_at(2 * second));
    assert!(read("{\"start\":\"\"}").is_shown_at(0));
}

#[test]
fn refusals_name_the_field() {
    for (json, field) in [
        (r#"{"text":"x"}"#, "text"),
        (r#"{"textEn":1}"#, "textEn"),
        (r#"{"textEn":"a\u0000"}"#, "textEn"),
        (r#"{"level":"fatal"}"#, "level"),
        (r#"{"position":"left"}"#, "position"),
        (r#"{"defaultLanguage":"de"}"#, "defaultLanguage"),
        (r#"{"paths":"/"}"#, "paths"),
        (r#"{"paths":["/a","b"]}"#, "paths[1]"),
        (r#"{"paths":["/a?b"]}"#, "paths[0]"),
        (r#"{"start":"tomorrow"}"#, "start"),
        (r#"{"start":"2026-01-02T00:00:00Z","end":"2026-01-01T00:00:00Z"}"#, "end"),
        (r#"{"maxBodyKiB":0}"#, "maxBodyKiB"),
        (r#"{"maxBodyKiB":1025}"#, "maxBodyKiB"),
        (r#"{"plainAnswers":"yes"}"#, "plainAnswers"),
        ("[]", ""),
    ] {
        let (name, text) = refused(json);
        assert_eq!(name, field, "{json}");
        assert!(text.starts_with("configuration refused: "), "{text}");
    }
    let long = format!("{{\"textEn\":\"{}\"}}", "x".repeat(1001));
    assert_eq!(refused(&long).0, "textEn");
}
