//! Values by name, where a name may have several: headers, query parameters, form fields.

/// Something with values by name.
pub trait Values {
    /// All values of a name, in order.
    fn all(&self, name: &str) -> Vec<Vec<u8>>;
    /// Whether a name has a value.
    fn has(&self, name: &str) -> bool {
        !self.all(name).is_empty()
    }
    /// Gives a name these values and no others. False: they cannot stand here.
    fn put(&mut self, name: &str, values: &[Vec<u8>]) -> bool;
}

/// How several values become fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Each different one once.
    RetainUnique,
    /// The first.
    RetainFirst,
    /// The last.
    RetainLast,
    /// The first of the parts between commas.
    SplitAndRetainFirst,
    /// The last of the parts between commas.
    SplitAndRetainLast,
}

impl Strategy {
    /// Whether it looks into a value.
    pub fn splits(self) -> bool {
        matches!(self, Self::SplitAndRetainFirst | Self::SplitAndRetainLast)
    }

    /// What is kept of some values.
    pub fn keep<T: PartialEq + Part>(self, mut values: Vec<T>) -> Vec<T> {
        match self {
            Self::RetainUnique => {
                let mut kept: Vec<T> = Vec::with_capacity(values.len());
                for value in values {
                    if !kept.contains(&value) {
                        kept.push(value);
                    }
                }
                kept
            }
            Self::RetainFirst => {
                values.truncate(1);
                values
            }
            Self::RetainLast => values.pop().into_iter().collect(),
            Self::SplitAndRetainFirst => values.into_iter().next().map(|value| value.part(true)).into_iter().collect(),
            Self::SplitAndRetainLast => values.pop().map(|value| value.part(false)).into_iter().collect(),
        }
    }
}

/// What may have parts between commas.
pub trait Part {
    /// The first part or the last.
    fn part(self, first: bool) -> Self;
}

impl Part for Vec<u8> {
    fn part(self, first: bool) -> Self {
        let mut parts = self.split(|&b| b == b',');
        let part = if first { parts.next() } else { parts.next_back() };
        part.unwrap_or_default().trim_ascii().to_vec()
    }
}

impl Part for crate::json::Node<'_> {
    fn part(self, _first: bool) -> Self {
        self
    }
}

/// The longest value that is written. Whoever writes a value twice into itself, and that again, comes to an end here.
pub const MAX_VALUE: usize = 64 * 1024;

/// What to do with a text under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is the only value.
    Replace,
    /// It is the value if there was none.
    Add,
    /// It is one more value.
    Append,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Something is different.
    Changed,
    /// There was nothing to do.
    Same,
    /// It cannot be done.
    Failed,
}

impl Done {
    fn of(done: bool) -> Self {
        if done { Self::Changed } else { Self::Failed }
    }
}

/// Takes a name away.
pub fn remove(values: &mut dyn Values, name: &str) -> Done {
    if values.has(name) { Done::of(values.put(name, &[])) } else { Done::Same }
}

/// Gives a name's values another name.
pub fn rename(values: &mut dyn Values, old: &str, new: &str) -> Done {
    let moved = values.all(old);
    if moved.is_empty() || old == new {
        return Done::Same;
    }
    if !values.put(new, &moved) {
        return Done::Failed;
    }
    Done::of(values.put(old, &[]))
}

/// Writes a text under a name.
pub fn write(values: &mut dyn Values, how: How, name: &str, text: Vec<u8>) -> Done {
    if text.len() > MAX_VALUE {
        return Done::Failed;
    }
    let all = match how {
        How::Add if values.has(name) => return Done::Same,
        How::Append => [values.all(name), vec![text]].concat(),
        _ => vec![text],
    };
    Done::of(values.put(name, &all))
}

/// Writes values from elsewhere under a name.
pub fn map(values: &mut dyn Values, name: &str, from: &[Vec<u8>]) -> Done {
    if from.is_empty() { Done::Same } else { Done::of(values.put(name, from)) }
}

/// Leaves fewer values.
pub fn dedupe(values: &mut dyn Values, name: &str, strategy: Strategy) -> Done {
    let all = values.all(name);
    let kept = strategy.keep(all.clone());
    if kept == all { Done::Same } else { Done::of(values.put(name, &kept)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Strategy::{RetainFirst, RetainLast, RetainUnique, SplitAndRetainFirst, SplitAndRetainLast};

    #[test]
    fn strategies_keep_what_they_say() {
        let bytes = |values: &[&str]| values.iter().map(|v| v.as_bytes().to_vec()).collect::<Vec<_>>();
        for (strategy, kept) in [(RetainUnique, &["a, b", "c"][..]), (RetainFirst, &["a, b"]), (RetainLast, &["a, b"])]
        {
            assert_eq!(strategy.keep(bytes(&["a, b", "c", "c", "a, b"])), bytes(kept));
        }
        assert_eq!(SplitAndRetainFirst.keep(bytes(&["a, b", "c"])), bytes(&["a"]));
        assert_eq!(SplitAndRetainLast.keep(bytes(&["c", "a, b"])), bytes(&["b"]));
        assert!(SplitAndRetainLast.keep(Vec::<Vec<u8>>::new()).is_empty());
    }
}
