//! Where in a JSON text we are, as far as paths want to know.
//!
//! The text need not be valid: braces that do not match are taken as they come.

use crate::path::{How, LONGEST_NAME, Paths, Place};

/// What lies deeper is not followed.
const DEEPEST: usize = 512;

/// The way from the root to the current place.
#[derive(Debug)]
pub struct Walk {
    root: Place,
    frames: Vec<Frame>,
    /// How many levels there are beyond the deepest.
    beyond: usize,
    /// The name of the member that is being read. None: not a name, or too long.
    name: Option<Vec<u8>>,
}

#[derive(Debug)]
struct Frame {
    place: Place,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Array {
        index: u32,
    },
    /// `member`: the place of the value whose name was read last. `wants_name`: a name comes next.
    Object {
        member: Place,
        wants_name: bool,
    },
}

impl Walk {
    /// At the root.
    pub fn new(paths: &Paths) -> Self {
        Self { root: paths.root(), frames: Vec::new(), beyond: 0, name: None }
    }

    /// A brace, bracket, comma or colon. Other bytes are nothing.
    pub fn structure(&mut self, byte: u8, paths: &Paths) {
        match byte {
            b'{' | b'[' => self.open(byte == b'{', paths),
            b'}' | b']' if self.beyond > 0 => self.beyond -= 1,
            b'}' | b']' => drop(self.frames.pop()),
            _ if self.beyond > 0 => {}
            b',' => match self.frames.last_mut().map(|frame| &mut frame.kind) {
                Some(Kind::Array { index }) => *index = index.saturating_add(1),
                Some(Kind::Object { wants_name, .. }) => *wants_name = true,
                None => {}
            },
            b':' => {
                if let Some(Frame { kind: Kind::Object { wants_name, .. }, .. }) = self.frames.last_mut() {
                    *wants_name = false;
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, object: bool, paths: &Paths) {
        if self.frames.len() >= DEEPEST {
            self.beyond += 1;
            return;
        }
        let place = self.place(paths);
        let member = paths.member(place, None);
        let kind = if object { Kind::Object { member, wants_name: true } } else { Kind::Array { index: 0 } };
        self.frames.push(Frame { place, kind });
    }

    /// The place of the value that comes.
    fn place(&self, paths: &Paths) -> Place {
        match self.frames.last() {
            None => self.root,
            Some(Frame { place, .. }) if self.beyond > 0 => paths.too_deep(*place),
            Some(Frame { place, kind: Kind::Array { index } }) => paths.element(*place, *index),
            Some(Frame { kind: Kind::Object { member, .. }, .. }) => *member,
        }
    }

    /// What is done with a value that is no string.
    pub fn value(&self, paths: &Paths) -> How {
        paths.how(self.place(paths))
    }

    /// What is done with the string that begins.
    pub fn string(&mut self, paths: &Paths) -> How {
        match self.frames.last() {
            Some(Frame { place, kind: Kind::Object { wants_name: true, .. } }) if self.beyond == 0 => {
                self.name = Some(Vec::new());
                paths.how_key(*place)
            }
            _ => {
                self.name = None;
                self.value(paths)
            }
        }
    }

    /// More of what the string means.
    pub fn text(&mut self, text: &[u8]) {
        if let Some(name) = &mut self.name
            && name.len() <= LONGEST_NAME
        {
            name.extend_from_slice(&text[..text.len().min(LONGEST_NAME + 1)]);
        }
    }

    /// The string has ended.
    pub fn string_end(&mut self, paths: &Paths) {
        if let (Some(name), Some(Frame { place, kind: Kind::Object { member, .. } })) =
            (self.name.take(), self.frames.last_mut())
        {
            *member = paths.member(*place, (name.len() <= LONGEST_NAME).then_some(&name[..]));
        }
    }
}
