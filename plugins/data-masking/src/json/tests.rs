use crate::masking::mask;
use crate::settings::Settings;

fn masked_with(settings: &str, text: &str) -> String {
    let settings = Settings::read(settings.as_bytes()).expect("good configuration");
    match mask(text.as_bytes(), true, &settings, settings.mask) {
        Some(masked) => String::from_utf8(masked.body).expect("text"),
        None => text.to_owned(),
    }
}

fn masked(text: &str) -> String {
    masked_with("", text)
}

#[test]
fn values_and_names_are_masked_and_the_rest_stays() {
    assert_eq!(
        masked(r#"{ "phone" : "13812345678", "n":[1,2.5,true,null,"x"] }"#),
        r#"{ "phone" : "138****5678", "n":[1,2.5,true,null,"x"] }"#
    );
    assert_eq!(masked(r#"{"13812345678":{}}"#), r#"{"138****5678":{}}"#);
}

#[test]
fn numbers_stay_numbers() {
    assert_eq!(masked("[13812345678]"), "[13800005678]");
    assert_eq!(masked(r#"{"a":4111111111111111}"#), r#"{"a":4111000000001111}"#);
    assert_eq!(masked_with(r#"{"keepFirst":0,"keepLast":0}"#, "[13812345678]"), "[10000000000]");
    let any_digit = r#"{"detectors":[],"patterns":[{"match":"[0-9]"}]}"#;
    assert_eq!(masked_with(any_digit, r#"[7,{"a":42}]"#), r#"[0,{"a":10}]"#);
    let letters = r#"{"detectors":[],"patterns":[{"match":"[a-z]+"}]}"#;
    assert_eq!(masked_with(letters, r#"[true,1e5,"ab"]"#), r#"[true,1e5,"**"]"#);
}

#[test]
fn fractions_and_negative_numbers_are_no_phones() {
    for text in ["[0.13812345678]", "[-13812345678]", "[13812345678.5]", "[13812345678e1]"] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn a_number_does_not_reach_into_its_neighbour() {
    assert_eq!(masked("[138,1234,5678]"), "[138,1234,5678]");
    assert_eq!(masked(r#"["138","-","12345678"]"#), r#"["138","-","12345678"]"#);
}

#[test]
fn escapes_mean_what_they_mean() {
    // A letter in front that is written with digits.
    assert_eq!(masked(r#"["\u753513812345678"]"#), r#"["\u7535138****5678"]"#);
    assert_eq!(masked(r#"["\n13812345678\n"]"#), r#"["\n138****5678\n"]"#);
    // Digits and signs that are escapes themselves.
    assert_eq!(masked(r#"["\u0031381234567\u0038"]"#), r#"["\u003138****567\u0038"]"#);
    assert_eq!(masked(r#"["1381\u0032345678"]"#), r#"["138****5678"]"#);
    assert_eq!(masked(r#"["ab\u0040x.cn"]"#), r#"["a*\u0040x.cn"]"#);
    assert_eq!(masked(r#"["\"13812345678\""]"#), r#"["\"138****5678\""]"#);
    assert_eq!(masked(r#"["\\","13812345678"]"#), r#"["\\","138****5678"]"#);
}

#[test]
fn own_patterns_see_characters_not_escapes() {
    let settings = r#"{"detectors":[],"patterns":[{"match":"张.","keepFirst":1},{"match":"😀"}]}"#;
    assert_eq!(masked_with(settings, r#"["\u5f20\u4e09","张三"]"#), r#"["\u5f20*","张*"]"#);
    assert_eq!(masked_with(settings, r#"["a\ud83d\ude00b\ud83d"]"#), r#"["a*b\ud83d"]"#);
}

#[test]
fn what_is_not_quite_json_is_still_masked() {
    for (text, expected) in [
        ("{\"a\":\"13812345678", "{\"a\":\"138****5678"),
        ("{\"a\":\"13812345678\\", "{\"a\":\"138****5678\\"),
        ("{'a':'13812345678'}", "{'a':'138****5678'}"),
        ("call({\"a\":\"13812345678\"})", "call({\"a\":\"138****5678\"})"),
        ("[\"\\u12\",\"\\u12G413812345678\"]", "[\"\\u12\",\"\\u12G4138****5678\"]"),
        ("13812345678", "13800005678"),
        ("{\"a\":1}\n{\"b\":\"13812345678\"}\n", "{\"a\":1}\n{\"b\":\"138****5678\"}\n"),
    ] {
        // The digits behind "G4" belong to a longer run, so that one alone stays.
        let expected = expected.replace("G4138****5678", "G413812345678");
        assert_eq!(masked(text), expected);
    }
}
