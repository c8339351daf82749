//! A token bucket as one number: the time at which it will be full again (the generic cell rate algorithm).

const SECOND: u64 = 1_000_000_000;

/// How often something may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests per period, as it is shown to clients.
    pub count: u32,
    /// Nanoseconds between two tokens.
    interval: u64,
    /// Nanoseconds that a full bucket is worth.
    capacity: u64,
}

impl Limit {
    /// `count` requests in `period` seconds, up to `burst` of them at once.
    pub fn new(count: u32, period: u32, burst: u32) -> Self {
        let interval = (u64::from(period) * SECOND / u64::from(count.max(1))).max(1);
        Self { count, interval, capacity: interval.saturating_mul(u64::from(burst.max(1))) }
    }
}

/// What a bucket says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The request may pass.
    pub allowed: bool,
    /// How many more could come at once.
    pub remaining: u64,
    /// Seconds until the bucket is full again, rounded up.
    pub reset: u64,
    /// Seconds until the next token, rounded up; 0 if there is one.
    pub retry_after: u64,
}

/// Takes a token out of a bucket that will be full again at `full_at`. Gives its new state if one was taken.
/// Times are nanoseconds.
pub fn take(limit: Limit, full_at: u64, now: u64) -> (Outcome, Option<u64>) {
    // A time further ahead than any bucket reaches was written before the clock was set back.
    let full_at = if full_at > now.saturating_add(limit.capacity) { now } else { full_at.max(now) };
    let next = full_at.saturating_add(limit.interval);
    let used = next - now;
    let seconds = |nanos: u64| nanos.div_ceil(SECOND);
    if used > limit.capacity {
        let wait = seconds(used - limit.capacity);
        let outcome = Outcome { allowed: false, remaining: 0, reset: seconds(full_at - now), retry_after: wait };
        return (outcome, None);
    }
    let remaining = (limit.capacity - used) / limit.interval;
    (Outcome { allowed: true, remaining, reset: seconds(used), retry_after: 0 }, Some(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_700_000_000 * SECOND;

    fn run(limit: Limit, times: impl IntoIterator<Item = u64>) -> Vec<bool> {
        let mut state = 0;
        times
            .into_iter()
            .map(|at| {
                let (outcome, next) = take(limit, state, START + at);
                state = next.unwrap_or(state);
                outcome.allowed
            })
            .collect()
    }

    #[test]
    fn a_burst_and_then_the_rate() {
        let limit = Limit::new(10, 1, 3);
        assert_eq!(run(limit, [0, 0, 0, 0]), [true, true, true, false]);
        let tenth = SECOND / 10;
        assert_eq!(run(limit, [0, 0, 0, tenth, tenth]), [true, true, true, true, false]);
        assert_eq!(
            run(limit, [0, 0, 0, 10 * SECOND, 10 * SECOND, 10 * SECOND, 10 * SECOND])[3..],
            [true, true, true, false]
        );
    }

    #[test]
    fn what_is_left_is_told() {
        let limit = Limit::new(2, 60, 2);
        let (first, state) = take(limit, 0, START);
        assert_eq!(first, Outcome { allowed: true, remaining: 1, reset: 30, retry_after: 0 });
        let (second, state) = take(limit, state.expect("taken"), START);
        assert_eq!(second, Outcome { allowed: true, remaining: 0, reset: 60, retry_after: 0 });
        let (third, none) = take(limit, state.expect("taken"), START + SECOND);
        assert_eq!(third, Outcome { allowed: false, remaining: 0, reset: 59, retry_after: 29 });
        assert_eq!(none, None);
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let limit = Limit::new(1, 1, 1);
        assert!(take(limit, START + 3600 * SECOND, START).0.allowed);
        assert!(take(limit, u64::MAX, START).0.allowed);
        let (outcome, next) = take(Limit::new(1, 86_400, 1_000_000), u64::MAX - 1, u64::MAX - 1);
        assert!(!outcome.allowed || next.is_some());
    }

    #[test]
    fn never_more_than_burst_and_rate() {
        let mut seed = 7u64;
        for (count, period, burst) in [(1, 1, 1), (7, 1, 3), (100, 60, 100), (1_000_000, 1, 5), (3, 86_400, 2)] {
            let limit = Limit::new(count, period, burst);
            let (mut state, mut now, mut passed) = (0, START, 0u64);
            for _ in 0..20_000 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                now += (seed >> 40) * u64::from(period);
                let (outcome, next) = take(limit, state, now);
                passed += u64::from(outcome.allowed);
                state = next.unwrap_or(state);
                let most = u64::from(burst) + (now - START) / limit.interval;
                assert!(passed <= most + 1, "{limit:?}: {passed} > {most}");
            }
        }
    }
}
