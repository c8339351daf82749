//! The phase: redirects first, then rewrites.

use log::warn;
use plugin_kit::config::Refusal;
use plugin_kit::plugin::{Cx, Decision, Headers, Plugin, Reply};
use plugin_kit::scope;
use plugin_kit::seldom::Seldom;
use plugin_kit::{http, query};

use crate::rules::{self, Course};
use crate::settings::Settings;
use crate::target::Place;

/// The plugin.
#[derive(Debug)]
pub struct Redirect {
    settings: Settings,
    circles: Seldom,
}

impl Plugin for Redirect {
    const NAME: &'static str = "redirect-rewrite";
    type Stream = ();

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { settings: Settings::read(configuration)?, circles: Seldom::default() })
    }

    fn warnings(&self) -> Vec<String> {
        let idle = self.settings.is_idle();
        idle.then(|| "neither redirects nor rewrites: nothing is changed".to_owned()).into_iter().collect()
    }

    fn on_request(&self, _stream: &mut (), cx: &Cx) -> Decision {
        let path = cx.headers.get(":path").unwrap_or_default();
        // CONNECT has no path, and OPTIONS may have `*`.
        if !path.starts_with(b"/") {
            return Decision::Skip;
        }
        let target = scope::Target::of(cx.headers);
        let from = Place {
            tls: is_tls(cx.headers),
            host: target.host,
            query: query::of_path(&path).to_vec(),
            path: target.path,
        };
        let method = target.method;
        // A client that waits for messages follows no redirect.
        let is_grpc = cx.headers.get("content-type").is_some_and(|kind| kind.starts_with(b"application/grpc"));
        if !is_grpc {
            match rules::redirect(&self.settings, &method, &from) {
                Course::Redirect(status, address) => {
                    return Decision::Answer(Reply { status, ..Reply::default() }.header("location", address));
                }
                Course::Circle => {
                    cx.proxy.count("circles", 1);
                    if self.circles.is_due(cx.proxy) {
                        let path = http::path_only(&path).escape_ascii().to_string();
                        warn!("{}: not redirected, it would go in a circle: {path}", Self::NAME);
                    }
                    return Decision::Failed;
                }
                Course::Unusable => return Decision::Failed,
                Course::Straight => {}
            }
        }
        match rules::rewrite(&self.settings, &method, &from) {
            None => Decision::Pass,
            Some(None) => Decision::Failed,
            Some(Some(rewritten)) => {
                if let Some(new) = rewritten.path {
                    cx.headers.set("x-envoy-original-path", &path);
                    cx.headers.set(":path", new.as_bytes());
                }
                if let Some(new) = rewritten.host {
                    if let Some(old) = cx.headers.get(":authority") {
                        cx.headers.set("x-forwarded-host", &old);
                    }
                    cx.headers.set(":authority", new.as_bytes());
                }
                if self.settings.reroute {
                    cx.proxy.clear_route_cache();
                }
                Decision::Change
            }
        }
    }
}

/// Whether the client spoke TLS, as far as the proxy knows.
fn is_tls(request: &dyn Headers) -> bool {
    let scheme = request.get("x-forwarded-proto").or_else(|| request.get(":scheme")).unwrap_or_default();
    scheme.eq_ignore_ascii_case(b"https")
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_kit::fake::{FakeHeaders, FakeProxy};

    const JSON: &str =
        r#"{"redirect_table":{"/old":"/new"},"rewrites":[{"from":"/api/*","to":"/$1","host":"inner.example"}]}"#;

    fn ask(json: &str, path: &str, headers: &[(&str, &str)]) -> (Decision, FakeHeaders, FakeProxy) {
        let proxy = FakeProxy::default();
        let request = FakeHeaders::request("GET", "Shop.example:8080", path, headers);
        let decision = Redirect::read(json.as_bytes()).expect("good").on_request(&mut (), &proxy.cx(&request));
        (decision, request, proxy)
    }

    #[test]
    fn redirects_answer() {
        let (decision, ..) = ask(JSON, "/old?a=1", &[]);
        assert_eq!(
            decision,
            Decision::Answer(Reply { status: 302, ..Reply::default() }.header("location", "/new?a=1"))
        );
    }

    #[test]
    fn rewrites_change_the_request_and_its_route() {
        let (decision, request, proxy) = ask(JSON, "/api/x?a=1", &[("x-envoy-original-path", "/forged")]);
        assert_eq!(decision, Decision::Change);
        for (name, value) in [
            (":path", "/x?a=1"),
            (":authority", "inner.example"),
            ("x-envoy-original-path", "/api/x?a=1"),
            ("x-forwarded-host", "Shop.example:8080"),
        ] {
            assert_eq!(request.text(name).as_deref(), Some(value));
        }
        assert_eq!(proxy.routes_cleared.get(), 1);
    }

    #[test]
    fn what_has_no_path_is_skipped() {
        assert_eq!(ask(JSON, "*", &[]).0, Decision::Skip);
        assert_eq!(ask(JSON, "/other", &[]).0, Decision::Pass);
    }

    #[test]
    fn clients_that_wait_for_messages_are_rewritten_but_not_redirected() {
        let grpc = [("content-type", "application/grpc")];
        assert_eq!(ask(JSON, "/old", &grpc).0, Decision::Pass);
        assert_eq!(ask(JSON, "/api/x", &grpc).0, Decision::Change);
    }

    #[test]
    fn to_tls_by_what_the_proxy_says() {
        let json = r#"{"http_to_https":true}"#;
        assert!(matches!(ask(json, "/", &[]).0, Decision::Answer(_)));
        assert_eq!(ask(json, "/", &[("x-forwarded-proto", "HTTPS")]).0, Decision::Pass);
    }

    #[test]
    fn circles_are_counted() {
        let (decision, _, proxy) = ask(r#"{"redirect_table":{"/a":"/a"}}"#, "/a", &[]);
        assert_eq!((decision, proxy.counted("circles")), (Decision::Failed, 1));
    }
}
