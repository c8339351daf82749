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

/// A header that may hold credentials.
#[derive(Debug)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// What stands before them, such as `Bearer `. Upper and lower case are the same, as for all such schemes.
    pub prefix: String,
    /// Without the prefix, the value as a whole is meant. Otherwise it is something else.
    pub optional: bool,
}

impl Header {
    fn behind<'a>(&self, line: &'a [u8]) -> Option<&'a [u8]> {
        let line = line.trim_ascii();
        let parts = line.split_at_checked(self.prefix.len());
        match parts.filter(|(start, _)| start.eq_ignore_ascii_case(self.prefix.as_bytes())) {
            Some((_, rest)) => Some(rest.trim_ascii()),
            None => self.optional.then_some(line),
        }
    }
}

/// Where credentials may be.
#[derive(Debug, Default)]
pub struct Places {
    /// Headers.
    pub headers: Vec<Header>,
    /// Parameters of the query.
    pub parameters: Vec<String>,
    /// Cookies.
    pub cookies: Vec<String>,
}

impl Places {
    /// Finds the credentials of a request.
    pub fn find(&self, request: &dyn Headers) -> Presented {
        let mut found: Vec<Vec<u8>> = Vec::new();
        for header in &self.headers {
            let lines = request.all(&header.name);
            found.extend(lines.iter().filter_map(|line| header.behind(line)).map(<[u8]>::to_vec));
        }
        if !self.parameters.is_empty() {
            let path = request.get(":path").unwrap_or_default();
            self.parameters.iter().for_each(|name| found.extend(query::values(&path, name)));
        }
        if !self.cookies.is_empty() {
            let lines = request.all("cookie");
            for name in &self.cookies {
                found.extend(query::cookies(&lines, name).map(<[u8]>::to_vec));
            }
        }
        Presented::of(found)
    }

    /// Takes them out of a request.
    pub fn hide(&self, request: &dyn Headers) {
        for header in &self.headers {
            if request.all(&header.name).iter().any(|line| header.behind(line).is_some()) {
                request.remove(&header.name);
            }
        }
        self.parameters.iter().for_each(|name| hide_parameter(request, name));
        self.cookies.iter().for_each(|name| hide_cookie(request, name));
    }
}

/// Takes a parameter out of the query.
fn hide_parameter(request: &dyn Headers, name: &str) {
    if let Some(path) = request.get(":path") {
        let without = query::without(&path, name);
        if without != path {
            request.set(":path", &without);
        }
    }
}

/// Takes a cookie out of a request.
fn hide_cookie(request: &dyn Headers, name: &str) {
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
    fn places_are_looked_at_and_emptied() {
        let header = |name: &str, prefix: &str, optional| Header { name: name.into(), prefix: prefix.into(), optional };
        let places = Places {
            headers: vec![header("authorization", "Bearer ", false), header("x-key", "Bearer ", true)],
            parameters: vec!["k".into()],
            cookies: vec!["k".into()],
        };
        let one = |path: &str, headers: &[(&str, &str)]| {
            let request = FakeHeaders::request("GET", "a", path, headers);
            let found = places.find(&request);
            places.hide(&request);
            assert_eq!(places.find(&request), Presented::None, "{request:?}");
            found
        };
        let is = |text: &str| Presented::One(text.as_bytes().to_vec());
        assert_eq!(one("/", &[("authorization", "bearer  t ")]), is("t"));
        assert_eq!(one("/", &[("authorization", "Basic t")]), Presented::None);
        assert_eq!(one("/", &[("x-key", "t")]), is("t"));
        assert_eq!(one("/", &[("x-key", "BEARER t"), ("cookie", "k=t; l=u")]), is("t"));
        assert_eq!(one("/?k=t", &[("x-key", "u")]), Presented::Several);
        assert_eq!(one("/?k=%74", &[]), is("t"));
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
