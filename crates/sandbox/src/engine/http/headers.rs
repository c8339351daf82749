//! A header map as Envoy keeps it: an ordered list, pseudo headers first, in which some names can stand only once.

use std::borrow::Cow;

/// One entry. Names are lower case.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// Which map it is decides which names are "inline", that is, kept once and joined with a comma when added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Response,
    Trailers,
}

/// Names that any header map keeps once.
const BOTH: &[&str] = &[
    "connection",
    "content-type",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "proxy-status",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-request-id",
    "x-envoy-attempt-count",
    "x-envoy-decorator-operation",
    "cache-control",
    "content-encoding",
];

/// Names that request headers keep once besides.
const REQUEST: &[&str] = &[
    ":authority",
    ":method",
    ":path",
    ":protocol",
    ":scheme",
    "accept",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "authorization",
    "grpc-accept-encoding",
    "grpc-timeout",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "origin",
    "pragma",
    "referer",
    "te",
    "user-agent",
    "x-client-trace-id",
    "x-envoy-downstream-service-cluster",
    "x-envoy-downstream-service-node",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-external-address",
    "x-envoy-force-trace",
    "x-envoy-hedge-on-per-try-timeout",
    "x-envoy-internal",
    "x-envoy-ip-tags",
    "x-envoy-is-timeout-retry",
    "x-envoy-max-retries",
    "x-envoy-original-host",
    "x-envoy-original-path",
    "x-envoy-original-url",
    "x-envoy-retriable-header-names",
    "x-envoy-retriable-status-codes",
    "x-envoy-retry-grpc-on",
    "x-envoy-retry-on",
    "x-envoy-upstream-alt-stat-name",
    "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-upstream-rq-timeout-alt-response",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-stream-duration-ms",
    "x-forwarded-client-cert",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// Names that response headers keep once besides.
const RESPONSE: &[&str] = &[
    ":status",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-allow-private-network",
    "access-control-expose-headers",
    "access-control-max-age",
    "age",
    "date",
    "etag",
    "expires",
    "grpc-message",
    "grpc-status",
    "last-modified",
    "location",
    "server",
    "vary",
    "x-envoy-degraded",
    "x-envoy-immediate-health-check-fail",
    "x-envoy-ratelimited",
    "x-envoy-upstream-canary",
    "x-envoy-upstream-healthchecked-cluster",
    "x-envoy-upstream-service-time",
];

/// Trailers of a response keep these once.
const TRAILERS: &[&str] = &["grpc-message", "grpc-status"];

impl Kind {
    fn keeps_once(self, name: &[u8]) -> bool {
        let Ok(name) = std::str::from_utf8(name) else { return false };
        match self {
            Self::Request => BOTH.contains(&name) || REQUEST.contains(&name),
            Self::Response => BOTH.contains(&name) || RESPONSE.contains(&name),
            Self::Trailers => TRAILERS.contains(&name),
        }
    }
}

/// The map itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderMap {
    kind: Kind,
    pairs: Vec<Pair>,
}

impl HeaderMap {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, pairs: Vec::new() }
    }

    /// A map with these entries, added one by one.
    pub(crate) fn from_pairs(kind: Kind, pairs: impl IntoIterator<Item = Pair>) -> Self {
        let mut map = Self::new(kind);
        for (name, value) in pairs {
            map.add(&name, &value);
        }
        map
    }

    /// `host` is only another name of `:authority` in a request; all names are compared in lower case.
    fn key<'a>(&self, name: &'a [u8]) -> Cow<'a, [u8]> {
        if self.kind == Kind::Request && name.eq_ignore_ascii_case(b"host") {
            return Cow::Borrowed(b":authority");
        }
        if name.iter().any(u8::is_ascii_uppercase) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        }
    }

    /// The first value, as `proxy_get_header_map_value` sees it.
    pub(crate) fn get(&self, name: &[u8]) -> Option<&[u8]> {
        let key = self.key(name);
        self.pairs.iter().find(|(n, _)| *n == *key).map(|(_, value)| value.as_slice())
    }

    /// All values of a name joined with a comma, as properties see them.
    pub(crate) fn joined(&self, name: &[u8]) -> Option<Vec<u8>> {
        let key = self.key(name);
        let mut values = self.pairs.iter().filter(|(n, _)| *n == *key).map(|(_, value)| value.as_slice());
        let mut all = values.next()?.to_vec();
        for value in values {
            all.push(b',');
            all.extend_from_slice(value);
        }
        Some(all)
    }

    /// Adds an entry, or adds to the one that there can be of an inline name.
    pub(crate) fn add(&mut self, name: &[u8], value: &[u8]) {
        let key = self.key(name).into_owned();
        if self.kind.keeps_once(&key)
            && let Some((_, old)) = self.pairs.iter_mut().find(|(n, _)| *n == key)
        {
            if !value.is_empty() {
                if !old.is_empty() {
                    old.push(b',');
                }
                old.extend_from_slice(value);
            }
            return;
        }
        let at = if key.first() == Some(&b':') {
            self.pairs.iter().position(|(n, _)| n.first() != Some(&b':')).unwrap_or(self.pairs.len())
        } else {
            self.pairs.len()
        };
        self.pairs.insert(at, (key, value.to_vec()));
    }

    /// Removes every entry of the name and adds one.
    pub(crate) fn replace(&mut self, name: &[u8], value: &[u8]) {
        self.remove(name);
        self.add(name, value);
    }

    /// Changes the value where the entry stands, or adds one: what Envoy's own code does with inline headers.
    pub(crate) fn set_in_place(&mut self, name: &[u8], value: &[u8]) {
        let key = self.key(name).into_owned();
        match self.pairs.iter_mut().find(|(n, _)| *n == key) {
            Some((_, old)) => value.clone_into(old),
            None => self.add(&key, value),
        }
    }

    pub(crate) fn remove(&mut self, name: &[u8]) {
        let key = self.key(name).into_owned();
        self.pairs.retain(|(n, _)| *n != key);
    }

    /// Everything out, these in.
    pub(crate) fn set_pairs(&mut self, pairs: &[Pair]) {
        self.pairs.clear();
        for (name, value) in pairs {
            self.add(name, value);
        }
    }

    pub(crate) fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The entries but those whose names begin with a colon.
    pub(crate) fn without_pseudo(&self) -> Vec<Pair> {
        self.pairs.iter().filter(|(name, _)| name.first() != Some(&b':')).cloned().collect()
    }

    /// Number of entries: what the callbacks are told.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.pairs.len()).unwrap_or(u32::MAX)
    }

    /// Bytes of names and values: what `proxy_get_header_map_size` says.
    pub(crate) fn byte_size(&self) -> u32 {
        let bytes: usize = self.pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(map: &HeaderMap) -> Vec<String> {
        map.pairs()
            .iter()
            .map(|(n, v)| format!("{}={}", String::from_utf8_lossy(n), String::from_utf8_lossy(v)))
            .collect()
    }

    #[test]
    fn an_inline_name_joins_and_another_gets_an_entry() {
        let mut map = HeaderMap::new(Kind::Request);
        map.add(b"User-Agent", b"a");
        map.add(b"user-agent", b"b");
        map.add(b"cookie", b"a");
        map.add(b"cookie", b"b");
        assert_eq!(names(&map), ["user-agent=a,b", "cookie=a", "cookie=b"]);
        assert_eq!(map.get(b"COOKIE"), Some(&b"a"[..]));
        assert_eq!(map.joined(b"cookie"), Some(b"a,b".to_vec()));
    }

    #[test]
    fn host_is_the_authority_of_a_request_only() {
        let mut map = HeaderMap::new(Kind::Request);
        map.add(b"x", b"1");
        map.add(b"host", b"a");
        assert_eq!(names(&map), [":authority=a", "x=1"]);
        let mut map = HeaderMap::new(Kind::Response);
        map.add(b"host", b"a");
        assert_eq!(names(&map), ["host=a"]);
    }

    #[test]
    fn replace_moves_to_the_end_and_pseudo_headers_stay_in_front() {
        let pairs = [(":path", "/"), (":method", "GET"), ("a", "1"), ("b", "2")];
        let mut map =
            HeaderMap::from_pairs(Kind::Request, pairs.map(|(n, v)| (n.as_bytes().to_vec(), v.as_bytes().to_vec())));
        map.replace(b"a", b"3");
        map.replace(b":path", b"/x");
        assert_eq!(names(&map), [":method=GET", ":path=/x", "b=2", "a=3"]);
        assert_eq!(map.byte_size(), 7 + 3 + 5 + 2 + 2 + 2);
    }
}
