use proptest::prelude::*;

use super::*;

fn settings(json: &str) -> Settings {
    Settings::read(json.as_bytes()).expect("good")
}

fn place(host: &str, path: &str) -> Place {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Place { tls: false, host: host.into(), path: path.into(), query: query.into() }
}

fn led(json: &str, method: &str, path: &str) -> Course {
    redirect(&settings(json), method.as_bytes(), &place("shop.example", path))
}

fn to(status: u16, address: &str) -> Course {
    Course::Redirect(status, address.to_owned())
}

#[test]
fn tables_and_patterns_with_their_statuses() {
    let json = r#"{"status_code":301,"redirect_table":{"/old":"/new","/ext":"https://other.example/x?y=1"},
        "redirects":[{"from":"/a/*","to":"/b/$1","status_code":308,"query":"drop"},
                     {"from":"~^/p/([a-z]+)$","to":"/q?name=$1","methods":["GET"],"hosts":["*.example"]}]}"#;
    assert_eq!(led(json, "GET", "/old?z"), to(301, "/new?z"));
    assert_eq!(led(json, "GET", "/ext?z"), to(301, "https://other.example/x?y=1&z"));
    assert_eq!(led(json, "GET", "/a/c?z"), to(308, "/b/c"));
    assert_eq!(led(json, "GET", "/p/abc"), to(301, "/q?name=abc"));
    assert_eq!(led(json, "POST", "/p/abc"), Course::Straight);
    assert_eq!(led(json, "GET", "/p/ABC"), Course::Straight);
}

#[test]
fn to_tls_without_losing_the_method() {
    let json = r#"{"http_to_https":true,"https_port":8443,"redirect_table":{"/old":"/new"}}"#;
    assert_eq!(led(json, "GET", "/a//b?x"), to(301, "https://shop.example:8443/a//b?x"));
    assert_eq!(led(json, "POST", "/old"), to(308, "https://shop.example:8443/old"));
    let odd = Place { host: b"shop.example\r\nx: y".to_vec(), ..place("", "/") };
    assert_eq!(redirect(&settings(json), b"GET", &odd), Course::Unusable);
    let done = Place { tls: true, ..place("shop.example", "/old") };
    assert_eq!(redirect(&settings(json), b"GET", &done), to(302, "/new"));
}

#[test]
fn nobody_is_led_in_circles() {
    for (json, path) in [
        (r#"{"redirect_table":{"/a":"/a"}}"#, "/a?x"),
        (r#"{"redirect_table":{"/a":"/b","/b":"/a"}}"#, "/a"),
        (r#"{"redirect_table":{"/a":"/b","/b":"/c","/c":"/b"}}"#, "/a"),
        (r#"{"redirects":[{"from":"/a*","to":"/a/x$1"}]}"#, "/a"),
        (r#"{"redirects":[{"from":"*","to":"http://shop.example${path}"}]}"#, "/a"),
    ] {
        assert_eq!(led(json, "GET", path), Course::Circle, "{json}");
    }
    // It ends, or it leads away.
    assert_eq!(led(r#"{"redirect_table":{"/a":"/b","/b":"/c"}}"#, "GET", "/a"), to(302, "/b"));
    assert_eq!(
        led(r#"{"redirects":[{"from":"*","to":"https://www.${host}${path}","hosts":["shop.example"]}]}"#, "GET", "/a"),
        to(302, "https://www.shop.example/a")
    );
    assert_eq!(led(r#"{"redirects":[{"from":"*","to":"https://shop.example${path}"}]}"#, "GET", "/a"), Course::Circle);
}

fn rewritten(json: &str, path: &str) -> Option<Option<(String, String)>> {
    let rewritten = rewrite(&settings(json), b"GET", &place("shop.example", path));
    rewritten.map(|usable| usable.map(|r| (r.path.unwrap_or_default(), r.host.unwrap_or_default())))
}

#[test]
fn rewrites_by_pattern() {
    let json = r#"{"rewrites":[{"from":"/api/v1/*","to":"/$1?v=1"},{"from":"~^/t/([a-z]+)/","to":"/x","host":"$1.svc.example","query":"drop"},
        {"from":"/h/*","host":"inner-${host}"}],"allowed_hosts":["*.svc.example"]}"#;
    let both = |path: &str, host: &str| Some(Some((path.to_owned(), host.to_owned())));
    assert_eq!(rewritten(json, "/api/v1/a/b?z"), both("/a/b?v=1&z", ""));
    assert_eq!(rewritten(json, "/api/v1/"), both("/?v=1", ""));
    assert_eq!(rewritten(json, "/t/one/two?z"), both("/x", "one.svc.example"));
    assert_eq!(rewritten(json, "/h/a"), both("", "inner-shop.example"));
    assert_eq!(rewritten(json, "/other"), None);
}

#[test]
fn nobody_climbs_out() {
    let json = r#"{"rewrites":[{"from":"/files/*","to":"/static/$1"}]}"#;
    for path in ["/files/../admin", "/files/%2e%2e/admin", "/files/..%2fadmin", "/files/a/..;/b", "/files/..\\admin"] {
        assert_eq!(rewritten(json, path), Some(None), "{path}");
    }
    assert_eq!(rewritten(json, "/files/a%20b"), Some(Some(("/static/a%20b".to_owned(), String::new()))));
}

proptest! {
    #[test]
    fn any_request_gets_a_sound_answer(path in proptest::collection::vec(any::<u8>(), 0..40), query in proptest::collection::vec(any::<u8>(), 0..20)) {
        let settings = settings(r#"{"redirects":[{"from":"~^/r/(.*)/(.*)$","to":"/$2/$1"},{"from":"/s*","to":"https://a.example/$1"}],
            "rewrites":[{"from":"*","to":"/all${path}"}]}"#);
        for start in [&b"/r/"[..], b"/s", b"/"] {
            let from = Place { tls: true, host: b"a.example".to_vec(), path: [start, &path].concat(), query: query.clone() };
            if let Course::Redirect(_, address) = redirect(&settings, b"GET", &from) {
                prop_assert!(address.bytes().all(|b| b.is_ascii_graphic()) && !address.starts_with("//"));
            }
            if let Some(Some(Rewritten { path: Some(path), .. })) = rewrite(&settings, b"GET", &from) {
                prop_assert!(path.starts_with("/all/") && path.bytes().all(|b| b.is_ascii_graphic()));
            }
        }
    }

    #[test]
    fn configurations_never_panic(text in "[\\[\\]{}\":,a-zA-Z0-9$/*~]{0,80}") {
        let _ = Settings::read(text.as_bytes());
        let _ = Settings::read(format!("{{\"redirects\":[{{\"from\":\"*\",\"to\":\"/{text}\"}}]}}").as_bytes());
    }
}
