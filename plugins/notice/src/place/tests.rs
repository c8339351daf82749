use super::*;

/// The page with `|` where the notice goes.
fn top(page: &str) -> String {
    String::from_utf8(put(page.as_bytes(), "|", Position::Top)).expect("text")
}

fn bottom(page: &str) -> String {
    String::from_utf8(put(page.as_bytes(), "|", Position::Bottom)).expect("text")
}

#[test]
fn behind_the_body_tag_however_it_is_written() {
    assert_eq!(top("<html><head></head><body>x</body></html>"), "<html><head></head><body>|x</body></html>");
    assert_eq!(top("<BODY\n class=a>x"), "<BODY\n class=a>|x");
    assert_eq!(top("<body data-a='1>0' b=\"</body>\">x"), "<body data-a='1>0' b=\"</body>\">|x");
    assert_eq!(top("<body a=don't>x"), "<body a=don't>|x");
    assert_eq!(top("<body/>x"), "<body/>|x");
}

#[test]
fn what_only_looks_like_a_body_is_passed_over() {
    for before in [
        "<!-- <body> -->",
        "<script>var a = '<body>'; if (1 < 2) {}</script>",
        "<STYLE>/* <body> */</Style >",
        "<title><body></title>",
        "<textarea><body></textarea>",
        "<bodyguard>",
        "<body-x>",
        "< body>",
        "<a title='<body>'>",
    ] {
        assert_eq!(top(&format!("{before}<body>x")), format!("{before}<body>|x"));
    }
}

#[test]
fn without_body_the_next_best_place() {
    assert_eq!(top("<html><head><title>t</title></head><p>x"), "<html><head><title>t</title></head>|<p>x");
    assert_eq!(top("<!DOCTYPE html><html lang=en><p>x"), "<!DOCTYPE html><html lang=en>|<p>x");
    assert_eq!(top("<!doctype html>\n<p>x"), "<!doctype html>|\n<p>x");
    assert_eq!(top("<p>x"), "|<p>x");
    assert_eq!(top("x"), "|x");
    assert_eq!(top(""), "|");
    assert_eq!(top("\u{feff}<p>x"), "\u{feff}|<p>x");
    assert_eq!(top("<header>x</header>"), "|<header>x</header>");
}

#[test]
fn at_the_end_before_the_last_closing_tag() {
    assert_eq!(bottom("<body>x</body></html>"), "<body>x|</body></html>");
    assert_eq!(bottom("<body>x</BODY >\n"), "<body>x|</BODY >\n");
    assert_eq!(bottom("<html>x</html>"), "<html>x|</html>");
    assert_eq!(bottom("<p>x"), "<p>x|");
    assert_eq!(
        bottom("<body><script>'</body>'</script>x</body><!-- </body> -->"),
        "<body><script>'</body>'</script>x|</body><!-- </body> -->"
    );
}

#[test]
fn pages_that_break_off() {
    for page in [
        "<",
        "</",
        "<!",
        "<!-",
        "<!--",
        "<!-->",
        "<body",
        "<body a='",
        "<script",
        "<script>",
        "<script></",
        "<script></script",
        "<?",
        "<!doctype",
    ] {
        assert_eq!(top(page), format!("|{page}"), "{page}");
        assert_eq!(bottom(page), format!("{page}|"), "{page}");
    }
}

#[test]
fn any_bytes_go_through() {
    let parts: [&[u8]; 14] = [
        b"<",
        b">",
        b"/",
        b"body",
        b"<body>",
        b"</body>",
        b"<!--",
        b"-->",
        b"<script>",
        b"</script",
        b"'",
        b"\"",
        b"=",
        b"\xff\x80",
    ];
    let mut seed = 7u32;
    for _ in 0..20_000 {
        let mut page = Vec::new();
        for _ in 0..8 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            page.extend_from_slice(parts[(seed >> 16) as usize % parts.len()]);
        }
        for position in [Position::Top, Position::Bottom] {
            assert_eq!(put(&page, "|", position).len(), page.len() + 1);
        }
    }
}
