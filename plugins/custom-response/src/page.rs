//! An answer in one or several languages, made ready when the configuration is read.

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::http;
use plugin_kit::language;
use plugin_kit::plugin::{Headers, Reply};
use serde_json::Value;

/// The fields of [`Page::read`].
pub const FIELDS: [&str; 7] = ["status_code", "headers", "body", "content_type", "language", "bodies", "keep_headers"];

const MAX_BODY: usize = 65_536;
const MAX_HEADERS: usize = 32;
const MAX_LANGUAGES: usize = 16;

/// An answer.
#[derive(Debug)]
pub struct Page {
    /// None: the status of the answer that is replaced.
    status: Option<u16>,
    headers: Vec<(String, String)>,
    /// The first is for those who like none of the others.
    bodies: Vec<Body>,
    /// What is taken over from the answer that is replaced.
    keep: Vec<String>,
}

#[derive(Debug)]
struct Body {
    /// In lower case.
    language: Option<String>,
    content_type: Option<String>,
    /// In the place of those of the same names.
    headers: Vec<(String, String)>,
    text: String,
}

impl Page {
    /// Reads it. `replaces`: it stands for an answer that has a status.
    pub fn read(fields: &Fields, replaces: bool) -> Result<Self, Refusal> {
        let status = fields.integer("status_code", 200, 599)?.map(|status| status as u16);
        let headers = fields.list("headers", MAX_HEADERS, header)?.unwrap_or_default();
        let default = body(fields)?;
        let bodies = fields.list("bodies", MAX_LANGUAGES, |value, path| {
            let fields = Fields::nested(value, path, &["language", "body", "content_type", "headers"])?;
            let mut body = body(&fields)?;
            if body.language.is_none() {
                return Err(fields.refuse("language", "is missing"));
            }
            body.headers = fields.list("headers", MAX_HEADERS, header)?.unwrap_or_default();
            let given = take_type(&mut body.headers);
            body.content_type = body.content_type.or(given);
            Ok(body)
        })?;
        let bodies: Vec<Body> = std::iter::once(default).chain(bodies.unwrap_or_default()).collect();
        if matches!(status, Some(204 | 205 | 304)) && bodies.iter().any(|body| !body.text.is_empty()) {
            return Err(fields.refuse("status_code", "answers with this status have no body"));
        }
        let keep = fields
            .list("keep_headers", MAX_HEADERS, |value, path| header_name(config::string(value, &path, 64)?, path))?;
        let page = Self {
            status: if replaces { status } else { status.or(Some(200)) },
            headers,
            bodies,
            keep: keep.unwrap_or_default(),
        };
        Ok(page.typed())
    }

    /// Each body says what it is. A `content-type` among the headers is for the bodies that have none of their own; the rest
    /// is told by its look.
    fn typed(mut self) -> Self {
        let given = take_type(&mut self.headers);
        for body in &mut self.bodies {
            if body.content_type.is_none() {
                body.content_type = given.clone().or_else(|| look(&body.text));
            }
        }
        self
    }

    /// The answer for a client, in place of another one if there is one.
    pub fn reply(&self, accept_language: Option<&[u8]>, replaced: Option<(u16, &dyn Headers)>) -> Reply {
        let offered = self.bodies.iter().map(|body| body.language.as_deref());
        let chosen = accept_language.and_then(|accepted| language::choose(accepted, offered)).unwrap_or(0);
        let body = &self.bodies[chosen];
        let mut reply = self.bare(replaced);
        reply.headers.retain(|(name, _)| !body.headers.iter().any(|(own, _)| own == name));
        reply.headers.extend(body.headers.iter().cloned());
        if let Some(content_type) = &body.content_type {
            reply = reply.header("content-type", content_type);
        }
        if let Some(language) = &body.language {
            reply = reply.header("content-language", language);
        }
        if self.bodies.len() > 1 {
            reply = reply.header("vary", "accept-language");
        }
        reply.body = body.text.clone();
        // What was there decides alone: such an answer must have no body, whatever is configured.
        if http::is_bodiless_status(reply.status.to_string().as_bytes()) {
            reply.body.clear();
        }
        reply
    }

    /// The same without body, for gRPC: Envoy puts bodies of replies into `grpc-message`.
    pub fn bare(&self, replaced: Option<(u16, &dyn Headers)>) -> Reply {
        let mut headers = self.headers.clone();
        if let Some((_, answer)) = replaced {
            for name in &self.keep {
                let values = answer.all(name).into_iter().filter(|value| http::is_header_value(value));
                headers.extend(values.filter_map(|value| Some((name.clone(), String::from_utf8(value).ok()?))));
            }
        }
        let status = self.status.or(replaced.map(|(status, _)| status)).unwrap_or(200);
        Reply { status, headers, body: String::new() }
    }
}

fn header_name(text: &str, path: String) -> Result<String, Refusal> {
    let name = text.trim().to_ascii_lowercase();
    if http::is_header_name(&name) && name != "content-type" {
        return Ok(name);
    }
    let why = "must be a header's name; content_type has its own field, and framing is the proxy's business";
    Err(Refusal::new(path, why))
}

/// A header written `name=value`.
fn header(value: &Value, path: String) -> Result<(String, String), Refusal> {
    let text = config::string(value, &path, 4096)?;
    let Some((name, value)) = text.split_once('=') else {
        return Err(Refusal::new(path, "must be written name=value"));
    };
    let value = value.trim();
    if !http::is_header_value(value.as_bytes()) {
        return Err(Refusal::new(path, "no line ends or control characters"));
    }
    // Content-Type has always been written here as well.
    let name = if name.trim().eq_ignore_ascii_case("content-type") {
        CONTENT_TYPE.to_owned()
    } else {
        header_name(name, path)?
    };
    Ok((name, value.to_owned()))
}

const CONTENT_TYPE: &str = "content-type";

fn take_type(headers: &mut Vec<(String, String)>) -> Option<String> {
    let named = headers.iter().position(|(name, _)| name == CONTENT_TYPE)?;
    Some(headers.remove(named).1)
}

fn body(fields: &Fields) -> Result<Body, Refusal> {
    let text = fields.string("body", MAX_BODY)?.unwrap_or_default().to_owned();
    let content_type = fields.string("content_type", 128)?.map(str::trim);
    if content_type
        .is_some_and(|text| http::media_type(text.as_bytes()).is_none() || !http::is_header_value(text.as_bytes()))
    {
        return Err(fields.refuse("content_type", "must be a media type such as text/html; charset=utf-8"));
    }
    let is_tag = |text: &str| {
        text.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    let language = match fields.string("language", 35)? {
        None => None,
        Some(tag) if is_tag(tag) => Some(tag.to_ascii_lowercase()),
        Some(_) => return Err(fields.refuse("language", "must be a language tag such as zh or zh-Hant")),
    };
    Ok(Body { language, content_type: content_type.map(str::to_owned), headers: Vec::new(), text })
}

fn look(body: &str) -> Option<String> {
    let kind = match body.trim_start() {
        "" => return None,
        text if text.starts_with(['{', '[']) && serde_json::from_str::<Value>(body).is_ok() => "application/json",
        text if text.starts_with('<') => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    Some(kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_kit::fake::FakeHeaders;

    fn page(json: &str, replaces: bool) -> Result<Page, Refusal> {
        let map = config::parse(json.as_bytes())?;
        Page::read(&Fields::root(&map, &FIELDS)?, replaces)
    }

    fn headers(reply: &Reply) -> Vec<String> {
        reply.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }

    #[test]
    fn bodies_say_what_they_are() {
        for (body, kind) in [
            ("{\"a\":1}", "application/json"),
            ("{a}", "text/plain; charset=utf-8"),
            ("<p>", "text/html; charset=utf-8"),
            ("hi", "text/plain; charset=utf-8"),
        ] {
            let json = serde_json::json!({ "body": body }).to_string();
            assert_eq!(
                headers(&page(&json, false).expect("good").reply(None, None)),
                [format!("content-type: {kind}")]
            );
        }
        let own = r#"{"body":"x","headers":["Content-Type=application/xml","X-A=1=2","x-a=3"]}"#;
        let reply = page(own, false).expect("good").reply(None, None);
        assert_eq!(headers(&reply), ["x-a: 1=2", "x-a: 3", "content-type: application/xml"]);
        assert_eq!((reply.status, headers(&page("{}", false).expect("good").reply(None, None)).len()), (200, 0));
    }

    #[test]
    fn each_language_has_its_body() {
        let json = r#"{"body":"hello","language":"en","bodies":[{"language":"zh","body":"\u4f60\u597d","content_type":"text/html"}]}"#;
        let page = page(json, false).expect("good");
        let reply = page.reply(Some(b"zh-CN"), None);
        assert_eq!(reply.body, "\u{4f60}\u{597d}");
        assert_eq!(headers(&reply), ["content-type: text/html", "content-language: zh", "vary: accept-language"]);
        let own = r#"{"headers":["location=/en","x-a=1"],"bodies":[{"language":"zh","headers":["Location=/zh","content-type=text/css"]}]}"#;
        let reply = self::page(own, false).expect("good").reply(Some(b"zh"), None);
        assert_eq!(headers(&reply)[..3], ["x-a: 1", "location: /zh", "content-type: text/css"]);
        assert_eq!(page.reply(Some(b"fr"), None).body, "hello");
        assert_eq!(page.reply(None, None).body, "hello");
    }

    #[test]
    fn what_is_replaced_leaves_its_status_and_chosen_headers() {
        let page = page(r#"{"body":"x","keep_headers":["Retry-After","x-odd"]}"#, true).expect("good");
        let answer =
            FakeHeaders::new(&[("retry-after", "5"), ("retry-after", "6"), ("server", "u"), ("x-odd", "a\r\nb: c")]);
        answer.add("x-odd", b"\xff");
        let reply = page.reply(None, Some((429, &answer)));
        assert_eq!((reply.status, &reply.body[..]), (429, "x"));
        assert_eq!(headers(&reply)[..2], ["retry-after: 5", "retry-after: 6"]);
        assert_eq!(headers(&reply).len(), 3);
        assert_eq!(page.reply(None, Some((304, &answer))).body, "");
    }

    #[test]
    fn refusals_name_the_field() {
        for (json, field) in [
            (r#"{"status_code":100}"#, "status_code"),
            (r#"{"status_code":204,"body":"x"}"#, "status_code"),
            (r#"{"headers":["a"]}"#, "headers[0]"),
            (r#"{"headers":["a=1\r\nb: 2"]}"#, "headers[0]"),
            (r#"{"headers":["content-length=2"]}"#, "headers[0]"),
            (r#"{"headers":[":status=2"]}"#, "headers[0]"),
            (r#"{"content_type":"html"}"#, "content_type"),
            (r#"{"content_type":"text/html\r\na: b"}"#, "content_type"),
            (r#"{"language":"zh_CN"}"#, "language"),
            (r#"{"bodies":[{"body":"x"}]}"#, "bodies[0].language"),
            (r#"{"keep_headers":["Content-Length"]}"#, "keep_headers[0]"),
        ] {
            assert_eq!(page(json, false).expect_err(json).field(), field, "{json}");
        }
    }
}
