//! Whether a value is valid, within a number of steps.

use serde_json::{Map, Value};

use super::evaluated::Evaluated;
use super::value::{all_differ, equal, is_multiple, kinds, order};
use super::{Id, Node, Rules, Schema};

/// How many steps the check of one value may take. A step is a schema applied, a value compared, or a few characters
/// searched.
pub const MAX_STEPS: usize = 1_000_000;
/// How many schemas may be open at once.
const MAX_OPEN: usize = 400;

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// A JSON pointer to it.
    pub at: String,
    /// The keyword that says so; `limit` if the check was too costly.
    pub keyword: &'static str,
    /// The schema's own message.
    pub message: Option<String>,
}

/// How a value was reached.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    fn write(&self, out: &mut String) {
        match self {
            Path::Root => {}
            Path::Member(parent, name) => {
                parent.write(out);
                out.push('/');
                out.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Path::Item(parent, i) => {
                parent.write(out);
                out.push('/');
                out.push_str(&i.to_string());
            }
        }
    }

    fn fails(&self, keyword: &'static str) -> Checked {
        let mut at = String::new();
        self.write(&mut at);
        Err(Failure { at, keyword, message: None })
    }
}

type Checked = Result<(), Failure>;

struct Checker<'a> {
    schema: &'a Schema,
    steps: usize,
    open: usize,
}

impl Schema {
    /// Whether a value is valid.
    pub fn check(&self, value: &Value) -> Checked {
        let mut checker = Checker { schema: self, steps: MAX_STEPS, open: 0 };
        let checked = checker.node(0, value, &Path::Root, None);
        // Whatever an open question answered, the whole is not known.
        if checker.steps == 0 { Path::Root.fails("limit") } else { checked }
    }
}

impl Checker<'_> {
    fn spend(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_sub(steps);
        self.steps > 0
    }

    /// `seen`: what the schema looks at is noted there, if it holds.
    fn node(&mut self, id: Id, value: &Value, path: &Path, seen: Option<&mut Evaluated>) -> Checked {
        if self.open >= MAX_OPEN {
            self.steps = 0;
        }
        if !self.spend(1) {
            return path.fails("limit");
        }
        let schema = self.schema;
        match schema.0.get(id) {
            None | Some(Node::Always(false)) => path.fails("false"),
            Some(Node::Always(true)) => Ok(()),
            Some(Node::Rules(rules)) => {
                self.open += 1;
                let checked = self.rules(rules, value, path, seen);
                self.open -= 1;
                checked.map_err(|mut failure| {
                    failure.message = failure.message.or_else(|| rules.message.clone());
                    failure
                })
            }
        }
    }

    /// The same for a schema that need not hold.
    fn is_valid(&mut self, id: Id, value: &Value, path: &Path, seen: Option<&mut Evaluated>) -> bool {
        let Some(seen) = seen else {
            return self.node(id, value, path, None).is_ok();
        };
        let mut own = self.evaluated(value);
        let valid = self.node(id, value, path, Some(&mut own)).is_ok();
        if valid {
            seen.join(&own);
        }
        valid
    }

    fn evaluated(&mut self, value: &Value) -> Evaluated {
        let size = value.as_array().map_or(0, Vec::len) + value.as_object().map_or(0, Map::len);
        self.spend(size / 16);
        Evaluated::none_of(value)
    }

    fn rules(&mut self, rules: &Rules, value: &Value, path: &Path, seen: Option<&mut Evaluated>) -> Checked {
        if rules.types.is_some_and(|types| types & kinds(value) == 0) {
            return path.fails("type");
        }
        let mut cost = 0;
        let constant = rules.constant.as_ref().is_none_or(|constant| equal(constant, value, &mut cost));
        let choice = rules.choices.as_ref().is_none_or(|all| all.iter().any(|one| equal(one, value, &mut cost)));
        self.spend(cost);
        if !constant {
            return path.fails("const");
        }
        if !choice {
            return path.fails("enum");
        }
        if rules.unevaluated_items.is_none() && rules.unevaluated_properties.is_none() {
            return self.apply(rules, value, path, seen);
        }
        // What schemas beside this one have looked at does not count here.
        let mut own = self.evaluated(value);
        self.apply(rules, value, path, Some(&mut own))?;
        self.unevaluated(rules, value, path, &mut own)?;
        if let Some(seen) = seen {
            seen.join(&own);
        }
        Ok(())
    }

    fn apply(&mut self, rules: &Rules, value: &Value, path: &Path, mut seen: Option<&mut Evaluated>) -> Checked {
        match value {
            Value::Number(_) => self.number(rules, value, path)?,
            Value::String(text) => self.text(rules, text, path)?,
            Value::Array(items) => self.array(rules, items, path, seen.as_deref_mut())?,
            Value::Object(members) => self.object(rules, members, path, seen.as_deref_mut())?,
            Value::Null | Value::Bool(_) => {}
        }
        self.in_place(rules, value, path, seen)
    }

    /// The schemas for what nothing else has looked at.
    fn unevaluated(&mut self, rules: &Rules, value: &Value, path: &Path, seen: &mut Evaluated) -> Checked {
        let named = |keyword: &'static str| {
            move |failure: Failure| match failure.keyword {
                "false" => Failure { keyword, ..failure },
                _ => failure,
            }
        };
        match value {
            Value::Array(items) if let Some(id) = rules.unevaluated_items => {
                for (i, item) in items.iter().enumerate().filter(|(i, _)| !seen.has(*i)) {
                    self.node(id, item, &Path::Item(path, i), None).map_err(named("unevaluatedItems"))?;
                }
                seen.add_all();
            }
            Value::Object(members) if let Some(id) = rules.unevaluated_properties => {
                for (_, (name, member)) in members.iter().enumerate().filter(|(i, _)| !seen.has(*i)) {
                    let at = Path::Member(path, name);
                    self.node(id, member, &at, None).map_err(named("unevaluatedProperties"))?;
                }
                seen.add_all();
            }
            _ => {}
        }
        Ok(())
    }

    fn number(&mut self, rules: &Rules, value: &Value, path: &Path) -> Checked {
        let Value::Number(number) = value else {
            return Ok(());
        };
        for limit in &rules.limits {
            let order = order(number, &limit.number);
            let good = match limit.keyword {
                "minimum" => order.is_ge(),
                "maximum" => order.is_le(),
                "exclusiveMinimum" => order.is_gt(),
                _ => order.is_lt(),
            };
            if !good {
                return path.fails(limit.keyword);
            }
        }
        match &rules.multiple_of {
            Some(of) if !is_multiple(number, of) => path.fails("multipleOf"),
            _ => Ok(()),
        }
    }

    fn text(&mut self, rules: &Rules, text: &str, path: &Path) -> Checked {
        if rules.min_length.is_some() || rules.max_length.is_some() {
            self.spend(text.len() / 64);
            let length = text.chars().count();
            if rules.min_length.is_some_and(|min| length < min) {
                return path.fails("minLength");
            }
            if rules.max_length.is_some_and(|max| length > max) {
                return path.fails("maxLength");
            }
        }
        if let Some(format) = rules.format
            && (!self.spend(text.len() / 16) || !format.is(text))
        {
            return path.fails("format");
        }
        match &rules.pattern {
            Some(pattern) if !self.spend(pattern.cost(text)) || !pattern.finds(text) => path.fails("pattern"),
            _ => Ok(()),
        }
    }

    fn array(&mut self, rules: &Rules, items: &[Value], path: &Path, mut seen: Option<&mut Evaluated>) -> Checked {
        if rules.min_items.is_some_and(|min| items.len() < min) {
            return path.fails("minItems");
        }
        if rules.max_items.is_some_and(|max| items.len() > max) {
            return path.fails("maxItems");
        }
        if rules.unique {
            let mut cost = 0;
            let differ = all_differ(items, &mut cost);
            if !self.spend(cost) || !differ {
                return path.fails("uniqueItems");
            }
        }
        for (i, item) in items.iter().enumerate() {
            if let Some(id) = rules.prefix.get(i).copied().or(rules.items) {
                self.node(id, item, &Path::Item(path, i), None)?;
                if let Some(seen) = seen.as_deref_mut() {
                    seen.add(i);
                }
            }
        }
        if let Some(id) = rules.contains {
            let (min, max) = (rules.min_contains.unwrap_or(1), rules.max_contains.unwrap_or(usize::MAX));
            let mut found = 0;
            for (i, item) in items.iter().enumerate() {
                if self.is_valid(id, item, &Path::Item(path, i), None) {
                    found += 1;
                    if let Some(seen) = seen.as_deref_mut() {
                        seen.add(i);
                    }
                }
            }
            if found < min {
                return path.fails("contains");
            }
            if found > max {
                return path.fails("maxContains");
            }
        }
        Ok(())
    }

    fn object(
        &mut self,
        rules: &Rules,
        members: &Map<String, Value>,
        path: &Path,
        mut seen: Option<&mut Evaluated>,
    ) -> Checked {
        if rules.min_properties.is_some_and(|min| members.len() < min) {
            return path.fails("minProperties");
        }
        if rules.max_properties.is_some_and(|max| members.len() > max) {
            return path.fails("maxProperties");
        }
        if let Some(missing) = rules.required.iter().find(|name| !members.contains_key(*name)) {
            return Path::Member(path, missing).fails("required");
        }
        for (_, required) in rules.dependent_required.iter().filter(|(name, _)| members.contains_key(name)) {
            if let Some(missing) = required.iter().find(|name| !members.contains_key(*name)) {
                return Path::Member(path, missing).fails("dependentRequired");
            }
        }
        if rules.properties.is_empty()
            && rules.pattern_properties.is_empty()
            && rules.additional.is_none()
            && rules.names.is_none()
        {
            return Ok(());
        }
        for (i, (name, member)) in members.iter().enumerate() {
            let at = Path::Member(path, name);
            if let Some(id) = rules.names {
                self.node(id, &Value::String(name.clone()), &at, None)?;
            }
            let mut is_known = false;
            // Compiled from a map, and so in order.
            if let Ok(found) = rules.properties.binary_search_by(|(known, _)| known.as_str().cmp(name)) {
                is_known = true;
                self.node(rules.properties[found].1, member, &at, None)?;
            }
            for (pattern, id) in &rules.pattern_properties {
                if !self.spend(pattern.cost(name)) {
                    return at.fails("limit");
                }
                if pattern.finds(name) {
                    is_known = true;
                    self.node(*id, member, &at, None)?;
                }
            }
            if let (Some(seen), true) = (seen.as_deref_mut(), is_known || rules.additional.is_some()) {
                seen.add(i);
            }
            if let (Some(id), false) = (rules.additional, is_known) {
                self.node(id, member, &at, None).map_err(|failure| match failure.keyword {
                    "false" => Failure { keyword: "additionalProperties", ..failure },
                    _ => failure,
                })?;
            }
        }
        Ok(())
    }

    fn in_place(&mut self, rules: &Rules, value: &Value, path: &Path, mut seen: Option<&mut Evaluated>) -> Checked {
        for id in rules.reference.iter().chain(&rules.dynamic_reference).chain(&rules.all_of) {
            self.node(*id, value, path, seen.as_deref_mut())?;
        }
        if let Some(ids) = &rules.any_of {
            let mut any = false;
            for id in ids {
                any |= self.is_valid(*id, value, path, seen.as_deref_mut());
                if any && seen.is_none() {
                    break;
                }
            }
            if !any {
                return path.fails("anyOf");
            }
        }
        if let Some(ids) = &rules.one_of
            && ids.iter().filter(|id| self.is_valid(**id, value, path, seen.as_deref_mut())).count() != 1
        {
            return path.fails("oneOf");
        }
        if let Some(id) = rules.not
            && self.is_valid(id, value, path, None)
        {
            return path.fails("not");
        }
        if let Some(condition) = rules.condition {
            let holds = self.is_valid(condition, value, path, seen.as_deref_mut());
            if let Some(id) = if holds { rules.then } else { rules.otherwise } {
                self.node(id, value, path, seen.as_deref_mut())?;
            }
        }
        if let Value::Object(members) = value {
            for (name, id) in &rules.dependent {
                if members.contains_key(name) {
                    self.node(*id, value, path, seen.as_deref_mut())?;
                }
            }
        }
        Ok(())
    }
}
