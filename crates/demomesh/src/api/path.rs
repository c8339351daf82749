//! Addresses of objects.

use crate::kinds::{KINDS, Kind};

/// What an address points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub kind: &'static Kind,
    pub namespace: Option<String>,
    pub name: Option<String>,
}

impl Target {
    /// Reads `/api/v1/…` and `/apis/group/version/…`.
    pub fn parse(path: &str) -> Option<Self> {
        let parts: Vec<_> = path.trim_matches('/').split('/').collect();
        let (group, version, rest) = match parts.as_slice() {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        let find = |plural: &str, namespaced: bool| {
            KINDS.iter().find(|kind| {
                kind.group == group && kind.version == version && kind.plural == plural && kind.namespaced == namespaced
            })
        };
        let owned = |text: &str| Some(text.to_owned());
        match rest {
            ["namespaces", namespace, plural] => {
                Some(Self { kind: find(plural, true)?, namespace: owned(namespace), name: None })
            }
            ["namespaces", namespace, plural, name] => {
                Some(Self { kind: find(plural, true)?, namespace: owned(namespace), name: owned(name) })
            }
            [plural, name] => Some(Self { kind: find(plural, false)?, namespace: None, name: owned(name) }),
            [plural] => {
                let kind = find(plural, true).or_else(|| find(plural, false))?;
                Some(Self { kind, namespace: None, name: None })
            }
            _ => None,
        }
    }

    /// The namespace; empty for objects outside of namespaces.
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or_default()
    }
}
