//! Names of things, parsed once.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing was given.
    #[error("a name is needed")]
    Empty,
    /// Longer than the limit, in characters.
    #[error("a name has at most {0} characters")]
    TooLong(usize),
    /// Not made of `a-z`, `0-9` and `-`, or not beginning and ending with a letter or digit.
    #[error("a name has lower-case letters, digits and hyphens, and begins and ends with a letter or digit")]
    Malformed,
}

/// RFC 1123 label; with `dots`, a subdomain of such labels.
fn check(text: &str, limit: usize, dots: bool) -> Result<(), BadName> {
    if text.is_empty() {
        return Err(BadName::Empty);
    }
    if text.len() > limit {
        return Err(BadName::TooLong(limit));
    }
    let label = |label: &str| {
        let edge = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        !label.is_empty()
            && label.bytes().all(|b| edge(b) || b == b'-')
            && label.bytes().next().is_some_and(edge)
            && label.bytes().last().is_some_and(edge)
    };
    let good = if dots { text.split('.').all(label) } else { label(text) };
    if good { Ok(()) } else { Err(BadName::Malformed) }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $limit:expr, $dots:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                check(text, $limit, $dots)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The English name of a plugin in the catalogue, which is also its address: an RFC 1123 label of at most 50
    /// characters, so that `<plugin>-<service>` still fits into a resource's name.
    PluginName, 50, false
}
name! {
    /// A Kubernetes namespace (RFC 1123 label).
    Namespace, 63, false
}
name! {
    /// A Kubernetes Service (RFC 1035 label; the digits Kubernetes refuses at the front do no harm here).
    ServiceName, 63, false
}
name! {
    /// The name of a Kubernetes object such as a WasmPlugin or a Secret (RFC 1123 subdomain).
    ObjectName, 253, true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_subdomains() {
        assert!("data-masking".parse::<PluginName>().is_ok());
        assert!("a.b-c".parse::<ObjectName>().is_ok());
        assert_eq!("".parse::<PluginName>(), Err(BadName::Empty));
        assert_eq!("x".repeat(51).parse::<PluginName>(), Err(BadName::TooLong(50)));
        for bad in ["-a", "a-", "A", "a_b", "a b", "数据", "a.b", "a/b"] {
            assert_eq!(bad.parse::<PluginName>(), Err(BadName::Malformed), "{bad}");
        }
        for bad in [".a", "a..b", "a."] {
            assert_eq!(bad.parse::<ObjectName>(), Err(BadName::Malformed), "{bad}");
        }
    }
}
