//! What a request carries, and what it must carry to be tagged.

use plugin_kit::plugin::Cx;
use plugin_kit::{address, http, query, share};
use regex_lite::Regex;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A request header.
    Header(String),
    /// A query parameter.
    Parameter(String),
    /// A cookie.
    Cookie(String),
    /// The path without its query.
    Path,
    /// The method.
    Method,
    /// The host, without its port.
    Host,
    /// The client's address, as the proxy sees it.
    Address,
}

impl Source {
    /// All values of a request, in order.
    pub fn values(&self, cx: &Cx) -> Vec<Vec<u8>> {
        let one = |value: Option<Vec<u8>>| value.into_iter().collect();
        match self {
            Self::Header(name) => cx.headers.all(name),
            Self::Parameter(name) => cx.headers.get(":path").map_or_else(Vec::new, |path| query::values(&path, name)),
            Self::Cookie(name) => query::cookies(&cx.headers.all("cookie"), name).map(<[u8]>::to_vec).collect(),
            Self::Path => one(cx.headers.get(":path").map(|path| http::path_only(&path).to_vec())),
            Self::Method => one(cx.headers.get(":method")),
            Self::Host => vec![plugin_kit::scope::Target::of(cx.headers).host],
            Self::Address => {
                let address = address::Source::Connection.client(cx.headers, cx.proxy);
                one(address.map(|address| address.to_canonical().to_string().into_bytes()))
            }
        }
    }

    /// What requests are told apart by: the first value, if it is not empty.
    pub fn first(&self, cx: &Cx) -> Option<Vec<u8>> {
        self.values(cx).into_iter().next().filter(|value| !value.is_empty())
    }
}

/// What a value must be like.
#[derive(Debug)]
pub enum Test {
    /// One of these.
    In(Vec<String>),
    /// There, and none of these.
    NotIn(Vec<String>),
    /// Begins with this.
    Prefix(String),
    /// The expression finds something. It sees text only.
    Regex(Regex),
    /// Its place is below this.
    Percentage(u64),
    /// There.
    Exists,
    /// Not there.
    NotExists,
}

/// A condition.
#[derive(Debug)]
pub struct Condition {
    /// What is looked at.
    pub source: Source,
    /// What it must be like.
    pub test: Test,
}

impl Condition {
    /// Whether it holds. Of several values, one is enough; `NotIn` must hold for all.
    pub fn holds(&self, cx: &Cx, seed: &[u8]) -> bool {
        let values = self.source.values(cx);
        let is_one_of = |list: &[String], value: &[u8]| list.iter().any(|known| known.as_bytes() == value);
        match &self.test {
            Test::Exists => !values.is_empty(),
            Test::NotExists => values.is_empty(),
            Test::In(list) => values.iter().any(|value| is_one_of(list, value)),
            Test::NotIn(list) => !values.is_empty() && !values.iter().any(|value| is_one_of(list, value)),
            Test::Prefix(start) => values.iter().any(|value| value.starts_with(start.as_bytes())),
            Test::Regex(regex) => {
                values.iter().any(|value| std::str::from_utf8(value).is_ok_and(|text| regex.is_match(text)))
            }
            Test::Percentage(below) => self.source.first(cx).is_some_and(|value| share::place(seed, &value) < *below),
        }
    }
}
