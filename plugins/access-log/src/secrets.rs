//! What must not be in a log: headers, parameters and JSON members of certain names.
//!
//! A body may be cut in the middle, so nothing here relies on it being whole: what looks like a secret's value is hidden up
//! to its end, and if there is none, up to the end of what there is.

use std::collections::BTreeSet;

use plugin_kit::query;

/// What stands for a hidden value.
pub const MASK: &str = "***";

const HEADERS: [&str; 10] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "apikey",
    "x-auth-token",
    "x-csrf-token",
    "x-amz-security-token",
    "x-forwarded-client-cert",
];

/// As [`plain`] makes them.
const FIELDS: [&str; 22] = [
    "accesskey",
    "accesstoken",
    "apikey",
    "assertion",
    "authorization",
    "cardnumber",
    "clientassertion",
    "clientsecret",
    "codeverifier",
    "cvv",
    "idtoken",
    "newpassword",
    "oldpassword",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "refreshtoken",
    "secret",
    "secretkey",
    "sessionid",
    "token",
];

/// A secret of OAuth in addresses and forms. In JSON it is mostly the number of an error.
const CODE: &str = "code";

/// Names of secrets.
#[derive(Debug)]
pub struct Secrets {
    headers: BTreeSet<String>,
    fields: BTreeSet<String>,
    parameters: BTreeSet<String>,
}

/// A name as it is compared: `accessToken`, `access_token` and `Access-Token` are one.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' ')).flat_map(char::to_lowercase).collect()
}

impl Secrets {
    /// The usual names and these. `defaults`: whether the usual ones are among them.
    pub fn new(headers: &[String], fields: &[String], defaults: bool) -> Self {
        let usual = |names: &'static [&str]| names.iter().filter(move |_| defaults).map(|name| (*name).to_owned());
        let fields: BTreeSet<String> = usual(&FIELDS).chain(fields.iter().map(|name| plain(name))).collect();
        Self {
            headers: usual(&HEADERS).chain(headers.iter().map(|name| name.to_ascii_lowercase())).collect(),
            parameters: fields.iter().cloned().chain(usual(&[CODE])).collect(),
            fields,
        }
    }

    /// A header's value as it may be logged. `name` in lower case.
    pub fn header(&self, name: &str, value: &[u8]) -> Vec<u8> {
        if self.headers.contains(name) {
            return MASK.as_bytes().to_vec();
        }
        // Addresses carry parameters.
        if matches!(name, "referer" | "location") { self.path(value) } else { value.to_vec() }
    }

    /// A path with its query, as it may be logged.
    pub fn path(&self, path: &[u8]) -> Vec<u8> {
        match path.iter().position(|&b| b == b'?') {
            Some(mark) => [&path[..=mark], &self.form(&path[mark + 1..])].concat(),
            None => path.to_vec(),
        }
    }

    /// Parameters parted by `&`, as they may be logged.
    pub fn form(&self, form: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(form.len());
        for (i, pair) in form.split(|&b| b == b'&').enumerate() {
            if i > 0 {
                out.push(b'&');
            }
            match pair.iter().position(|&b| b == b'=') {
                Some(at) if self.is_parameter(&query::decode(&pair[..at], true)) => {
                    out.extend_from_slice(&pair[..=at]);
                    out.extend_from_slice(MASK.as_bytes());
                }
                _ => out.extend_from_slice(pair),
            }
        }
        out
    }

    fn is_parameter(&self, name: &[u8]) -> bool {
        self.parameters.contains(&plain(&String::from_utf8_lossy(name)))
    }

    fn is_field(&self, name: &str) -> bool {
        self.fields.contains(&plain(name))
    }

    /// A JSON text, whole or cut, as it may be logged.
    pub fn json(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        while at < text.len() {
            if text[at] != b'"' {
                out.push(text[at]);
                at += 1;
                continue;
            }
            let end = string_end(text, at);
            out.extend_from_slice(&text[at..end]);
            let source = &text[at..end];
            at = end;
            let colon = skip_blanks(text, at);
            if text.get(colon) != Some(&b':') {
                continue;
            }
            let name: Option<String> = serde_json::from_slice(source).ok();
            // A name that cannot be read may be any.
            if name.is_none_or(|name| self.is_field(&name)) {
                let value = skip_blanks(text, colon + 1);
                out.extend_from_slice(&text[at..value]);
                if value < text.len() {
                    out.extend_from_slice(b"\"***\"");
                }
                at = value_end(text, value);
            }
        }
        out
    }
}

fn skip_blanks(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The place behind the closing quote of the string that begins at `start`, or the end.
fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// The place behind the value that begins at `at`, or the end.
fn value_end(text: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => at = string_end(text, at),
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                at += 1;
            }
            b',' if depth == 0 => return at,
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secrets() -> Secrets {
        Secrets::new(&["X-Own".to_owned()], &["card_no".to_owned()], true)
    }

    fn json(text: &str) -> String {
        String::from_utf8(secrets().json(text.as_bytes())).expect("text")
    }

    #[test]
    fn headers_by_name() {
        for (name, value, wanted) in [
            ("authorization", "Basic x", "***"),
            ("x-own", "1", "***"),
            ("accept", "a", "a"),
            ("referer", "https://a/?token=1&b=2", "https://a/?token=***&b=2"),
        ] {
            assert_eq!(secrets().header(name, value.as_bytes()), wanted.as_bytes());
        }
        assert_eq!(Secrets::new(&[], &[], false).header("cookie", b"a"), b"a");
    }

    #[test]
    fn parameters_in_any_writing() {
        for (path, wanted) in [
            ("/a?access_token=x&y=1", "/a?access_token=***&y=1"),
            ("/a?Access%54oken=x", "/a?Access%54oken=***"),
            ("/a?pass%77ord=x&&z", "/a?pass%77ord=***&&z"),
            ("/a?code=x&card-no=1", "/a?code=***&card-no=***"),
            ("/a?tokens=1", "/a?tokens=1"),
            ("/a", "/a"),
            ("/?", "/?"),
        ] {
            assert_eq!(secrets().path(path.as_bytes()), wanted.as_bytes(), "{path}");
        }
    }

    #[test]
    fn members_at_any_depth_and_in_any_writing() {
        for (text, wanted) in [
            (r#"{"a":1,"password":"p\"w","b":2}"#, r#"{"a":1,"password":"***","b":2}"#),
            (
                r#"{"a":{"Access-Token" : 12 , "b":[{"pwd":null}]}}"#,
                r#"{"a":{"Access-Token" : "***", "b":[{"pwd":"***"}]}}"#,
            ),
            (r#"{"secret":{"x":["a","}"]},"b":1}"#, r#"{"secret":"***","b":1}"#),
            (r#"{"pass\u0077ord":"x"}"#, r#"{"pass\u0077ord":"***"}"#),
            (r#"{"card_no":"1","cardNo":2}"#, r#"{"card_no":"***","cardNo":"***"}"#),
            (r#"["password","x"]"#, r#"["password","x"]"#),
            (r#"{"code":404}"#, r#"{"code":404}"#),
            (r#"{"a":"token","b":"\"token\":1"}"#, r#"{"a":"token","b":"\"token\":1"}"#),
        ] {
            assert_eq!(json(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_cut_hides_as_much() {
        for (text, wanted) in [
            (r#"{"password":"secr"#, r#"{"password":"***""#),
            (r#"{"password":{"a":"secr"#, r#"{"password":"***""#),
            (r#"{"password":"#, r#"{"password":"#),
            (r#"{"passw"#, r#"{"passw"#),
            (r#"{"password":"a\"#, r#"{"password":"***""#),
            (r#"{"password":12"#, r#"{"password":"***""#),
        ] {
            assert_eq!(json(text), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_secret_shows_wherever_it_is_cut(before in "[ \\[\\]{}\",:0-9a-z\\\\]{0,20}", secret in "Q[A-Z0-9]{3,12}", cut in 0_usize..80) {
            let text = serde_json::json!({ "k": before, "password": secret, "l": [{"token": {"x": [secret]}}] }).to_string();
            let text = &text.as_bytes()[..text.len().min(cut)];
            let hidden = String::from_utf8_lossy(&secrets().json(text)).into_owned();
            prop_assert!(!hidden.contains(&secret[..3]), "{}", hidden);
        }

        #[test]
        fn any_bytes_are_taken(text in proptest::collection::vec(any::<u8>(), 0..60)) {
            let secrets = secrets();
            let _ = (secrets.json(&text), secrets.form(&text), secrets.path(&text));
        }

        #[test]
        fn what_is_hidden_stays_json(text in "[ \\[\\]{}\",:0-9a]{0,24}") {
            let wrapped = serde_json::json!({"token": text, "x": {"pwd": [text]}}).to_string();
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&secrets().json(wrapped.as_bytes())).is_ok());
        }
    }
}
