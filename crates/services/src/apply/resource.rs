//! The resource as it is in the cluster and as it will be.

use marketplace_cluster::Desired;
use marketplace_domain::extension::ExtensionSpec;
use serde_json::Value;

use super::{read::Said, subject::Subject};
use crate::{Services, configure::yaml};

/// What is to be written.
pub fn desired(subject: &Subject, said: &Said) -> Option<Desired> {
    let mut desired = Desired::new(subject.namespace.clone(), said.name.clone()?, said.spec.clone());
    desired.foreign = subject.foreign();
    Some(desired)
}

/// The resource in the cluster and the resource as it will be, as YAML.
pub fn resources(services: &Services, subject: &Subject, said: &Said) -> (String, String) {
    let before = subject
        .existing
        .as_ref()
        .and_then(|existing| services.cluster().raw(&existing.namespace, &existing.name))
        .map(clean);
    let after = match desired(subject, said) {
        Some(mut desired) => {
            desired.foreign = false;
            let full = clean(services.cluster().render(&desired));
            match &before {
                Some(before) => merged(before.clone(), &full, &subject.base, services, subject),
                None => full,
            }
        }
        None => Value::Null,
    };
    let text = |value: Option<&Value>| value.filter(|value| !value.is_null()).map(yaml::write).unwrap_or_default();
    (text(before.as_ref()), text(Some(&after)))
}

/// What the cluster will hold: fields we do not know stay; fields that the form took away go.
fn merged(before: Value, full: &Value, base: &ExtensionSpec, services: &Services, subject: &Subject) -> Value {
    let mut after = before;
    let was = subject.existing.as_ref().map(|existing| {
        let mut same = Desired::new(existing.namespace.clone(), existing.name.clone(), base.clone());
        same.foreign = false;
        services.cluster().render(&same)
    });
    let fields = |value: &Value| value["spec"].as_object().cloned().unwrap_or_default();
    let (old, new) = (was.as_ref().map(fields).unwrap_or_default(), fields(full));
    if let Some(spec) = after["spec"].as_object_mut() {
        for (name, value) in &new {
            // Only what the form changed: what Istio reads alike may be written in another way.
            if old.get(name) != Some(value) {
                let value = match spec.get(name) {
                    Some(before) => ordered_as(value, before),
                    None => value.clone(),
                };
                spec.insert(name.clone(), value);
            }
        }
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            spec.shift_remove(name);
        }
    }
    after
}

/// A value with its members in the order of another: what only stands in another place is no difference.
fn ordered_as(value: &Value, model: &Value) -> Value {
    match (value, model) {
        (Value::Object(value), Value::Object(model)) => {
            let known = model.keys().filter(|name| value.contains_key(*name));
            let rest = value.keys().filter(|name| !model.contains_key(*name));
            let member = |name: &String| {
                let inner =
                    model.get(name).map_or_else(|| value[name].clone(), |model| ordered_as(&value[name], model));
                (name.clone(), inner)
            };
            Value::Object(known.chain(rest).map(member).collect())
        }
        (Value::Array(value), Value::Array(model)) => {
            let item =
                |(at, item): (usize, &Value)| model.get(at).map_or_else(|| item.clone(), |it| ordered_as(item, it));
            value.iter().enumerate().map(item).collect()
        }
        _ => value.clone(),
    }
}

/// Without what the API server adds by itself.
pub fn clean(mut object: Value) -> Value {
    if let Some(object) = object.as_object_mut() {
        object.shift_remove("status");
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            for name in ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"] {
                metadata.shift_remove(name);
            }
        }
        // One order for all, so that differences show what differs.
        let order = ["apiVersion", "kind", "metadata", "spec"];
        let mut sorted: serde_json::Map<String, Value> =
            order.iter().filter_map(|name| Some(((*name).to_owned(), object.shift_remove(*name)?))).collect();
        sorted.append(object);
        *object = sorted;
    }
    object
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_keep_the_place_they_had() {
        let before = json!({"a": 1, "c": [{"x": 1, "y": 2}], "b": {"q": 1, "p": 2}});
        let after = json!({"new": 0, "b": {"p": 2, "q": 3}, "c": [{"y": 2, "x": 1}, {"z": 0}], "a": 1});
        let ordered = ordered_as(&after, &before);
        assert_eq!(ordered, after, "nothing else changes");
        let wanted = r#"{"a":1,"c":[{"x":1,"y":2},{"z":0}],"b":{"q":3,"p":2},"new":0}"#;
        assert_eq!(ordered.to_string(), wanted);
    }
}
