//! JSON paths, a part of RFC 9535: names, indexes, stars and descendants. No filters, no slices: one pass over the text is
//! enough, and a state of a few bits for each level of it.

use plugin_kit::config::Refusal;

use crate::rules::Keep;

/// The longest path, in characters.
pub const LONGEST: usize = 256;
/// The longest name in a path, in bytes.
pub const LONGEST_NAME: usize = 256;
/// Bits in [`Place::states`].
const MOST_STATES: usize = 128;

/// What is done with the values at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// They are hidden as a whole.
    Mask(Keep),
    /// They are looked at; what no path of this kind meets is not, if there is one.
    Detect,
    /// They are left alone.
    Skip,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Any,
    Member(Vec<u8>),
    Index(u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A child, or with `anywhere` also a child of anything below.
    Child { name: Name, anywhere: bool },
    /// The path ends here.
    Act(Act),
}

/// All paths of a configuration, one behind the other.
#[derive(Debug, Default)]
pub struct Paths {
    steps: Vec<Step>,
    starts: u128,
}

/// How far the paths have come at a place in a text, and what holds there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place {
    states: u128,
    hidden: Option<Keep>,
    detected: bool,
    skipped: bool,
}

/// What is done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The detectors and patterns look at it.
    Look,
    /// It is hidden as a whole.
    Hide(Keep),
    /// It stays as it is.
    Leave,
}

impl Paths {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether something is hidden by its path.
    pub fn hide(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Act(Act::Mask(_))))
    }

    fn detect(&self) -> bool {
        self.steps.contains(&Step::Act(Act::Detect))
    }

    /// Adds a path found at `field` of the configuration.
    pub fn add(&mut self, text: &str, act: Act, field: &str) -> Result<(), Refusal> {
        let steps = parse(text).map_err(|why| Refusal::new(field, why))?;
        if self.steps.len() + steps.len() + 1 > MOST_STATES {
            return Err(Refusal::new(field, format!("all paths together may have {MOST_STATES} parts")));
        }
        self.starts |= 1 << self.steps.len();
        self.steps.extend(steps);
        self.steps.push(Step::Act(act));
        Ok(())
    }

    /// The place of a whole text.
    pub fn root(&self) -> Place {
        self.arrive(Place { states: self.starts, ..Place::default() })
    }

    /// The place of a member of an object. None: its name is too long to be named by a path.
    pub fn member(&self, of: Place, name: Option<&[u8]>) -> Place {
        self.child(of, |wanted| matches!((wanted, name), (Name::Member(wanted), Some(name)) if wanted == name))
    }

    /// The place of an element of an array.
    pub fn element(&self, of: Place, index: u32) -> Place {
        self.child(of, |wanted| *wanted == Name::Index(index))
    }

    /// The place of what lies too deep to be followed: rather hidden than missed.
    pub fn too_deep(&self, of: Place) -> Place {
        let nothing = Keep { first: 0, last: 0 };
        Place { states: 0, hidden: if self.hide() { Some(nothing) } else { of.hidden }, ..of }
    }

    fn child(&self, of: Place, is_meant: impl Fn(&Name) -> bool) -> Place {
        let mut states = 0;
        for (i, step) in self.steps.iter().enumerate().filter(|(i, _)| of.states >> i & 1 == 1) {
            if let Step::Child { name, anywhere } = step {
                if *anywhere {
                    states |= 1 << i;
                }
                if *name == Name::Any || is_meant(name) {
                    states |= 1 << (i + 1);
                }
            }
        }
        self.arrive(Place { states, ..of })
    }

    /// Takes note of the paths that end here.
    fn arrive(&self, mut place: Place) -> Place {
        for (_, step) in self.steps.iter().enumerate().filter(|(i, _)| place.states >> i & 1 == 1) {
            match step {
                Step::Act(Act::Mask(keep)) => place.hidden = Some(*keep),
                Step::Act(Act::Detect) => place.detected = true,
                Step::Act(Act::Skip) => place.skipped = true,
                Step::Child { .. } => {}
            }
        }
        place
    }

    /// What is done with a value at this place. To hide goes before to leave.
    pub fn how(&self, place: Place) -> How {
        match place.hidden {
            Some(keep) => How::Hide(keep),
            None => self.how_key(place),
        }
    }

    /// What is done with the names of an object's members: they are never hidden as a whole.
    pub fn how_key(&self, place: Place) -> How {
        if place.skipped || (self.detect() && !place.detected) { How::Leave } else { How::Look }
    }
}

const FORM: &str = "must look like $.user.phone, $.items[*].card, $..password or $['odd name'][0]";

fn parse(text: &str) -> Result<Vec<Step>, String> {
    let mut rest = text.strip_prefix('$').ok_or(FORM)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let anywhere = rest.starts_with("..");
        let (name, after) = if let Some(inner) = rest.strip_prefix("..[").or_else(|| rest.strip_prefix('[')) {
            bracket(inner)?
        } else {
            let inner = rest.strip_prefix("..").or_else(|| rest.strip_prefix('.')).ok_or(FORM)?;
            dotted(inner)?
        };
        steps.push(Step::Child { name, anywhere });
        rest = after;
    }
    Ok(steps)
}

fn dotted(text: &str) -> Result<(Name, &str), String> {
    if let Some(rest) = text.strip_prefix('*') {
        return Ok((Name::Any, rest));
    }
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-') || !c.is_ascii();
    let end = text.find(|c| !good(c)).unwrap_or(text.len());
    if end == 0 {
        return Err(FORM.into());
    }
    Ok((Name::Member(text[..end].into()), &text[end..]))
}

/// What stands in brackets; `text` begins behind the first.
fn bracket(text: &str) -> Result<(Name, &str), String> {
    let (name, rest) = match text.chars().next() {
        Some('*') => (Name::Any, &text[1..]),
        Some(quote @ ('\'' | '"')) => quoted(&text[1..], quote)?,
        Some('0'..='9') => {
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            (Name::Index(text[..end].parse().map_err(|_| FORM)?), &text[end..])
        }
        _ => return Err(format!("{FORM}; filters, slices and negative indexes are not known")),
    };
    match rest.strip_prefix(']') {
        Some(rest) => Ok((name, rest)),
        None => Err(format!("{FORM}; slices and lists in brackets are not known")),
    }
}

fn quoted(text: &str, quote: char) -> Result<(Name, &str), String> {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((Name::Member(name.into_bytes()), &text[at + 1..])),
            '\\' => match chars.next() {
                Some((_, c @ ('\\' | '\'' | '"'))) => name.push(c),
                _ => return Err("in quotes, a backslash stands only before a quote or another backslash".into()),
            },
            c => name.push(c),
        }
    }
    Err("a quote is not closed".into())
}

#[cfg(test)]
mod tests;
