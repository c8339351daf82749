//! The phases: headers at once, the body when it is complete.

use plugin_kit::body::Expected;
use plugin_kit::config::Refusal;
use plugin_kit::plugin::{Body, Cx, Decision, Headers, Plugin, Reply, Side, Uncollected};
use plugin_kit::scope::Target;
use plugin_kit::{http, json};
use serde_json::{Map, Value};

use crate::schema::Failure;
use crate::settings::{Demand, Settings};

/// How deep bodies may be nested.
const MAX_DEPTH: usize = 64;
/// The longest pointer that clients are told, in characters.
const MAX_POINTER: usize = 200;

/// The plugin.
#[derive(Debug)]
pub struct Validation(Settings);

/// What a stream remembers: by number, which demands its body must meet.
#[derive(Default)]
pub struct Stream(Vec<usize>);

impl Plugin for Validation {
    const NAME: &'static str = "request-validation";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Settings::read(configuration).map(Self)
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let choosy = self.0.demands.iter().any(|demand| !demand.rule.is_for_all());
        let target = Target::if_needed(choosy, cx.headers);
        let meant: Vec<_> =
            self.0.demands.iter().enumerate().filter(|(_, demand)| demand.rule.may_match(&target)).collect();
        if meant.is_empty() {
            return Decision::Skip;
        }
        if meant.iter().any(|(_, demand)| demand.headers.is_some()) {
            let headers = Value::Object(object(cx.headers));
            for (_, demand) in &meant {
                if let Some(Err(failure)) = demand.headers.as_ref().map(|schema| schema.check(&headers)) {
                    return self.refuse(demand, "the headers do not match", &failure);
                }
            }
        }
        stream.0 = meant.iter().filter(|(_, demand)| demand.body.is_some()).map(|(i, _)| *i).collect();
        if stream.0.is_empty() {
            return Decision::Pass;
        }
        if cx.end {
            return self.unreadable(self.0.rejected_code, "a body is missing");
        }
        if !is_json(cx.headers) {
            return self.unreadable(415, "the body must be JSON in UTF-8, not compressed");
        }
        let expected = Expected::of(cx.headers, self.0.max_body);
        if expected.length.is_some_and(|length| length > self.0.max_body as u64) {
            return self.unreadable(413, "the body is too large");
        }
        Decision::Collect(expected)
    }

    fn on_request_body(&self, stream: &mut Stream, _cx: &Cx, body: Body) -> Decision {
        let value = match json::parse_strict(&body.bytes, MAX_DEPTH) {
            Ok(value) => value,
            Err(why) => return self.unreadable(self.0.rejected_code, &format!("the body is not good JSON: {why}")),
        };
        for demand in stream.0.iter().filter_map(|i| self.0.demands.get(*i)) {
            if let Some(Err(failure)) = demand.body.as_ref().map(|schema| schema.check(&value)) {
                return self.refuse(demand, "the body does not match", &failure);
            }
        }
        Decision::Pass
    }

    fn on_uncollected(&self, _stream: &mut Stream, _cx: &Cx, _side: Side, why: Uncollected) -> Decision {
        match why {
            Uncollected::TooLarge => self.unreadable(413, "the body is too large"),
            Uncollected::Unreadable => self.unreadable(self.0.rejected_code, "the body could not be read"),
        }
    }
}

/// Headers as an object of strings. Several of one name are one, with commas between, as HTTP understands them.
fn object(headers: &dyn Headers) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in headers.pairs() {
        if name.starts_with(':') {
            continue;
        }
        let value = String::from_utf8_lossy(&value).into_owned();
        match map.get_mut(&name) {
            Some(Value::String(known)) => {
                known.push_str(if name == "cookie" { "; " } else { ", " });
                known.push_str(&value);
            }
            _ => drop(map.insert(name, Value::String(value))),
        }
    }
    map
}

/// Whether the body is one that we and the upstream read in the same way.
fn is_json(headers: &dyn Headers) -> bool {
    let Some(kind) = headers.only("content-type") else {
        return false;
    };
    let named = http::media_type(&kind).is_some_and(|kind| kind == "application/json" || kind.ends_with("+json"));
    let charset =
        !http::has_charset(&kind, "") || http::has_charset(&kind, "utf-8") || http::has_charset(&kind, "utf8");
    named && charset && !kind.contains(&b',') && http::is_plain(headers.get("content-encoding").as_deref())
}

impl Validation {
    fn refuse(&self, demand: &Demand, what: &str, failure: &Failure) -> Decision {
        let own = failure.message.as_ref().or(demand.message.as_ref());
        let message = own.map_or(what, String::as_str);
        if !self.0.verbose {
            return reply(self.0.rejected_code, &[("message", message)]);
        }
        let at: String = failure.at.chars().take(MAX_POINTER).collect();
        reply(self.0.rejected_code, &[("message", message), ("field", &at), ("rule", failure.keyword)])
    }

    fn unreadable(&self, status: u16, why: &str) -> Decision {
        let why = if self.0.verbose { why } else { "the body does not match" };
        reply(status, &[("message", why)])
    }
}

fn reply(status: u16, fields: &[(&str, &str)]) -> Decision {
    let mut body = Map::new();
    body.insert("error".to_owned(), "invalid request".into());
    body.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))));
    Decision::Refuse(Reply::json(status, Value::Object(body).to_string()))
}

#[cfg(test)]
mod tests;
