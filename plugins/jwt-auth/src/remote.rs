//! Keys that are fetched: by the clock, and on demand within bounds.
//!
//! A request whose key is not known may wait for one answer. So that strangers cannot make the proxy ask without end,
//! asking comes in windows: one may be opened every few seconds, up to [`MOST_ASKING`] requests join it, and the first answer
//! closes it. A bad answer changes nothing: what was fetched before stays good for a day.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use plugin_kit::plugin::{Answer, Call};
use plugin_kit::service::Service;
use sha2::{Digest, Sha256};

use crate::keys::Keys;

/// How many requests of a worker may wait for the same keys.
pub const MOST_ASKING: u32 = 64;
/// Seconds between two windows, when keys are there and another one is asked for.
const PAUSE: u64 = 10;
/// The same when there are no keys at all.
const PAUSE_WITHOUT_KEYS: u64 = 1;
/// A window nobody answered, because all who asked have gone.
const FORGOTTEN: u64 = 60;
/// Seconds until a failed refresh is tried again.
const RETRY: u64 = 5;
/// How long keys are good without a good answer.
const MAX_STALE: u64 = 86_400;
/// The largest answer, in bytes.
const MAX_ANSWER: usize = 256 * 1024;

/// The keys of one service.
#[derive(Debug)]
pub struct Remote {
    service: Service,
    refresh: u64,
    kept: RefCell<Option<Kept>>,
    /// When the clock asks next.
    due: Cell<u64>,
    window: Cell<Window>,
}

#[derive(Debug)]
struct Kept {
    keys: Rc<Keys>,
    /// The digest of the answer: what a verified signature depends on.
    digest: [u8; 32],
    at: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Window {
    opened: Option<u64>,
    asking: u32,
    answered: bool,
}

impl Remote {
    /// Keys that this service has, to be asked for every `refresh` seconds.
    pub fn new(service: Service, refresh: u64) -> Self {
        Self { service, refresh, kept: RefCell::default(), due: Cell::default(), window: Cell::default() }
    }

    /// The service.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The keys, if there are any that are still good, and the digest by which they are known.
    pub fn keys(&self, now: u64) -> Option<(Rc<Keys>, [u8; 32])> {
        let kept = self.kept.borrow();
        let kept = kept.as_ref().filter(|kept| now < kept.at.saturating_add(MAX_STALE))?;
        Some((kept.keys.clone(), kept.digest))
    }

    /// The question.
    pub fn call(&self) -> Call {
        self.service.call("GET", &[("accept".to_owned(), b"application/json".to_vec())], Vec::new())
    }

    /// Whether the clock has come to ask. If so, it is taken as asked.
    pub fn is_due(&self, now: u64) -> bool {
        let due = now >= self.due.get();
        if due {
            self.due.set(now.saturating_add(RETRY));
        }
        due
    }

    /// Whether a request may ask now. If so, it is taken as asking.
    pub fn may_ask(&self, now: u64) -> bool {
        let pause = if self.keys(now).is_some() { PAUSE } else { PAUSE_WITHOUT_KEYS };
        let mut window = self.window.get();
        let is_open = !window.answered && window.opened.is_some_and(|at| now < at.saturating_add(FORGOTTEN));
        if !is_open {
            if window.opened.is_some_and(|at| now < at.saturating_add(pause)) {
                return false;
            }
            window = Window { opened: Some(now), asking: 0, answered: false };
        }
        let may = window.asking < MOST_ASKING;
        window.asking += u32::from(may);
        self.window.set(window);
        may
    }

    /// Takes an answer. The error says what is wrong with it.
    pub fn answered(&self, answer: Option<&Answer>, now: u64) -> Result<(), String> {
        self.window.set(Window { answered: true, ..self.window.get() });
        let answer = answer.ok_or("no answer")?;
        if answer.status != 200 {
            return Err(format!("status {}", answer.status));
        }
        if answer.body.len() > MAX_ANSWER {
            return Err(format!("{} bytes, more than {MAX_ANSWER}", answer.body.len()));
        }
        let digest = Sha256::digest(&answer.body).into();
        let mut kept = self.kept.borrow_mut();
        match &mut *kept {
            Some(kept) if kept.digest == digest => kept.at = now,
            _ => *kept = Some(Kept { keys: Rc::new(Keys::fetched(&answer.body)?), digest, at: now }),
        }
        self.due.set(now.saturating_add(self.refresh));
        Ok(())
    }
}
