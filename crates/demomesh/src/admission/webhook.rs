//! What istiod's webhook refuses although the resource definition lets it pass, and what it warns of.

use serde_json::Value;

use crate::status::Refusal;

/// Group and kind of what a plugin can be bound to.
const TARGETS: [(&str, &str); 5] = [
    ("", "Service"),
    ("core", "Service"),
    ("networking.istio.io", "ServiceEntry"),
    ("gateway.networking.k8s.io", "Gateway"),
    ("gateway.networking.k8s.io", "GatewayClass"),
];

/// Checks a spec that the resource definition lets pass; answers with warnings.
pub(super) fn check(spec: &Value) -> Result<Vec<String>, Refusal> {
    let mut wrong = Vec::new();
    let bytes = |field: &Value| field.as_str().map_or(0, str::len);
    for target in spec["targetRefs"].as_array().into_iter().flatten().chain(spec.get("targetRef")) {
        let (group, kind) = (target["group"].as_str().unwrap_or_default(), target["kind"].as_str().unwrap_or_default());
        if !TARGETS.contains(&(group, kind)) {
            wrong.push(format!(
                "targetRef must be to one of [core/v1/Service networking.istio.io/v1/ServiceEntry \
                 gateway.networking.k8s.io/v1/Gateway gateway.networking.k8s.io/v1/GatewayClass] but was {group}/{kind}"
            ));
        }
    }
    // Limits in bytes; those of the resource definition count characters.
    if bytes(&spec["imagePullSecret"]) > 253 {
        wrong.push("imagePullSecret field must be less than 253 characters long".into());
    }
    if bytes(&spec["pluginName"]) > 256 {
        wrong.push("pluginName field must be less than 255 characters long".into());
    }
    let env = spec["vmConfig"]["env"].as_array().into_iter().flatten();
    wrong.extend(
        env.filter(|variable| bytes(&variable["name"]) > 256)
            .map(|_| "env.name field must be less than 255 characters long".to_owned()),
    );
    if wrong.is_empty() {
        let no_labels = |selector: &Value| selector["matchLabels"].as_object().is_none_or(serde_json::Map::is_empty);
        let warn = spec.get("selector").is_some_and(|selector| !selector.is_null() && no_labels(selector));
        return Ok(if warn { vec!["workload selector specified without labels".into()] } else { Vec::new() });
    }
    let all = match wrong.as_slice() {
        [one] => one.clone(),
        many => {
            let lines: String = many.iter().map(|line| format!("\t* {line}\n")).collect();
            format!("{} errors occurred:\n{lines}\n", many.len())
        }
    };
    let message =
        format!("admission webhook \"validation.istio.io\" denied the request: configuration is invalid: {all}");
    Err(Refusal::new(400, "", message))
}
