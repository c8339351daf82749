use super::*;

use plugin_kit::fake::{FakeHeaders, FakeProxy};

fn settings(json: &str) -> Settings {
    Settings::read(json.as_bytes()).expect("good")
}

/// The limit and the value of the bucket of a request with this value in both headers.
fn limit(settings: &Settings, value: &str) -> Option<(u32, Vec<u8>)> {
    bucket(settings, value).map(|(_, count, value)| (count, value))
}

fn bucket(settings: &Settings, value: &str) -> Option<(String, u32, Vec<u8>)> {
    let headers = FakeHeaders::request("GET", "a", "/", &[("x-key", value), ("x-consumer-name", value)]);
    let proxy = FakeProxy::default();
    proxy.set_property(&["source", "address"], "10.0.0.1:4000");
    settings.bucket(&proxy.cx(&headers)).map(|bucket| (bucket.id.to_owned(), bucket.limit.count, bucket.value))
}

#[test]
fn nothing_limits_nothing() {
    assert!(!settings("").limits());
    assert_eq!(limit(&settings(""), "a"), None);
}

#[test]
fn one_bucket_for_all() {
    let all = settings(r#"{"global_threshold":{"query_per_minute":5,"burst":2}}"#);
    assert_eq!(limit(&all, "a"), Some((5, vec![])));
    assert_eq!(limit(&all, "b"), Some((5, vec![])));
}

#[test]
fn the_first_rule_with_a_matching_key_decides() {
    let some = settings(
        r#"{"rule_items":[
            {"limit_by_header":"X-Key","limit_keys":[{"key":"gold","query_per_second":100}]},
            {"limit_by_per_header":"x-key","limit_keys":[
                {"key":"regexp:^s","query_per_second":10},{"key":"b*","query_per_second":3},{"key":"*","query_per_second":1}]}]}"#,
    );
    assert_eq!(limit(&some, "gold"), Some((100, vec![])));
    assert_eq!(limit(&some, "silver"), Some((10, b"silver".to_vec())));
    assert_eq!(limit(&some, "b*"), Some((3, b"b*".to_vec())));
    assert_eq!(limit(&some, "other"), Some((1, b"other".to_vec())));
    assert_eq!(limit(&some, ""), None);
}

#[test]
fn addresses_and_consumers() {
    let ip = settings(
        r#"{"rule_items":[{"limit_by_per_ip":"from-remote-addr","limit_keys":[
            {"key":"10.0.0.0/8","query_per_day":7},{"key":"*","query_per_day":1}]}]}"#,
    );
    assert_eq!(limit(&ip, "").map(|(count, _)| count), Some(7));
    let consumer =
        settings(r#"{"rule_items":[{"limit_by_consumer":"","limit_keys":[{"key":"ann","query_per_hour":7}]}]}"#);
    assert_eq!(limit(&consumer, "ann"), Some((7, vec![])));
    assert_eq!(limit(&consumer, "bob"), None);
}

#[test]
fn buckets_of_different_rules_are_different() {
    let some = settings(
        r#"{"rule_items":[{"limit_by_header":"x-key","limit_keys":[
            {"key":"a","query_per_second":1},{"key":"b","query_per_second":1}]}]}"#,
    );
    let id = |value| bucket(&some, value).map(|(id, ..)| id);
    assert_ne!(id("a"), id("b"));
}

#[test]
fn refusals_name_the_field() {
    for (json, field) in [
        (r#"{"rules":[]}"#, "rules"),
        (r#"{"global_threshold":{}}"#, "global_threshold.query_per_second"),
        (r#"{"global_threshold":{"query_per_second":0}}"#, "global_threshold.query_per_second"),
        (r#"{"global_threshold":{"query_per_second":1,"query_per_day":1}}"#, "global_threshold.query_per_day"),
        (r#"{"global_threshold":{"query_per_second":1,"burst":0}}"#, "global_threshold.burst"),
        (r#"{"rule_items":[{"limit_keys":[]}]}"#, "rule_items[0]"),
        (r#"{"rule_items":[{"limit_by_header":"a"}]}"#, "rule_items[0].limit_keys"),
        (r#"{"rule_items":[{"limit_by_header":"a b","limit_keys":[{"key":"a"}]}]}"#, "rule_items[0].limit_by_header"),
        (r#"{"rule_items":[{"limit_by_cookie":"","limit_keys":[]}]}"#, "rule_items[0].limit_by_cookie"),
        (
            r#"{"rule_items":[{"limit_by_header":"a","limit_by_param":"b","limit_keys":[]}]}"#,
            "rule_items[0].limit_by_param",
        ),
        (r#"{"rule_items":[{"limit_by_per_ip":"peer","limit_keys":[]}]}"#, "rule_items[0].limit_by_per_ip"),
        (
            r#"{"rule_items":[{"limit_by_per_ip":"from-remote-addr","limit_keys":[{"key":"10.0.0.0/64","query_per_day":1}]}]}"#,
            "rule_items[0].limit_keys[0].key",
        ),
        (
            r#"{"rule_items":[{"limit_by_per_header":"a","limit_keys":[{"key":"regexp:(","query_per_day":1}]}]}"#,
            "rule_items[0].limit_keys[0].key",
        ),
        (
            r#"{"rule_items":[{"limit_by_header":"a","limit_keys":[{"key":"a","query_per_second":1.5}]}]}"#,
            "rule_items[0].limit_keys[0].query_per_second",
        ),
        (
            r#"{"global_threshold":{"query_per_second":1},"rule_items":[{"limit_by_header":"a","limit_keys":[{"key":"a","query_per_second":1}]}]}"#,
            "global_threshold",
        ),
        (r#"{"rejected_code":99}"#, "rejected_code"),
        (r#"{"max_keys":1}"#, "max_keys"),
    ] {
        assert_eq!(Settings::read(json.as_bytes()).expect_err(json).field(), field, "{json}");
    }
}
