//! The configuration, read strictly and compiled once.

use std::net::IpAddr;

use plugin_kit::address::Network;
use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::http;
use plugin_kit::plugin::Headers;
use plugin_kit::scope::{self, Exempt, MAX_RULES, RULE_FIELDS, Target};

use crate::page::{self, Page};

const OWN_FIELDS: [&str; 5] = ["enable_on_status", "exempt", "bypass_header", "bypass_value", "bypass_addresses"];
const MAX_STATUSES: usize = 64;

/// Which exchanges are answered, and with what.
#[derive(Debug)]
pub struct Rule {
    scope: scope::Rule,
    exempt: Exempt,
    bypass: Option<(String, String)>,
    /// Whose requests are let through.
    pub bypass_addresses: Vec<Network>,
    /// The statuses that are replaced. Empty: requests are answered at once.
    statuses: Vec<u16>,
    /// The answer.
    pub page: Page,
}

impl Rule {
    /// Whether it is about answers, and not about requests.
    pub fn replaces(&self) -> bool {
        !self.statuses.is_empty()
    }

    /// Whether an answer with this status is replaced.
    pub fn replaces_status(&self, status: u16) -> bool {
        self.statuses.contains(&status)
    }

    /// Whether a request is meant. `client` is asked for only if it matters.
    pub fn matches(&self, target: &Target, request: &dyn Headers, client: impl FnOnce() -> Option<IpAddr>) -> bool {
        if !self.scope.matches(target) || self.exempt.has(target) {
            return false;
        }
        if let Some((name, secret)) = &self.bypass
            && request.get(name).is_some_and(|value| http::same_secret(&value, secret.as_bytes()))
        {
            return false;
        }
        self.bypass_addresses.is_empty()
            || !client().is_some_and(|client| self.bypass_addresses.iter().any(|network| network.contains(client)))
    }
}

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// In order; the first that is meant decides.
    pub rules: Vec<Rule>,
}

impl Settings {
    /// Reads and compiles a configuration. No bytes mean the defaults: nothing is answered.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let of_all = [&page::FIELDS[..], &OWN_FIELDS].concat();
        let fields = Fields::root(&map, &[&of_all[..], &["rules"]].concat())?;
        let of_one = [&of_all[..], &RULE_FIELDS].concat();
        let rules = fields.list("rules", MAX_RULES, |value, path| {
            let fields = Fields::nested(value, path, &of_one)?;
            rule(&fields, scope::Rule::read(&fields)?)
        })?;
        let mut rules = rules.unwrap_or_default();
        // The fields outside of the list are a rule for all, and the last one.
        if of_all.iter().any(|name| fields.value(name).is_some()) {
            rules.push(rule(&fields, scope::Rule::default())?);
        }
        Ok(Self { rules })
    }
}

fn rule(fields: &Fields, scope: scope::Rule) -> Result<Rule, Refusal> {
    if !["status_code", "headers", "body", "bodies"].iter().any(|name| fields.value(name).is_some()) {
        return Err(fields.refuse("body", "missing, and so are bodies, headers and status_code"));
    }
    let statuses = fields.list("enable_on_status", MAX_STATUSES, |value, path| match value.as_f64() {
        Some(n) if n.fract() == 0.0 && (200.0..=599.0).contains(&n) => Ok(n as u16),
        _ => Err(Refusal::new(path, "must be a whole number from 200 to 599")),
    })?;
    let bypass = match (fields.string("bypass_header", 64)?, fields.string("bypass_value", 256)?) {
        (None, None) => None,
        (Some(name), Some(value)) if value.len() >= 8 => {
            if !http::is_token(name) {
                return Err(fields.refuse("bypass_header", "must be a header's name"));
            }
            Some((name.to_ascii_lowercase(), value.to_owned()))
        }
        (Some(_), _) => return Err(fields.refuse("bypass_value", "missing, or shorter than 8 characters")),
        (None, Some(_)) => return Err(fields.refuse("bypass_header", "missing; bypass_value needs it")),
    };
    let networks = fields.list("bypass_addresses", MAX_RULES, |value, path| {
        let network = Network::parse(config::string(value, &path, 64)?);
        network.ok_or_else(|| Refusal::new(path, "must be an address or a network such as 10.0.0.0/8"))
    })?;
    let statuses = statuses.unwrap_or_default();
    Ok(Rule {
        scope,
        exempt: Exempt::read(fields)?,
        bypass,
        bypass_addresses: networks.unwrap_or_default(),
        page: Page::read(fields, !statuses.is_empty())?,
        statuses,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_name_the_field() {
        for (json, field) in [
            (r#"{"paths":["/"]}"#, "paths"),
            (r#"{"rules":[{"paths":["~("]}]}"#, "rules[0].paths[0]"),
            (r#"{"body":"x","enable_on_status":[200.5]}"#, "enable_on_status[0]"),
            (r#"{"body":"x","enable_on_status":["429"]}"#, "enable_on_status[0]"),
            (r#"{"body":"x","exempt":[{}]}"#, "exempt[0]"),
            (r#"{"body":"x","bypass_header":"x"}"#, "bypass_value"),
            (r#"{"body":"x","bypass_header":"x","bypass_value":"short"}"#, "bypass_value"),
            (r#"{"body":"x","bypass_value":"12345678"}"#, "bypass_header"),
            (r#"{"body":"x","bypass_addresses":["10.0.0.1/8"]}"#, "bypass_addresses[0]"),
            (r#"{"rules":[{"body":1}]}"#, "rules[0].body"),
            (r#"{"rules":[{"paths":["/a"]}]}"#, "rules[0].body"),
        ] {
            assert_eq!(Settings::read(json.as_bytes()).expect_err(json).field(), field, "{json}");
        }
    }

    #[test]
    fn fields_outside_of_the_list_are_the_last_rule() {
        assert!(Settings::read(b"").expect("good").rules.is_empty());
        assert_eq!(Settings::read(br#"{"rules":[{"body":"y"}],"body":"x"}"#).expect("good").rules.len(), 2);
    }
}
