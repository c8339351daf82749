//! What a request is told apart by.

use std::net::IpAddr;

use base64ct::{Base64UrlUnpadded, Encoding};
use plugin_kit::plugin::Cx;
use plugin_kit::{address, query};

/// Where the value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: all requests are the same.
    All,
    /// A request header.
    Header(String),
    /// A query parameter.
    Param(String),
    /// A cookie.
    Cookie(String),
    /// A claim of the bearer token, whose signature was checked by another plugin.
    Claim(String),
    /// The client's address.
    Client(address::Source),
}

/// A value by which requests are told apart.
#[derive(Debug, PartialEq, Eq)]
pub enum Value {
    /// Some text. Need not be UTF-8.
    Text(Vec<u8>),
    /// An address.
    Address(IpAddr),
}

/// Longer values are no keys: who sends them should not make the proxy work.
const LONGEST: usize = 4096;
const LONGEST_TOKEN: usize = 16 * 1024;

impl Source {
    /// The value of a request; None if it has none.
    pub fn read(&self, cx: &Cx) -> Option<Value> {
        let text = match self {
            Self::All => return Some(Value::Text(Vec::new())),
            Self::Client(source) => return source.client(cx.headers, cx.proxy).map(Value::Address),
            Self::Header(name) => cx.headers.get(name),
            Self::Param(name) => query::values(&cx.headers.get(":path")?, name).into_iter().next(),
            Self::Cookie(name) => query::cookies(&cx.headers.all("cookie"), name).next().map(<[u8]>::to_vec),
            Self::Claim(name) => claim(&cx.headers.get("authorization")?, name),
        };
        text.filter(|text| !text.is_empty() && text.len() <= LONGEST).map(Value::Text)
    }
}

impl Value {
    /// What stands for the value in a bucket's key. A network of IPv6 is one client: each has 2^64 addresses.
    pub fn key(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone(),
            Self::Address(address) => match address.to_canonical() {
                IpAddr::V4(v4) => v4.octets().to_vec(),
                IpAddr::V6(v6) => v6.octets()[..8].to_vec(),
            },
        }
    }
}

/// A claim of a token, which is taken as it is.
fn claim(authorization: &[u8], name: &str) -> Option<Vec<u8>> {
    let (scheme, token) = authorization.split_at_checked(7)?;
    if !scheme.eq_ignore_ascii_case(b"bearer ") || token.len() > LONGEST_TOKEN {
        return None;
    }
    let payload = token.trim_ascii().split(|&b| b == b'.').nth(1)?;
    let claims = Base64UrlUnpadded::decode_vec(std::str::from_utf8(payload).ok()?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
    // By its name; if there is no such claim, by the path through objects that dots make of the name, as in jwt-auth.
    let by_path = || name.split('.').try_fold(&claims, |value, name| value.get(name));
    match claims.get(name).or_else(by_path)? {
        serde_json::Value::String(text) => Some(text.clone().into_bytes()),
        serde_json::Value::Number(number) => Some(number.to_string().into_bytes()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_kit::fake::{FakeHeaders, FakeProxy};
    use plugin_kit::plugin::Headers;

    fn read(source: &Source, headers: &FakeHeaders) -> Option<Value> {
        source.read(&FakeProxy::default().cx(headers))
    }

    fn text(value: &str) -> Option<Value> {
        Some(Value::Text(value.into()))
    }

    #[test]
    fn empty_and_endless_values_are_none() {
        let header = |value: &[u8]| {
            let headers = FakeHeaders::default();
            headers.set("x", value);
            read(&Source::Header("x".into()), &headers)
        };
        assert_eq!(header(b"a"), text("a"));
        assert_eq!(header(b""), None);
        assert_eq!(header(&[b'a'; 4097]), None);
        assert_eq!(header(b"\xff"), Some(Value::Text(vec![0xff])));
    }

    #[test]
    fn parameters_and_cookies_are_decoded_and_the_first_counts() {
        let cookies = [("cookie", "x=1; c=\"2\""), ("cookie", "c=3")];
        let headers = FakeHeaders::request("GET", "a", "/a?p=%41&p=b", &cookies);
        assert_eq!(read(&Source::Param("p".into()), &headers), text("A"));
        assert_eq!(read(&Source::Cookie("c".into()), &headers), text("2"));
        assert_eq!(read(&Source::Param("q".into()), &headers), None);
        assert_eq!(read(&Source::All, &headers), text(""));
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let key = |text: &str| Value::Address(text.parse().expect("an address")).key();
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:2"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("1.1.1.1"), key("1.1.1.2"));
    }

    #[test]
    fn claims_are_texts_or_numbers() {
        let claims =
            Base64UrlUnpadded::encode_string(br#"{"sub":"u1","n":7,"o":{"a":"deep"},"x.y":"flat","x":{"y":"deep"}}"#);
        let token = format!("Bearer eyJhbGciOiJub25lIn0.{claims}.c2ln");
        let token = token.as_bytes();
        assert_eq!(claim(token, "sub"), Some(b"u1".to_vec()));
        assert_eq!(claim(token, "n"), Some(b"7".to_vec()));
        assert_eq!((claim(token, "o.a"), claim(token, "x.y")), (Some(b"deep".to_vec()), Some(b"flat".to_vec())));
        for name in ["o", "none", "o.b", "sub.x", "", "."] {
            assert_eq!(claim(token, name), None);
        }
        for bad in [
            &b""[..],
            b"Bearer ",
            b"Bearer a",
            b"Bearer a.!!.c",
            b"Bearer a.e30.",
            b"Basic a.eyJzdWIiOiJ1MSJ9.c",
            b"\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            assert_eq!(claim(bad, "sub"), None);
        }
    }
}
