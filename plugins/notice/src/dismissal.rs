//! How a visitor puts a notice away: a link that this plugin answers itself, and a cookie. No script is needed.

use plugin_kit::plugin::{Headers, Reply};
use plugin_kit::{http, query};

/// The query parameter of the link.
pub const PARAMETER: &str = "site-notice";
const DAY: u32 = 86_400;

/// What a visitor puts away, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dismissal {
    /// Of this notice: another text is another notice.
    id: String,
    /// 0: until the browser is closed.
    days: u32,
}

impl Dismissal {
    /// Of the notice that says this.
    pub fn of(parts: &[&str], days: u32) -> Self {
        // FNV-1a: it tells texts apart and need not resist anybody.
        let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
        Self { id: format!("{hash:016x}"), days }
    }

    /// The address of the link, for HTML.
    pub fn link(&self) -> String {
        format!("?{PARAMETER}={}", self.id)
    }

    /// Whether the visitor has put the notice away.
    pub fn is_done(&self, cookies: &[Vec<u8>]) -> bool {
        query::cookies(cookies, &self.cookie()).next().is_some()
    }

    /// The answer to the link. None if the request is another one.
    pub fn answer(&self, request: &dyn Headers) -> Option<Reply> {
        let path = request.get(":path")?;
        let meant = request.get(":method").as_deref() == Some(b"GET")
            && query::values(&path, PARAMETER).iter().any(|value| value == self.id.as_bytes());
        if !meant {
            return None;
        }
        let age = if self.days == 0 { String::new() } else { format!("; Max-Age={}", self.days * DAY) };
        let cookie = format!("{}=1; Path=/{age}; SameSite=Lax; HttpOnly", self.cookie());
        let reply = Reply { status: 303, ..Reply::default() };
        Some(
            reply
                .header("location", back(request, &path))
                .header("set-cookie", cookie)
                .header("cache-control", "no-store"),
        )
    }

    fn cookie(&self) -> String {
        format!("{PARAMETER}-{}", self.id)
    }
}

/// Where the visitor came from, as far as that is a page of this host; a path in any case, never another host.
fn back(request: &dyn Headers, path: &[u8]) -> String {
    let from = request.get("referer").and_then(|referer| on_this_host(&referer, &request.get(":authority")?));
    let target = query::without(&from.unwrap_or_else(|| path.to_vec()), PARAMETER);
    let good = target.starts_with(b"/")
        && !target.starts_with(b"//")
        && target.iter().all(|&b| b.is_ascii_graphic() && b != b'\\' && b != b'#')
        && http::is_header_value(&target);
    let target = if good { target } else { b"/".to_vec() };
    String::from_utf8(target).unwrap_or_else(|_| "/".to_owned())
}

/// Path and query of an address, if it is on this host.
fn on_this_host(address: &[u8], host: &[u8]) -> Option<Vec<u8>> {
    let start = address.windows(3).position(|three| three == b"://")? + 3;
    let rest = &address[start..];
    let end = rest.iter().position(|&b| b == b'/')?;
    rest[..end].eq_ignore_ascii_case(host).then(|| rest[end..].to_vec())
}

#[cfg(test)]
mod tests {
    use plugin_kit::fake::FakeHeaders;

    use super::*;

    fn dismissal() -> Dismissal {
        Dismissal::of(&["text"], 30)
    }

    fn location(path: &str, referer: &str) -> Option<String> {
        let path = path.replace("ID", &dismissal().id);
        let reply = dismissal().answer(&FakeHeaders::request("GET", "shop.test", &path, &[("referer", referer)]))?;
        assert_eq!(reply.status, 303);
        reply.headers.into_iter().find(|(name, _)| name == "location").map(|(_, value)| value)
    }

    #[test]
    fn the_visitor_comes_back_to_the_page() {
        let back = |path, referer| location(path, referer).expect("an answer");
        assert_eq!(back("/a?site-notice=ID", "https://Shop.test/a?x=1&y=2"), "/a?x=1&y=2");
        assert_eq!(back("/a?x=1&site-notice=ID", ""), "/a?x=1");
        assert_eq!(back("/a?site-notice=ID", "http://shop.test/a?site-notice=1&x"), "/a?x");
    }

    #[test]
    fn the_visitor_never_comes_to_another_host() {
        for (path, referer) in [
            ("//evil.test/?site-notice=ID", ""),
            ("/\\evil.test?site-notice=ID", ""),
            ("/?site-notice=ID", "http://evil.test/a"),
            ("/?site-notice=ID", "http://shop.test@evil.test/a"),
            ("/?site-notice=ID", "http://shop.test//evil.test/"),
            ("/?site-notice=ID", "http://shop.test/\\evil.test"),
            ("/?site-notice=ID", "http://shop.test/a\u{e9}"),
            ("/?site-notice=ID", "shop.test/a"),
        ] {
            assert_eq!(location(path, referer).as_deref(), Some("/"), "{path} {referer}");
        }
    }

    #[test]
    fn only_the_link_of_this_notice_is_answered() {
        assert_eq!(location("/a?site-notice=0", ""), None);
        assert_eq!(location("/a?x=ID", ""), None);
        let post = FakeHeaders::request("POST", "a", &format!("/{}", dismissal().link()), &[]);
        assert_eq!(dismissal().answer(&post), None);
    }

    #[test]
    fn the_cookie_is_of_this_notice_and_for_as_long_as_said() {
        let cookie = |days| {
            let dismissal = Dismissal::of(&["text"], days);
            let request = FakeHeaders::request("GET", "a", &format!("/{}", dismissal.link()), &[]);
            let headers = dismissal.answer(&request).expect("an answer").headers;
            headers.into_iter().find(|(name, _)| name == "set-cookie").expect("a cookie").1
        };
        assert!(cookie(2).ends_with("=1; Path=/; Max-Age=172800; SameSite=Lax; HttpOnly"));
        assert!(!cookie(0).contains("Max-Age"));
        let pair = cookie(0).split(';').next().map(|pair| format!("a=b; {pair}").into_bytes());
        let lines = [pair.expect("a pair")];
        assert!(dismissal().is_done(&lines) && !Dismissal::of(&["other"], 30).is_done(&lines));
        assert_ne!(Dismissal::of(&["ab", "c"], 1), Dismissal::of(&["a", "bc"], 1));
    }
}
