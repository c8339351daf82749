//! The phases: preflights are answered at once, all else when the answer comes.

use plugin_kit::config::Refusal;
use plugin_kit::plugin::{Cx, Decision, Headers, Plugin, Reply};

use crate::policy::{self, OWNED, Request, Verdict};
use crate::settings::Settings;

/// The plugin.
#[derive(Debug)]
pub struct Cors(Settings);

/// What the answer to a request gets.
#[derive(Default)]
pub enum Stream {
    /// Not from a page of another origin.
    #[default]
    SameOrigin,
    /// From an allowed one.
    Allowed(policy::Headers),
    /// From any other.
    Refused,
}

impl Plugin for Cors {
    const NAME: &'static str = "cors";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Settings::read(configuration).map(Self)
    }

    fn warnings(&self) -> Vec<String> {
        // A page in a sandbox, whose origin nobody can know, is not let in by anything but a real "any".
        let any = self.0.credentials && self.0.origins.allow("https://any.invalid");
        any.then(|| "pages of any origin may act with a visitor's cookies".to_owned()).into_iter().collect()
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let get = |name| cx.headers.get(name);
        let mut request = Request { origin: get("origin"), ..Request::default() };
        if request.origin.is_some() {
            request.method = get(":method").unwrap_or_default();
        }
        if request.method == b"OPTIONS" {
            request.wanted_method = get("access-control-request-method");
            request.wanted_headers = get("access-control-request-headers");
            request.private_network = get("access-control-request-private-network");
        }
        match policy::decide(&request, &self.0) {
            Verdict::SameOrigin => {}
            Verdict::Actual(headers) => *stream = Stream::Allowed(headers),
            Verdict::Preflight(headers) => return Decision::Answer(reply(204, "", headers)),
            Verdict::RefusedPreflight => return Decision::Refuse(self.forbidden(true)),
            Verdict::Refused if self.0.block_disallowed => return Decision::Refuse(self.forbidden(false)),
            Verdict::Refused => *stream = Stream::Refused,
        }
        Decision::Undecided
    }

    fn on_response(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        if let Some(names) = policy::vary(&self.0, false) {
            vary(cx.headers, names);
        }
        let headers = match std::mem::take(stream) {
            Stream::SameOrigin => return Decision::Skip,
            Stream::Allowed(headers) => headers,
            Stream::Refused => Vec::new(),
        };
        OWNED.iter().for_each(|name| cx.headers.remove(name));
        for (name, value) in &headers {
            cx.headers.set(name, value.as_bytes());
        }
        if headers.is_empty() { Decision::Pass } else { Decision::Change }
    }
}

impl Cors {
    fn forbidden(&self, preflight: bool) -> Reply {
        let names = policy::vary(&self.0, preflight).map(|names| ("vary", names.to_owned()));
        reply(403, "Invalid CORS request\n", names.into_iter().collect())
    }
}

fn reply(status: u16, body: &str, headers: policy::Headers) -> Reply {
    let reply = if body.is_empty() { Reply { status, ..Reply::default() } } else { Reply::text(status, body) };
    headers.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value))
}

/// Adds a name to `vary`, unless it is there.
fn vary(headers: &dyn Headers, name: &str) {
    let mut known = false;
    headers.each("vary", &mut |line| {
        let mut names = line.split(|&b| b == b',').map(<[u8]>::trim_ascii);
        known |= names.any(|known| known == b"*" || known.eq_ignore_ascii_case(name.as_bytes()));
    });
    if !known {
        headers.add("vary", name.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_kit::fake::{FakeHeaders, FakeProxy};

    fn exchange(json: &str, request: &[(&str, &str)], response: &FakeHeaders) -> (Decision, Decision) {
        let cors = Cors::read(json.as_bytes()).expect("good");
        let (proxy, mut stream) = (FakeProxy::default(), Stream::default());
        let request = FakeHeaders::request("GET", "a", "/", request);
        let first = cors.on_request(&mut stream, &proxy.cx(&request));
        (first, cors.on_response(&mut stream, &proxy.cx(response)))
    }

    #[test]
    fn the_upstream_s_own_headers_give_way() {
        let response = FakeHeaders::new(&[
            ("access-control-allow-origin", "https://a"),
            ("access-control-allow-origin", "*"),
            ("access-control-max-age", "1"),
            ("vary", "Accept-Encoding, ORIGIN"),
        ]);
        let json = r#"{"allow_origins":["https://shop.example"],"allow_credentials":true}"#;
        exchange(json, &[("origin", "https://shop.example")], &response);
        assert_eq!(response.all("access-control-allow-origin"), [b"https://shop.example"]);
        assert_eq!(response.text("access-control-max-age"), None);
        assert_eq!(response.all("vary").len(), 1);
        let (_, decision) = exchange(json, &[("origin", "https://evil.example")], &response);
        assert_eq!((decision, response.text("access-control-allow-origin")), (Decision::Pass, None));
    }

    #[test]
    fn answers_to_the_same_origin_vary_too() {
        let response = FakeHeaders::new(&[("access-control-allow-origin", "kept")]);
        let (_, decision) = exchange(r#"{"allow_origins":["https://a"]}"#, &[], &response);
        assert_eq!(decision, Decision::Skip);
        assert_eq!(response.text("vary").as_deref(), Some("origin"));
        assert_eq!(response.text("access-control-allow-origin").as_deref(), Some("kept"));
        let response = FakeHeaders::default();
        exchange("", &[], &response);
        assert_eq!(response.text("vary"), None);
    }

    #[test]
    fn others_are_blocked_if_wanted() {
        let json = r#"{"allow_origins":["https://a"],"block_disallowed":true}"#;
        let (decision, _) = exchange(json, &[("origin", "https://b")], &FakeHeaders::default());
        assert!(matches!(decision, Decision::Refuse(Reply { status: 403, .. })));
    }

    #[test]
    fn cookies_for_all_are_warned_about() {
        let warnings = |json: &[u8]| Cors::read(json).expect("good").warnings().len();
        assert_eq!(warnings(br#"{"allow_origin_patterns":["*"],"allow_credentials":true}"#), 1);
        assert_eq!(warnings(br#"{"allow_origin_patterns":["https://*.a.example"],"allow_credentials":true}"#), 0);
        assert_eq!(warnings(b""), 0);
    }
}
