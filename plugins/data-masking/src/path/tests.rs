use crate::masking::mask;
use crate::settings::Settings;

fn masked(paths: &str, text: &str) -> String {
    masked_with(&format!("{{\"detectors\":[],\"jsonPaths\":{paths}}}"), text)
}

fn masked_with(settings: &str, text: &str) -> String {
    let settings = Settings::read(settings.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}"));
    match mask(text.as_bytes(), true, &settings, settings.mask) {
        Some(masked) => String::from_utf8(masked.body).expect("text"),
        None => text.to_owned(),
    }
}

#[test]
fn values_at_a_path_are_hidden_as_a_whole() {
    let text = r#"{"user":{"name":"Ann","pin":1234,"tags":["a","bc"],"ok":true,"none":null,"rate":-1.5},"name":"x"}"#;
    for (path, expected) in [
        ("$.user.name", text.replace("Ann", "***")),
        ("$['user']['pin']", text.replace("1234", "1000")),
        ("$.user.tags[1]", text.replace("bc", "**")),
        ("$.user.tags[*]", text.replace("\"a\",\"bc\"", "\"*\",\"**\"")),
        ("$.user.ok", text.replace("true", "null")),
        ("$.user.none", text.to_owned()),
        ("$.user.rate", text.replace("-1.5", "0")),
        ("$..name", text.replace("Ann", "***").replace("\"x\"", "\"*\"")),
        ("$.name", text.replace("\"x\"", "\"*\"")),
        ("$.*.name", text.replace("Ann", "***")),
        ("$.user.tags[2]", text.to_owned()),
        ("$.tags", text.to_owned()),
        ("$..tags..*", text.replace("\"a\",\"bc\"", "\"*\",\"**\"")),
    ] {
        assert_eq!(masked(&format!("[{{\"path\":\"{path}\"}}]"), text), expected, "{path}");
    }
    let all = r#"{"user":{"name":"***","pin":1000,"tags":["*","**"],"ok":null,"none":null,"rate":0},"name":"x"}"#;
    assert_eq!(masked(r#"[{"path":"$.user"}]"#, text), all);
    assert_eq!(masked(r#"[{"path":"$"}]"#, text), all.replace("\"x\"", "\"*\""));
}

#[test]
fn some_characters_may_stay() {
    let keep = |text: &str| masked(r#"[{"path":"$.a","keepFirst":1,"keepLast":2}]"#, text);
    assert_eq!(keep(r#"{"a":"abcdef"}"#), r#"{"a":"a***ef"}"#);
    assert_eq!(keep(r#"{"a":"abc"}"#), r#"{"a":"***"}"#);
    assert_eq!(keep(r#"{"a":"张三李四"}"#), r#"{"a":"张*李四"}"#);
    assert_eq!(keep(r#"{"a":"\u5f20\n\"\u56db"}"#), r#"{"a":"\u5f20*\"\u56db"}"#);
    assert_eq!(keep(r#"{"a":123456}"#), r#"{"a":100056}"#);
    assert_eq!(keep(r#"{"a":""}"#), r#"{"a":""}"#);
}

#[test]
fn names_mean_what_they_mean() {
    let paths = r#"[{"path":"$['a b']"},{"path":"$[\"it's\"]"},{"path":"$.\u5f20"},{"path":"$.id-card"}]"#;
    let text = r#"{"a\u0020b":"x","it's":"x","张":"x","\u5f20":"x","id-card":"x","c":"x","a  b":"x"}"#;
    let expected = r#"{"a\u0020b":"*","it's":"*","张":"*","\u5f20":"*","id-card":"*","c":"x","a  b":"x"}"#;
    assert_eq!(masked(paths, text), expected);
}

#[test]
fn each_line_of_several_texts_has_a_root() {
    assert_eq!(masked(r#"[{"path":"$.a"}]"#, "{\"a\":\"x\"}\n{\"a\":\"y\"}\n"), "{\"a\":\"*\"}\n{\"a\":\"*\"}\n");
}

#[test]
fn detectors_can_be_sent_to_places_and_kept_away() {
    let text = r#"{"a":{"n":"13812345678"},"b":{"n":"13812345678"}}"#;
    let detect = r#"{"jsonPaths":[{"path":"$.a","action":"detect"}]}"#;
    assert_eq!(masked_with(detect, text), r#"{"a":{"n":"138****5678"},"b":{"n":"13812345678"}}"#);
    let skip = r#"{"jsonPaths":[{"path":"$.a.n","action":"skip"}]}"#;
    assert_eq!(masked_with(skip, text), r#"{"a":{"n":"13812345678"},"b":{"n":"138****5678"}}"#);
    let both = r#"{"jsonPaths":[{"path":"$.a","action":"skip"},{"path":"$..n"}]}"#;
    assert_eq!(masked_with(both, text), r#"{"a":{"n":"***********"},"b":{"n":"***********"}}"#);
}

#[test]
fn what_is_not_quite_json_does_no_harm() {
    for text in ["]]}}", "{{{\"a\":", "[1,,{]", "{\"a\" \"b\"}", "{:,\"a\":1}", "\"a", "{\"a\":\"\\"] {
        let _ = masked(r#"[{"path":"$..a"},{"path":"$[0]"}]"#, text);
    }
    assert_eq!(masked(r#"[{"path":"$.a"}]"#, "{\"a\":'secret'}"), "{\"a\":********}");
}

#[test]
fn too_deep_is_rather_hidden_than_missed() {
    let deep = |n: usize, inner: &str| format!("{}{inner}{}", "[".repeat(n), "]".repeat(n));
    let (below, beyond) = (deep(500, "\"x\""), deep(5000, "\"x\""));
    assert_eq!(masked(r#"[{"path":"$.a"}]"#, &below), below);
    assert_eq!(masked(r#"[{"path":"$.a"}]"#, &beyond), deep(5000, "\"*\""));
    let after = format!("[{beyond},\"x\"]");
    assert!(masked(r#"[{"path":"$[0][0][0]"},{"path":"$.a"}]"#, &after).ends_with(",\"x\"]"));
}

#[test]
fn long_names_are_no_names() {
    let long = "n".repeat(300);
    let text = format!("{{\"{long}\":\"x\",\"b\":\"x\"}}");
    assert_eq!(masked(r#"[{"path":"$.b"}]"#, &text), text.replace("\"b\":\"x\"", "\"b\":\"*\""));
    assert_eq!(masked(r#"[{"path":"$.*"}]"#, &text), text.replace("\"x\"", "\"*\""));
}

#[test]
fn paths_are_refused_with_a_reason() {
    for path in [
        "",
        "a",
        "$a",
        "$.",
        "$..",
        "$[",
        "$[]",
        "$['a",
        "$['a'",
        "$[-1]",
        "$[0:2]",
        "$[?(@.a)]",
        "$['a','b']",
        "$.a b",
        "$['\\\\u0041']",
        "$[99999999999]",
    ] {
        let json = format!("{{\"jsonPaths\":[{{\"path\":\"{path}\"}}]}}");
        let refusal = Settings::read(json.as_bytes()).expect_err(path);
        assert_eq!(refusal.field(), "jsonPaths[0].path", "{path}");
    }
    let long = format!("$.{}", "a.".repeat(40).trim_end_matches('.'));
    let many = format!("{{\"jsonPaths\":[{}]}}", vec![format!("{{\"path\":\"{long}\"}}"); 4].join(","));
    assert_eq!(Settings::read(many.as_bytes()).expect_err("too many").field(), "jsonPaths[3].path");
}
