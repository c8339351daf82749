//! How often somebody may run something: runs cost more than pages, and one person must leave room for others.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::error::ServiceError;

/// Runs that somebody may ask for at once.
const AT_ONCE: u32 = 40;
/// One more each this long.
const EACH: Duration = Duration::from_millis(500);
/// People whose runs are counted; those who rested longest are forgotten.
const MOST_PEOPLE: usize = 1000;

/// What everybody has left: the moment at which they will have rested enough.
#[derive(Default)]
pub struct Rates(Mutex<HashMap<String, Instant>>);

impl Rates {
    /// Takes one run from what somebody has left.
    pub fn take(&self, who: &str) -> Result<(), ServiceError> {
        self.take_at(who, Instant::now())
    }

    fn take_at(&self, who: &str, now: Instant) -> Result<(), ServiceError> {
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= MOST_PEOPLE {
            people.retain(|_, rested| *rested > now);
        }
        let rested = people.get(who).copied().filter(|rested| *rested > now).unwrap_or(now);
        let after = rested + EACH;
        let over = after.saturating_duration_since(now).saturating_sub(EACH * AT_ONCE);
        if !over.is_zero() {
            return Err(ServiceError::Busy { seconds: over.as_secs() + 1 });
        }
        people.insert(who.to_owned(), after);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_often_waits_a_moment() {
        let (rates, now) = (Rates::default(), Instant::now());
        assert!((0..AT_ONCE).all(|_| rates.take_at("a", now).is_ok()));
        assert!(matches!(rates.take_at("a", now), Err(ServiceError::Busy { seconds: 1 })));
        assert!(rates.take_at("b", now).is_ok());
        assert!(rates.take_at("a", now + EACH).is_ok());
        assert!(rates.take_at("a", now + EACH).is_err());
    }
}
