//! What the rules say, one step after the other.
//!
//! Headers go on before a body has come, so steps for the body wait: what they need of headers and query is noted in
//! its turn, and they are carried out when the body is complete.

use std::borrow::Cow;

use plugin_kit::plugin::Headers;
use plugin_kit::query;

use crate::document::{Document, Kind, Path};
use crate::form::Form;
use crate::head::{Head, Query};
use crate::json::Node;
use crate::text::{Sources, Text};
use crate::values::{self, Done, How, Strategy, Values};

/// Where something is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The headers.
    Headers,
    /// The query of a request.
    Querys,
    /// The body.
    Body,
}

/// Where values are copied from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The place itself.
    Same,
    /// The headers of the message.
    Headers,
    /// The headers of the request.
    RequestHeaders,
    /// The query of the request.
    Querys,
    /// The cookies of the request.
    Cookies,
}

/// A name: of a header in lower case, of a parameter, or a path into a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// As it is written.
    pub name: String,
    /// In a JSON body.
    pub path: Option<Path>,
}

/// What is done.
#[derive(Debug)]
pub enum Action {
    /// Takes a value away.
    Remove(Key),
    /// Gives it another name.
    Rename(Key, Key),
    /// Writes a text.
    Write(How, Key, Text, Kind),
    /// Copies it from elsewhere.
    Map(Origin, Key, Key, Kind),
    /// Leaves fewer values.
    Dedupe(Key, Strategy),
}

/// What is done, and where.
#[derive(Debug)]
pub struct Step {
    /// Where.
    pub place: Place,
    /// What.
    pub action: Action,
}

/// A step for the body, with what it needs of headers and query.
#[derive(Debug)]
pub struct Pending {
    step: usize,
    values: Vec<Vec<u8>>,
}

/// What came of some steps.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Something is different.
    pub changed: bool,
    /// How many steps could not be done.
    pub failed: usize,
}

impl Outcome {
    fn add(&mut self, done: Done) {
        self.changed |= done == Done::Changed;
        self.failed += usize::from(done == Done::Failed);
    }
}

/// Carries out the steps for headers and query, and notes those for the body.
pub fn for_head(
    steps: &[Step],
    sources: Sources,
    headers: &dyn Headers,
    mut pending: Option<&mut Vec<Pending>>,
) -> Outcome {
    let mut outcome = Outcome::default();
    for (place, step) in steps.iter().enumerate() {
        match step.place {
            Place::Headers => outcome.add(of_values(&step.action, &mut Head(headers), sources)),
            Place::Querys => outcome.add(of_values(&step.action, &mut Query(headers), sources)),
            Place::Body => {
                if let Some(pending) = &mut pending
                    && let Some(values) = needed(&step.action, sources)
                {
                    pending.push(Pending { step: place, values });
                }
            }
        }
    }
    outcome
}

fn of_values(action: &Action, values: &mut dyn Values, sources: Sources) -> Done {
    let given = match action {
        Action::Map(Origin::Same, from, ..) => Some(values.all(&from.name)),
        other => needed(other, sources),
    };
    given.map_or(Done::Same, |given| apply(action, values, given))
}

/// What an action needs of headers and query. None: it is not done.
fn needed(action: &Action, sources: Sources) -> Option<Vec<Vec<u8>>> {
    match action {
        Action::Write(_, _, text, _) => text.fill(sources).map(|text| vec![text]),
        Action::Map(Origin::Same, ..) => Some(Vec::new()),
        Action::Map(origin, from, ..) => Some(copied(*origin, &from.name, sources)),
        _ => Some(Vec::new()),
    }
}

fn copied(origin: Origin, name: &str, sources: Sources) -> Vec<Vec<u8>> {
    let named = if name == "host" { ":authority" } else { name };
    match origin {
        Origin::Same => Vec::new(),
        Origin::Headers => sources.message.all(named),
        Origin::RequestHeaders => sources.request.all(named),
        Origin::Querys => query::values(&sources.request.get(":path").unwrap_or_default(), name),
        Origin::Cookies => query::cookies(&sources.request.all("cookie"), name).map(<[u8]>::to_vec).collect(),
    }
}

fn apply(action: &Action, values: &mut dyn Values, mut given: Vec<Vec<u8>>) -> Done {
    match action {
        Action::Remove(key) => values::remove(values, &key.name),
        Action::Rename(old, new) => values::rename(values, &old.name, &new.name),
        Action::Write(how, key, ..) => match given.pop() {
            Some(text) => values::write(values, *how, &key.name, text),
            None => Done::Same,
        },
        Action::Map(_, _, to, _) => values::map(values, &to.name, &given),
        Action::Dedupe(key, strategy) => values::dedupe(values, &key.name, *strategy),
    }
}

/// Carries out the noted steps on a form.
pub fn for_form(steps: &[Step], pending: Vec<Pending>, form: &mut Form) -> Outcome {
    let mut outcome = Outcome::default();
    for Pending { step, values } in pending {
        let Some(Step { action, .. }) = steps.get(step) else {
            continue;
        };
        let given = match action {
            Action::Map(Origin::Same, from, ..) => form.all(&from.name),
            _ => values,
        };
        outcome.add(apply(action, form, given));
    }
    outcome
}

/// How many bytes may be copied within one document.
const MAX_COPIED: usize = 4 * 1024 * 1024;

/// Carries out the noted steps on a JSON document.
pub fn for_json(steps: &[Step], pending: Vec<Pending>, document: &mut Document) -> Outcome {
    let mut outcome = Outcome::default();
    let mut room = MAX_COPIED;
    for Pending { step, values } in pending {
        if let Some(Step { action, .. }) = steps.get(step) {
            outcome.add(in_json(action, values, document, &mut room).unwrap_or(Done::Failed));
        }
    }
    outcome
}

/// None: it cannot be done.
fn in_json(action: &Action, values: Vec<Vec<u8>>, document: &mut Document, room: &mut usize) -> Option<Done> {
    let done = |written: Result<(), _>| written.ok().map(|()| Done::Changed);
    match action {
        Action::Remove(key) => {
            Some(if document.remove(key.path.as_ref()?).is_some() { Done::Changed } else { Done::Same })
        }
        Action::Rename(old, new) => {
            let (old, new) = (old.path.as_ref()?, new.path.as_ref()?);
            if old == new {
                return Some(Done::Same);
            }
            if new.is_within(old) {
                return None;
            }
            let Some(value) = document.get(old).map(|node| node.source()) else {
                return Some(Done::Same);
            };
            // It is written before it is taken away, so that nothing is lost where it cannot be written.
            document.set(new, Node::Raw(Cow::Owned(value))).ok()?;
            document.remove(old);
            Some(Done::Changed)
        }
        Action::Write(how, key, _, kind) => {
            let path = key.path.as_ref()?;
            let value = kind.value(values.first().filter(|text| text.len() <= values::MAX_VALUE)?)?;
            match how {
                How::Add if document.get(path).is_some() => Some(Done::Same),
                How::Append => done(document.append(path, value)),
                _ => done(document.set(path, value)),
            }
        }
        Action::Map(Origin::Same, from, to, _) => {
            let Some(value) = document.get(from.path.as_ref()?).map(|node| node.source()) else {
                return Some(Done::Same);
            };
            *room = room.checked_sub(value.len())?;
            done(document.set(to.path.as_ref()?, Node::Raw(Cow::Owned(value))))
        }
        Action::Map(_, _, to, kind) => {
            let mut copied: Vec<Node> = values.iter().map(|value| kind.value(value)).collect::<Option<_>>()?;
            let value = match copied.len() {
                0 => return Some(Done::Same),
                1 => copied.remove(0),
                _ => Node::List(copied),
            };
            done(document.set(to.path.as_ref()?, value))
        }
        Action::Dedupe(key, strategy) => {
            Some(if document.dedupe(key.path.as_ref()?, *strategy) { Done::Changed } else { Done::Same })
        }
    }
}
