//! The exchange of the step Try, as fields of a form and as YAML: two views of one value.
//!
//! The form has fields for what people change most; `try.more` holds everything else as YAML. What the form cannot say
//! (bodies in pieces, trailers, bytes that are no text) stays YAML as a whole, so that nothing is lost.

use std::collections::BTreeSet;

use marketplace_domain::{Problem, Reason, draft::Draft, views::trial::HeaderRow};
use marketplace_sandbox::{
    Limits,
    exchange::{self, Format, Reading},
    report::InputError,
};
use serde_json::{Map, Value, json};

use crate::configure::yaml;

/// Every field of the step begins with this.
const PREFIX: &str = "try.";

/// More rows than this are not read: a message has no more header lines.
const MOST_ROWS: usize = 1024;

/// Whether a field belongs to the step.
pub fn is_trial(field: &str) -> bool {
    field.starts_with(PREFIX)
}

/// Whether the exchange is typed as YAML.
pub fn by_yaml(draft: &Draft) -> bool {
    draft.get("try.mode") == "yaml"
}

/// The rows of a message's headers with something in them.
pub fn rows(draft: &Draft, message: &str) -> Vec<HeaderRow> {
    let prefix = format!("try.{message}.headers.");
    let numbers: BTreeSet<usize> =
        draft.fields.keys().filter_map(|name| name.strip_prefix(&prefix)?.split('.').next()?.parse().ok()).collect();
    let text = |number: usize, part: &str| draft.get(&format!("{prefix}{number}.{part}")).to_owned();
    numbers
        .into_iter()
        .take(MOST_ROWS)
        .map(|number| HeaderRow { number, name: text(number, "name").trim().to_owned(), value: text(number, "value") })
        .filter(|row| !(row.name.is_empty() && row.value.is_empty()))
        .collect()
}

/// The part of the exchange that the form's own fields say.
fn said_by_fields(draft: &Draft) -> Map<String, Value> {
    let mut whole = Map::new();
    if !draft.get("try.name").is_empty() {
        whole.insert("name".to_owned(), draft.get("try.name").into());
    }
    let mut request = Map::new();
    let number = |text: &str| text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from);
    for name in ["http", "method", "path", "authority"] {
        let typed = draft.get(&format!("try.request.{name}")).trim();
        if !typed.is_empty() {
            request.insert(name.to_owned(), if name == "http" { number(typed) } else { typed.into() });
        }
    }
    let mut upstream = Map::new();
    for (name, field) in [("status", "status"), ("delay_ms", "delay")] {
        let typed = draft.get(&format!("try.upstream.{field}")).trim();
        if !typed.is_empty() {
            upstream.insert(name.to_owned(), number(typed));
        }
    }
    if !draft.get("try.upstream.fail").is_empty() {
        upstream.insert("fail".to_owned(), draft.get("try.upstream.fail").into());
    }
    for (message, into) in [("request", &mut request), ("upstream", &mut upstream)] {
        let lines: Vec<Value> = rows(draft, message).into_iter().map(|row| json!([row.name, row.value])).collect();
        if !lines.is_empty() {
            into.insert("headers".to_owned(), lines.into());
        }
        let body = draft.get(&format!("try.{message}.body"));
        if !body.is_empty() {
            into.insert("body".to_owned(), body.into());
        }
    }
    whole.insert("request".to_owned(), request.into());
    whole.insert("upstream".to_owned(), upstream.into());
    whole
}

/// The whole exchange but its plugins, as YAML.
pub fn as_yaml(draft: &Draft) -> String {
    if by_yaml(draft) {
        return draft.get("try.yaml").to_owned();
    }
    let mut whole = Map::new();
    whole.insert("version".to_owned(), 1.into());
    whole.extend(said_by_fields(draft));
    let more = draft.get("try.more");
    let end = if more.is_empty() || more.ends_with('\n') { "" } else { "\n" };
    format!("{}{more}{end}", yaml::write(&whole.into()))
}

/// Reads the exchange with these plugins, and everything that is wrong, at the fields of the form. Also what was read, as
/// one document.
pub fn read(draft: &Draft, plugins: Vec<Value>, limits: &Limits) -> (Reading, Option<Value>, Vec<Problem>) {
    let yaml = by_yaml(draft);
    let (mut given, typed) = match yaml {
        true => (Map::new(), draft.get("try.yaml")),
        false => (said_by_fields(draft), draft.get("try.more")),
    };
    given.insert("plugins".to_owned(), plugins.into());
    let (reading, document) = exchange::read_over(&given.into(), typed.as_bytes(), Format::Yaml, limits, false);
    let requests = (rows(draft, "request"), rows(draft, "upstream"));
    let problems = reading.errors.iter().map(|error| problem(error, yaml, &requests.0, &requests.1)).collect();
    (reading, document, problems)
}

/// A problem of the exchange, at the field that says it.
fn problem(error: &InputError, yaml: bool, request: &[HeaderRow], upstream: &[HeaderRow]) -> Problem {
    let path = error.field.as_str();
    let field = match path {
        _ if path.starts_with("plugins[") => {
            let what = path.split_once("].").map_or("", |(_, rest)| rest);
            ["config", "env"].into_iter().find(|head| what.starts_with(head)).unwrap_or("").to_owned()
        }
        _ if yaml => "try.yaml".to_owned(),
        "name" if error.line.is_none() => "try.name".to_owned(),
        "request.http" | "request.method" | "request.path" | "request.authority" | "request.body"
        | "upstream.status" | "upstream.body" | "upstream.fail"
            if error.line.is_none() =>
        {
            format!("{PREFIX}{path}")
        }
        "upstream.delay_ms" if error.line.is_none() => "try.upstream.delay".to_owned(),
        _ if error.line.is_none() => header_field("request", path, request)
            .or_else(|| header_field("upstream", path, upstream))
            .unwrap_or_else(|| "try.more".to_owned()),
        _ => "try.more".to_owned(),
    };
    let reason = Reason::Exchange {
        code: error.code.clone(),
        // Where the field itself says it, its path says nothing more.
        path: if matches!(field.as_str(), "try.yaml" | "try.more" | "config" | "env" | "") {
            path.to_owned()
        } else {
            String::new()
        },
        message: error.message.clone(),
        at: error.line.map(|line| (line, error.column.unwrap_or(1))),
    };
    Problem::at(field, reason)
}

/// The field of `request.headers[2][1]`: rows without anything in them are not counted there.
fn header_field(message: &str, path: &str, rows: &[HeaderRow]) -> Option<String> {
    let rest = path.strip_prefix(message)?.strip_prefix(".headers")?;
    let mut parts = rest.split(['[', ']']).filter(|part| !part.is_empty());
    let number = match parts.next() {
        Some(index) => rows.get(index.parse::<usize>().ok()?)?.number,
        None => rows.first()?.number,
    };
    let part = if parts.next() == Some("1") { "value" } else { "name" };
    Some(format!("{PREFIX}{message}.headers.{number}.{part}"))
}

/// Puts an exchange into the draft: into the form where that can say it all, else as YAML. Its plugins stay outside.
pub fn fill(draft: &mut Draft, exchange: &Value) {
    let chosen = draft.get("try.sample").to_owned();
    draft.fields.retain(|name, _| !is_trial(name));
    draft.set("try.sample", chosen);
    let mut whole = exchange.as_object().cloned().unwrap_or_default();
    whole.shift_remove("plugins");
    match fields(&whole) {
        Some(fields) => {
            draft.fields.extend(fields);
            draft.set("try.mode", "form");
        }
        None => {
            whole.shift_insert(0, "version".to_owned(), 1.into());
            draft.set("try.yaml", yaml::write(&whole.into()));
            draft.set("try.mode", "yaml");
        }
    }
}

/// All fields of the form for an exchange; `None` when the form cannot say it all.
fn fields(whole: &Map<String, Value>) -> Option<Vec<(String, String)>> {
    let mut fields = Vec::new();
    let mut set = |name: &str, text: String| fields.push((format!("{PREFIX}{name}"), text));
    let empty = Map::new();
    let part = |name: &str| match whole.get(name) {
        Some(Value::Object(part)) => Some(part.clone()),
        None | Some(Value::Null) => Some(empty.clone()),
        Some(_) => None,
    };
    let default = |name: &str| match name {
        "http" => "1",
        "method" => "GET",
        "path" => "/",
        "authority" => "example.com",
        "status" => "200",
        _ => "",
    };
    let plain = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    };
    for (message, names) in [
        ("request", &[("http", "http"), ("method", "method"), ("path", "path"), ("authority", "authority")][..]),
        ("upstream", &[("status", "status"), ("delay_ms", "delay"), ("fail", "fail")][..]),
    ] {
        let mut said = part(message)?;
        for (name, field) in names {
            let text = match said.shift_remove(*name).filter(|value| !value.is_null()) {
                Some(value) => plain(&value)?,
                None => default(name).to_owned(),
            };
            set(&format!("{message}.{field}"), text);
        }
        let body = match said.shift_remove("body").filter(|value| !value.is_null()) {
            // Lines end with CR LF only where somebody means it, and a form does not keep that.
            Some(Value::String(text)) if !text.is_empty() && !text.contains('\r') => text,
            Some(_) => return None,
            None => String::new(),
        };
        set(&format!("{message}.body"), body);
        let lines = said.shift_remove("headers").filter(|value| !value.is_null()).unwrap_or_else(|| json!([]));
        for (number, line) in lines.as_array()?.iter().enumerate() {
            let [Value::String(name), Value::String(value)] = line.as_array()?.as_slice() else { return None };
            set(&format!("{message}.headers.{number}.name"), name.clone());
            set(&format!("{message}.headers.{number}.value"), value.clone());
        }
        if !said.is_empty() {
            return None;
        }
    }
    set("name", whole.get("name").and_then(Value::as_str).unwrap_or_default().to_owned());
    let mut more = whole.clone();
    more.retain(|name, _| !["version", "name", "request", "upstream"].contains(&name.as_str()));
    set("more", yaml::write(&more.into()));
    Some(fields)
}

/// Switches between the views. The form is taken only where it can say everything.
pub fn switch(draft: &mut Draft, to: &str) {
    match to {
        "yaml" if !by_yaml(draft) => {
            draft.set("try.yaml", as_yaml(draft));
            draft.set("try.mode", "yaml");
        }
        "form" if by_yaml(draft) => {
            let Ok(Value::Object(typed)) = yaml::parse(draft.get("try.yaml")) else { return };
            if let Some(fields) = fields(&typed) {
                draft.fields.retain(|name, _| !is_trial(name) || name == "try.sample");
                draft.fields.extend(fields);
                draft.set("try.mode", "form");
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugins() -> Vec<Value> {
        vec![json!({"module": format!("sha256:{}", "0".repeat(64))})]
    }

    fn filled(exchange: &Value) -> Draft {
        let mut draft = Draft::default();
        fill(&mut draft, exchange);
        draft
    }

    fn document(draft: &Draft) -> Value {
        let (_, document, problems) = read(draft, plugins(), &Limits::default());
        assert_eq!(problems, []);
        let mut document = document.expect("a document");
        document.as_object_mut().expect("an object").shift_remove("plugins");
        document
    }

    #[test]
    fn an_exchange_goes_into_the_form_and_comes_back() {
        let exchange = json!({"name": "x", "request": {"http": 1, "method": "POST", "path": "/a?b", "authority": "shop",
            "headers": [["accept", "*/*"], ["x", ""]], "body": "a\nb"},
            "upstream": {"status": 404, "delay_ms": 5, "headers": [["content-type", "text/plain"]], "body": "no"},
            "callouts": [{"cluster": "c", "status": 200}], "seed": 7});
        let mut draft = filled(&exchange);
        assert_eq!((draft.get("try.mode"), draft.get("try.request.headers.1.name")), ("form", "x"));
        let mut wanted = exchange.clone();
        wanted["version"] = 1.into();
        assert_eq!(document(&draft), wanted);
        switch(&mut draft, "yaml");
        assert_eq!((by_yaml(&draft), document(&draft)), (true, wanted.clone()));
        switch(&mut draft, "form");
        assert_eq!((by_yaml(&draft), document(&draft)), (false, wanted));
    }

    #[test]
    fn what_the_form_cannot_say_stays_yaml() {
        for request in [
            json!({"body": {"chunks": ["a", "b"]}}),
            json!({"body": ""}),
            json!({"trailers": [["a", "b"]]}),
            json!({"headers": [["a", {"base64": "/w=="}]]}),
            json!({"scheme": "https"}),
        ] {
            let mut draft = filled(&json!({ "request": request }));
            assert!(by_yaml(&draft), "{request}");
            switch(&mut draft, "form");
            assert!(by_yaml(&draft), "{request}");
        }
    }

    #[test]
    fn problems_stand_at_their_fields() {
        let mut draft = filled(&json!({"request": {"headers": [["a", "b"]]}, "seed": 1}));
        draft.set("try.upstream.status", "two");
        draft.set("try.request.headers.0.name", "");
        draft.set("try.request.headers.0.value", "");
        draft.set("try.request.headers.4.name", "bad name");
        draft.set("try.request.path", "/a b");
        draft.set("try.more", "callouts:\n- cluster: c\n  stats: 1\nupstream: {}\n");
        let problems = read(&draft, plugins(), &Limits::default()).2;
        let found: Vec<_> = problems
            .iter()
            .map(|problem| match &problem.reason {
                Reason::Exchange { code, at, .. } => (problem.field.as_str(), code.as_str(), at.map(|(line, _)| line)),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            found,
            [
                ("try.request.path", "bad_value", None),
                ("try.request.headers.4.name", "bad_value", None),
                ("try.upstream.status", "wrong_type", None),
                ("try.more", "unknown_field", Some(3)),
                ("try.more", "conflict", Some(4)),
            ]
        );
    }

    #[test]
    fn yaml_keeps_its_comments_and_places() {
        let mut draft = filled(&json!({"request": {}}));
        draft.set("try.more", "# why\nseed: 1");
        switch(&mut draft, "yaml");
        assert!(draft.get("try.yaml").ends_with("# why\nseed: 1\n"), "{}", draft.get("try.yaml"));
        draft.set("try.yaml", "request: {}\nplugins: []\n");
        let problems = read(&draft, plugins(), &Limits::default()).2;
        let [Problem { field, reason: Reason::Exchange { code, path, at, .. } }] = problems.as_slice() else {
            panic!("{problems:?}")
        };
        assert_eq!(
            (field.as_str(), code.as_str(), path.as_str(), *at),
            ("try.yaml", "conflict", "plugins", Some((2, 1)))
        );
    }
}
