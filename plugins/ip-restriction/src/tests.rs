use plugin_kit::fake::{FakeHeaders, FakeProxy};
use proptest::prelude::*;

use super::*;

fn allows(json: &str, peer: &str, forwarded: &[&str]) -> bool {
    let plugin = IpRestriction::read(json.as_bytes()).expect("good");
    let proxy = FakeProxy::default();
    proxy.set_property(&["source", "address"], peer);
    let lines: Vec<_> = forwarded.iter().map(|line| ("x-forwarded-for", *line)).collect();
    let request = FakeHeaders::request("GET", "a", "/", &lines);
    match plugin.on_request(&mut (), &proxy.cx(&request)) {
        Decision::Pass => true,
        Decision::Refuse(reply) => {
            assert!(reply.status >= 400);
            false
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn denied_beats_allowed() {
    let json = r#"{"allow":["10.0.0.0/8","2001:db8::/32"],"deny":["10.1.0.0/16"]}"#;
    assert!(allows(json, "10.2.0.1:1", &[]) && allows(json, "[2001:db8::1]:1", &[]));
    assert!(allows(json, "[::ffff:10.2.0.1]:1", &[]), "IPv4 in IPv6 clothes");
    assert!(!allows(json, "10.1.0.1:1", &[]) && !allows(json, "11.0.0.1:1", &[]) && !allows(json, "[::1]:1", &[]));
    assert!(allows(r#"{"deny":["10.0.0.0/8"]}"#, "11.0.0.1:1", &["10.0.0.1"]), "the header does not count");
    assert!(allows("{}", "1.2.3.4:1", &[]));
}

#[test]
fn headers_count_from_the_end() {
    let json = r#"{"allow":["10.0.0.0/8"],"source":"header","hops":2}"#;
    assert!(allows(json, "9.9.9.9:1", &["1.1.1.1, 10.0.0.1", "2.2.2.2"]));
    assert!(!allows(json, "10.0.0.1:1", &["10.0.0.1, 1.1.1.1, 2.2.2.2"]), "what clients put in front is not believed");
    for unknown in [&[][..], &["10.0.0.1"], &["10.0.0.x, 1.1.1.1"], &["unknown,1.1.1.1"], &[",1.1.1.1"]] {
        assert!(!allows(json, "10.0.0.1:1", unknown), "{unknown:?}");
    }
}

#[test]
fn refusals_name_the_field() {
    for (json, field) in [
        (r#"{"allow":["10.0.0.1/8"]}"#, "allow[0]"),
        (r#"{"deny":["::/0","x"]}"#, "deny[1]"),
        (r#"{"source":"proxy"}"#, "source"),
        (r#"{"hops":0}"#, "hops"),
        (r#"{"header":"a b"}"#, "header"),
        (r#"{"status":200}"#, "status"),
        (r#"{"whitelist":[]}"#, "whitelist"),
    ] {
        assert_eq!(IpRestriction::read(json.as_bytes()).expect_err(json).field(), field);
    }
}

proptest! {
    /// Ranges answer as the networks they were made of.
    #[test]
    fn ranges_are_networks(networks in proptest::collection::vec((any::<u32>(), 0u8..=32), 0..40), address in any::<u32>()) {
        let parsed: Vec<_> = networks.iter().filter_map(|(bits, length)| {
            let mask = u32::MAX.checked_shl(u32::from(32 - length)).unwrap_or(0);
            Network::parse(&format!("{}/{length}", std::net::Ipv4Addr::from(bits & mask)))
        }).collect();
        prop_assert_eq!(parsed.len(), networks.len());
        for address in [address].into_iter().chain(networks.iter().map(|n| n.0)) {
            let address = IpAddr::from(std::net::Ipv4Addr::from(address));
            let expected = parsed.iter().any(|network| network.contains(address));
            prop_assert_eq!(Addresses::new(parsed.clone()).contain(address), expected);
        }
    }

    #[test]
    fn headers_never_panic(line in "\\PC{0,60}") {
        let _ = allows(r#"{"allow":["10.0.0.0/8"],"source":"header"}"#, "10.0.0.1:1", &[&line]);
    }
}
