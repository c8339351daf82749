//! Exchanges to begin with: those that a plugin brings, or a plain one.

use marketplace_domain::{Release, draft::Draft};
use serde_json::{Value, json};

use super::fields;
use crate::{apply::subject::Subject, configure};

/// Fills the draft as nobody has touched it: with the first sample of the plugin, or a plain request.
pub fn prefill(subject: &Subject, draft: &mut Draft) {
    if subject.release.as_ref().is_none_or(|release| release.samples.is_empty()) {
        fields::fill(draft, &plain());
        return;
    }
    draft.set("try.sample", "0");
    take(subject, draft);
}

/// Takes the sample that is chosen in the draft. Where the plugin is tried by itself, with its configuration; on a service
/// the configuration is that of the step Configure.
pub fn take(subject: &Subject, draft: &mut Draft) {
    let chosen = draft.get("try.sample").parse::<usize>().ok();
    let samples = subject.release.as_ref().map(|release: &Release| release.samples.as_slice()).unwrap_or_default();
    let Some(sample) = chosen.and_then(|number| samples.get(number)) else { return };
    fields::fill(draft, &sample.exchange);
    if subject.alone() {
        configuration(subject, draft, &sample.exchange);
    }
}

fn plain() -> Value {
    json!({
        "request": {"path": "/", "headers": [["accept", "*/*"]]},
        "upstream": {"status": 200, "headers": [["content-type", "text/plain"]], "body": "hello\n"},
    })
}

fn configuration(subject: &Subject, draft: &mut Draft, exchange: &Value) {
    let own = exchange["plugins"].as_array().into_iter().flatten().find(|plugin| plugin["module"] == "self");
    let Some(own) = own else { return };
    let value = own.get("config").filter(|value| value.is_object()).cloned().unwrap_or_else(|| json!({}));
    draft.set("yaml", configure::yaml::write(&value));
    let said = configure::fill(subject.schema(), &value, draft);
    draft.set("mode", if said { "form" } else { "yaml" });
    draft.fields.retain(|name, _| !name.starts_with("env."));
    for (number, (name, value)) in own["env"].as_object().into_iter().flatten().enumerate() {
        draft.set(format!("env.{number}.name"), name);
        draft.set(format!("env.{number}.from"), "INLINE");
        draft.set(format!("env.{number}.value"), value.as_str().unwrap_or_default());
    }
}
