//! What the authenticating plugins have in common: who is exempted, who may do what, and how the upstream learns who it is.

use crate::config::{self, Fields, Refusal};
use crate::headers;
use crate::plugin::{Decision, Headers, Reply};
use crate::scope::{Exempt, MAX_RULES, RULE_FIELDS, Rule, Target};

/// The most consumers a plugin knows.
pub const MAX_CONSUMERS: usize = 4096;
/// Where the upstream, and plugins behind this one, learn who it is, unless it is configured otherwise.
pub const CONSUMER_HEADER: &str = "x-consumer-name";
/// The longest name of a consumer, in characters.
const MAX_NAME: usize = 128;

/// The fields of [`Access::read`].
pub const FIELDS: [&str; 5] = ["exempt", "rules", "consumerHeader", "realm", "hideCredentials"];

/// Who is exempted, who may do what.
#[derive(Debug)]
pub struct Access {
    exempt: Exempt,
    rules: Vec<(Rule, Vec<String>)>,
    consumer_header: String,
    realm: String,
    /// Whether the upstream is not to see credentials.
    pub hide_credentials: bool,
}

impl Access {
    /// Reads `exempt`, `rules`, `consumerHeader`, `realm` and `hideCredentials`. `consumers`: those that rules may name.
    pub fn read(fields: &Fields, consumers: &[&str]) -> Result<Self, Refusal> {
        let rules = fields.list("rules", MAX_RULES, |value, path| {
            let fields = Fields::nested(value, path.clone(), &[&RULE_FIELDS[..], &["allow"]].concat())?;
            let allow = fields.list("allow", MAX_CONSUMERS, |value, path| {
                let name = config::string(value, &path, MAX_NAME)?;
                match consumers.contains(&name) {
                    true => Ok(name.to_owned()),
                    false => Err(Refusal::new(path, "no consumer has this name")),
                }
            })?;
            Ok((Rule::read(&fields)?, allow.ok_or_else(|| fields.refuse("allow", "is missing"))?))
        })?;
        let realm = fields.string("realm", 64)?.unwrap_or("gateway");
        if !realm.bytes().all(|b| (b' '..0x7f).contains(&b) && b != b'"' && b != b'\\') {
            return Err(fields.refuse("realm", "must be printable ASCII without quotes and backslashes"));
        }
        Ok(Self {
            exempt: Exempt::read(fields)?,
            rules: rules.unwrap_or_default(),
            consumer_header: headers::name(fields, "consumerHeader", CONSUMER_HEADER)?,
            realm: realm.to_owned(),
            hide_credentials: fields.boolean("hideCredentials")?.unwrap_or(true),
        })
    }

    /// The header that tells the upstream who it is.
    pub fn consumer_header(&self) -> &str {
        &self.consumer_header
    }

    /// What the rules look at; nothing if there are none.
    pub fn target(&self, request: &dyn Headers) -> Target {
        Target::if_needed(!self.exempt.is_empty() || !self.rules.is_empty(), request)
    }

    /// Takes away what only this plugin may say of a request, and tells whether it needs no credentials.
    pub fn is_exempt(&self, request: &dyn Headers, target: &Target) -> bool {
        request.remove(&self.consumer_header);
        self.exempt.has(target)
    }

    /// Lets a known consumer through, or not: every rule that may be meant must allow it.
    pub fn admit(&self, request: &dyn Headers, target: &Target, consumer: &str) -> Decision {
        let allowed =
            |(rule, allow): &(Rule, Vec<String>)| !rule.may_match(target) || allow.iter().any(|a| a == consumer);
        if !self.rules.iter().all(allowed) {
            return Decision::Refuse(forbidden());
        }
        request.set(&self.consumer_header, consumer.as_bytes());
        Decision::Pass
    }

    /// The refusal of a request without good credentials. `scheme`: of the challenge; `why`: for the client.
    pub fn challenge(&self, scheme: &str, why: &str) -> Decision {
        self.refuse(format!("{scheme} realm=\"{}\"", self.realm), why)
    }

    /// The same, with more parameters behind the realm.
    pub fn challenge_with(&self, scheme: &str, parameters: &str, why: &str) -> Decision {
        self.refuse(format!("{scheme} realm=\"{}\", {parameters}", self.realm), why)
    }

    fn refuse(&self, challenge: String, why: &str) -> Decision {
        Decision::Refuse(refusal(401, "unauthorized", why).header("www-authenticate", challenge))
    }
}

fn forbidden() -> Reply {
    refusal(403, "forbidden", "this consumer may not do that")
}

/// A refusal in the form that all plugins use. `error` and `why` must need no escapes.
pub fn refusal(status: u16, error: &str, why: &str) -> Reply {
    Reply::json(status, format!("{{\"error\":\"{error}\",\"message\":\"{why}\"}}"))
}

/// Reads a consumer's name: what may stand in a header.
pub fn consumer_name<'a>(fields: &Fields<'a>, name: &str) -> Result<&'a str, Refusal> {
    match fields.string(name, MAX_NAME)? {
        None | Some("") => Err(fields.refuse(name, "is missing")),
        Some(text) if !text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') || text.trim() != text => {
            Err(fields.refuse(name, "must be printable ASCII"))
        }
        Some(text) => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeHeaders;

    fn access(json: &str) -> Result<Access, Refusal> {
        let map = config::parse(json.as_bytes()).expect("JSON");
        Access::read(&Fields::root(&map, &FIELDS)?, &["alice", "bob"])
    }

    #[test]
    fn every_rule_must_allow() {
        let access =
            access(r#"{"rules":[{"paths":["/admin/*"],"allow":["alice"]},{"methods":["DELETE"],"allow":["bob"]}]}"#)
                .expect("good");
        let admitted = |method, path, consumer| {
            let request = FakeHeaders::request(method, "a", path, &[("x-consumer-name", "root")]);
            let target = Target::of(&request);
            assert!(!access.is_exempt(&request, &target));
            assert_eq!(request.get("x-consumer-name"), None);
            let decision = access.admit(&request, &target, consumer);
            assert_eq!(request.text("x-consumer-name").is_some(), decision == Decision::Pass);
            decision == Decision::Pass
        };
        assert!(admitted("GET", "/admin/x", "alice") && !admitted("GET", "/admin/x", "bob"));
        assert!(admitted("DELETE", "/x", "bob") && !admitted("DELETE", "/admin/x", "bob"));
        assert!(!admitted("GET", "/x/..%2fadmin/x", "bob"), "a path that may be meant");
    }

    #[test]
    fn refusals_name_the_field() {
        for (json, field) in [
            (r#"{"exempt":[{}]}"#, "exempt[0]"),
            (r#"{"exempt":[{"path":"/"}]}"#, "exempt[0].path"),
            (r#"{"rules":[{"allow":["carol"]}]}"#, "rules[0].allow[0]"),
            (r#"{"rules":[{}]}"#, "rules[0].allow"),
            (r#"{"consumerHeader":":path"}"#, "consumerHeader"),
            (r#"{"consumerHeader":"Host"}"#, "consumerHeader"),
            (r#"{"realm":"a\"b"}"#, "realm"),
            (r#"{"realm":"a\r\nb"}"#, "realm"),
        ] {
            assert_eq!(access(json).expect_err(json).field(), field);
        }
    }
}
