//! Virtual time: the same in every run, and never waited for.

/// What one host call takes, in nanoseconds.
const STEP: u64 = 1_000;

/// Nanoseconds since 1970, moved by host calls and by the event loop only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    now: u64,
}

impl Clock {
    pub(crate) fn new(start: u64) -> Self {
        Self { now: start }
    }

    /// Since 1970.
    pub(crate) fn now(self) -> u64 {
        self.now
    }

    /// One host call has passed.
    pub(crate) fn step(&mut self) {
        self.now = self.now.saturating_add(STEP);
    }

    /// Nothing happens before `time`.
    pub(crate) fn jump(&mut self, time: u64) {
        self.now = self.now.max(time);
    }
}

/// Milliseconds as nanoseconds.
pub(crate) fn millis(ms: u64) -> u64 {
    ms.saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_never_goes_back() {
        let mut clock = Clock::new(10);
        clock.step();
        clock.jump(5);
        assert_eq!(clock.now(), 1_010);
        clock.jump(2_000);
        assert_eq!(clock.now(), 2_000);
    }
}
