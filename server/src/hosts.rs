//! On a loopback address, only names of this machine are answered.
//!
//! Otherwise a web site could let its own name point to 127.0.0.1 and read our pages through the browser of a person who
//! runs us (DNS rebinding): for the browser that would be one and the same origin.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::{Host, Url};

/// The names we answer to.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// Any name, where others reach us under names we cannot know.
    any: bool,
    public: Option<Arc<str>>,
}

impl Hosts {
    /// The names for an address to listen on and the address people use.
    pub fn new(listen: SocketAddr, public: Option<&Url>) -> Self {
        Self { any: !listen.ip().is_loopback(), public: public.and_then(Url::host_str).map(Arc::from) }
    }

    fn answers_to(&self, host: &str) -> bool {
        if self.any {
            return true;
        }
        // Parsed as part of an address, so that ports and brackets are dealt with.
        let Ok(url) = Url::parse(&format!("http://{host}/")) else { return false };
        let local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        local || url.host_str().is_some_and(|name| self.public.as_deref() == Some(name))
    }
}

/// Refuses requests under a name that is not ours. One without a name does not come from a browser.
pub async fn check(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let header = request.headers().get(header::HOST).map(|host| host.to_str().unwrap_or_default());
    let host = header.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    if host.is_none_or(|host| hosts.answers_to(host)) {
        return next.run(request).await;
    }
    tracing::warn!(?host, "refused a request under a name that is not ours");
    let text = "This marketplace does not answer to that name. If the name is right, start it with --public-url.\n";
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_loopback_only_names_of_this_machine() {
        let public = Url::parse("https://plugins.example/").unwrap();
        let hosts = Hosts::new("127.0.0.1:7420".parse().unwrap(), Some(&public));
        for ours in ["localhost:7420", "127.0.0.1", "[::1]:7420", "a.localhost", "plugins.example", "LOCALHOST"] {
            assert!(hosts.answers_to(ours), "{ours}");
        }
        for other in ["evil.example", "localhost.evil.example", "192.168.0.1:7420", "", "a b"] {
            assert!(!hosts.answers_to(other), "{other}");
        }
        assert!(Hosts::new("0.0.0.0:80".parse().unwrap(), None).answers_to("anything.example"));
    }
}
