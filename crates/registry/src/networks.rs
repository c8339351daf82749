//! Which addresses may be called. Whoever can make us call an address of their choice would otherwise reach what only this
//! machine reaches: databases, the cloud's metadata, other people's admin pages.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The public internet, and what the operator allows beyond it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks {
    allowed: Vec<IpNet>,
}

/// A word that is neither an address nor a range of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadNetwork(pub String);

impl std::fmt::Display for BadNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} is neither an address nor a range such as 10.0.0.0/8", self.0)
    }
}

impl std::error::Error for BadNetwork {}

impl Networks {
    /// The public internet alone.
    pub fn public() -> Self {
        Self::default()
    }

    /// Every address, for whoever chooses them themself.
    pub fn all() -> Self {
        let all = [IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())];
        Self { allowed: all.to_vec() }
    }

    /// Whether an address may be called.
    pub fn admit(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.allowed.iter().any(|network| network.contains(&address))
    }
}

/// Addresses and ranges with commas between them; none of them allows the public internet alone.
impl FromStr for Networks {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let network = |word: &str| {
            let single = || word.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical()));
            word.parse::<IpNet>().ok().or_else(single).ok_or_else(|| BadNetwork(word.to_owned()))
        };
        Ok(Self { allowed: words.map(network).collect::<Result<_, _>>()? })
    }
}

/// Whether an address is one of the public internet, by IANA's registries of special addresses.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        (0 | 10 | 127, ..) => true,
        (100, 64..=127, _) => true,
        (169, 254, _) => true,
        (172, 16..=31, _) => true,
        (192, 0, 0 | 2) | (192, 88, 99) | (192, 168, _) => true,
        (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        // Multicast, and what is reserved.
        (224.., ..) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // Translated (NAT64) and tunnelled (6to4) addresses lead to the IPv4 address inside.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Protocols of their own, documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(networks: &str, address: &str) -> bool {
        networks.parse::<Networks>().unwrap().admit(address.parse().unwrap())
    }

    #[test]
    fn only_the_public_internet_by_default() {
        for private in [
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.1",
            "198.18.0.2",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2001::1",
            "2001:db8::1",
            "100::1",
            "3fff::1",
        ] {
            assert!(!admits("", private), "{private}");
        }
        for public in
            ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1111", "64:ff9b::808:808"]
        {
            assert!(admits("", public), "{public}");
        }
    }

    #[test]
    fn the_operator_allows_ranges_and_addresses() {
        assert!(admits("10.0.0.0/8, 127.0.0.1", "10.9.9.9") && admits("10.0.0.0/8,127.0.0.1", "::ffff:127.0.0.1"));
        assert!(!admits("10.0.0.0/8, 127.0.0.1", "127.0.0.2"));
        assert!(admits("fd00::/8", "fd12::1") && !admits("fd00::/8", "fe80::1"));
        assert!(
            Networks::all().admit("127.0.0.1".parse().unwrap()) && Networks::all().admit("fe80::1".parse().unwrap())
        );
        for bad in ["10.0.0.0/33", "everything", "10.0.0"] {
            assert_eq!(bad.parse::<Networks>(), Err(BadNetwork(bad.to_owned())));
        }
    }
}
