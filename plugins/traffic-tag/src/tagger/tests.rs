use plugin_kit::fake::{FakeHeaders, FakeProxy};
use plugin_kit::plugin::Headers;
use proptest::prelude::*;

use super::*;

fn tagger(json: &str) -> Tagger {
    Tagger::read(json.as_bytes()).expect("good")
}

/// What the tag `x-tag` is in the end.
fn tag(tagger: &Tagger, path: &str, headers: &[(&str, &str)]) -> Option<String> {
    let proxy = FakeProxy::at(1_000_000);
    proxy.set_property(&["source", "address"], "10.1.2.3:999");
    let request = FakeHeaders::request("GET", "Shop.example:8080", path, headers);
    let decision = tagger.on_request(&mut (), &proxy.cx(&request));
    let found = request.text("x-tag");
    assert!(found.is_none() || decision == Decision::Change || decision == Decision::Skip, "{decision:?}");
    found
}

fn holds(condition: &str, path: &str, headers: &[(&str, &str)]) -> bool {
    let json =
        format!(r#"{{"conditionGroups":[{{"headerName":"X-Tag","headerValue":"gray","conditions":[{condition}]}}]}}"#);
    tag(&tagger(&json), path, headers).as_deref() == Some("gray")
}

#[test]
fn each_source_and_operator() {
    let h = |operator: &str, value: &str| {
        format!(r#"{{"conditionType":"header","key":"Role","operator":"{operator}","value":{value}}}"#)
    };
    let user = &[("role", "user")];
    let two = &[("role", "admin"), ("role", "user")];
    assert!(holds(&h("equal", r#"["user"]"#), "/", user) && holds(&h("equal", r#"["user"]"#), "/", two));
    assert!(!holds(&h("equal", r#"["user"]"#), "/", &[]) && !holds(&h("not_equal", r#"["user"]"#), "/", two));
    assert!(holds(&h("not_equal", r#"["guest"]"#), "/", user) && !holds(&h("not_equal", r#"["guest"]"#), "/", &[]));
    assert!(holds(&h("in", r#"["a","user"]"#), "/", user) && !holds(&h("not_in", r#"["a","user"]"#), "/", user));
    assert!(holds(&h("prefix", r#"["us"]"#), "/", user) && holds(&h("regex", r#"["^u.*r$"]"#), "/", user));
    assert!(holds(&h("exists", "[]"), "/", user) && holds(&h("not_exists", "[]"), "/", &[]));
    assert!(holds(&h("percentage", r#"["100"]"#), "/", user) && !holds(&h("percentage", r#"["0"]"#), "/", user));
    assert!(!holds(&h("percentage", r#"["100"]"#), "/", &[]));

    let of = |kind: &str, key: &str, value: &str| {
        format!(r#"{{"conditionType":"{kind}",{key}"operator":"equal","value":["{value}"]}}"#)
    };
    assert!(holds(&of("parameter", r#""key":"foo","#, "b r"), "/a?foo=1&foo=b+r", &[]));
    assert!(holds(&of("cookie", r#""key":"s","#, "1"), "/", &[("cookie", "t=0; s=1")]));
    assert!(holds(&of("path", "", "/a"), "/a?b", &[]) && holds(&of("method", "", "GET"), "/", &[]));
    assert!(holds(&of("host", "", "shop.example"), "/", &[]) && holds(&of("address", "", "10.1.2.3"), "/", &[]));
}

#[test]
fn and_or_and_the_first_group_decides() {
    let json = r#"{"defaultTagKey":"x-tag","defaultTagVal":"base","conditionGroups":[
        {"headerName":"x-tag","headerValue":"both","logic":"and","conditions":[
            {"conditionType":"header","key":"a","operator":"exists"},{"conditionType":"header","key":"b","operator":"exists"}]},
        {"headerName":"x-tag","headerValue":"one","logic":"or","conditions":[
            {"conditionType":"header","key":"a","operator":"exists"},{"conditionType":"header","key":"b","operator":"exists"}]}]}"#;
    let tagger = tagger(json);
    assert_eq!(tag(&tagger, "/", &[("a", ""), ("b", "")]).as_deref(), Some("both"));
    assert_eq!(tag(&tagger, "/", &[("b", "")]).as_deref(), Some("one"));
    assert_eq!(tag(&tagger, "/", &[]).as_deref(), Some("base"));
}

const WEIGHTS: &str = r#"{"weightGroups":[{"headerName":"x-tag","headerValue":"gray","weight":30},
    {"headerName":"x-tag","headerValue":"blue","weight":20}],"weightKey":{"conditionType":"cookie","key":"u"}}"#;

#[test]
fn weights_are_kept_with_and_without_a_key() {
    let tagger = tagger(WEIGHTS);
    let mut counts = std::collections::BTreeMap::new();
    for n in 0..2000 {
        let cookie = format!("u=user{n}");
        let first = tag(&tagger, "/", &[("cookie", &cookie)]);
        assert_eq!(first, tag(&tagger, "/other", &[("cookie", &cookie)]));
        *counts.entry((true, first)).or_insert(0) += 1;
        *counts.entry((false, tag(&tagger, "/", &[]))).or_insert(0) += 1;
    }
    for keyed in [true, false] {
        for (value, share) in [(Some("gray"), 600), (Some("blue"), 400), (None, 1000)] {
            let n = counts[&(keyed, value.map(str::to_owned))];
            assert!((share - 90..share + 90).contains(&n), "{keyed} {value:?} {n}");
        }
    }
}

#[test]
fn tags_of_clients_do_not_count() {
    let none = tagger(r#"{"weightGroups":[{"headerName":"x-tag","headerValue":"gray","weight":0}]}"#);
    let proxy = FakeProxy::at(1);
    let request = FakeHeaders::request("GET", "a", "/", &[("x-tag", "gray"), ("x-tag", "blue")]);
    assert_eq!(none.on_request(&mut (), &proxy.cx(&request)), Decision::Change);
    assert!(request.all("x-tag").is_empty());
    assert_eq!(proxy.routes_cleared.get(), 1);
    assert_eq!(none.on_request(&mut (), &proxy.cx(&request)), Decision::Pass);

    let keeps = tagger(r#"{"defaultTagKey":"x-tag","defaultTagVal":"base","keepClientTags":true}"#);
    assert_eq!(tag(&keeps, "/", &[("x-tag", "gray")]).as_deref(), Some("gray"));
    assert_eq!(tag(&keeps, "/", &[]).as_deref(), Some("base"));
}

#[test]
fn nothing_to_do_is_said() {
    assert_eq!(tagger("").warnings().len(), 1);
    assert_eq!(tag(&tagger(""), "/", &[]), None);
}

proptest! {
    #[test]
    fn any_request_has_at_most_one_tag(name in ".{0,12}", value in proptest::collection::vec(any::<u8>(), 0..40), path in ".{0,40}") {
        let tagger = tagger(WEIGHTS);
        let proxy = FakeProxy::at(7);
        let request = FakeHeaders::request("GET", "a", &path, &[(&name, "1"), ("x-tag", "mine")]);
        request.add("cookie", &value);
        tagger.on_request(&mut (), &proxy.cx(&request));
        let tags = request.all("x-tag");
        prop_assert!(tags.len() <= 1 && !tags.contains(&b"mine".to_vec()));
    }

    #[test]
    fn configurations_never_panic(text in "[\\[\\]{}\":,a-zA-Z0-9]{0,80}") {
        let _ = Tagger::read(text.as_bytes());
    }
}
