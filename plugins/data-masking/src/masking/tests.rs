use super::*;
use crate::settings::Settings;

fn defaults() -> Settings {
    Settings::read(b"").expect("defaults")
}

#[test]
fn nothing_found_is_none() {
    let settings = defaults();
    for body in [&b""[..], b"{}", b"hello", b"\xff\xfe"] {
        assert_eq!(mask(body, true, &settings, '*'), None);
        assert_eq!(mask(body, false, &settings, '*'), None);
    }
}

#[test]
fn values_are_counted() {
    let settings = defaults();
    let masked = mask(b"13812345678 a@b.cn 11010519491231002X", false, &settings, '*');
    assert_eq!(masked.map(|m| m.values), Some(3));
}

#[test]
fn bytes_that_are_no_text_stay() {
    let settings = defaults();
    let body = b"\xff13812345678\x80\xe5\x85";
    for is_json in [true, false] {
        let masked = mask(body, is_json, &settings, '*').expect("found");
        assert_eq!(masked.body, b"\xff138****5678\x80\xe5\x85");
    }
}

#[test]
fn a_wide_mask_makes_the_body_longer() {
    let settings = Settings::read("{\"mask\":\"●\"}".as_bytes()).expect("good");
    let masked = mask(b"13812345678", false, &settings, settings.mask).expect("found");
    assert_eq!(masked.body, "138●●●●5678".as_bytes());
}

/// Random texts of telling parts: no panic, and JSON that parses before parses after, with the same shape.
#[test]
fn any_body_goes_through() {
    let all = br#"{"detectors":["phone","id-card","bank-card","email","ipv4"],"keepFirst":0,"keepLast":0,
        "patterns":[{"match":"[0-9a-z]{2}"},{"match":"x(.)"}]}"#;
    let settings = Settings::read(all).expect("good");
    let parts: [&[u8]; 24] = [
        b"\"",
        b"\\",
        b"\\u",
        b"\\u00",
        b"\\ud83d",
        b"\\u4e2d",
        b"13812345678",
        b"138 1234 5678",
        b"+",
        b"@",
        b"a.b",
        b".",
        b"4111111111111111",
        b"11010519491231002X",
        b"10.0.0.1",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"-1e5",
        b"x\xff",
        "中".as_bytes(),
    ];
    let mut seed = 1u32;
    let mut parsed = 0;
    for _ in 0..40_000 {
        let mut body = Vec::new();
        for _ in 0..1 + seed % 9 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            body.extend_from_slice(parts[(seed >> 16) as usize % parts.len()]);
        }
        let _ = mask(&body, false, &settings, '●');
        let Some(masked) = mask(&body, true, &settings, '●') else {
            continue;
        };
        if serde_json::from_slice::<serde_json::Value>(&body).is_ok() {
            parsed += 1;
            let after = serde_json::from_slice::<serde_json::Value>(&masked.body);
            assert!(after.is_ok(), "{}", String::from_utf8_lossy(&masked.body));
        }
    }
    assert!(parsed > 50, "{parsed}");
}

#[test]
fn long_bodies_take_linear_time() {
    let settings = defaults();
    for part in ["1", "a", "@", "\"", "\\", "-", "a.", "1.", "138-", "ab@b.", "+1", "[", "4111 "] {
        let body = part.repeat(300_000 / part.len());
        let start = std::time::Instant::now();
        let _ = mask(body.as_bytes(), false, &settings, '*');
        let _ = mask(body.as_bytes(), true, &settings, '*');
        assert!(start.elapsed().as_secs() < 4, "{part}");
    }
}
