//! Where in a page the notice goes.
//!
//! A small tokenizer, not a parser: it knows comments, attributes in quotes, and the elements whose content is no markup,
//! so that a `<body>` in a script or a comment is not taken for the page's.

use crate::banner::Position;

/// Elements whose content is not markup.
const RAW: [&[u8]; 6] = [b"script", b"style", b"title", b"textarea", b"xmp", b"noframes"];

/// The place in `page` at which the notice is put in.
pub fn find(page: &[u8], position: Position) -> usize {
    let marks = Marks::of(page, position);
    match position {
        Position::Top => {
            marks.body_start.or(marks.head_end).or(marks.html_start).or(marks.doctype_end).unwrap_or(marks.text_start)
        }
        Position::Bottom => marks.body_end.or(marks.html_end).unwrap_or(page.len()),
    }
}

/// The page with the notice in it.
pub fn put(page: &[u8], notice: &str, position: Position) -> Vec<u8> {
    let (before, after) = page.split_at(find(page, position));
    [before, notice.as_bytes(), after].concat()
}

/// The places that matter, as far as they are there.
#[derive(Debug, Default)]
struct Marks {
    /// Behind the byte order mark.
    text_start: usize,
    doctype_end: Option<usize>,
    html_start: Option<usize>,
    head_end: Option<usize>,
    body_start: Option<usize>,
    /// In front of the last `</body>`.
    body_end: Option<usize>,
    html_end: Option<usize>,
}

impl Marks {
    fn of(page: &[u8], position: Position) -> Self {
        let mut marks = Self { text_start: if page.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 }, ..Self::default() };
        let mut at = marks.text_start;
        while let Some(open) = find_byte(page, at, b'<') {
            at = marks.tag(page, open);
            if position == Position::Top && marks.body_start.is_some() {
                break;
            }
        }
        marks
    }

    /// Takes note of what begins at `open`, a `<`. Gives the place behind it.
    fn tag(&mut self, page: &[u8], open: usize) -> usize {
        let rest = &page[open + 1..];
        if rest.starts_with(b"!--") {
            return find_text(page, open + 4, b"-->").map_or(page.len(), |at| at + 3);
        }
        if rest.starts_with(b"!") || rest.starts_with(b"?") {
            let Some(end) = find_byte(page, open, b'>').map(|at| at + 1) else {
                return page.len();
            };
            if starts_with_word(&rest[1..], b"doctype") {
                self.doctype_end.get_or_insert(end);
            }
            return end;
        }
        let (closing, name_start) = match rest.first() {
            Some(b'/') => (true, open + 2),
            _ => (false, open + 1),
        };
        let name = name(&page[name_start..]);
        if !name.first().is_some_and(u8::is_ascii_alphabetic) {
            return open + 1;
        }
        let Some(end) = tag_end(page, name_start + name.len()) else {
            return page.len();
        };
        let is = |wanted: &[u8]| name.eq_ignore_ascii_case(wanted);
        if closing {
            if is(b"head") {
                self.head_end.get_or_insert(end);
            } else if is(b"body") {
                self.body_end = Some(open);
            } else if is(b"html") {
                self.html_end = Some(open);
            }
        } else if is(b"body") {
            self.body_start.get_or_insert(end);
        } else if is(b"html") {
            self.html_start.get_or_insert(end);
        } else if let Some(raw) = RAW.iter().find(|raw| is(raw)) {
            return raw_end(page, end, raw);
        }
        end
    }
}

fn name(text: &[u8]) -> &[u8] {
    let end =
        text.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'<')).unwrap_or(text.len());
    &text[..end]
}

/// The place behind the `>` of a tag, which may stand within quotes without ending it.
fn tag_end(page: &[u8], from: usize) -> Option<usize> {
    let mut quote = None;
    let mut value_next = false;
    for (at, &b) in page.iter().enumerate().skip(from) {
        match (quote, b) {
            (Some(open), b) if b == open => quote = None,
            (Some(_), _) => {}
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') if value_next => {
                quote = Some(b);
                value_next = false;
            }
            (None, b'=') => value_next = true,
            (None, b) if b.is_ascii_whitespace() => {}
            (None, _) => value_next = false,
        }
    }
    None
}

/// The place of the closing tag of an element without markup, or the page's end.
fn raw_end(page: &[u8], from: usize, element: &[u8]) -> usize {
    let mut at = from;
    while let Some(open) = find_text(page, at, b"</") {
        if starts_with_word(&page[open + 2..], element) {
            return open;
        }
        at = open + 2;
    }
    page.len()
}

fn starts_with_word(text: &[u8], word: &[u8]) -> bool {
    text.len() >= word.len()
        && text[..word.len()].eq_ignore_ascii_case(word)
        && !text.get(word.len()).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'-')
}

fn find_byte(page: &[u8], from: usize, byte: u8) -> Option<usize> {
    let rest = page.get(from..)?;
    rest.iter().position(|&b| b == byte).map(|at| from + at)
}

fn find_text(page: &[u8], from: usize, text: &[u8]) -> Option<usize> {
    let rest = page.get(from..)?;
    rest.windows(text.len()).position(|w| w == text).map(|at| from + at)
}

#[cfg(test)]
mod tests;
