use plugin_kit::fake::FakeHeaders;

use super::*;

/// The test cases of RFC 4231, but for the shortened one: shortened signatures are none here.
#[test]
fn the_vectors_of_rfc_4231() {
    let cases: [(&[u8], &[u8], [&str; 3]); 6] = [
        (
            &[0x0b; 20],
            b"Hi There",
            [
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
            ],
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            [
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ],
        ),
        (
            &[0xaa; 20],
            &[0xdd; 50],
            [
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
                "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
                "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
            ],
        ),
        (
            &std::array::from_fn::<u8, 25, _>(|i| i as u8 + 1),
            &[0xcd; 50],
            [
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
                "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb",
                "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
            ],
        ),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            [
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
                "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
                "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
            ],
        ),
        (
            &[0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
            [
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
                "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e",
                "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
            ],
        ),
    ];
    for (secret, text, macs) in cases {
        for ((name, algorithm), mac) in ALGORITHMS.iter().zip(macs) {
            let pair = |at: usize| u8::from_str_radix(&mac[at..at + 2], 16).expect("hexadecimal");
            let mac: Vec<u8> = (0..mac.len()).step_by(2).map(pair).collect();
            assert!(algorithm.verifies(secret, text, &mac), "{name}");
            assert!(!algorithm.verifies(secret, text, &mac[..16]), "{name}, shortened");
            assert!(!algorithm.verifies(secret, text, &[]), "{name}, empty");
            for at in 0..mac.len() {
                let mut other = mac.clone();
                other[at] ^= 0x80;
                assert!(!algorithm.verifies(secret, text, &other), "{name}, byte {at}");
            }
        }
    }
}

fn text_of(dialect: Dialect, headers: &[&str], more: &[(&str, &str)]) -> Option<String> {
    let request = FakeHeaders::request("POST", "shop.test", "/a?b=%20", more);
    let credentials =
        Credentials { dialect, key: "k", algorithm: "hmac-sha256", headers: headers.to_vec(), signature: vec![] };
    text(&credentials, &request).map(|text| String::from_utf8(text).expect("text"))
}

#[test]
fn the_signed_text_in_both_ways() {
    let headers = [("date", " now "), ("X-B", "2"), ("x-b", "2"), ("x-two", "1"), ("x-two", "2")];
    let of = |dialect, names: &[&str]| text_of(dialect, names, &headers);
    assert_eq!(
        of(Dialect::Apisix, &["@request-target", "date", "Host"]).as_deref(),
        Some("k\nPOST /a?b=%20\ndate: now\nHost: shop.test\n")
    );
    assert_eq!(
        of(Dialect::Kong, &["date", "@request-target", "(request-target)"]).as_deref(),
        Some("date: now\n@request-target: post /a?b=%20\n(request-target): post /a?b=%20")
    );
    for bad in [&["x-none"][..], &["x-two"], &["request-line"], &[""], &["date", ""], &[":path", "x-none"]] {
        assert_eq!(of(Dialect::Kong, bad), None, "{bad:?}");
        assert_eq!(of(Dialect::Apisix, bad), None, "{bad:?}");
    }
    assert_eq!(of(Dialect::Apisix, &["(request-target)"]), None, "of the other one");
}
