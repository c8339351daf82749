//! Body in, body out.

use crate::json::Json;
use crate::path::Paths;
use crate::rules::Rules;
use crate::settings::Settings;
use crate::text::{self, Flow};

/// How far patterns see in a body that is masked piece by piece.
pub const WINDOW: usize = 8 * 1024;

/// What is to be done.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// What is hidden wherever it is.
    pub rules: &'a Rules,
    /// What is hidden or left alone because of its place in a JSON text.
    pub paths: &'a Paths,
    /// What comes instead of a hidden character.
    pub mask: &'a str,
}

/// A changed body.
#[derive(Debug, PartialEq, Eq)]
pub struct Masked {
    /// What goes out.
    pub body: Vec<u8>,
    /// How many values were hidden in it.
    pub values: usize,
}

/// Hides what is to be hidden in a complete body. None if there is nothing.
pub fn mask(body: &[u8], is_json: bool, settings: &Settings, mask: char) -> Option<Masked> {
    let mut masker = Masker::new(is_json, settings, mask, usize::MAX);
    let out = masker.push(settings, body, true);
    (masker.values > 0).then_some(Masked { body: out, values: masker.values })
}

/// A body that comes in pieces. Where they part makes no difference to what goes out.
pub struct Masker {
    kind: Kind,
    mask: String,
    /// How many values were hidden.
    pub values: usize,
}

enum Kind {
    Text(Flow),
    Json(Json),
}

impl Masker {
    /// For a body of which patterns see `window` bytes at least.
    pub fn new(is_json: bool, settings: &Settings, mask: char, window: usize) -> Self {
        let mask = mask.to_string();
        let job = Job { rules: &settings.rules, paths: &settings.paths, mask: &mask };
        let kind = if is_json { Kind::Json(Json::new(&job, window)) } else { Kind::Text(Flow::new(window)) };
        Self { kind, mask, values: 0 }
    }

    /// Takes a piece and gives what is certain; all of it if this is the `end`.
    pub fn push(&mut self, settings: &Settings, piece: &[u8], end: bool) -> Vec<u8> {
        let job = Job { rules: &settings.rules, paths: &settings.paths, mask: &self.mask };
        let mut out = Vec::with_capacity(piece.len());
        self.values += match &mut self.kind {
            Kind::Json(json) => json.push(&job, piece, end, &mut out),
            Kind::Text(flow) if end && flow.is_new() && flow.fits(piece.len()) => {
                let found = job.rules.find(piece);
                text::write(piece, &found, job.mask, &mut out);
                found.values
            }
            Kind::Text(flow) => {
                flow.add(piece);
                flow.look(job.rules, end, job.mask, &mut out)
            }
        };
        out
    }
}

#[cfg(test)]
mod tests;
