//! Whether a value is valid, within a number of steps.

use serde_json::{Map, Value};

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
        let checked = checker.node(0, value, &Path::Root);
        // Whatever an open question answered, the whole is not known.
        if checker.steps == 0 { Path::Root.fails("limit") } else { checked }
    }
}

impl Checker<'_> {
    fn spend(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_sub(steps);
        self.steps > 0
    }

    fn node(&mut self, id: Id, value: &Value, path: &Path) -> Checked {
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
                let checked = self.rules(rules, value, path);
                self.open -= 1;
                checked.map_err(|mut failure| {
                    failure.message = failure.message.or_else(|| rules.message.clone());
                    failure
                })
            }
        }
    }

    fn is_valid(&mut self, id: Id, value: &Value, path: &Path) -> bool {
        self.node(id, value, path).is_ok()
    }

    fn rules(&mut self, rules: &Rules, value: &Value, path: &Path) -> Checked {
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
        match value {
            Value::Number(_) => self.number(rules, value, path)?,
            Value::String(text) => self.text(rules, text, path)?,
            Value::Array(items) => self.array(rules, items, path)?,
            Value::Object(members) => self.object(rules, members, path)?,
            Value::Null | Value::Bool(_) => {}
        }
        self.in_place(rules, value, path)
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
        match &rules.pattern {
            Some(pattern) if !self.spend(pattern.cost(text)) || !pattern.finds(text) => path.fails("pattern"),
            _ => Ok(()),
        }
    }

    fn array(&mut self, rules: &Rules, items: &[Value], path: &Path) -> Checked {
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
                self.node(id, item, &Path::Item(path, i))?;
            }
        }
        if let Some(id) = rules.contains {
            let (min, max) = (rules.min_contains.unwrap_or(1), rules.max_contains.unwrap_or(usize::MAX));
            let found =
                items.iter().enumerate().filter(|(i, item)| self.is_valid(id, item, &Path::Item(path, *i))).count();
            if found < min {
                return path.fails("contains");
            }
            if found > max {
                return path.fails("maxContains");
            }
        }
        Ok(())
    }

    fn object(&mut self, rules: &Rules, members: &Map<String, Value>, path: &Path) -> Checked {
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
        for (name, member) in members {
            let at = Path::Member(path, name);
            if let Some(id) = rules.names {
                self.node(id, &Value::String(name.clone()), &at)?;
            }
            let mut is_known = false;
            // Compiled from a map, and so in order.
            if let Ok(found) = rules.properties.binary_search_by(|(known, _)| known.as_str().cmp(name)) {
                is_known = true;
                self.node(rules.properties[found].1, member, &at)?;
            }
            for (pattern, id) in &rules.pattern_properties {
                if !self.spend(pattern.cost(name)) {
                    return at.fails("limit");
                }
                if pattern.finds(name) {
                    is_known = true;
                    self.node(*id, member, &at)?;
                }
            }
            if let (Some(id), false) = (rules.additional, is_known) {
                self.node(id, member, &at).map_err(|failure| match failure.keyword {
                    "false" => Failure { keyword: "additionalProperties", ..failure },
                    _ => failure,
                })?;
            }
        }
        Ok(())
    }

    fn in_place(&mut self, rules: &Rules, value: &Value, path: &Path) -> Checked {
        for id in rules.reference.iter().chain(&rules.all_of) {
            self.node(*id, value, path)?;
        }
        if let Some(ids) = &rules.any_of
            && !ids.iter().any(|id| self.is_valid(*id, value, path))
        {
            return path.fails("anyOf");
        }
        if let Some(ids) = &rules.one_of
            && ids.iter().filter(|id| self.is_valid(**id, value, path)).count() != 1
        {
            return path.fails("oneOf");
        }
        if let Some(id) = rules.not
            && self.is_valid(id, value, path)
        {
            return path.fails("not");
        }
        if let Some(condition) = rules.condition {
            let branch = if self.is_valid(condition, value, path) { rules.then } else { rules.otherwise };
            if let Some(id) = branch {
                self.node(id, value, path)?;
            }
        }
        if let Value::Object(members) = value {
            for (name, id) in &rules.dependent {
                if members.contains_key(name) {
                    self.node(*id, value, path)?;
                }
            }
        }
        Ok(())
    }
}
