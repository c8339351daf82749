//! `metadata.managedFields`, read and written.

use serde_json::{Value, json};

use super::FieldSet;

/// One entry.
#[derive(Debug, Clone)]
pub(super) struct Manager {
    pub name: String,
    /// Whether it applied (server-side) or wrote in another way.
    pub applies: bool,
    pub api_version: String,
    pub time: String,
    pub owns: FieldSet,
}

impl Manager {
    /// How refusals call it.
    pub fn display(&self) -> String {
        if self.applies { format!("{:?}", self.name) } else { format!("{:?} using {}", self.name, self.api_version) }
    }
}

/// Reads the entries of an object.
pub(super) fn read(object: &Value) -> Vec<Manager> {
    let entries = object["metadata"]["managedFields"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    entries
        .iter()
        .map(|entry| Manager {
            name: text(entry, "manager"),
            applies: entry["operation"] == "Apply",
            api_version: text(entry, "apiVersion"),
            time: text(entry, "time"),
            owns: FieldSet::from_json(&entry["fieldsV1"]),
        })
        .collect()
}

/// Writes the entries into an object: who applied first, then by time, then by name; who owns nothing is left out.
pub(super) fn write(object: &mut Value, mut managers: Vec<Manager>) {
    managers.retain(|manager| !manager.owns.is_empty());
    managers.sort_by(|a, b| b.applies.cmp(&a.applies).then(a.time.cmp(&b.time)).then(a.name.cmp(&b.name)));
    let entries: Vec<_> = managers
        .iter()
        .map(|manager| {
            json!({
                "manager": manager.name,
                "operation": if manager.applies { "Apply" } else { "Update" },
                "apiVersion": manager.api_version,
                "time": manager.time,
                "fieldsType": "FieldsV1",
                "fieldsV1": manager.owns.to_json(),
            })
        })
        .collect();
    if entries.is_empty() {
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.remove("managedFields");
        }
    } else {
        object["metadata"]["managedFields"] = entries.into();
    }
}
