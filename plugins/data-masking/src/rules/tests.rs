use crate::masking::mask;
use crate::settings::Settings;

/// The text with what all detectors hide.
fn all(text: &str) -> String {
    masked(r#"{"detectors":["phone","id-card","bank-card","email","ipv4"]}"#, text)
}

fn masked(settings: &str, text: &str) -> String {
    let settings = Settings::read(settings.as_bytes()).expect("good configuration");
    match mask(text.as_bytes(), false, &settings, settings.mask) {
        Some(masked) => String::from_utf8(masked.body).expect("text"),
        None => text.to_owned(),
    }
}

fn unchanged(text: &str) {
    assert_eq!(all(text), text);
}

#[test]
fn mobile_numbers_of_mainland_china() {
    for (text, expected) in [
        ("13812345678", "138****5678"),
        ("电话13812345678。", "电话138****5678。"),
        ("tel13812345678x", "tel138****5678x"),
        ("19912345678,16612345678", "199****5678,166****5678"),
        ("138-1234-5678", "138-****-5678"),
        ("138 1234 5678", "138 **** 5678"),
        ("8613812345678", "86138****5678"),
        ("008613812345678", "0086138****5678"),
        ("+8613812345678", "+86138****5678"),
        ("+86 138 1234 5678", "+86 138 **** 5678"),
        ("+86-13812345678", "+86-138****5678"),
        ("13812345678.", "138****5678."),
        ("1.13812345678", "1.138****5678"),
    ] {
        assert_eq!(all(text), expected);
    }
}

#[test]
fn what_is_no_mobile_number() {
    for text in [
        "138123456789",
        "1381234567",
        "12812345678",
        "113812345678",
        "138 1234-5678",
        "138-1234-56789",
        "1381-234-5678",
        "138  1234 5678",
        "2026-11-23 12:00:00",
        "1700000000000",
    ] {
        unchanged(text);
    }
}

#[test]
fn international_numbers_need_their_plus() {
    assert_eq!(all("+14155552671"), "+141****2671");
    assert_eq!(all("(+442071838750)"), "(+442*****8750)");
    assert_eq!(all("+12345678"), "+123*5678");
    for text in ["442071838750", "+0415555267", "+1234567", "+1234567890123456", "a+12345678", "1+12345678"] {
        unchanged(text);
    }
}

#[test]
fn identity_cards_need_their_check_character() {
    assert_eq!(all("11010519491231002X"), "110***********002X");
    assert_eq!(all("11010519491231002x,"), "110***********002x,");
    assert_eq!(all("440524188001010014"), "440***********0014");
    for text in [
        "110105194912310020",
        "11010519491331002X",
        "110105194912310021",
        "11010519491231002XY",
        "011010519491231002X",
        "1101051949123100",
    ] {
        unchanged(text);
    }
}

#[test]
fn bank_cards_need_issuer_and_check_digit() {
    for (text, expected) in [
        ("4111111111111111", "4111********1111"),
        ("5500005555555559", "5500********5559"),
        ("340000000000009", "3400*******0009"),
        ("6228480402564890018", "6228***********0018"),
        ("4222222222222", "4222*****2222"),
        ("4111 1111 1111 1111", "4111 **** **** 1111"),
        ("4111-1111-1111-1111", "4111-****-****-1111"),
        ("6228 4804 0256 4890 018", "6228 **** **** ***0 018"),
        ("3400 000000 00009", "3400 ****** *0009"),
        ("2026-01-01 4111 1111 1111 1111", "2026-01-01 4111 **** **** 1111"),
        ("2223003122003222", "2223********3222"),
    ] {
        assert_eq!(all(text), expected);
    }
    for text in [
        "4111111111111112",
        "411111111111",
        "41111111111111111111",
        "4111 1111-1111 1111",
        "4111 1111 1111 11111",
        "1700000000000",
        "0000000000000000",
        "2019 2020 2021 2022",
    ] {
        unchanged(text);
    }
}

#[test]
fn email_keeps_the_domain() {
    for (text, expected) in [
        ("zhang.san@example.com", "z********@example.com"),
        ("a@example.com", "*@example.com"),
        ("<li+si@mail.example.co.uk>", "<l****@mail.example.co.uk>"),
        ("写给 a.b@x.cn。", "写给 a**@x.cn。"),
        ("...ab@x.cn.", "...a*@x.cn."),
        ("13812345678@163.com", "1**********@163.com"),
        ("ab@xn--fiq.xn--fiqs8s", "a*@xn--fiq.xn--fiqs8s"),
    ] {
        assert_eq!(all(text), expected);
    }
    for text in ["@example.com", "a@", "a@b", "a@.com", "a@b.1", "a@-b.com", "user@host:~", "名@x.cn"] {
        unchanged(text);
    }
}

#[test]
fn addresses_keep_their_network() {
    assert_eq!(all("10.20.30.40"), "10.20.**.**");
    assert_eq!(all("http://192.168.1.5:8080/"), "http://192.168.*.*:8080/");
    assert_eq!(all("at 8.8.8.8."), "at 8.8.*.*.");
    for text in ["256.1.1.1", "1.2.3", "1.2.3.4.5", "v1.2.3.4", "01.2.3.4", "1.2.3.400", "1.2.3.4a"] {
        unchanged(text);
    }
    assert_eq!(masked("", "10.20.30.40"), "10.20.30.40");
}

#[test]
fn digests_and_uuids_stay() {
    for text in
        ["550e8400-e29b-41d4-a716-a13812345678", "e3b0c44298fc13812345678fbf4c8996fb92427ae41e4649b934ca495991b785"]
    {
        unchanged(text);
    }
    assert_eq!(all("cafe13812345678"), "cafe138****5678");
}

#[test]
fn keep_counts_can_be_set_and_never_keep_everything() {
    let settings = |first, last| format!("{{\"keepFirst\":{first},\"keepLast\":{last}}}");
    assert_eq!(masked(&settings(0, 0), "13812345678"), "***********");
    assert_eq!(masked(&settings(0, 2), "13812345678 ab@c.cn"), "*********78 **@c.cn");
    assert_eq!(masked(&settings(6, 5), "13812345678"), "***********");
    assert_eq!(masked(&settings(64, 64), "4111111111111111"), "****************");
    let none = r#"{"detectors":["ipv4"],"keepFirst":0}"#;
    assert_eq!(masked(none, "10.20.30.40"), "**.**.**.**");
}

#[test]
fn own_patterns_hide_matches_or_their_first_group() {
    let settings = r#"{"detectors":[],"mask":"●","patterns":[
        {"match":"订单[0-9]{6}","keepFirst":2,"keepLast":1},
        {"match":"token=([a-z0-9]+)"}]}"#;
    assert_eq!(masked(settings, "订单123456 token=ab1&x"), "订单●●●●●6 token=●●●&x");
    let global = r#"{"detectors":[],"keepLast":1,"patterns":[{"match":"A.."},{"match":"B..","keepLast":0}]}"#;
    assert_eq!(masked(global, "A12 B34"), "**2 ***");
}

#[test]
fn patterns_meet_detectors_and_each_other() {
    let settings = r#"{"patterns":[{"match":"45678 x"},{"match":"x y"}]}"#;
    assert_eq!(masked(settings, "13812345678 x y"), "138************");
}

#[test]
fn patterns_see_the_text_between_broken_bytes() {
    let settings = Settings::read(br#"{"detectors":[],"patterns":[{"match":"k.y"}]}"#).expect("good");
    let body = b"\xff\xfekey\x80k\xffy\xe5kay\xe5\x85";
    let masked = mask(body, false, &settings, '*').expect("found");
    assert_eq!(masked.body, b"\xff\xfe***\x80k\xffy\xe5***\xe5\x85");
    assert_eq!(masked.values, 2);
}
