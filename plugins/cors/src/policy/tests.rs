use super::*;

const PAGE: &str = "https://shop.example.com";

fn settings(json: &str) -> Settings {
    Settings::read(json.as_bytes()).expect("good")
}

fn request(method: &str, origin: &str) -> Request {
    Request { method: method.into(), origin: Some(origin.into()), ..Request::default() }
}

fn preflight(method: &str, headers: &str) -> Request {
    Request {
        wanted_method: Some(method.into()),
        wanted_headers: (!headers.is_empty()).then(|| headers.into()),
        ..request("OPTIONS", PAGE)
    }
}

fn get(verdict: &Verdict, name: &str) -> Option<String> {
    let (Verdict::Preflight(headers) | Verdict::Actual(headers)) = verdict else {
        panic!("{verdict:?}");
    };
    let found: Vec<_> = headers.iter().filter(|(known, _)| *known == name).collect();
    assert!(found.len() <= 1, "{name} twice: {headers:?}");
    found.first().map(|(_, value)| value.clone())
}

#[test]
fn without_origin_there_is_nothing_to_decide() {
    let settings = settings("{}");
    assert_eq!(decide(&Request { method: b"GET".to_vec(), ..Request::default() }, &settings), Verdict::SameOrigin);
    let options = Request { origin: None, ..preflight("PUT", "") };
    assert_eq!(decide(&options, &settings), Verdict::SameOrigin);
}

#[test]
fn by_default_any_origin_may_but_without_credentials() {
    let settings = settings("{}");
    let verdict = decide(&request("GET", PAGE), &settings);
    assert_eq!(get(&verdict, "access-control-allow-origin").as_deref(), Some("*"));
    assert_eq!(get(&verdict, "access-control-allow-credentials"), None);
    assert_eq!(vary(&settings, false), None);
}

#[test]
fn a_preflight_needs_options_origin_and_method() {
    let settings = settings("{}");
    assert!(matches!(decide(&preflight("PUT", ""), &settings), Verdict::Preflight(_)));
    assert!(matches!(decide(&request("OPTIONS", PAGE), &settings), Verdict::Actual(_)));
    let get = Request { method: b"GET".to_vec(), ..preflight("PUT", "") };
    assert!(matches!(decide(&get, &settings), Verdict::Actual(_)));
}

#[test]
fn asked_headers_are_echoed_authorization_too() {
    let verdict = decide(&preflight("PATCH", "authorization,x-a , content-type"), &settings("{}"));
    assert_eq!(get(&verdict, "access-control-allow-headers").as_deref(), Some("authorization, x-a, content-type"));
    assert_eq!(get(&verdict, "access-control-max-age").as_deref(), Some("86400"));
    assert!(get(&verdict, "vary").is_some_and(|names| names.starts_with("origin, access-control-request-method")));
    assert_eq!(get(&decide(&preflight("PUT", ""), &settings("{}")), "access-control-allow-headers"), None);
}

#[test]
fn what_is_no_token_is_not_echoed() {
    let all = settings(r#"{"allow_methods":["*"]}"#);
    let verdict = decide(&preflight("PUT\r\nx: y", "a b,,x-good,\u{e9},c:d"), &all);
    assert_eq!(get(&verdict, "access-control-allow-methods"), None);
    assert_eq!(get(&verdict, "access-control-allow-headers").as_deref(), Some("x-good"));
}

#[test]
fn with_credentials_the_origin_is_named() {
    let settings = settings(
        r#"{"allow_origins":["https://shop.example.com"],"allow_credentials":true,"expose_headers":["x-a","x-b"]}"#,
    );
    let verdict = decide(&request("POST", PAGE), &settings);
    assert_eq!(get(&verdict, "access-control-allow-origin").as_deref(), Some(PAGE));
    assert_eq!(get(&verdict, "access-control-allow-credentials").as_deref(), Some("true"));
    assert_eq!(get(&verdict, "access-control-expose-headers").as_deref(), Some("x-a, x-b"));
    assert_eq!(vary(&settings, false), Some("origin"));
}

#[test]
fn others_are_refused() {
    let settings = settings(r#"{"allow_origins":["https://shop.example.com"]}"#);
    for origin in [
        "https://evil.example",
        "null",
        "https://shop.example.com.evil",
        "https://shop.example.com/",
        "http://shop.example.com",
        "https://SHOP.example.com",
        "",
        "https://shop.example.com https://evil",
    ] {
        assert_eq!(decide(&request("GET", origin), &settings), Verdict::Refused, "{origin}");
        let preflight = Request { origin: Some(origin.into()), ..preflight("PUT", "") };
        assert_eq!(decide(&preflight, &settings), Verdict::RefusedPreflight, "{origin}");
    }
    assert_eq!(decide(&Request { origin: Some(b"\xff".to_vec()), ..request("GET", "") }, &settings), Verdict::Refused);
}

#[test]
fn private_networks_must_be_asked_for_and_allowed() {
    let name = "access-control-allow-private-network";
    let asks = |value: &str| Request { private_network: Some(value.into()), ..preflight("GET", "") };
    let yes = settings(r#"{"allow_private_network":true}"#);
    assert_eq!(get(&decide(&asks("true"), &yes), name).as_deref(), Some("true"));
    assert_eq!(get(&decide(&asks("1"), &yes), name), None);
    assert_eq!(get(&decide(&preflight("GET", ""), &yes), name), None);
    assert_eq!(get(&decide(&asks("true"), &settings("{}")), name), None);
}

#[test]
fn no_bytes_make_it_panic_or_echo_line_ends() {
    let settings = settings(r#"{"allow_origin_patterns":["https://*"],"allow_methods":["*"]}"#);
    let mut seed = 1u32;
    let mut bytes = |length: usize| -> Vec<u8> {
        (0..length)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect()
    };
    for length in 0..400 {
        let request = Request {
            method: b"OPTIONS".to_vec(),
            origin: Some([b"https://", &bytes(length % 7)[..]].concat()),
            wanted_method: Some(bytes(length)),
            wanted_headers: Some(bytes(length)),
            private_network: Some(bytes(2)),
        };
        if let Verdict::Preflight(headers) = decide(&request, &settings) {
            assert!(headers.iter().all(|(_, value)| value.bytes().all(|b| (b' '..=b'~').contains(&b))));
        }
    }
}
