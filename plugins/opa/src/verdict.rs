//! What the policy's result means.

use plugin_kit::access;
use plugin_kit::http;
use plugin_kit::json;
use plugin_kit::plugin::{Answer, Decision, Headers, Reply};
use serde_json::{Map, Value};

use crate::settings::Settings;

/// The longest answer, in bytes.
const MAX_ANSWER: usize = 256 * 1024;
/// How deep it may be nested.
const MAX_DEPTH: usize = 32;

/// A decision about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may go on, with these headers.
    Allow(Vec<(String, String)>),
    /// It may not.
    Deny(Reply),
}

impl Verdict {
    /// Reads an answer. Only a clear yes is one; a policy that says nothing says no. The error says why there is no verdict.
    pub fn of(answer: Option<&Answer>, settings: &Settings) -> Result<Self, String> {
        let answer = answer.ok_or("no answer")?;
        if answer.status != 200 {
            return Err(format!("status {}", answer.status));
        }
        if answer.body.len() > MAX_ANSWER {
            return Err("the answer is too long".to_owned());
        }
        let answer = json::parse_strict(&answer.body, MAX_DEPTH)?;
        let answer = answer.as_object().ok_or("the answer is no object")?;
        match answer.get("result") {
            Some(Value::Bool(true)) => Ok(Self::Allow(Vec::new())),
            None | Some(Value::Bool(false)) => Ok(Self::Deny(denial(settings.rejected_code))),
            Some(Value::Object(result)) => Self::of_result(result, settings),
            Some(_) => Err("the result is neither a boolean nor an object".to_owned()),
        }
    }

    fn of_result(result: &Map<String, Value>, settings: &Settings) -> Result<Self, String> {
        match result.get("allow").or_else(|| result.get("allowed")) {
            Some(Value::Bool(true)) => Ok(Self::Allow(headers(result, &settings.upstream_headers)?)),
            Some(Value::Bool(false)) => {
                let status = match result.get("status").or_else(|| result.get("http_status")) {
                    None => settings.rejected_code,
                    Some(status) => match status.as_u64().and_then(|status| u16::try_from(status).ok()) {
                        Some(status @ 300..=599) => status,
                        _ => return Err("the result's status is none of 300 to 599".to_owned()),
                    },
                };
                let mut reply = match result.get("body") {
                    None => denial(status),
                    Some(Value::String(body)) => Reply { status, headers: Vec::new(), body: body.clone() },
                    Some(body) => Reply::json(status, body.to_string()),
                };
                for (name, value) in headers(result, &settings.client_headers)? {
                    reply.headers.retain(|(known, _)| *known != name);
                    reply.headers.push((name, value));
                }
                Ok(Self::Deny(reply))
            }
            _ => Err("the result has no boolean allow".to_owned()),
        }
    }

    /// Lets the request go on, or not.
    pub fn carry_out(self, request: &dyn Headers) -> Decision {
        match self {
            Self::Allow(headers) => {
                headers.iter().for_each(|(name, value)| request.set(name, value.as_bytes()));
                Decision::Pass
            }
            Self::Deny(reply) => Decision::Refuse(reply),
        }
    }
}

fn denial(status: u16) -> Reply {
    access::refusal(status, "forbidden", "the policy does not allow it")
}

/// Those of the result's headers that have one of these names.
fn headers(result: &Map<String, Value>, names: &[String]) -> Result<Vec<(String, String)>, String> {
    let headers = match result.get("headers") {
        None => return Ok(Vec::new()),
        Some(headers) => headers.as_object().ok_or("the result's headers are no object")?,
    };
    let mut chosen = Vec::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        if !names.contains(&name) {
            continue;
        }
        match value.as_str().filter(|value| http::is_header_value(value.as_bytes())) {
            Some(value) => chosen.push((name, value.to_owned())),
            None => return Err("a header of the result is not text that a header can hold".to_owned()),
        }
    }
    Ok(chosen)
}
