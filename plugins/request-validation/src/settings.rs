//! The configuration: which requests must match what.

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::scope::{MAX_RULES, RULE_FIELDS, Rule};
use serde_json::Value;

use crate::schema::{self, Schema};

const FIELDS: [&str; 8] =
    ["headerSchema", "bodySchema", "rules", "rejectedCode", "rejectedMsg", "verbose", "maxBodyKiB", "checkFormats"];
const OWN_FIELDS: [&str; 3] = ["headerSchema", "bodySchema", "rejectedMsg"];
const MAX_MESSAGE: usize = 512;

/// Schemas, and the requests that must match them.
#[derive(Debug)]
pub struct Demand {
    /// Which requests.
    pub rule: Rule,
    /// What their headers must match.
    pub headers: Option<Schema>,
    /// What their bodies must match.
    pub body: Option<Schema>,
    /// What clients are told.
    pub message: Option<String>,
}

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// Every one that a request may be meant by must hold.
    pub demands: Vec<Demand>,
    /// The status of what does not match.
    pub rejected_code: u16,
    /// Clients are told what is wrong, and where.
    pub verbose: bool,
    /// The largest body, in bytes.
    pub max_body: usize,
}

impl Settings {
    /// Reads a configuration. Without schemas, everything matches.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let root = Value::Object(map.clone());
        let formats = fields.boolean("checkFormats")?.unwrap_or(true);
        let mut demands = Vec::new();
        if root.get("headerSchema").is_some() || root.get("bodySchema").is_some() {
            demands.push(demand(&fields, &root, Rule::default(), None, formats)?);
        }
        let message = message(&fields)?;
        let rules = fields.list("rules", MAX_RULES, |value, path| {
            let fields = Fields::nested(value, path.clone(), &[&RULE_FIELDS[..], &OWN_FIELDS].concat())?;
            let demand = demand(&fields, value, Rule::read(&fields)?, message.clone(), formats)?;
            match demand.headers.is_none() && demand.body.is_none() {
                true => Err(Refusal::new(path, "must have headerSchema or bodySchema")),
                false => Ok(demand),
            }
        })?;
        demands.extend(rules.unwrap_or_default());
        Ok(Self {
            demands,
            rejected_code: fields.integer("rejectedCode", 400, 599)?.unwrap_or(400) as u16,
            verbose: fields.boolean("verbose")?.unwrap_or(true),
            max_body: fields.integer("maxBodyKiB", 1, 16_384)?.unwrap_or(1024) as usize * 1024,
        })
    }
}

fn demand(fields: &Fields, value: &Value, rule: Rule, usual: Option<String>, formats: bool) -> Result<Demand, Refusal> {
    let schema = |name: &str| match value.get(name) {
        None => Ok(None),
        Some(schema) => schema::compile(schema, &fields.path_of(name), formats).map(Some),
    };
    if let Some(schema) = value.get("headerSchema") {
        let properties = schema.get("properties").and_then(Value::as_object);
        let required = schema.get("required").and_then(Value::as_array);
        let names = properties.into_iter().flat_map(|p| p.keys().map(String::as_str));
        let required = required.into_iter().flatten().filter_map(Value::as_str);
        if let Some(name) = names.chain(required).find(|name| name.bytes().any(|b| b.is_ascii_uppercase())) {
            return Err(fields.refuse("headerSchema", format!("names of headers are in lower case here: {name:.64}")));
        }
    }
    Ok(Demand {
        rule,
        headers: schema("headerSchema")?,
        body: schema("bodySchema")?,
        message: message(fields)?.or(usual),
    })
}

fn message(fields: &Fields) -> Result<Option<String>, Refusal> {
    Ok(fields.string("rejectedMsg", MAX_MESSAGE)?.filter(|text| !text.is_empty()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_name_the_field() {
        for (json, field) in [
            (r#"{"body_schema":{}}"#, "body_schema"),
            (r#"{"bodySchema":1}"#, "bodySchema"),
            (r#"{"bodySchema":{"typ":"object"}}"#, "bodySchema/typ"),
            (r#"{"bodySchema":{"type":"text"}}"#, "bodySchema/type"),
            (r#"{"bodySchema":{"properties":{"a/b":{"minimum":"1"}}}}"#, "bodySchema/properties/a~1b/minimum"),
            (r#"{"bodySchema":{"pattern":"("}}"#, "bodySchema/pattern"),
            (r#"{"bodySchema":{"pattern":"(a{90}){90}"}}"#, "bodySchema/pattern"),
            (r#"{"bodySchema":{"pattern":"(?=a)"}}"#, "bodySchema/pattern"),
            (r##"{"bodySchema":{"$ref":"#/$defs/a"}}"##, "bodySchema/$ref"),
            (r#"{"bodySchema":{"$ref":"https://a.test/b"}}"#, "bodySchema/$ref"),
            (r##"{"bodySchema":{"$ref":"#"}}"##, "bodySchema"),
            (r##"{"bodySchema":{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"not":{"$ref":"#"}}}}}"##, "bodySchema"),
            (r#"{"bodySchema":{"items":[{}]}}"#, "bodySchema/items"),
            (r#"{"bodySchema":{"unevaluatedProperties":1}}"#, "bodySchema/unevaluatedProperties"),
            (r#"{"bodySchema":{"properties":{"a":{"$id":"x"}}}}"#, "bodySchema/properties/a/$id"),
            (r##"{"bodySchema":{"$ref":"#a"}}"##, "bodySchema/$ref"),
            (r#"{"bodySchema":{"$id":"https://a.test","$ref":"https://a.test/b"}}"#, "bodySchema/$ref"),
            (r##"{"bodySchema":{"$dynamicRef":"#a","enum":[{"$anchor":"a"}]}}"##, "bodySchema/$dynamicRef"),
            (r#"{"bodySchema":{"$anchor":"a b"}}"#, "bodySchema/$anchor"),
            (r#"{"bodySchema":{"$anchor":"a","items":{"$dynamicAnchor":"a"}}}"#, "bodySchema/items/$dynamicAnchor"),
            (r##"{"bodySchema":{"$dynamicAnchor":"a","not":{"$dynamicRef":"#a"}}}"##, "bodySchema"),
            (r#"{"bodySchema":{"format":1}}"#, "bodySchema/format"),
            (r#"{"checkFormats":"yes"}"#, "checkFormats"),
            (r#"{"bodySchema":{"allOf":[]}}"#, "bodySchema/allOf"),
            (r#"{"bodySchema":{"multipleOf":0}}"#, "bodySchema/multipleOf"),
            (r#"{"bodySchema":{"minItems":1.5}}"#, "bodySchema/minItems"),
            (r#"{"bodySchema":{"errorMessage":1}}"#, "bodySchema/errorMessage"),
            (r#"{"headerSchema":{"required":["X-Id"]}}"#, "headerSchema"),
            (r#"{"rules":[{"paths":["/a"]}]}"#, "rules[0]"),
            (r#"{"rules":[{"bodySchema":{"x":1}}]}"#, "rules[0].bodySchema/x"),
            (r#"{"rejectedCode":200}"#, "rejectedCode"),
            (r#"{"maxBodyKiB":0}"#, "maxBodyKiB"),
        ] {
            assert_eq!(Settings::read(json.as_bytes()).expect_err(json).field(), field);
        }
        let deep = format!("{}{}{}", r#"{"bodySchema":"#, r#"{"not":"#.repeat(70), "true".to_owned() + &"}".repeat(71));
        assert!(Settings::read(deep.as_bytes()).is_err());
    }

    #[test]
    fn schemas_may_lead_back_to_themselves_below() {
        let tree = r##"{"bodySchema":{"type":"object","properties":{"left":{"$ref":"#"},"right":{"$ref":"#/$defs/n"}},"$defs":{"n":{"$ref":"#"}}}}"##;
        assert_eq!(Settings::read(tree.as_bytes()).expect("good").demands.len(), 1);
    }
}
