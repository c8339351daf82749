use super::*;

#[test]
fn refusals_name_the_field() {
    for (json, field) in [
        (r#"{"allow_origin":["*"]}"#, "allow_origin"),
        (r#"{"allow_origins":"*"}"#, "allow_origins"),
        (r#"{"allow_origins":[]}"#, "allow_origins"),
        (r#"{"allow_origins":["shop.example.com"]}"#, "allow_origins[0]"),
        (r#"{"allow_origins":["https://a/b"]}"#, "allow_origins[0]"),
        (r#"{"allow_origins":["https://*.a"]}"#, "allow_origins[0]"),
        (r#"{"allow_origins":["*"],"allow_credentials":true}"#, "allow_origins"),
        (r#"{"allow_credentials":true}"#, "allow_origins"),
        (r#"{"allow_origins":["null"],"allow_credentials":true}"#, "allow_origins"),
        (r#"{"allow_origin_patterns":["https://a","a b"]}"#, "allow_origin_patterns[1]"),
        (r#"{"allow_origin_regex":["("]}"#, "allow_origin_regex[0]"),
        (r#"{"allow_origin_regex":["(a{999}){999}"]}"#, "allow_origin_regex[0]"),
        (r#"{"allow_methods":["GET,PUT"]}"#, "allow_methods[0]"),
        (r#"{"allow_headers":["x a"]}"#, "allow_headers[0]"),
        (r#"{"expose_headers":["x\n"]}"#, "expose_headers[0]"),
        (r#"{"expose_headers":["*"],"allow_credentials":true,"allow_origins":["https://a"]}"#, "expose_headers"),
        (r#"{"max_age":-1}"#, "max_age"),
        (r#"{"allow_private_network":"yes"}"#, "allow_private_network"),
    ] {
        let refusal = Settings::read(json.as_bytes()).expect_err(json);
        assert_eq!(refusal.field(), field, "{json}");
        assert!(!refusal.to_string().contains('\n'));
    }
}

#[test]
fn patterns_take_the_place_of_the_star() {
    let settings = Settings::read(br#"{"allow_origin_patterns":["*"],"allow_credentials":true}"#).expect("good");
    assert!(settings.origins.allow("https://a.example:8080") && !settings.origins.allow("null"));
    assert!(!settings.is_same_for_all());
    assert!(Settings::read(b"").expect("defaults").is_same_for_all());
}
