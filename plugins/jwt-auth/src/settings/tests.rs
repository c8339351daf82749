use super::*;
use crate::key;

fn refused(json: &str) -> String {
    Settings::read(json.as_bytes()).expect_err(json).field().to_owned()
}

fn consumer(more: &str) -> String {
    let jwks = serde_json::to_string(&key::tests::vectors()["jwks"].to_string()).expect("text");
    format!(r#"{{"consumers":[{{"name":"a","jwks":{jwks}{more}}}]}}"#)
}

#[test]
fn refusals_name_the_field() {
    for (json, field) in [
        (r#"{"consumer":[]}"#, "consumer"),
        (r#"{"consumers":[{}]}"#, "consumers[0].name"),
        (r#"{"consumers":[{"name":"a"}]}"#, "consumers[0].jwks"),
        (r#"{"consumers":[{"name":"a","jwks":"{}","remoteJwks":{}}]}"#, "consumers[0].remoteJwks"),
        (r#"{"consumers":[{"name":"a","jwks":"{}"}]}"#, "consumers[0].jwks"),
        (r#"{"consumers":[{"name":"a","jwks":"{\"keys\":[]}"}]}"#, "consumers[0].jwks"),
        (r#"{"consumers":[{"name":"a","jwks":"{\"keys\":[{\"kty\":\"x\"}]}"}]}"#, "consumers[0].jwks"),
        (r#"{"consumers":[{"name":"a","remoteJwks":{}}]}"#, "consumers[0].remoteJwks.host"),
        (
            r#"{"consumers":[{"name":"a","remoteJwks":{"host":"a","refreshSeconds":1}}]}"#,
            "consumers[0].remoteJwks.refreshSeconds",
        ),
        (r#"{"fromHeaders":[{"name":":path"}]}"#, "fromHeaders[0].name"),
        (r#"{"fromHeaders":[{"name":"a","valuePrefix":"\u00e4"}]}"#, "fromHeaders[0].valuePrefix"),
        (r#"{"fromHeaders":[]}"#, "fromHeaders"),
        (r#"{"fromParams":["a b"]}"#, "fromParams[0]"),
        (r#"{"fromCookies":[""]}"#, "fromCookies[0]"),
        (r#"{"rules":[{"allow":["x"]}]}"#, "rules[0].allow[0]"),
        (&consumer(r#","algorithms":["none"]"#), "consumers[0].algorithms[0]"),
        (&consumer(r#","audiences":[""]"#), "consumers[0].audiences[0]"),
        (&consumer(r#","issuer":"""#), "consumers[0].issuer"),
        (&consumer(r#","clockSkewSeconds":601"#), "consumers[0].clockSkewSeconds"),
        (&consumer(r#","requiredClaims":[{"claim":"a"}]"#), "consumers[0].requiredClaims[0].values"),
        (&consumer(r#","claimsToHeaders":[{"claim":"a","header":"host"}]"#), "consumers[0].claimsToHeaders[0].header"),
        (&consumer(r#","claimsToHeaders":[{"claim":"a","header":"X-Consumer-Name"}]"#), "consumerHeader"),
    ] {
        assert_eq!(refused(json), field);
    }
}

#[test]
fn the_same_service_is_asked_once_for_all() {
    let remote = r#""remoteJwks":{"host":"idp.test","port":8080,"path":"/keys"}"#;
    let json = format!(r#"{{"consumers":[{{"name":"a",{remote}}},{{"name":"b",{remote}}}]}}"#);
    assert_eq!(Settings::read(json.as_bytes()).expect("good").remotes.len(), 1);
}

#[test]
fn what_is_careless_is_warned_about() {
    assert_eq!(Settings::read(b"").expect("good").warnings.len(), 1);
    assert_eq!(Settings::read(consumer("").as_bytes()).expect("good").warnings.len(), 1);
    assert_eq!(Settings::read(consumer(r#","requireExpiry":false"#).as_bytes()).expect("good").warnings.len(), 2);
    assert!(Settings::read(consumer(r#","audiences":["a"]"#).as_bytes()).expect("good").warnings.is_empty());
}
