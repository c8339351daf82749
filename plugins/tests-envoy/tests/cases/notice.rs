//! notice.

use tests_envoy::envoy::Plugin;
use tests_envoy::upstream::{chunked, head, sized, with_trailers};

use super::{Case, Outcome, Refused, body_is, has_no_length};

const HTML: &str = "content-type: text/html; charset=utf-8";
const PAGE: &str = "<!doctype html><html><head></head><BODY class=\"a>b\"><p>你好</p></body></html>";
const BOTH: &str = r#"{"textEn":"Maintenance <today>","textZh":"维护","level":"warning"}"#;

const DISMISSIBLE: &str = r#"{"textEn":"Half price","level":"promotion","dismissible":true}"#;

fn chain(configuration: Option<&str>) -> Vec<Plugin> {
    vec![("notice", configuration.map(str::to_owned))]
}

fn case(name: &'static str, path: &'static str, answer: Vec<Vec<u8>>) -> Case {
    Case { answer, ..Case::new(name, chain(Some(BOTH)), path) }
}

fn banner(lang: &str, text: &str) -> String {
    format!(
        "<div id=\"site-notice\" role=\"status\" lang=\"{lang}\" style=\"position:sticky;top:0;z-index:2147483647;\
         margin:0;padding:10px 16px;background:#ffd75e;color:#332600;font:16px/1.5 sans-serif;text-align:center\">{text}</div>"
    )
}

fn english() -> String {
    banner("en", "Maintenance &#60;today&#62;")
}

fn page_with(banner: &str) -> String {
    PAGE.replace("b\">", &format!("b\">{banner}"))
}

fn is_unchanged(outcome: &Outcome) {
    body_is(outcome, PAGE);
    assert_eq!(outcome.response.header("content-length"), Some(PAGE.len().to_string()));
}

pub fn cases() -> Vec<Case> {
    let page = || sized(&[HTML], PAGE.as_bytes());
    vec![
        Case {
            counted: vec![("notice_changed", 1)],
            check: |outcome| {
                body_is(outcome, page_with(&english()));
                has_no_length(outcome);
                assert_eq!(outcome.response.header("etag"), None);
                assert_eq!(outcome.response.header("vary").as_deref(), Some("cookie,accept-language"));
            },
            ..case("content-length", "/n/sized", sized(&[HTML, "etag: \"a\"", "vary: cookie"], PAGE.as_bytes()))
        },
        Case {
            headers: vec!["accept-language: zh-CN,zh;q=0.9,en;q=0.8"],
            check: |outcome| body_is(outcome, page_with(&banner("zh", "&#32500;&#25252;"))),
            ..case("Chinese for those who read it", "/n/zh", page())
        },
        Case {
            check: |outcome| body_is(outcome, page_with(&english())),
            ..case(
                "a tag in several chunks",
                "/n/chunks",
                chunked(&[HTML], &[&PAGE.as_bytes()[..36], &PAGE.as_bytes()[36..]]),
            )
        },
        Case {
            check: |outcome| {
                body_is(outcome, page_with(&english()));
                assert_eq!(outcome.response.trailers.len(), 1);
            },
            ..case(
                "trailers",
                "/n/trailers",
                with_trailers(&[HTML, "trailer: x-sum"], &[PAGE.as_bytes()], &["x-sum: 1"]),
            )
        },
        Case {
            headers: vec!["accept: text/html", "accept-encoding: br", "if-none-match: \"a\"", "range: bytes=0-3"],
            check: |outcome| {
                body_is(outcome, page_with(&english()));
                let request = &outcome.request;
                assert!(request.contains("accept-encoding: identity\r\n"), "{request}");
                assert!(!request.contains("if-none-match") && !request.contains("range:"), "{request}");
            },
            ..case("a browser's visit is asked for in full", "/n/visit", page())
        },
        Case {
            headers: vec!["accept: image/png", "accept-encoding: br", "if-none-match: \"a\""],
            check: |outcome| {
                let request = &outcome.request;
                assert!(request.contains("accept-encoding: br\r\n") && request.contains("if-none-match"), "{request}");
            },
            ..case("a picture stays as it is", "/n/picture", sized(&["content-type: image/png"], b"png"))
        },
        Case {
            chain: chain(Some(
                r#"{"textEn":"See","link":"https://status.example/?a=1&b=2","linkTextEn":"status","position":"bottom","level":"critical"}"#,
            )),
            check: |outcome| {
                let text = outcome.response.text();
                let end = " <a href=\"https://status.example/?a=1&#38;b=2\" style=\"color:inherit;text-decoration:underline\">status</a></div></body></html>";
                assert!(text.ends_with(end), "{text}");
                assert!(text.contains("role=\"alert\"") && text.contains("#9b1118"), "{text}");
                assert_eq!(outcome.response.header("vary"), None);
            },
            ..case("at the bottom, with a link", "/n/bottom", page())
        },
        Case {
            check: |outcome| body_is(outcome, format!("{}plain words", english())),
            ..case("a page without any tag", "/n/bare", sized(&[HTML], b"plain words"))
        },
        Case {
            method: "HEAD",
            check: |outcome| {
                assert_eq!(outcome.response.status, 200);
                has_no_length(outcome);
            },
            ..case("HEAD", "/n/head", vec![head("200 OK", &[HTML, "content-length: 80"])])
        },
        Case {
            counted: vec![("notice_skipped", 1)],
            check: |outcome| body_is(outcome, b"{}"),
            ..case("JSON", "/n/json", sized(&["content-type: application/json"], b"{}"))
        },
        Case {
            check: is_unchanged,
            ..case("gzip", "/n/gzip", sized(&[HTML, "content-encoding: gzip"], PAGE.as_bytes()))
        },
        Case {
            check: |outcome| {
                assert_eq!(outcome.response.status, 206);
                body_is(outcome, b"<body>");
            },
            ..case(
                "a part",
                "/n/part",
                vec![
                    [
                        &head("206 Partial Content", &[HTML, "content-length: 6", "content-range: bytes 0-5/9"])[..],
                        b"<body>",
                    ]
                    .concat(),
                ],
            )
        },
        Case { check: |outcome| body_is(outcome, b""), ..case("an empty page", "/n/empty", chunked(&[HTML], &[])) },
        Case {
            headers: vec!["sec-fetch-dest: empty"],
            check: is_unchanged,
            ..case("a fragment fetched by a script", "/n/fragment", page())
        },
        Case {
            chain: chain(Some(r#"{"textEn":"x","paths":["/n/shop"]}"#)),
            check: is_unchanged,
            ..case("another path", "/n/shopping", page())
        },
        Case {
            chain: chain(Some(r#"{"textEn":"x","paths":["/n/shop"]}"#)),
            check: |outcome| assert!(outcome.response.text().contains("site-notice")),
            ..case("a path below the prefix", "/n/shop/a?b=c", page())
        },
        Case {
            chain: chain(Some(r#"{"textEn":"x","end":"2020-01-01T00:00:00Z"}"#)),
            check: is_unchanged,
            ..case("after the end", "/n/late", page())
        },
        Case {
            chain: chain(Some(r#"{"textEn":"x","start":"2020-01-01T00:00:00Z","end":"2199-01-01T00:00:00+08:00"}"#)),
            check: |outcome| assert!(outcome.response.text().contains("site-notice")),
            ..case("within the window", "/n/now", page())
        },
        Case { chain: chain(None), check: is_unchanged, ..case("no configuration", "/n/none", page()) },
        Case {
            chain: chain(Some(r#"{"textEn":"x","maxBodyKiB":1}"#)),
            check: |outcome| body_is(outcome, PAGE.repeat(20_000)),
            ..case(
                "too large, found out on the way",
                "/n/large",
                chunked(&[HTML], &[PAGE.as_bytes(), PAGE.repeat(19_999).as_bytes()]),
            )
        },
        Case {
            check: |outcome| body_is(outcome, [english().as_bytes(), b"\xff\xfe<p>\x80"].concat()),
            ..case("bytes that are no text", "/n/bytes", sized(&[HTML], b"\xff\xfe<p>\x80"))
        },
        Case {
            chain: chain(Some(DISMISSIBLE)),
            headers: vec!["accept: text/html"],
            check: |outcome| {
                let text = outcome.response.text();
                assert!(text.contains("<a href=\"?site-notice=a83969fc289ffa13\" rel=\"nofollow\"") , "{text}");
                assert_eq!(outcome.response.header("vary").as_deref(), Some("cookie"));
            },
            ..case("a notice that can be dismissed", "/n/dismissible", page())
        },
        Case {
            chain: chain(Some(DISMISSIBLE)),
            headers: vec!["accept: text/html", "referer: http://test/n/dismiss?a=1&b"],
            counted: vec![("notice_changed", 1)],
            check: |outcome| {
                outcome.is_refused(303);
                assert_eq!(outcome.response.header("location").as_deref(), Some("/n/dismiss?a=1&b"));
                let cookie = outcome.response.header("set-cookie").unwrap_or_default();
                assert!(cookie.starts_with("site-notice-a83969fc289ffa13=1; Path=/; Max-Age=2592000;"), "{cookie}");
            },
            ..case("it is dismissed", "/n/dismiss?site-notice=a83969fc289ffa13", page())
        },
        Case {
            chain: chain(Some(DISMISSIBLE)),
            headers: vec!["accept: text/html", "cookie: a=b; site-notice-a83969fc289ffa13=1", "if-none-match: \"a\""],
            counted: vec![("notice_skipped", 1)],
            check: |outcome| {
                is_unchanged(outcome);
                assert_eq!(outcome.response.header("vary").as_deref(), Some("cookie"));
                assert!(outcome.request.contains("if-none-match"));
            },
            ..case("it stays away", "/n/dismissed", page())
        },
        Case {
            chain: chain(Some(DISMISSIBLE)),
            headers: vec!["cookie: site-notice-0000000000000000=1"],
            check: |outcome| assert!(outcome.response.text().contains("site-notice")),
            ..case("another one was dismissed", "/n/other", page())
        },
        Case {
            chain: chain(Some(DISMISSIBLE)),
            http2: true,
            check: |outcome| {
                assert_eq!(outcome.response.status, 303);
                assert_eq!(outcome.response.header("location").as_deref(), Some("/"));
            },
            ..case("never to another host", "//evil.test/n?site-notice=a83969fc289ffa13", page())
        },
        Case {
            chain: vec![super::key_auth::denies_all(), ("notice", Some(DISMISSIBLE.to_owned()))],
            check: |outcome| outcome.is_refused(401),
            ..case("answered by an earlier plugin", "/n/before?site-notice=a83969fc289ffa13", page())
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "notice", configuration, log };
    vec![
        refused(r#"{"text":"x"}"#, "field \"text\": unknown"),
        refused(
            r#"{"textEn":"x","link":"javascript:alert(1)"}"#,
            "field \"link\": must begin with https:// or http://",
        ),
        refused(r#"{"textEn":"x","start":"soon"}"#, "field \"start\": must be a time"),
        refused(r#"{"textEn":"x","level":"fatal"}"#, "field \"level\": must be one of info, promotion, warning, critical"),
    ]
}
