//! Credentials in a request: which ones are meant, and taking them out.

use crate::http;
use crate::plugin::Headers;
use crate::query;

/// What was found of one kind of credentials.
#[derive(Debug, PartialEq, Eq)]
pub enum Presented {
    /// None.
    None,
    /// One, perhaps in several places.
    One(Vec<u8>),
    /// Different ones: which one is meant nobody can tell.
    Several,
}

impl Presented {
    /// Of all that was found. Empty ones are none.
    pub fn of(mut found: Vec<Vec<u8>>) -> Self {
        found.retain(|one| !one.is_empty());
        match found.split_first() {
            None => Self::None,
            Some((first, others)) if others.iter().all(|other| http::same_secret(other, first)) => {
                Self::One(first.clone())
            }
            Some(_) => Self::Several,
        }
    }
}

/// Takes a parameter out of the query.
pub fn hide_parameter(request: &dyn Headers, name: &str) {
    if let Some(path) = request.get(":path") {
        let without = query::without(&path, name);
        if without != path {
            request.set(":path", &without);
        }
    }
}

/// Takes a cookie out of a request.
pub fn hide_cookie(request: &dyn Headers, name: &str) {
    let lines = request.all("cookie");
    if query::cookies(&lines, name).next().is_some() {
        match query::without_cookie(&lines, name) {
            Some(line) => request.set("cookie", &line),
            None => request.remove("cookie"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeHeaders;

    #[test]
    fn the_same_twice_is_one() {
        let of = |found: &[&str]| Presented::of(found.iter().map(|one| one.as_bytes().to_vec()).collect());
        assert_eq!(of(&["", ""]), Presented::None);
        assert_eq!(of(&["a", "", "a"]), Presented::One(b"a".to_vec()));
        assert_eq!(of(&["a", "b"]), Presented::Several);
    }

    #[test]
    fn what_is_hidden_leaves_the_rest_as_it_is() {
        let request = FakeHeaders::request("GET", "a", "/p?k=1&x=%20", &[("cookie", "k=1; y=2"), ("cookie", "k=3")]);
        hide_parameter(&request, "k");
        hide_cookie(&request, "k");
        assert_eq!(request.text(":path").as_deref(), Some("/p?x=%20"));
        assert_eq!(request.text("cookie").as_deref(), Some("y=2"));
        hide_cookie(&request, "y");
        assert_eq!(request.text("cookie"), None);
    }
}
