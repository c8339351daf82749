//! What clients can cause must not fill the log: it is said now and then, and counted always.

use std::cell::Cell;

use crate::plugin::Proxy;

/// How often something is said, in seconds.
const EVERY: u64 = 60;

/// Tells whether it is time to say something again.
#[derive(Debug, Default)]
pub struct Seldom(Cell<Option<u64>>);

impl Seldom {
    /// Whether it was not said within the last minute; if so, it is said now.
    pub fn is_due(&self, proxy: &dyn Proxy) -> bool {
        let now = proxy.seconds();
        let is_due = self.0.get().is_none_or(|last| now.saturating_sub(last) >= EVERY);
        if is_due {
            self.0.set(Some(now));
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeProxy;

    #[test]
    fn once_a_minute() {
        let (seldom, proxy) = (Seldom::default(), FakeProxy::at(5));
        assert!(seldom.is_due(&proxy));
        proxy.time.set(64_999_999_999);
        assert!(!seldom.is_due(&proxy));
        proxy.time.set(65_000_000_000);
        assert!(seldom.is_due(&proxy) && !seldom.is_due(&proxy));
    }
}
