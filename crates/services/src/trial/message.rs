//! A message with and without the plugins, side by side.

use std::time::Duration;

use marketplace_domain::views::run::{BodyChange, BodyForm, MessageChange, SideRow};
use marketplace_sandbox::report::{BodyBytes, Client, HeaderLine, Text, UpstreamRequest};
use similar::{DiffOp, TextDiff};

/// More lines of a body than these are counted, not shown.
const MOST_LINES: usize = 400;
/// So many equal lines are kept around a difference.
const AROUND: usize = 4;
/// A line is shown up to this many characters.
const LONGEST_LINE: usize = 1000;
/// Larger JSON is not laid out.
const LARGEST_JSON: usize = 512 * 1024;
/// More bytes than these are not shown in hexadecimal.
const MOST_BYTES: usize = 4096;
/// What the proxy says of time differs by the steps of the run's own clock.
const OF_TIME: [&str; 2] = ["date", "x-envoy-upstream-service-time"];

/// What reached the upstream, beside what reaches it without plugins.
pub fn request(alone: Option<&UpstreamRequest>, with: &UpstreamRequest) -> MessageChange {
    let start = |request: &UpstreamRequest| {
        let authority = request.authority.as_ref().map(|text| format!("host: {}", words(text)));
        [Some(format!("{} {}", words(&request.method), words(&request.path))), authority]
    };
    let before = alone.map(start).unwrap_or_default();
    let rows = start(with).into_iter().zip(before).filter_map(|(after, before)| row(before, after)).collect();
    MessageChange {
        own: alone.is_none(),
        start: own(alone.is_none(), rows),
        headers: headers(alone.map(|one| one.headers.as_slice()), &with.headers),
        body: body(alone.map(|one| &one.body), &with.body),
        trailers: headers(alone.map(|one| one.trailers.as_slice()), &with.trailers),
        complete: with.complete,
    }
}

/// What the client received, beside what it receives without plugins.
pub fn response(alone: Option<&Client>, with: &Client) -> MessageChange {
    let rows = row(alone.map(|one| one.status.to_string()), Some(with.status.to_string())).into_iter().collect();
    MessageChange {
        own: alone.is_none(),
        start: own(alone.is_none(), rows),
        headers: headers(alone.map(|one| one.headers.as_slice()), &with.headers),
        body: body(alone.map(|one| &one.body), &with.body),
        trailers: headers(alone.map(|one| one.trailers.as_slice()), &with.trailers),
        complete: with.complete,
    }
}

/// Bytes as people read them: those that are not UTF-8 in base64.
pub fn words(text: &Text) -> String {
    match text {
        Text::Plain(text) => text.clone(),
        Text::Encoded { base64 } => format!("base64:{base64}"),
    }
}

/// A header line as people read it.
pub fn line(HeaderLine(name, value): &HeaderLine) -> String {
    format!("{}: {}", words(name), words(value))
}

fn row(before: Option<String>, after: Option<String>) -> Option<SideRow> {
    Some(match (before, after) {
        (Some(before), Some(after)) if before == after => SideRow::Same(after),
        (Some(before), Some(after)) => SideRow::Changed(before, after),
        (None, Some(after)) => SideRow::Added(after),
        (Some(before), None) => SideRow::Removed(before),
        (None, None) => return None,
    })
}

/// Where there is nothing to compare with, nothing was added.
fn own(own: bool, rows: Vec<SideRow>) -> Vec<SideRow> {
    let plain = |row| match row {
        SideRow::Added(text) => SideRow::Same(text),
        other => other,
    };
    if own { rows.into_iter().map(plain).collect() } else { rows }
}

/// Header lines by their names; what was added stands at the end.
fn headers(before: Option<&[HeaderLine]>, after: &[HeaderLine]) -> Vec<SideRow> {
    let Some(before) = before else { return after.iter().map(|one| SideRow::Same(line(one))).collect() };
    let mut names: Vec<&Text> = Vec::new();
    for HeaderLine(name, _) in before.iter().chain(after) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let of = |lines: &[HeaderLine], name: &Text| -> Vec<String> {
        lines.iter().filter(|HeaderLine(own, _)| own == name).map(line).collect()
    };
    let mut rows = Vec::new();
    for name in names {
        let (before, after) = (of(before, name), of(after, name));
        if OF_TIME.contains(&words(name).as_str()) && before.len() == after.len() {
            rows.extend(after.into_iter().map(SideRow::Same));
            continue;
        }
        let most = before.len().max(after.len());
        let (mut before, mut after) = (before.into_iter(), after.into_iter());
        rows.extend((0..most).filter_map(|_| row(before.next(), after.next())));
    }
    rows
}

fn body(before: Option<&BodyBytes>, after: &BodyBytes) -> BodyChange {
    let size = |body: &BodyBytes| (body.sha256.clone(), body.size);
    let none = before.is_none();
    let (shown, texts) = shown(before, after);
    let (left, right) = match &texts {
        (Some(left), right) => (left.as_str(), right.as_str()),
        (None, right) => (right.as_str(), right.as_str()),
    };
    let (rows, mut cut) = lines(left, right, none);
    if shown == BodyForm::Bytes {
        let largest = before.map_or(0, |body| body.size).max(after.size);
        cut += largest.saturating_sub(MOST_BYTES).div_ceil(16);
    }
    BodyChange { rows, shown, before: before.map(size), after: Some(size(after)), cut }
}

/// Both bodies as text, and in which form.
fn shown(before: Option<&BodyBytes>, after: &BodyBytes) -> (BodyForm, (Option<String>, String)) {
    let text = |body: &BodyBytes| body.text.clone().filter(|text| !text.contains('\0'));
    let texts = match (before.map(text), text(after)) {
        (None, Some(after)) => (None, after),
        (Some(Some(before)), Some(after)) => (Some(before), after),
        _ => return (BodyForm::Bytes, (before.map(hex), hex(after))),
    };
    let laid_out = match &texts {
        (None, after) => json(after).map(|after| (None, after)),
        (Some(before), after) => json(before).zip(json(after)).map(|(before, after)| (Some(before), after)),
    };
    laid_out.map_or((BodyForm::Text, texts), |texts| (BodyForm::Json, texts))
}

/// JSON with a line for each member. The words of its values stay exactly as they are.
fn json(text: &str) -> Option<String> {
    let inside = text.trim();
    let structured = inside.len() <= LARGEST_JSON && inside.starts_with(['{', '[']);
    if !structured || serde_json::from_str::<serde::de::IgnoredAny>(inside).is_err() {
        return None;
    }
    let (mut out, mut depth, mut quoted, mut escaped) =
        (String::with_capacity(inside.len() * 2), 0_usize, false, false);
    let mut last = ' ';
    for c in inside.chars() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            last = c;
            continue;
        }
        match c {
            _ if c.is_ascii_whitespace() => continue,
            '{' | '[' => {
                break_line(&mut out, last, depth);
                out.push(c);
                depth += 1;
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !matches!(last, '{' | '[') {
                    new_line(&mut out, depth);
                }
                out.push(c);
            }
            ',' => out.push(c),
            ':' => out.push_str(": "),
            _ => {
                break_line(&mut out, last, depth);
                out.push(c);
                quoted = c == '"';
                escaped = false;
            }
        }
        last = c;
    }
    Some(out)
}

/// Before a value or a name: behind an opening sign and behind a comma a new line begins.
fn break_line(out: &mut String, last: char, depth: usize) {
    if matches!(last, '{' | '[' | ',') {
        new_line(out, depth);
    }
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

fn hex(body: &BodyBytes) -> String {
    use std::fmt::Write;
    let bytes = body.bytes();
    let mut out = String::new();
    for (number, chunk) in bytes.chunks(16).take(MOST_BYTES / 16).enumerate() {
        let _ = write!(out, "{:06x} ", number * 16);
        for byte in chunk {
            let _ = write!(out, " {byte:02x}");
        }
        out.push('\n');
    }
    out
}

fn lines(before: &str, after: &str, own: bool) -> (Vec<SideRow>, usize) {
    let all =
        |text: &str| -> Vec<String> { text.split('\n').map(|line| line.trim_end_matches('\r').to_owned()).collect() };
    if before.is_empty() && after.is_empty() {
        return (Vec::new(), 0);
    }
    let diff = TextDiff::configure().timeout(Duration::from_millis(300)).diff_lines(before, after);
    let (left, right) = (all(before), all(after));
    let mut rows = Vec::new();
    for op in diff.ops() {
        let (old, new) = (op.old_range(), op.new_range());
        let of = |lines: &[String], range: std::ops::Range<usize>| lines.get(range).unwrap_or_default().to_vec();
        match op {
            DiffOp::Equal { .. } => rows.extend(of(&right, new).into_iter().map(|line| SideRow::Same(clip(&line, 0)))),
            _ => {
                let most = old.len().max(new.len());
                let (mut old, mut new) = (of(&left, old).into_iter(), of(&right, new).into_iter());
                rows.extend((0..most).filter_map(|_| row(old.next(), new.next())).map(narrowed));
            }
        }
    }
    let mut rows = if own { rows } else { folded(rows) };
    let cut = rows.len().saturating_sub(MOST_LINES);
    rows.truncate(MOST_LINES);
    (rows, cut)
}

/// Long stretches without a difference become one row.
fn folded(rows: Vec<SideRow>) -> Vec<SideRow> {
    let near: Vec<bool> = {
        let differs: Vec<usize> =
            rows.iter().enumerate().filter(|(_, row)| row.differs()).map(|(number, _)| number).collect();
        if differs.is_empty() {
            return rows;
        }
        let mut near = vec![false; rows.len()];
        for at in differs {
            let end = (at + AROUND + 1).min(near.len());
            near.get_mut(at.saturating_sub(AROUND)..end).unwrap_or_default().fill(true);
        }
        near
    };
    let mut out = Vec::new();
    for (row, near) in rows.into_iter().zip(near) {
        match (near, out.last_mut()) {
            (true, _) => out.push(row),
            (false, Some(SideRow::Gap(lines))) => *lines += 1,
            (false, _) => out.push(SideRow::Gap(1)),
        }
    }
    out
}

/// Long lines, so that the first difference is seen.
fn narrowed(row: SideRow) -> SideRow {
    match row {
        SideRow::Changed(before, after) => {
            let same = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
            let from = if same > LONGEST_LINE / 4 { same - LONGEST_LINE / 8 } else { 0 };
            SideRow::Changed(clip(&before, from), clip(&after, from))
        }
        SideRow::Added(line) => SideRow::Added(clip(&line, 0)),
        SideRow::Removed(line) => SideRow::Removed(clip(&line, 0)),
        other => other,
    }
}

fn clip(line: &str, from: usize) -> String {
    if from == 0 && line.len() <= LONGEST_LINE {
        return line.to_owned();
    }
    let head = if from > 0 { "…" } else { "" };
    let mut rest = line.chars().skip(from);
    let shown: String = rest.by_ref().take(LONGEST_LINE).collect();
    format!("{head}{shown}{}", if rest.next().is_some() { "…" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(headers: &[(&str, &str)], body: &[u8]) -> Client {
        let headers = headers.iter().map(|(name, value)| HeaderLine::new(name.as_bytes(), value.as_bytes())).collect();
        Client { status: 200, headers, body: BodyBytes::new(body), trailers: Vec::new(), complete: true }
    }

    #[test]
    fn headers_are_compared_by_name() {
        let alone = client(&[("a", "1"), ("b", "1"), ("b", "2"), ("date", "x")], b"");
        let with = client(&[("b", "1"), ("b", "3"), ("date", "y"), ("c", "4")], b"");
        let change = response(Some(&alone), &with);
        let wanted = [
            SideRow::Removed("a: 1".into()),
            SideRow::Same("b: 1".into()),
            SideRow::Changed("b: 2".into(), "b: 3".into()),
            SideRow::Same("date: y".into()),
            SideRow::Added("c: 4".into()),
        ];
        assert_eq!(change.headers, wanted);
        assert!(change.changed() && !response(Some(&alone), &alone).changed());
    }

    #[test]
    fn a_reply_of_its_own_has_nothing_added() {
        let change = response(None, &client(&[("a", "1")], b"x\ny"));
        assert!(change.own && !change.changed());
        assert_eq!(change.body.rows, [SideRow::Same("x".into()), SideRow::Same("y".into())]);
    }

    #[test]
    fn json_is_laid_out_with_its_values_as_they_are() {
        let text = r#"{"a":1e400,"b":[1,{"c":"x,\"{"}],"d":{},"e":[]}"#;
        let wanted = "{\n  \"a\": 1e400,\n  \"b\": [\n    1,\n    {\n      \"c\": \"x,\\\"{\"\n    }\n  ],\n  \"d\": {},\n  \"e\": []\n}";
        assert_eq!(json(text).as_deref(), Some(wanted));
        assert_eq!((json("{broken"), json("plain"), json("12")), (None, None, None));
    }

    #[test]
    fn bodies_are_compared_line_by_line() {
        let (alone, with) = (client(&[], br#"{"phone":"138","x":1}"#), client(&[], br#"{"phone":"***","x":1}"#));
        let body = response(Some(&alone), &with).body;
        assert_eq!(body.shown, BodyForm::Json);
        let phone = SideRow::Changed(r#"  "phone": "138","#.into(), r#"  "phone": "***","#.into());
        assert_eq!(body.rows.iter().filter(|row| row.differs()).collect::<Vec<_>>(), [&phone]);
        let bytes = response(Some(&client(&[], &[0xff])), &client(&[], &[0xfe])).body;
        assert_eq!(bytes.shown, BodyForm::Bytes);
        assert_eq!(bytes.rows[0], SideRow::Changed("000000  ff".into(), "000000  fe".into()));
    }

    #[test]
    fn what_is_equal_is_folded_and_what_is_long_is_cut() {
        let many: String = (0..100).map(|n| format!("{n}\n")).collect();
        let changed = many.replace("50\n", "fifty\n");
        let body = response(Some(&client(&[], many.as_bytes())), &client(&[], changed.as_bytes())).body;
        assert_eq!(body.rows.first(), Some(&SideRow::Gap(46)));
        assert_eq!(body.rows.iter().filter(|row| row.differs()).count(), 1);
        let long = "x".repeat(100_000);
        let body =
            response(Some(&client(&[], format!("{long}a").as_bytes())), &client(&[], format!("{long}b").as_bytes()));
        let Some(SideRow::Changed(before, after)) = body.body.rows.first() else { panic!("{:?}", body.body.rows) };
        assert!(before.ends_with('a') && after.ends_with('b') && before.len() < 1000, "{before}");
        let most = "y\n".repeat(MOST_LINES + 5);
        let own = response(None, &client(&[], most.as_bytes())).body;
        assert_eq!((own.rows.len(), own.cut), (MOST_LINES, 5));
    }
}
