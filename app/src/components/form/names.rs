//! Names of a draft's fields on their way through HTML: `config/patterns/0/match` is the input `fields[config/patterns/0/match]`.
//!
//! Server functions read form bodies with `serde_qs`, for which brackets inside a name begin another level. A property of a
//! schema may hold any character, so brackets (and the sign that stands for them) travel percent-encoded inside the name.

use std::collections::BTreeMap;

use marketplace_domain::draft::Draft;

/// The `name` of the input for a draft's field.
pub fn input_name(field: &str) -> String {
    format!("fields[{}]", field.replace('%', "%25").replace('[', "%5B").replace(']', "%5D"))
}

/// The field of a name that came back, without `fields[…]`, which the decoder has taken off.
fn field_name(name: &str) -> String {
    name.replace("%5D", "]").replace("%5B", "[").replace("%25", "%")
}

/// What came back from a form, as a draft. Lines end as people mean them, not as forms send them.
pub fn draft(fields: BTreeMap<String, String>) -> Draft {
    let fields = fields.into_iter().map(|(name, text)| (field_name(&name), text.replace("\r\n", "\n"))).collect();
    Draft { fields }
}

/// The `id` of the element that stands for a field: letters, digits and hyphens stay, `/` becomes a point, everything else
/// its number. Different fields have different ids.
pub fn field_id(field: &str) -> String {
    let mut id = String::from("f-");
    for c in field.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' => id.push(c),
            '/' => id.push('.'),
            other => id.push_str(&format!("_{:x}_", u32::from(other))),
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for field in
            ["config/a/0:key", "config/x#1", "config/when@variant", "config/a[b]%5Bc", "config/数据?", "env.0.name"]
        {
            let name = input_name(field);
            let inner = name.strip_prefix("fields[").and_then(|rest| rest.strip_suffix(']')).expect("brackets");
            assert!(!inner.contains(['[', ']']));
            let back = draft(BTreeMap::from([(inner.to_owned(), "a\r\nb".to_owned())]));
            assert_eq!(back.get(field), "a\nb", "{field}");
        }
    }

    #[test]
    fn ids_differ() {
        let fields = ["config/a-b", "config/a/b", "config/a.b", "config/a_b", "config/a b", "config/a#b"];
        let ids: std::collections::BTreeSet<_> = fields.iter().map(|field| field_id(field)).collect();
        assert_eq!(ids.len(), fields.len());
        assert!(ids.iter().all(|id| !id.contains(char::is_whitespace)));
    }
}
