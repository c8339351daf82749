//! The phases: requests that are answered at once, and answers that are replaced.

use plugin_kit::address;
use plugin_kit::config::Refusal;
use plugin_kit::http;
use plugin_kit::plugin::{Cx, Decision, Headers, Plugin};
use plugin_kit::scope::Target;

use crate::settings::Settings;

/// The plugin.
#[derive(Debug)]
pub struct Respond(Settings);

/// What a stream remembers.
#[derive(Default)]
pub struct Stream {
    /// The rules that may replace the answer.
    candidates: Vec<usize>,
    accept_language: Option<Vec<u8>>,
    grpc: bool,
}

impl Plugin for Respond {
    const NAME: &'static str = "custom-response";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Settings::read(configuration).map(Self)
    }

    fn warnings(&self) -> Vec<String> {
        let idle = self.0.rules.is_empty();
        idle.then(|| "neither rules nor an answer for all: nothing is answered".to_owned()).into_iter().collect()
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let target = Target::of(cx.headers);
        stream.accept_language = cx.headers.get("accept-language");
        stream.grpc = is_grpc(cx.headers);
        for (place, rule) in self.0.rules.iter().enumerate() {
            let client = || address::Source::Connection.client(cx.headers, cx.proxy);
            if !rule.matches(&target, cx.headers, client) {
                continue;
            }
            if rule.replaces() {
                stream.candidates.push(place);
                continue;
            }
            return Decision::Answer(match stream.grpc {
                true => rule.page.bare(None),
                false => rule.page.reply(stream.accept_language.as_deref(), None),
            });
        }
        Decision::Undecided
    }

    fn on_response(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        // A client that waits for messages would not understand a page.
        if stream.candidates.is_empty() || stream.grpc || is_grpc(cx.headers) {
            return Decision::Skip;
        }
        let status = cx.headers.get(":status").and_then(|status| http::length(&status));
        let Some(status) = status.and_then(|status| u16::try_from(status).ok()) else {
            return Decision::Skip;
        };
        let mut candidates = stream.candidates.iter().filter_map(|place| self.0.rules.get(*place));
        match candidates.find(|rule| rule.replaces_status(status)) {
            Some(rule) => {
                Decision::Answer(rule.page.reply(stream.accept_language.as_deref(), Some((status, cx.headers))))
            }
            None => Decision::Pass,
        }
    }
}

fn is_grpc(headers: &dyn Headers) -> bool {
    headers.get("content-type").is_some_and(|kind| kind.starts_with(b"application/grpc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_kit::fake::{FakeHeaders, FakeProxy};
    use plugin_kit::plugin::Reply;
    use proptest::prelude::*;

    fn exchange(json: &str, path: &str, headers: &[(&str, &str)], status: &str) -> Option<Reply> {
        let respond = Respond::read(json.as_bytes()).expect("good");
        let proxy = FakeProxy::default();
        proxy.set_property(&["source", "address"], "10.1.2.3:999");
        let mut stream = Stream::default();
        let request = FakeHeaders::request("GET", "a", path, headers);
        if let Decision::Answer(reply) = respond.on_request(&mut stream, &proxy.cx(&request)) {
            return Some(reply);
        }
        match respond.on_response(&mut stream, &proxy.cx(&FakeHeaders::new(&[(":status", status)]))) {
            Decision::Answer(reply) => Some(reply),
            _ => None,
        }
    }

    #[test]
    fn mocks_by_path_and_one_for_all() {
        let json = r#"{"rules":[{"paths":["/a","/b/*"],"body":"one","status_code":201}],"body":"all"}"#;
        let body = |path| exchange(json, path, &[], "200").map(|reply| (reply.status, reply.body));
        assert_eq!(body("/a?x"), Some((201, "one".to_owned())));
        assert_eq!(body("/b/c"), Some((201, "one".to_owned())));
        assert_eq!(body("/c"), Some((200, "all".to_owned())));
    }

    #[test]
    fn statuses_are_replaced_by_the_first_rule_that_names_them() {
        let json = r#"{"rules":[{"paths":["/api/*"],"enable_on_status":[429,503],"body":"{}"},{"enable_on_status":[503],"status_code":302,"headers":["location=/down"]}]}"#;
        let of = |path, status| exchange(json, path, &[], status).map(|reply| (reply.status, reply.body));
        assert_eq!(of("/api/x", "429"), Some((429, "{}".to_owned())));
        assert_eq!(of("/api/x", "503"), Some((503, "{}".to_owned())));
        assert_eq!(of("/x", "503"), Some((302, String::new())));
        assert_eq!(of("/x", "429"), None);
        assert_eq!(of("/api/x", "nonsense"), None);
    }

    #[test]
    fn some_see_the_service_during_maintenance() {
        let json =
            |more: &str| format!(r#"{{"status_code":503,"body":"soon","exempt":[{{"paths":["/healthz"]}}]{more}}}"#);
        assert!(exchange(&json(""), "/", &[], "200").is_some());
        assert!(exchange(&json(""), "/healthz", &[], "200").is_none());
        let secret = json(r#","bypass_header":"X-Staff","bypass_value":"let me in""#);
        assert!(exchange(&secret, "/", &[("x-staff", "let me in")], "200").is_none());
        assert!(exchange(&secret, "/", &[("x-staff", "let me iN")], "200").is_some());
        assert!(exchange(&json(r#","bypass_addresses":["10.0.0.0/8"]"#), "/", &[], "200").is_none());
        assert!(exchange(&json(r#","bypass_addresses":["11.0.0.0/8"]"#), "/", &[], "200").is_some());
    }

    #[test]
    fn messages_get_no_pages() {
        let grpc = [("content-type", "application/grpc")];
        let reply = exchange(r#"{"status_code":503,"body":"<p>soon"}"#, "/", &grpc, "200").expect("answered");
        assert_eq!((reply.status, reply.body.as_str(), reply.headers.len()), (503, "", 0));
        assert!(exchange(r#"{"enable_on_status":[503],"body":"x"}"#, "/", &grpc, "503").is_none());
    }

    proptest! {
        #[test]
        fn replies_are_always_sound(path in ".{0,30}", accepted in proptest::collection::vec(any::<u8>(), 0..40), status in "[0-9]{0,4}") {
            let respond = Respond::read(br#"{"enable_on_status":[404,500],"body":"a","bodies":[{"language":"zh","body":"b"}]}"#).expect("good");
            let (proxy, mut stream) = (FakeProxy::default(), Stream::default());
            let request = FakeHeaders::request("GET", "a", &path, &[]);
            request.add("accept-language", &accepted);
            respond.on_request(&mut stream, &proxy.cx(&request));
            if let Decision::Answer(reply) = respond.on_response(&mut stream, &proxy.cx(&FakeHeaders::new(&[(":status", &status)]))) {
                prop_assert!(matches!(reply.status, 404 | 500) && (reply.body == "a" || reply.body == "b"));
            }
        }

        #[test]
        fn configurations_never_panic(text in "[\\[\\]{}\":,a-zA-Z0-9]{0,80}") {
            let _ = Respond::read(text.as_bytes());
        }
    }
}
