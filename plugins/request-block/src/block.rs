//! The phases: URL and headers at once, the body when it is complete.

use plugin_kit::body::Expected;
use plugin_kit::config::Refusal;
use plugin_kit::plugin::{Body, Cx, Decision, Plugin, Side, Uncollected};
use plugin_kit::{http, query};

use crate::settings::Settings;

/// The plugin.
#[derive(Debug)]
pub struct Block(Settings);

impl Plugin for Block {
    const NAME: &'static str = "request-block";
    type Stream = ();

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Settings::read(configuration).map(Self)
    }

    fn on_request(&self, _stream: &mut (), cx: &Cx) -> Decision {
        let Settings { urls, headers, bodies, max_body, .. } = &self.0;
        if !urls.is_empty() {
            let path = cx.headers.get(":path").unwrap_or_default();
            let decoded = query::decode(&path, false);
            if urls.find(&self.folded(path)) || urls.find(&self.folded(decoded)) {
                return self.refuse();
            }
        }
        if !headers.is_empty() {
            let lines = cx.headers.pairs().into_iter().filter(|(name, _)| !name.starts_with(':'));
            let mut lines = lines.map(|(name, value)| self.folded([name.as_bytes(), b": ", &value].concat()));
            if lines.any(|line| headers.find(&line)) {
                return self.refuse();
            }
        }
        if bodies.is_empty() || cx.end {
            return Decision::Pass;
        }
        // A stream of messages may never end: to wait for it would be to stop it.
        let kind = cx.headers.get("content-type").and_then(|kind| http::media_type(&kind)).unwrap_or_default();
        if kind.starts_with("application/grpc") {
            return Decision::Skip;
        }
        if !http::is_plain(cx.headers.get("content-encoding").as_deref()) {
            return self.unreadable();
        }
        let expected = Expected::of(cx.headers, *max_body);
        if expected.length.is_some_and(|length| length > *max_body as u64) {
            return self.unreadable();
        }
        Decision::Collect(expected)
    }

    fn on_request_body(&self, _stream: &mut (), _cx: &Cx, body: Body) -> Decision {
        if self.0.bodies.find(&self.folded(body.bytes)) { self.refuse() } else { Decision::Pass }
    }

    fn on_uncollected(&self, _stream: &mut (), _cx: &Cx, _side: Side, _why: Uncollected) -> Decision {
        self.unreadable()
    }
}

impl Block {
    fn folded(&self, mut text: Vec<u8>) -> Vec<u8> {
        if self.0.fold {
            text.make_ascii_lowercase();
        }
        text
    }

    fn refuse(&self) -> Decision {
        Decision::Refuse(self.0.reply.clone())
    }

    fn unreadable(&self) -> Decision {
        if self.0.unreadable_pass { Decision::Failed } else { self.refuse() }
    }
}

#[cfg(test)]
mod tests {
    use plugin_kit::fake::{FakeHeaders, FakeProxy};
    use proptest::prelude::*;

    use super::*;

    fn decide(json: &str, path: &str, headers: &[(&str, &str)]) -> Decision {
        let block = Block::read(json.as_bytes()).expect("good");
        block.on_request(&mut (), &FakeProxy::default().cx(&FakeHeaders::request("POST", "a", path, headers)))
    }

    fn refuses(json: &str, path: &str, headers: &[(&str, &str)]) -> bool {
        matches!(decide(json, path, headers), Decision::Refuse(_))
    }

    #[test]
    fn urls_by_part_whole_prefix_and_expression() {
        assert!(refuses(r#"{"block_urls":["swagger"]}"#, "/a/swagger.html", &[]));
        assert!(refuses(r#"{"block_urls":["swagger"]}"#, "/a/sw%61gger.html", &[]));
        assert!(refuses(r#"{"block_exact_urls":["/a?b=1"]}"#, "/a?b=1", &[]));
        assert!(!refuses(r#"{"block_exact_urls":["/a"]}"#, "/a?b=1", &[]));
        assert!(refuses(r#"{"block_prefix_urls":["/in/"]}"#, "/in/x", &[]));
        assert!(!refuses(r#"{"block_prefix_urls":["/in/"]}"#, "/x/in/", &[]));
        assert!(refuses(r#"{"block_regexp_urls":["\\.env$"]}"#, "/x/.env", &[]));
        assert!(!refuses("", "/x", &[]));
    }

    #[test]
    fn case_matters_unless_it_does_not() {
        assert!(!refuses(r#"{"block_urls":["Admin"]}"#, "/admin", &[]));
        for json in [
            r#"{"block_urls":["Admin"],"case_sensitive":false}"#,
            r#"{"block_regexp_urls":["^/Admin"],"case_sensitive":false}"#,
        ] {
            assert!(refuses(json, "/ADMIN", &[]));
        }
    }

    #[test]
    fn headers_are_lines() {
        let json = r#"{"block_headers":["x-debug:"],"block_regexp_headers":["^user-agent: .*bot"]}"#;
        assert!(refuses(json, "/", &[("x-debug", "1")]));
        assert!(refuses(json, "/", &[("user-agent", "a bot")]));
        assert!(!refuses(json, "/x-debug:", &[("x-other", "bot")]));
    }

    #[test]
    fn bodies_that_cannot_be_read_are_refused_unless_told_otherwise() {
        let gzip = [("content-encoding", "gzip")];
        assert!(refuses(r#"{"block_bodies":["x"]}"#, "/", &gzip));
        assert_eq!(decide(r#"{"block_bodies":["x"],"unreadable_bodies":"pass"}"#, "/", &gzip), Decision::Failed);
        assert!(refuses(r#"{"block_bodies":["x"],"max_body_kib":1}"#, "/", &[("content-length", "1025")]));
        assert!(matches!(decide(r#"{"block_bodies":["x"]}"#, "/", &[]), Decision::Collect(_)));
        assert_eq!(decide(r#"{"block_bodies":["x"]}"#, "/", &[("content-type", "application/grpc")]), Decision::Skip);
    }

    proptest! {
        #[test]
        fn a_forbidden_part_is_found_however_it_is_written(
            before in "[a-z0-9/?=&%._-]{0,60}", after in "[A-Za-z0-9/?=&._-]{0,60}", encoded: u8, upper: u8,
        ) {
            let word: String = b"/.Git/x".iter().enumerate().map(|(i, &b)| {
                let b = if upper >> i & 1 == 1 { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() };
                if encoded >> i & 1 == 1 { format!("%{b:02x}") } else { (b as char).to_string() }
            }).collect();
            // A percent sign in front would make another byte of it.
            let before = before.trim_end_matches(|c: char| c.is_ascii_hexdigit()).trim_end_matches('%');
            let path = format!("/{before}{word}{after}");
            let json = r#"{"block_urls":["/.GIT/X"],"case_sensitive":false}"#;
            prop_assert!(refuses(json, &path, &[]), "{}", path);
        }

        #[test]
        fn bodies_are_searched_whatever_stands_around(
            before in prop::collection::vec(any::<u8>(), 0..300), after in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let bytes = [&before[..], b"dr0p table", &after].concat();
            for json in [r#"{"block_bodies":["dr0p"]}"#, r#"{"block_regexp_bodies":["dr0p +t"]}"#] {
                let block = Block::read(json.as_bytes()).expect("good");
                let proxy = FakeProxy::default();
                let headers = FakeHeaders::default();
                let body = Body { bytes: bytes.clone(), room: 0 };
                let decision = block.on_request_body(&mut (), &proxy.cx(&headers), body);
                prop_assert!(matches!(decision, Decision::Refuse(_)));
            }
        }

        #[test]
        fn nothing_forbidden_is_nothing_refused(path in "/[a-y0-9%/?=._-]{0,80}", value in "[ -y]{0,80}") {
            let json = r#"{"block_urls":["zzz"],"block_regexp_urls":["zz"],"block_headers":["zzz"],"block_exact_urls":["/z"]}"#;
            let path = path.replace("%7", "7");
            prop_assert_eq!(decide(json, &path, &[("x-a", &value)]), Decision::Pass);
        }

        #[test]
        fn any_configuration_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,80}") {
            let _ = Block::read(&bytes);
            for field in ["block_urls", "block_regexp_urls", "block_regexp_headers", "block_bodies"] {
                let json = serde_json::json!({ field: [&text] }).to_string();
                if let Ok(block) = Block::read(json.as_bytes()) {
                    let headers = FakeHeaders::request("GET", "a", &text, &[("x", &text)]);
                    let _ = block.on_request(&mut (), &FakeProxy::default().cx(&headers));
                }
            }
        }
    }
}
