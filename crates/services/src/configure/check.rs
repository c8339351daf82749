//! Checking a configuration against its plugin's schema: every problem at its field, in terms pages can translate.

use jsonschema::{
    PatternOptions, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use marketplace_domain::{Problem, Reason};
use serde_json::Value;

/// More problems than this help nobody.
const MOST: usize = 50;

/// A validator that reads nothing from anywhere else and whose patterns take linear time: schemas come from people.
pub fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_pattern_options(PatternOptions::regex().size_limit(1 << 20))
        .build(schema)
        .map_err(|error| error.to_string())
}

/// What is wrong with a configuration. Fields are `config` and the JSON pointer.
pub fn problems(schema: &Value, value: &Value) -> Vec<Problem> {
    let Ok(validator) = validator(schema) else { return Vec::new() };
    validator.iter_errors(value).take(MOST).flat_map(|error| reasons(&error)).collect()
}

fn reasons(error: &ValidationError<'_>) -> Vec<Problem> {
    let field = format!("config{}", error.instance_path());
    let at = |reason| vec![Problem::at(field.clone(), reason)];
    let text = |value: &Value| super::schema::typed(value);
    match error.kind() {
        ValidationErrorKind::Type { kind } => at(Reason::SchemaType(match kind {
            TypeKind::Single(kind) => kind.to_string(),
            TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(", "),
        })),
        ValidationErrorKind::Minimum { limit } | ValidationErrorKind::ExclusiveMinimum { limit } => {
            at(Reason::SchemaMinimum(text(limit)))
        }
        ValidationErrorKind::Maximum { limit } | ValidationErrorKind::ExclusiveMaximum { limit } => {
            at(Reason::SchemaMaximum(text(limit)))
        }
        ValidationErrorKind::MinLength { limit: 1 } => at(Reason::Required),
        ValidationErrorKind::MinLength { limit } => at(Reason::SchemaMinLength(*limit)),
        ValidationErrorKind::MaxLength { limit } => at(Reason::SchemaMaxLength(*limit)),
        ValidationErrorKind::MinItems { limit } => at(Reason::SchemaMinItems(*limit)),
        ValidationErrorKind::MaxItems { limit } => at(Reason::SchemaMaxItems(*limit)),
        ValidationErrorKind::Pattern { pattern } => at(Reason::SchemaPattern(pattern.clone())),
        ValidationErrorKind::Enum { options } => at(Reason::SchemaEnum(match options.as_ref() {
            Value::Array(options) => options.iter().map(text).collect(),
            other => vec![text(other)],
        })),
        ValidationErrorKind::Constant { expected_value } => at(Reason::SchemaEnum(vec![text(expected_value)])),
        ValidationErrorKind::UniqueItems => at(Reason::SchemaUnique),
        ValidationErrorKind::Required { property } => {
            let name = text(property);
            vec![Problem::at(format!("{field}/{}", super::read::escape(&name)), Reason::SchemaRequired(name))]
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|name| Problem::at(field.clone(), Reason::SchemaUnknown(name.clone()))).collect()
        }
        _ => at(Reason::SchemaOther(error.to_string().chars().take(300).collect())),
    }
}
