//! Lists.

use serde_json::{Value, json};

use super::{Query, Target, select::Selection};
use crate::{status::Refusal, store::State};

/// A list, in pages if a limit is given. Pages are cut out of the state at the time of each request, not out of that of
/// the first: a real API server keeps the old state for a few minutes.
pub(super) fn list(state: &State, target: &Target, query: &Query) -> Result<Value, Refusal> {
    let selection = Selection::parse(target.kind, query)?;
    let wanted: u64 = query.get("resourceVersion").parse().unwrap_or(0);
    if wanted > state.version {
        let message = format!("Timeout: Too large resource version: {wanted}, current: {}", state.version);
        return Err(Refusal::new(504, "Timeout", message));
    }
    let limit: usize = query.get("limit").parse().ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    let after = query.get("continue");
    let place = |namespace: &str, name: &str| format!("{namespace}/{name}");
    let mut items = state
        .list(target.kind, target.namespace.as_deref())
        .filter(|((_, namespace, name), _)| after.is_empty() || place(namespace, name).as_str() > after)
        .filter(|(_, object)| selection.takes(object));
    let page: Vec<_> = items.by_ref().take(limit).collect();
    let left = items.count();
    let mut metadata = json!({ "resourceVersion": state.version.to_string() });
    if left > 0
        && let Some(((_, namespace, name), _)) = page.last()
    {
        metadata["continue"] = place(namespace, name).into();
        metadata["remainingItemCount"] = left.into();
    }
    Ok(json!({
        "apiVersion": target.kind.api_version(),
        "kind": format!("{}List", target.kind.kind),
        "metadata": metadata,
        "items": page.into_iter().map(|(_, object)| Value::clone(object)).collect::<Vec<_>>(),
    }))
}
