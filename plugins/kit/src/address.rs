//! Addresses: the client's, and networks of them.

use std::net::IpAddr;

use crate::config::{Fields, Refusal};
use crate::headers;
use crate::plugin::{Headers, Proxy};

/// A network such as `10.0.0.0/8`; a single address is one of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    bits: u128,
    length: u8,
    v4: bool,
}

impl Network {
    /// Reads an address or a network in CIDR notation. None if it is neither, or has bits set behind its length.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let written: IpAddr = address.parse().ok()?;
        let (bits, v4) = bits(written);
        let most = if v4 { 32 } else { 128 };
        let length = match length {
            None => most,
            Some(digits) if digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit()) => {
                let length: u8 = digits.parse().ok()?;
                // An IPv4 address in IPv6 clothes counts its length from 96.
                if v4 && written.is_ipv6() { length.checked_sub(96)? } else { length }
            }
            Some(_) => return None,
        };
        let network = Self { bits, length, v4 };
        (length <= most && bits & !network.mask() == 0).then_some(network)
    }

    /// Whether an address is in it. IPv4 addresses written as IPv6 ones are IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (bits, v4) = bits(address);
        v4 == self.v4 && bits & self.mask() == self.bits
    }

    /// Whether its addresses are IPv4, the first one and the last one as numbers.
    pub fn range(&self) -> (bool, u128, u128) {
        let all = if self.v4 { u128::from(u32::MAX) } else { u128::MAX };
        (self.v4, self.bits, self.bits | (all & !self.mask()))
    }

    fn mask(&self) -> u128 {
        let most = if self.v4 { 32 } else { 128 };
        let all = if self.v4 { u128::from(u32::MAX) } else { u128::MAX };
        all & all.checked_shl(u32::from(most - self.length.min(most))).unwrap_or(0)
    }
}

/// An address as a number, and whether it is IPv4, also when written as IPv6.
pub fn bits(address: IpAddr) -> (u128, bool) {
    match address.to_canonical() {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), true),
        IpAddr::V6(v6) => (v6.to_bits(), false),
    }
}

/// Where the client's address is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Source {
    /// The peer as Envoy sees it. Without `use_remote_address`, as in Istio's sidecars, that is the last entry of
    /// `x-forwarded-for` if there is one.
    #[default]
    Connection,
    /// A header: the address that the last of `hops` trusted proxies added, counted from the end.
    Header {
        /// In lower case.
        name: String,
        /// At least 1.
        hops: usize,
    },
}

/// The fields of [`Source::read`].
pub const SOURCE_FIELDS: [&str; 3] = ["source", "header", "hops"];

impl Source {
    /// Reads `source` (`connection` or `header`), `header` (default `x-forwarded-for`) and `hops` (default 1).
    pub fn read(fields: &Fields) -> Result<Self, Refusal> {
        let from_header = fields.choice("source", &[("connection", false), ("header", true)])?.unwrap_or(false);
        let name = headers::name(fields, "header", "x-forwarded-for")?;
        let hops = fields.integer("hops", 1, 16)?.unwrap_or(1) as usize;
        Ok(if from_header { Self::Header { name, hops } } else { Self::Connection })
    }

    /// The client's address. None if the header is missing, too short, or has something else there.
    pub fn client(&self, request: &dyn Headers, proxy: &dyn Proxy) -> Option<IpAddr> {
        match self {
            Self::Connection => parse(&proxy.property(&["source", "address"])?),
            Self::Header { name, hops } => {
                // Several lines are one list (RFC 9110 §5.3).
                let mut list: Option<Vec<u8>> = None;
                request.each(name, &mut |line| match &mut list {
                    None => list = Some(line.to_vec()),
                    Some(list) => {
                        list.push(b',');
                        list.extend_from_slice(line);
                    }
                });
                parse(list?.rsplit(|&b| b == b',').nth(hops.checked_sub(1)?)?)
            }
        }
    }
}

/// Reads `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]` or `[::1]:80`.
pub fn parse(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let good = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return if good { address.parse().ok() } else { None };
    }
    if let Some((address, port)) = text.split_once(':')
        && !port.contains(':')
    {
        return if is_port(port) { address.parse().ok() } else { None };
    }
    text.parse().ok()
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{FakeHeaders, FakeProxy};

    #[test]
    fn networks_contain_their_addresses() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("192.168.1.7", "192.168.1.7", "192.168.1.6"),
            ("192.168.1.6/31", "::ffff:192.168.1.7", "192.168.1.8"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "fe80::1", "1.2.3.4"),
            ("::1/128", "::1", "::2"),
            ("::ffff:10.0.0.0/104", "10.1.2.3", "::ffff:11.0.0.0"),
        ] {
            let parsed = Network::parse(network).expect(network);
            assert!(parsed.contains(inside.parse().expect("address")), "{network} {inside}");
            assert!(!parsed.contains(outside.parse().expect("address")), "{network} {outside}");
        }
    }

    #[test]
    fn bad_networks_are_refused() {
        for bad in [
            "",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "10.0.0/8",
            "::/129",
            "1::/0",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "010.0.0.0",
            "a",
            "::ffff:10.0.0.0/90",
        ] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_with_and_without_ports() {
        for (text, address) in [
            ("1.2.3.4", "1.2.3.4"),
            (" 1.2.3.4:80 ", "1.2.3.4"),
            ("::1", "::1"),
            ("[::1]", "::1"),
            ("[fe80::1]:8080", "fe80::1"),
        ] {
            assert_eq!(parse(text.as_bytes()), address.parse().ok(), "{text}");
        }
        for bad in ["", "unknown", "1.2.3.4:", "1.2.3.4:x", "[::1", "[::1]x", "1.2.3", "_hidden"] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(parse(b"\xff"), None);
    }

    #[test]
    fn headers_are_read_from_the_end() {
        let proxy = FakeProxy::default();
        proxy.set_property(&["source", "address"], "9.9.9.9:1");
        let request = FakeHeaders::request(
            "GET",
            "a",
            "/",
            &[("x-forwarded-for", "6.6.6.6, 1.1.1.1"), ("x-forwarded-for", "2.2.2.2:80")],
        );
        let from = |hops| Source::Header { name: "x-forwarded-for".into(), hops }.client(&request, &proxy);
        assert_eq!(from(1), "2.2.2.2".parse().ok());
        assert_eq!(from(2), "1.1.1.1".parse().ok());
        assert_eq!(from(4), None);
        assert_eq!(Source::Connection.client(&request, &proxy), "9.9.9.9".parse().ok());
    }
}
