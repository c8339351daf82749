use super::*;

fn settings(json: &str) -> Settings {
    Settings::read(json.as_bytes()).expect("good configuration")
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    Some(text.as_bytes().to_vec())
}

fn get(path: &str) -> Request {
    Request { method: bytes("GET"), path: bytes(path), ..Request::default() }
}

fn html() -> Answer {
    Answer { status: bytes("200"), content_type: bytes("text/html; charset=utf-8"), ..Answer::default() }
}

fn decide(answer: Answer) -> Plan {
    let visit = Visit { language: Language::En, to_head: false, wants_html: true, dismissed: false };
    plan(&answer, visit, &settings(r#"{"textEn":"x"}"#))
}

#[test]
fn without_text_there_is_no_visit() {
    assert_eq!(visit(&get("/"), &settings("")), None);
}

#[test]
fn path_time_and_kind_of_request_decide() {
    let shop = settings(r#"{"textEn":"x","paths":["/shop"],"end":"1970-01-01T00:00:01Z"}"#);
    assert!(visit(&get("/shop?a=/b"), &shop).is_some());
    assert!(visit(&get("/shopping"), &shop).is_none());
    let late = Request { now: 2_000_000_000, ..get("/shop") };
    assert!(visit(&late, &shop).is_none());
    let fetch = |dest| Request { fetch_dest: bytes(dest), ..get("/shop") };
    assert!(visit(&fetch("document"), &shop).is_some());
    for dest in ["empty", "iframe", "image"] {
        assert!(visit(&fetch(dest), &shop).is_none(), "{dest}");
    }
    let script = Request { requested_with: bytes("XMLHttpRequest"), ..get("/shop") };
    assert!(visit(&script, &shop).is_none());
}

#[test]
fn a_visit_knows_language_and_method() {
    let both = settings(r#"{"textEn":"x","textZh":"y","defaultLanguage":"zh"}"#);
    let request =
        Request { method: bytes("HEAD"), accept: bytes("Text/HTML,*/*"), accept_language: bytes("en"), ..get("/") };
    let expected = Visit { language: Language::En, to_head: true, wants_html: true, dismissed: false };
    assert_eq!(visit(&request, &both), Some(expected));
    assert_eq!(visit(&get("/"), &both).map(|v| v.language), Some(Language::Zh));
}

#[test]
fn whole_html_pages_only() {
    assert_eq!(decide(html()), Plan::Show);
    for status in ["204", "206", "304", "101"] {
        assert_eq!(decide(Answer { status: bytes(status), ..html() }), Plan::Skip, "{status}");
    }
    for status in ["404", "503"] {
        assert_eq!(decide(Answer { status: bytes(status), ..html() }), Plan::Show, "{status}");
    }
    for kind in ["application/json", "text/plain", "text/html; charset=UTF-16", ""] {
        assert_eq!(decide(Answer { content_type: bytes(kind), ..html() }), Plan::Skip, "{kind}");
    }
    let download = bytes("Attachment; filename=a.html");
    assert_eq!(decide(Answer { content_disposition: download, ..html() }), Plan::Skip);
    assert_eq!(decide(Answer::default()), Plan::Skip);
}

#[test]
fn pages_that_cannot_be_read_pass() {
    assert_eq!(decide(Answer { content_encoding: bytes("br"), ..html() }), Plan::Encoded);
    assert_eq!(decide(Answer { content_length: bytes("524289"), ..html() }), Plan::TooLarge);
    let nothing = Answer { content_length: bytes("0"), no_body: true, ..html() };
    assert_eq!(decide(nothing), Plan::Skip);
}

#[test]
fn head_gets_the_headers_of_the_page() {
    let head = Visit { language: Language::En, to_head: true, wants_html: false, dismissed: false };
    let settings = settings(r#"{"textEn":"x"}"#);
    let answer = |length| Answer { content_length: bytes(length), no_body: true, ..html() };
    assert_eq!(plan(&answer("10"), head, &settings), Plan::HeadersOnly);
    assert_eq!(plan(&answer("600000"), head, &settings), Plan::Skip);
}

#[test]
fn who_put_it_away_is_not_shown_it() {
    let settings = settings(r#"{"textEn":"x","dismissible":true}"#);
    let request = Request { dismissed: true, ..get("/") };
    let seen = visit(&request, &settings).expect("a visit");
    assert_eq!(plan(&html(), seen, &settings), Plan::Dismissed);
    assert_eq!(plan(&Answer { content_type: bytes("image/png"), ..html() }, seen, &settings), Plan::Skip);
}
