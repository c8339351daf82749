//! Headers and query as values by name.

use plugin_kit::http;
use plugin_kit::plugin::Headers;
use plugin_kit::query;

use crate::form::Form;
use crate::values::Values;

/// The headers of a message.
pub struct Head<'a>(pub &'a dyn Headers);

impl Values for Head<'_> {
    fn all(&self, name: &str) -> Vec<Vec<u8>> {
        self.0.all(name)
    }

    fn has(&self, name: &str) -> bool {
        self.0.has(name)
    }

    fn put(&mut self, name: &str, values: &[Vec<u8>]) -> bool {
        // What was decoded somewhere may hold line ends, and nobody behind us looks for them.
        if !values.iter().all(|value| http::is_header_value(value)) {
            return false;
        }
        match values {
            [] => self.0.remove(name),
            [first, more @ ..] => {
                self.0.set(name, first);
                more.iter().for_each(|value| self.0.add(name, value));
            }
        }
        true
    }
}

/// The query of a request.
pub struct Query<'a>(pub &'a dyn Headers);

impl Query<'_> {
    fn form(&self) -> Form {
        Form::parse(query::of_path(&self.0.get(":path").unwrap_or_default()))
    }
}

impl Values for Query<'_> {
    fn all(&self, name: &str) -> Vec<Vec<u8>> {
        self.form().all(name)
    }

    fn put(&mut self, name: &str, values: &[Vec<u8>]) -> bool {
        let path = self.0.get(":path").unwrap_or_default();
        let mut form = self.form();
        form.put(name, values);
        let mut new = http::path_only(&path).to_vec();
        let text = form.text();
        if !text.is_empty() {
            new.push(b'?');
            new.extend_from_slice(&text);
        }
        self.0.set(":path", &new);
        true
    }
}

/// The headers of the request that the response's rules need, as the client sent them.
#[derive(Debug, Default)]
pub struct Seen(Vec<(String, Vec<u8>)>);

impl Seen {
    /// Takes note of these headers.
    pub fn of(request: &dyn Headers, names: &[String]) -> Self {
        let all = |name: &String| request.all(name).into_iter().map(|value| (name.clone(), value)).collect::<Vec<_>>();
        Self(names.iter().flat_map(all).collect())
    }
}

/// Read only.
impl Headers for Seen {
    fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn pairs(&self) -> Vec<(String, Vec<u8>)> {
        self.0.clone()
    }

    fn set(&self, _name: &str, _value: &[u8]) {}

    fn add(&self, _name: &str, _value: &[u8]) {}

    fn remove(&self, _name: &str) {}
}
