//! Which requests a plugin that protects is for: all but the exempted ones.
//!
//! A path can be written in many ways, and an upstream may understand a way that a pattern does not. Doubt therefore
//! always means protection: an exemption holds only for paths that can be read in one way.

use crate::config::{Fields, Refusal};
use crate::http;
use crate::pattern::Pattern;
use crate::plugin::Headers;

/// The most rules in one list.
pub const MAX_RULES: usize = 128;

/// Requests by path, method and host.
#[derive(Debug, Default)]
pub struct Rule {
    paths: Vec<Pattern>,
    methods: Vec<String>,
    hosts: Vec<Pattern>,
}

/// The fields of a rule.
pub const RULE_FIELDS: [&str; 3] = ["paths", "methods", "hosts"];

impl Rule {
    /// Reads `paths`, `methods` and `hosts` of an object. An absent or empty list means any.
    pub fn read(fields: &Fields) -> Result<Self, Refusal> {
        let hosts = fields.list("hosts", MAX_RULES, |value, path| Pattern::read(value, &path, true))?;
        Ok(Self { paths: paths(fields, "paths")?, methods: methods(fields)?, hosts: hosts.unwrap_or_default() })
    }

    /// Whether it names nothing, and so means every request.
    pub fn is_for_all(&self) -> bool {
        self.paths.is_empty() && self.methods.is_empty() && self.hosts.is_empty()
    }

    /// Whether a request may be meant by this rule. A path that can be read in several ways may be any, and a method in
    /// lower case may be taken for the usual one.
    pub fn may_match(&self, target: &Target) -> bool {
        (self.paths.is_empty() || !target.clear || self.paths.iter().any(|p| p.matches(&target.path)))
            && (self.methods.is_empty()
                || self.methods.iter().any(|m| m.as_bytes().eq_ignore_ascii_case(&target.method)))
            && self.matches_host(target)
    }

    /// Whether a request is meant for certain.
    pub fn matches(&self, target: &Target) -> bool {
        (self.paths.is_empty() || (target.clear && self.paths.iter().any(|p| p.matches(&target.path))))
            && (self.methods.is_empty() || self.methods.iter().any(|m| m.as_bytes() == target.method))
            && self.matches_host(target)
    }

    fn matches_host(&self, target: &Target) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|h| h.matches(&target.host))
    }
}

/// The requests that a plugin leaves alone.
#[derive(Debug, Default)]
pub struct Exempt(Vec<Rule>);

impl Exempt {
    /// Reads the list `exempt`.
    pub fn read(fields: &Fields) -> Result<Self, Refusal> {
        let rules = fields.list("exempt", MAX_RULES, |value, path| {
            let rule = Rule::read(&Fields::nested(value, path.clone(), &RULE_FIELDS)?)?;
            match rule.is_for_all() {
                true => Err(Refusal::new(path, "must name paths, methods or hosts: an empty one exempts everything")),
                false => Ok(rule),
            }
        })?;
        Ok(Self(rules.unwrap_or_default()))
    }

    /// Whether it leaves nothing alone.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it leaves a request of this target alone, for certain.
    pub fn has(&self, target: &Target) -> bool {
        self.0.iter().any(|rule| rule.matches(target))
    }

    /// The same for a request's headers.
    pub fn meets(&self, request: &dyn Headers) -> bool {
        !self.is_empty() && self.has(&Target::of(request))
    }
}

fn methods(fields: &Fields) -> Result<Vec<String>, Refusal> {
    let read = |value: &_, path: String| {
        let method = crate::config::string(value, &path, 32)?.to_ascii_uppercase();
        if http::is_token(&method) { Ok(method) } else { Err(Refusal::new(path, "must be a method such as GET")) }
    };
    Ok(fields.list("methods", 32, read)?.unwrap_or_default())
}

/// Reads a list of path patterns.
pub fn paths(fields: &Fields, name: &str) -> Result<Vec<Pattern>, Refusal> {
    Ok(fields.list(name, MAX_RULES, |value, path| Pattern::read(value, &path, false))?.unwrap_or_default())
}

/// What of a request a rule looks at.
#[derive(Debug, Default)]
pub struct Target {
    /// The path without its query.
    pub path: Vec<u8>,
    /// The path can be read in one way only.
    pub clear: bool,
    /// The method.
    pub method: Vec<u8>,
    /// The host in lower case, without its port and the dot that may end a name.
    pub host: Vec<u8>,
}

impl Target {
    /// Of a request's headers, if there are rules that look at it.
    pub fn if_needed(is_needed: bool, request: &dyn Headers) -> Self {
        if is_needed { Self::of(request) } else { Self::default() }
    }

    /// Of a request's headers.
    pub fn of(request: &dyn Headers) -> Self {
        let get = |name| request.get(name).unwrap_or_default();
        let path = http::path_only(&get(":path")).to_vec();
        let mut host = get(":authority").to_ascii_lowercase();
        if let Some(colon) = host.iter().rposition(|&b| b == b':')
            && host[colon + 1..].iter().all(u8::is_ascii_digit)
        {
            host.truncate(colon);
        }
        if host.len() > 1 && host.ends_with(b".") {
            host.pop();
        }
        Self { clear: is_clear(&path), path, method: get(":method"), host }
    }
}

/// Whether a path has neither dot segments nor doubled slashes nor anything that decodes or is cleaned to something else.
fn is_clear(path: &[u8]) -> bool {
    path.starts_with(b"/")
        && !path.windows(2).any(|pair| pair == b"//")
        && path.iter().all(|&b| b > b' ' && b < 0x7f && !matches!(b, b'\\' | b'%' | b';'))
        && !path.split(|&b| b == b'/').any(|segment| segment == b"." || segment == b"..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;
    use crate::fake::FakeHeaders;

    fn rule(json: &str) -> Rule {
        let map = parse(json.as_bytes()).expect("JSON");
        Rule::read(&Fields::root(&map, &RULE_FIELDS).expect("known")).expect("a rule")
    }

    fn target(method: &str, host: &str, path: &str) -> Target {
        Target::of(&FakeHeaders::request(method, host, path, &[]))
    }

    #[test]
    fn all_three_must_hold() {
        let rule = rule(r#"{"paths":["/open/*","*.css"],"methods":["get"],"hosts":["*.A.test"]}"#);
        assert!(rule.matches(&target("GET", "x.a.TEST:8080", "/open/b?c=d")));
        assert!(rule.matches(&target("GET", "x.a.test", "/b.css")));
        assert!(!rule.matches(&target("POST", "x.a.test", "/open/b")));
        assert!(!rule.matches(&target("GET", "a.test", "/open/b")));
        assert!(!rule.matches(&target("GET", "x.a.test", "/closed?/open/b.css")));
    }

    #[test]
    fn doubt_exempts_nothing_and_may_be_anything() {
        let rule = rule(r#"{"paths":["/open/*"]}"#);
        for odd in [
            "/open/../admin",
            "/open/%2e%2e/admin",
            "/open//x",
            "/open/./a",
            "/open/a%2fb",
            "/open/\\a",
            "/open/;x",
            "open/",
        ] {
            assert!(!rule.matches(&target("GET", "a", odd)), "{odd}");
            assert!(rule.may_match(&target("GET", "a", odd)), "{odd}");
        }
        assert!(!rule.may_match(&target("GET", "a", "/closed")));
        assert!(rule.matches(&target("GET", "a", "/open/..a/b.")));
    }

    #[test]
    fn other_writings_of_methods_and_hosts_are_restricted_and_not_exempted() {
        let rule = rule(r#"{"methods":["DELETE"],"hosts":["admin.test"]}"#);
        for (method, host) in [("DELETE", "admin.test"), ("delete", "admin.test"), ("DELETE", "ADMIN.test.:443")] {
            assert!(rule.may_match(&target(method, host, "/")), "{method} {host}");
        }
        assert!(
            rule.matches(&target("DELETE", "admin.test.", "/")) && !rule.matches(&target("delete", "admin.test", "/"))
        );
        assert!(
            !rule.may_match(&target("GET", "admin.test", "/")) && !rule.may_match(&target("DELETE", "a.test", "/"))
        );
        assert_eq!(Target::of(&FakeHeaders::request("GET", "[::1]:80", "/", &[])).host, b"[::1]");
    }

    #[test]
    fn exemptions_are_meant_and_name_something() {
        let read = |json: &str| {
            let map = parse(json.as_bytes()).expect("JSON");
            Exempt::read(&Fields::root(&map, &["exempt"])?)
        };
        let exempt = read(r#"{"exempt":[{"paths":["/open/*"]},{"methods":["OPTIONS"]}]}"#).expect("good");
        let meets = |method, path| exempt.meets(&FakeHeaders::request(method, "a", path, &[]));
        assert!(meets("GET", "/open/a") && meets("OPTIONS", "/x/../a") && !meets("GET", "/open/../a"));
        assert!(!read("{}").expect("good").meets(&FakeHeaders::request("GET", "a", "/", &[])));
        assert_eq!(read(r#"{"exempt":[{"paths":[]}]}"#).expect_err("all").field(), "exempt[0]");
        assert_eq!(read(r#"{"exempt":[{"path":"/"}]}"#).expect_err("unknown").field(), "exempt[0].path");
    }

    #[test]
    fn an_empty_rule_is_for_all() {
        assert!(rule("{}").matches(&target("GET", "", "")));
    }
}
