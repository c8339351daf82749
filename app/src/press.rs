//! What must not move under a finger: a click counts only where the button still is when it is let go.

use std::time::Duration;

use leptos::{ev, prelude::*};

/// Knows whether a pointer is held down, and keeps changes of the page back until it is let go.
#[derive(Clone, Copy)]
pub struct Press {
    held: StoredValue<bool>,
    waiting: StoredValue<Vec<Change>>,
}

type Change = Box<dyn FnOnce() + Send + Sync>;

impl Press {
    /// Watches for the pointer being let go, wherever that happens; in the browser only.
    pub fn watch() -> Self {
        let press = Self { held: StoredValue::new(false), waiting: StoredValue::new(Vec::new()) };
        Effect::new(move |_| {
            let up = window_event_listener(ev::pointerup, move |_| press.end());
            let cancel = window_event_listener(ev::pointercancel, move |_| press.end());
            on_cleanup(move || {
                up.remove();
                cancel.remove();
            });
        });
        press
    }

    /// The pointer went down.
    pub fn begin(self) {
        self.held.set_value(true);
    }

    /// Makes a change now, or once the pointer is let go.
    pub fn after(self, change: impl FnOnce() + Send + Sync + 'static) {
        // What belongs to a page that is gone is not made at all.
        match self.held.try_get_value() {
            Some(true) => drop(self.waiting.try_update_value(|waiting| waiting.push(Box::new(change)))),
            Some(false) => change(),
            None => {}
        }
    }

    fn end(self) {
        // The click comes after this event, and before the next turn.
        set_timeout(
            move || {
                self.held.try_update_value(|held| *held = false);
                let waiting = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
                waiting.into_iter().for_each(|change| change());
            },
            Duration::ZERO,
        );
    }
}
