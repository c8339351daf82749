//! The configuration, read strictly and compiled once.

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::http;
use plugin_kit::pattern;
use plugin_kit::plugin::Side;
use plugin_kit::template::Template;
use serde_json::Value;

use crate::document::{Kind, Path};
use crate::steps::{Action, Key, Origin, Place, Step};
use crate::text::{Name, Text, Where};
use crate::values::{How, Strategy};

const FIELDS: [&str; 4] = ["reqRules", "respRules", "reroute", "max_body_kib"];
const RULE: [&str; 5] = ["operate", "mapSource", "headers", "querys", "body"];
const MAX_RULES: usize = 64;
const MAX_ITEMS: usize = 64;
const MAX_NAME: usize = 256;
const MAX_TEXT: usize = 4096;

const VERBS: [(&str, Verb); 7] = [
    ("remove", Verb::Remove),
    ("rename", Verb::Rename),
    ("replace", Verb::Write(How::Replace)),
    ("add", Verb::Write(How::Add)),
    ("append", Verb::Write(How::Append)),
    ("map", Verb::Map),
    ("dedupe", Verb::Dedupe),
];

const KINDS: [(&str, Kind); 4] =
    [("string", Kind::String), ("number", Kind::Number), ("boolean", Kind::Boolean), ("object", Kind::Object)];

const STRATEGIES: [(&str, Strategy); 5] = [
    ("RETAIN_FIRST", Strategy::RetainFirst),
    ("RETAIN_LAST", Strategy::RetainLast),
    ("RETAIN_UNIQUE", Strategy::RetainUnique),
    ("SPLIT_AND_RETAIN_FIRST", Strategy::SplitAndRetainFirst),
    ("SPLIT_AND_RETAIN_LAST", Strategy::SplitAndRetainLast),
];

#[derive(Clone, Copy)]
enum Verb {
    Remove,
    Rename,
    Write(How),
    Map,
    Dedupe,
}

/// What is done to messages of one direction.
#[derive(Debug, Default)]
pub struct Rules {
    /// In order.
    pub steps: Vec<Step>,
    /// Some are for the body.
    pub body: bool,
}

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// For requests.
    pub request: Rules,
    /// For responses.
    pub response: Rules,
    /// The request's headers that the rules for responses need.
    pub seen: Vec<String>,
    /// Have the route chosen anew.
    pub reroute: bool,
    /// The largest body that is changed, in bytes.
    pub max_body: usize,
}

impl Settings {
    /// Reads and compiles a configuration. No bytes mean the defaults: nothing is changed.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let response = rules(&fields, "respRules", Side::Response)?;
        Ok(Self {
            request: rules(&fields, "reqRules", Side::Request)?,
            seen: seen(&response),
            response,
            reroute: fields.boolean("reroute")?.unwrap_or(true),
            max_body: fields.integer("max_body_kib", 1, 1024)?.unwrap_or(512) as usize * 1024,
        })
    }

    /// Whether there is nothing to do.
    pub fn is_idle(&self) -> bool {
        self.request.steps.is_empty() && self.response.steps.is_empty()
    }
}

fn seen(response: &Rules) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for step in &response.steps {
        match &step.action {
            Action::Write(_, _, text, _) => names.extend(text.request_headers().map(str::to_owned)),
            Action::Map(Origin::RequestHeaders, from, ..) => {
                names.push(if from.name == "host" { ":authority".to_owned() } else { from.name.clone() });
            }
            Action::Map(Origin::Querys, ..) => names.push(":path".to_owned()),
            Action::Map(Origin::Cookies, ..) => names.push("cookie".to_owned()),
            _ => {}
        }
    }
    names.sort();
    names.dedup();
    names
}

fn rules(fields: &Fields, name: &str, side: Side) -> Result<Rules, Refusal> {
    let rules = fields.list(name, MAX_RULES, |value, path| rule(&Fields::nested(value, path, &RULE)?, side))?;
    let steps: Vec<Step> = rules.unwrap_or_default().into_iter().flatten().collect();
    Ok(Rules { body: steps.iter().any(|step| step.place == Place::Body), steps })
}

fn rule(fields: &Fields, side: Side) -> Result<Vec<Step>, Refusal> {
    let verb = fields.choice("operate", &VERBS)?.ok_or_else(|| fields.refuse("operate", "is missing"))?;
    let source = fields.string("mapSource", 32)?;
    if source.is_some() && !matches!(verb, Verb::Map) {
        return Err(fields.refuse("mapSource", "means something only with operate: map"));
    }
    if side == Side::Response && fields.value("querys").is_some() {
        return Err(fields.refuse("querys", "a response has none"));
    }
    let mut steps = Vec::new();
    for (name, place) in [("headers", Place::Headers), ("querys", Place::Querys), ("body", Place::Body)] {
        let reader = Reader { verb, place, side, source };
        let read = fields.list(name, MAX_ITEMS, |value, path| reader.step(value, path, fields))?;
        steps.extend(read.unwrap_or_default());
    }
    if steps.is_empty() {
        return Err(fields.refuse("headers", "missing, and so are querys and body"));
    }
    Ok(steps)
}

struct Reader<'a> {
    verb: Verb,
    place: Place,
    side: Side,
    source: Option<&'a str>,
}

impl Reader<'_> {
    fn step(&self, value: &Value, path: String, rule: &Fields) -> Result<Step, Refusal> {
        let fields = |known: &[&str]| Fields::nested(value, path.clone(), known);
        let action = match self.verb {
            Verb::Remove => Action::Remove(self.key(&fields(&["key"])?, "key", self.place)?),
            Verb::Rename => {
                let fields = fields(&["oldKey", "newKey"])?;
                Action::Rename(self.key(&fields, "oldKey", self.place)?, self.key(&fields, "newKey", self.place)?)
            }
            Verb::Write(how) => {
                let name = match how {
                    How::Replace => "newValue",
                    How::Add => "value",
                    How::Append => "appendValue",
                };
                let fields = fields(&["key", name, "value_type", "host_pattern", "path_pattern"])?;
                Action::Write(how, self.key(&fields, "key", self.place)?, self.text(&fields, name)?, kind(&fields)?)
            }
            Verb::Map => {
                let fields = fields(&["fromKey", "toKey", "value_type"])?;
                let origin = self.origin(rule)?;
                let from = match origin {
                    Origin::Same => self.key(&fields, "fromKey", self.place)?,
                    _ => self.name(&fields, "fromKey", origin)?,
                };
                Action::Map(origin, from, self.key(&fields, "toKey", self.place)?, kind(&fields)?)
            }
            Verb::Dedupe => {
                let fields = fields(&["key", "strategy"])?;
                let strategy = fields.choice("strategy", &STRATEGIES)?.unwrap_or(Strategy::RetainFirst);
                Action::Dedupe(self.key(&fields, "key", self.place)?, strategy)
            }
        };
        Ok(Step { place: self.place, action })
    }

    fn origin(&self, rule: &Fields) -> Result<Origin, Refusal> {
        let refuse = |why: &str| Err(rule.refuse("mapSource", why));
        match (self.source, self.place, self.side) {
            (None, ..)
            | (Some("headers"), Place::Headers, _)
            | (Some("querys"), Place::Querys, _)
            | (Some("body"), Place::Body, _) => Ok(Origin::Same),
            // Istio lets no filter hold headers back until a body has come: the stream would hang.
            (Some("body"), ..) => {
                refuse("headers and query are on their way before the body has come: nothing can be copied from it")
            }
            (Some("headers"), ..) => Ok(Origin::Headers),
            (Some("querys"), ..) => Ok(Origin::Querys),
            (Some("cookies"), ..) => Ok(Origin::Cookies),
            (Some("requestHeaders"), _, Side::Response) => Ok(Origin::RequestHeaders),
            (Some("requestHeaders"), ..) => refuse("in reqRules, say headers"),
            (Some(_), ..) => refuse("must be one of headers, querys, body, cookies, requestHeaders"),
        }
    }

    /// A name that is only read, somewhere else.
    fn name(&self, fields: &Fields, name: &str, origin: Origin) -> Result<Key, Refusal> {
        match fields.string(name, MAX_NAME)? {
            None | Some("") => Err(fields.refuse(name, "is missing")),
            Some(text) if matches!(origin, Origin::Headers | Origin::RequestHeaders) => {
                if !http::is_token(text) {
                    return Err(fields.refuse(name, "must be a header's name"));
                }
                Ok(Key { name: text.to_ascii_lowercase(), path: None })
            }
            Some(text) => Ok(Key { name: text.to_owned(), path: None }),
        }
    }

    fn key(&self, fields: &Fields, name: &str, place: Place) -> Result<Key, Refusal> {
        let text = match fields.string(name, MAX_NAME)? {
            None | Some("") => return Err(fields.refuse(name, "is missing")),
            Some(text) => text,
        };
        match place {
            Place::Headers => {
                let text = text.to_ascii_lowercase();
                if !http::is_header_name(&text) {
                    let why = "must be a header's name, and none that frames the message; redirect-rewrite changes path and host";
                    return Err(fields.refuse(name, why));
                }
                Ok(Key { name: text, path: None })
            }
            Place::Querys => Ok(Key { name: text.to_owned(), path: None }),
            Place::Body => match Path::parse(text) {
                Some(path) => Ok(Key { name: text.to_owned(), path: Some(path) }),
                None => Err(fields
                    .refuse(name, "must be a path such as a.b.0, at most 32 deep; a dot in a name is written \\.")),
            },
        }
    }

    fn text(&self, fields: &Fields, name: &str) -> Result<Text, Refusal> {
        let text = fields.string(name, MAX_TEXT)?.ok_or_else(|| fields.refuse(name, "is missing"))?;
        if self.place == Place::Headers && !http::is_header_value(text.as_bytes()) {
            return Err(fields.refuse(name, "no line ends or control characters"));
        }
        let pattern = match (fields.string("host_pattern", 512)?, fields.string("path_pattern", 512)?) {
            (None, None) => None,
            (Some(_), Some(_)) => return Err(fields.refuse("path_pattern", "cannot be combined with host_pattern")),
            (Some(host), None) => Some((Where::Host, pattern::regex(host, &fields.path_of("host_pattern"), false)?)),
            (None, Some(path)) => Some((Where::Path, pattern::regex(path, &fields.path_of("path_pattern"), false)?)),
        };
        let groups = pattern.as_ref().map(|(_, regex)| regex.captures_len().saturating_sub(1));
        let in_response = self.side == Side::Response;
        let template = Template::read(text, &fields.path_of(name), groups, |name| Name::parse(name, in_response))?;
        Ok(Text::new(template, pattern))
    }
}

fn kind(fields: &Fields) -> Result<Kind, Refusal> {
    Ok(fields.choice("value_type", &KINDS)?.unwrap_or(Kind::String))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_name_the_field() {
        let req = |rule: &str| format!(r#"{{"reqRules":[{{{rule}}}]}}"#);
        for (json, field) in [
            (r#"{"rules":[]}"#.to_owned(), "rules"),
            (req(r#""headers":[]"#), "reqRules[0].operate"),
            (req(r#""operate":"set","headers":[]"#), "reqRules[0].operate"),
            (req(r#""operate":"remove""#), "reqRules[0].headers"),
            (req(r#""operate":"remove","headers":[{}]"#), "reqRules[0].headers[0].key"),
            (req(r#""operate":"remove","headers":[{"key":"content-length"}]"#), "reqRules[0].headers[0].key"),
            (req(r#""operate":"remove","headers":[{"key":":path"}]"#), "reqRules[0].headers[0].key"),
            (req(r#""operate":"remove","headers":[{"key":"a","value":"b"}]"#), "reqRules[0].headers[0].value"),
            (req(r#""operate":"remove","body":[{"key":"a..b"}]"#), "reqRules[0].body[0].key"),
            (req(r#""operate":"add","headers":[{"key":"a"}]"#), "reqRules[0].headers[0].value"),
            (req(r#""operate":"add","headers":[{"key":"a","value":"b\r\nc: d"}]"#), "reqRules[0].headers[0].value"),
            (req(r#""operate":"add","headers":[{"key":"a","value":"${nope}"}]"#), "reqRules[0].headers[0].value"),
            (req(r#""operate":"add","headers":[{"key":"a","value":"${status}"}]"#), "reqRules[0].headers[0].value"),
            (
                req(r#""operate":"add","headers":[{"key":"a","value":"$2","host_pattern":"(.)"}]"#),
                "reqRules[0].headers[0].value",
            ),
            (
                req(r#""operate":"add","headers":[{"key":"a","value":"b","path_pattern":"("}]"#),
                "reqRules[0].headers[0].path_pattern",
            ),
            (
                req(r#""operate":"add","body":[{"key":"a","value":"b","value_type":"int"}]"#),
                "reqRules[0].body[0].value_type",
            ),
            (
                req(r#""operate":"map","mapSource":"body","headers":[{"fromKey":"a","toKey":"b"}]"#),
                "reqRules[0].mapSource",
            ),
            (
                req(r#""operate":"map","mapSource":"requestHeaders","headers":[{"fromKey":"a","toKey":"b"}]"#),
                "reqRules[0].mapSource",
            ),
            (req(r#""operate":"add","mapSource":"body","headers":[{"key":"a","value":"b"}]"#), "reqRules[0].mapSource"),
            (
                req(r#""operate":"dedupe","headers":[{"key":"a","strategy":"FIRST"}]"#),
                "reqRules[0].headers[0].strategy",
            ),
            (r#"{"respRules":[{"operate":"remove","querys":[{"key":"a"}]}]}"#.to_owned(), "respRules[0].querys"),
            (r#"{"max_body_kib":0}"#.to_owned(), "max_body_kib"),
        ] {
            assert_eq!(Settings::read(json.as_bytes()).expect_err(&json).field(), field, "{json}");
        }
    }

    #[test]
    fn only_what_responses_need_of_the_request_is_remembered() {
        let json = r#"{"reqRules":[{"operate":"add","headers":[{"key":"a","value":"${header.b}"}]}],"respRules":[
            {"operate":"add","headers":[{"key":"a","value":"${request_header.X-Id} ${query.q} ${header.y} ${status}"}]},
            {"operate":"map","mapSource":"cookies","headers":[{"fromKey":"s","toKey":"t"}]}]}"#;
        assert_eq!(Settings::read(json.as_bytes()).expect("good").seen, [":path", "cookie", "x-id"]);
    }
}
