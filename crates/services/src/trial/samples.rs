//! Exchanges to begin with: those that a plugin brings, or a few that fit most plugins.

use marketplace_domain::{catalogue::Sample, draft::Draft, views::trial::SampleTitle};
use serde_json::{Value, json};

use super::fields;
use crate::{apply::subject::Subject, configure};

/// Titles of the exchanges to choose from.
pub fn titles(subject: &Subject) -> Vec<SampleTitle> {
    match brought(subject) {
        [] => general().into_iter().map(|(title, _)| title).collect(),
        samples => samples.iter().map(|sample| SampleTitle::Own(sample.title.clone())).collect(),
    }
}

/// Fills the draft as nobody has touched it: with the first sample.
pub fn prefill(subject: &Subject, draft: &mut Draft) {
    draft.set("try.sample", "0");
    take(subject, draft);
}

/// Takes the sample that is chosen in the draft. Where the plugin is tried by itself, with its configuration; on a service
/// the configuration is that of the step Configure.
pub fn take(subject: &Subject, draft: &mut Draft) {
    let Ok(chosen) = draft.get("try.sample").parse::<usize>() else { return };
    match brought(subject) {
        // They say nothing about the configuration.
        [] => {
            if let Some((_, exchange)) = general().get(chosen) {
                fields::fill(draft, exchange);
            }
        }
        samples => {
            let Some(sample) = samples.get(chosen) else { return };
            fields::fill(draft, &sample.exchange);
            if subject.alone() {
                configuration(subject, draft, &sample.exchange);
            }
        }
    }
}

/// The samples that the plugin brings.
fn brought(subject: &Subject) -> &[Sample] {
    subject.release.as_ref().map(|release| release.samples.as_slice()).unwrap_or_default()
}

/// For plugins that bring none: what most plugins have something to do with.
fn general() -> [(SampleTitle, Value); 3] {
    [
        (
            SampleTitle::Plain,
            json!({
                "request": {"path": "/", "headers": [["accept", "*/*"]]},
                "upstream": {"status": 200, "headers": [["content-type", "text/plain"]], "body": "hello\n"},
            }),
        ),
        (
            SampleTitle::Json,
            json!({
                "request": {
                    "method": "POST", "path": "/orders",
                    "headers": [["accept", "application/json"], ["content-type", "application/json"]],
                    "body": "{\"item\": \"book\", \"count\": 1}",
                },
                "upstream": {
                    "status": 201, "headers": [["content-type", "application/json"]],
                    "body": "{\"id\": 7, \"item\": \"book\", \"count\": 1}",
                },
            }),
        ),
        (
            SampleTitle::Page,
            json!({
                "request": {
                    "path": "/index.html",
                    "headers": [
                        ["accept", "text/html,*/*;q=0.8"],
                        ["accept-language", "en"],
                        ["user-agent", "Mozilla/5.0 (X11; Linux x86_64)"],
                    ],
                },
                "upstream": {
                    "status": 200, "headers": [["content-type", "text/html; charset=utf-8"]],
                    "body": "<!doctype html>\n<html><head><title>Shop</title></head><body><h1>Shop</h1></body></html>\n",
                },
            }),
        ),
    ]
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
