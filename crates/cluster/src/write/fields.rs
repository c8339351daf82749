//! Who owns which field: `metadata.managedFields` in the format of server-side apply (`FieldsV1`).

use serde_json::Value;

use super::FIELD_MANAGER;

/// One step of the way to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A field of an object.
    Field(String),
    /// The item of a list whose `name` this is; only `vmConfig.env` is such a list.
    Named(String),
}

impl Step {
    fn in_fields(&self) -> String {
        match self {
            Step::Field(name) => format!("f:{name}"),
            Step::Named(name) => format!("k:{}", serde_json::json!({ "name": name })),
        }
    }
}

/// The way as people write it: `spec.vmConfig.env[name="A"].value`.
pub(crate) fn shown(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Field(name) if text.is_empty() => text.push_str(name),
            Step::Field(name) => text.extend([".", name]),
            Step::Named(name) => text.push_str(&format!("[name={name:?}]")),
        }
    }
    text
}

/// What we own by server-side apply, and what anybody else owns.
pub(crate) struct Owners<'a> {
    ours: Option<&'a Value>,
    others: Vec<(&'a str, &'a Value)>,
}

impl<'a> Owners<'a> {
    pub fn of(stored: &'a Value) -> Self {
        let entries = stored.pointer("/metadata/managedFields").and_then(Value::as_array).into_iter().flatten();
        let mut owners = Self { ours: None, others: Vec::new() };
        for entry in entries {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
            let Some(fields) = entry.get("fieldsV1").filter(|_| text("subresource").is_empty()) else { continue };
            if text("manager") == FIELD_MANAGER && text("operation") == "Apply" {
                owners.ours = Some(fields);
            } else {
                owners.others.push((entry.get("manager").and_then(Value::as_str).unwrap_or_default(), fields));
            }
        }
        owners
    }

    /// Whether we own this field.
    pub fn is_ours(&self, path: &[Step]) -> bool {
        self.ours.is_some_and(|fields| owns(fields, path))
    }

    /// Everybody else who owns this field.
    pub fn others(&self, path: &[Step]) -> impl Iterator<Item = &'a str> {
        self.others.iter().filter(move |(_, fields)| owns(fields, path)).map(|(manager, _)| *manager)
    }
}

/// Whether the set of fields holds this one, by itself or as part of a whole (an atomic list, say).
fn owns(fields: &Value, path: &[Step]) -> bool {
    let mut at = fields;
    for (depth, step) in path.iter().enumerate() {
        match at.get(step.in_fields()) {
            Some(next) => at = next,
            None => return depth > 0 && at.as_object().is_some_and(serde_json::Map::is_empty),
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> Vec<Step> {
        text.split('.')
            .map(|name| name.strip_prefix('=').map_or(Step::Field(name.into()), |n| Step::Named(n.into())))
            .collect()
    }

    #[test]
    fn tells_owners_apart() {
        let stored = json!({"metadata": {"managedFields": [
            {"manager": "plugin-marketplace", "operation": "Apply", "fieldsV1": {"f:spec": {"f:url": {}, "f:vmConfig":
                {"f:env": {"k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}}}}}}},
            {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {".": {}, "f:match": {}, "f:url": {}}}},
            {"manager": "istiod", "operation": "Update", "subresource": "status", "fieldsV1": {"f:spec": {"f:url": {}}}},
        ]}});
        let owners = Owners::of(&stored);
        assert!(owners.is_ours(&path("spec.url")));
        assert!(owners.is_ours(&path("spec.vmConfig.env.=A.value")));
        assert!(!owners.is_ours(&path("spec.vmConfig.env.=B.value")));
        assert!(!owners.is_ours(&path("spec.priority")));
        assert_eq!(owners.others(&path("spec.url")).collect::<Vec<_>>(), ["kubectl"]);
        assert_eq!(owners.others(&path("spec.match.mode")).collect::<Vec<_>>(), ["kubectl"]);
        assert_eq!(owners.others(&path("spec.priority")).count(), 0);
        assert_eq!(shown(&path("spec.vmConfig.env.=A.value")), "spec.vmConfig.env[name=\"A\"].value");
    }
}
