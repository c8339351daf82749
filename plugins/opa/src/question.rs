//! The input of the policy.

use plugin_kit::plugin::{Headers, Proxy};
use plugin_kit::{address, http, query};
use serde_json::{Map, Value, json};

use crate::settings::Settings;

/// The document that is sent: what the policy finds in `input`.
pub fn ask(request: &dyn Headers, proxy: &dyn Proxy, settings: &Settings) -> Vec<u8> {
    let get = |name: &str| text(&request.get(name).unwrap_or_default());
    let path = request.get(":path").unwrap_or_default();
    let mut headers = Lists::default();
    for (name, value) in request.pairs() {
        if !name.starts_with(':') && settings.sees(&name) {
            headers.add(name, text(&value));
        }
    }
    let mut parameters = Lists::default();
    for (name, value, _) in query::parameters(query::of_path(&path)) {
        parameters.add(text(&query::decode(name, true)), text(&query::decode(value, true)));
    }
    let source = proxy.property(&["source", "address"]).and_then(|source| address::parse(&source));
    let input = json!({"input": {"request": {
        "method": get(":method"),
        "scheme": get(":scheme"),
        "host": get(":authority"),
        "path": text(&path),
        "url_path": text(http::path_only(&path)),
        "query": parameters.0,
        "headers": headers.0,
        "source": source.map(|address| address.to_string()),
    }}});
    serde_json::to_vec(&input).unwrap_or_default()
}

/// Names with lists of values.
#[derive(Default)]
struct Lists(Map<String, Value>);

impl Lists {
    fn add(&mut self, name: String, value: String) {
        match self.0.get_mut(&name) {
            Some(Value::Array(values)) => values.push(value.into()),
            _ => drop(self.0.insert(name, Value::Array(vec![value.into()]))),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
