//! Texts with holes.
//!
//! | written | stands for |
//! | --- | --- |
//! | `$1` | what a pattern's first group found |
//! | `${name}` | a value of the exchange |
//! | `$$` | a dollar |

use regex_lite::Captures;

use crate::config::Refusal;

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<V> {
    /// Text as it is.
    Text(String),
    /// What a group found.
    Group(usize),
    /// A value of the exchange.
    Value(V),
}

/// A text with holes. `V` names the values that may fill them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template<V>(Vec<Part<V>>);

/// What a pattern's groups found: 0 is the whole.
pub trait Groups {
    /// What a group found. None: it took no part.
    fn group(&self, number: usize) -> Option<&[u8]>;
}

impl Groups for Captures<'_> {
    fn group(&self, number: usize) -> Option<&[u8]> {
        self.get(number).map(|found| found.as_str().as_bytes())
    }
}

/// There was no pattern.
pub struct NoGroups;

impl Groups for NoGroups {
    fn group(&self, _number: usize) -> Option<&[u8]> {
        None
    }
}

impl<V> Template<V> {
    /// Reads a template found at `path`. `groups`: how many groups its pattern has; without a pattern, `$1` is text.
    /// `value`: reads a value's name; its refusal says why not.
    pub fn read(
        text: &str,
        path: &str,
        groups: Option<usize>,
        mut value: impl FnMut(&str) -> Result<V, String>,
    ) -> Result<Self, Refusal> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            plain.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let hole = if let Some(inside) = rest.strip_prefix('{') {
                let end = inside.find('}').ok_or_else(|| Refusal::new(path, "${ without }"))?;
                rest = &inside[end + 1..];
                let name = &inside[..end];
                match name.parse() {
                    Ok(number) if groups.is_some() => Part::Group(number),
                    _ => Part::Value(value(name).map_err(|why| Refusal::new(path, format!("${{{name}}}: {why}")))?),
                }
            } else if let Some(after) = rest.strip_prefix('$') {
                rest = after;
                plain.push('$');
                continue;
            } else {
                let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
                match (rest[..digits].parse(), groups) {
                    (Ok(number), Some(_)) => {
                        rest = &rest[digits..];
                        Part::Group(number)
                    }
                    _ => {
                        plain.push('$');
                        continue;
                    }
                }
            };
            if let (Part::Group(number), Some(most)) = (&hole, groups)
                && *number > most
            {
                return Err(Refusal::new(path, format!("${number}: the pattern has {most} groups")));
            }
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(hole);
        }
        plain.push_str(rest);
        if !plain.is_empty() || parts.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// Its parts, in order; at least one.
    pub fn parts(&self) -> &[Part<V>] {
        &self.0
    }

    /// Fills the holes. `value` appends the value of a name.
    pub fn fill(&self, groups: &dyn Groups, mut value: impl FnMut(&V, &mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Group(number) => out.extend_from_slice(groups.group(*number).unwrap_or_default()),
                Part::Value(name) => value(name, &mut out),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, groups: Option<usize>) -> Result<Template<String>, Refusal> {
        Template::read(text, "t", groups, |name| match name {
            "bad" => Err("unknown".to_owned()),
            name => Ok(name.to_owned()),
        })
    }

    fn filled(text: &str) -> String {
        let regex = regex_lite::Regex::new("(a)(x)?(c)").expect("good");
        let captures = regex.captures("_ac_").expect("found");
        let template = read(text, Some(3)).expect("good");
        let bytes = template.fill(&captures, |name, out| out.extend_from_slice(name.to_uppercase().as_bytes()));
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn holes_are_filled() {
        for (text, wanted) in [
            ("", ""),
            ("plain", "plain"),
            ("$1-$2-$3-$0", "a--c-ac"),
            ("${1}0 ${host}!", "a0 HOST!"),
            ("$$1 $ $x $", "$1 $ $x $"),
            ("\u{4e2d}$3\u{6587}", "\u{4e2d}c\u{6587}"),
        ] {
            assert_eq!(filled(text), wanted, "{text}");
        }
    }

    #[test]
    fn without_pattern_groups_are_text() {
        let template = read("$1 ${1}", None).expect("good");
        assert_eq!(template.parts(), [Part::Text("$1 ".into()), Part::Value("1".into())]);
        assert_eq!(template.fill(&NoGroups, |_, _| ()), b"$1 ");
    }

    #[test]
    fn refusals_say_why() {
        for (text, why) in
            [("${bad}", "${bad}: unknown"), ("a${b", "${ without }"), ("$4", "$4: the pattern has 3 groups")]
        {
            let refusal = read(text, Some(3)).expect_err("bad").to_string();
            assert!(refusal.ends_with(why), "{refusal}");
        }
    }
}
