//! What differs between two versions of an object.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{FieldSet, Step, item_step};
use crate::schema::Type;

/// The difference, as paths.
#[derive(Debug, Default)]
pub(super) struct Diff {
    /// Not there before.
    pub added: FieldSet,
    /// Another value now.
    pub modified: FieldSet,
    /// Not there any more.
    pub removed: FieldSet,
}

impl Diff {
    /// Compares two objects.
    pub fn of(old: Option<&Value>, new: Option<&Value>, of: Option<&Type>) -> Self {
        let empty = Value::Object(Map::new());
        match (old, new) {
            (None, None) => Self::default(),
            (old, new) if old == new => Self::default(),
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
                let each = names.into_iter().map(|name| {
                    let of = of.and_then(|of| of.field(name));
                    (Step::Field(name.clone()), Self::of(old.get(name), new.get(name), of))
                });
                Self::join(each)
            }
            // Null stands for an empty object where the other side is one.
            (Some(Value::Null), Some(Value::Object(_))) => Self::of(Some(&empty), new, of),
            (Some(Value::Object(_)), Some(Value::Null)) => Self::of(old, Some(&empty), of),
            (Some(Value::Array(old)), Some(Value::Array(new))) if keyed(of).is_some() => {
                let Some((key, item)) = keyed(of) else { return Self::default() };
                let find =
                    |list: &[Value], step: &Step| list.iter().find(|value| item_step(key, value) == *step).cloned();
                let steps: BTreeSet<_> = old.iter().chain(new).map(|value| item_step(key, value)).collect();
                let each = steps.into_iter().map(|step| {
                    let diff = Self::of(find(old, &step).as_ref(), find(new, &step).as_ref(), Some(item));
                    (step, diff)
                });
                Self::join(each)
            }
            (None, Some(new)) => Self { added: everything(new, of), ..Self::default() },
            (Some(old), None) => Self { removed: everything(old, of), ..Self::default() },
            // Another type: what was inside is gone, what is inside now is new.
            (Some(old), Some(new)) => {
                let (mut removed, mut added) = (everything(old, of), everything(new, of));
                (removed.member, added.member) = (false, false);
                Self { modified: FieldSet { member: true, ..FieldSet::default() }, removed, added }
            }
        }
    }

    fn join(each: impl Iterator<Item = (Step, Diff)>) -> Self {
        let mut all = Self::default();
        for (step, diff) in each {
            for (into, set) in
                [(&mut all.added, diff.added), (&mut all.modified, diff.modified), (&mut all.removed, diff.removed)]
            {
                if !set.is_empty() {
                    into.children.insert(step.clone(), set);
                }
            }
        }
        all
    }

    /// What was written: added or modified.
    pub fn written(&self) -> FieldSet {
        let mut written = self.added.clone();
        written.add(&self.modified);
        written
    }
}

/// All paths of a value, containers included: an update owns the objects that it brings, not only what is in them.
fn everything(value: &Value, of: Option<&Type>) -> FieldSet {
    let children = match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| (Step::Field(name.clone()), everything(value, of.and_then(|of| of.field(name)))))
            .collect(),
        Value::Array(items) => match keyed(of) {
            Some((key, item)) => {
                items.iter().map(|value| (item_step(key, value), everything(value, Some(item)))).collect()
            }
            None => Default::default(),
        },
        _ => Default::default(),
    };
    FieldSet { member: true, children }
}

/// The key field and the item's type of a keyed list.
pub(super) fn keyed(of: Option<&Type>) -> Option<(&'static str, &'static Type)> {
    match of {
        Some(Type::List { item, key: Some(key), .. }) => Some((key, item)),
        _ => None,
    }
}
