//! Whose password is right, at a bounded cost.
//!
//! The slow hash of a user is computed once: its result is remembered as a fast one, in memory only. Wrong passwords cost
//! the slow one each time, so of these only a few are checked per second; users who are known already do not notice.

use std::cell::RefCell;

use plugin_kit::http::same_secret;

use crate::password::{self, Password};

/// How many slow checks a worker makes per second.
pub const SLOW_CHECKS: u32 = 8;

/// What came of a check.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// The password of this consumer.
    Right(&'a str),
    /// No such user, or another password.
    Wrong,
    /// Too much has been tried; this was not checked.
    TooMany,
}

/// A user.
#[derive(Debug)]
pub struct User {
    /// What the client says.
    pub username: String,
    /// Who it is for the upstream.
    pub consumer: String,
    /// The password.
    pub password: Password,
}

/// All users.
#[derive(Debug, Default)]
pub struct Users {
    /// In order of their names.
    users: Vec<User>,
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The fast digest of each user's password, once it was right.
    verified: Vec<Option<[u8; 32]>>,
    second: u64,
    checks: u32,
}

impl State {
    fn may_check(&mut self, now: u64) -> bool {
        if self.second != now {
            (self.second, self.checks) = (now, 0);
        }
        self.checks += 1;
        self.checks <= SLOW_CHECKS
    }
}

impl Users {
    /// Adds a user; false if there is one of this name.
    pub fn add(&mut self, user: User) -> bool {
        match self.find(&user.username) {
            Ok(_) => false,
            Err(at) => {
                self.users.insert(at, user);
                self.state.get_mut().verified.push(None);
                true
            }
        }
    }

    fn find(&self, username: &str) -> Result<usize, usize> {
        self.users.binary_search_by(|user| user.username.as_str().cmp(username))
    }

    /// The names of all consumers.
    pub fn consumers(&self) -> Vec<&str> {
        self.users.iter().map(|user| user.consumer.as_str()).collect()
    }

    /// Checks name and password at this time (seconds).
    pub fn check(&self, username: &str, password: &str, now: u64) -> Verdict<'_> {
        let mut state = self.state.borrow_mut();
        let Ok(at) = self.find(username) else {
            let all_plain = self.users.iter().all(|user| matches!(user.password, Password::Plain(_)));
            if all_plain {
                return Verdict::Wrong;
            }
            if !state.may_check(now) {
                return Verdict::TooMany;
            }
            // As long as for a user that exists.
            std::hint::black_box(password::pbkdf2(password.as_bytes(), b"no such user", password::USUAL_ROUNDS));
            return Verdict::Wrong;
        };
        let user = &self.users[at];
        let slow = matches!(user.password, Password::Pbkdf2 { .. });
        let digest = password::digest(password.as_bytes());
        if slow && state.verified[at].is_some_and(|verified| same_secret(&verified, &digest)) {
            return Verdict::Right(&user.consumer);
        }
        if slow && !state.may_check(now) {
            return Verdict::TooMany;
        }
        if !user.password.is(password) {
            return Verdict::Wrong;
        }
        if slow {
            state.verified[at] = Some(digest);
        }
        Verdict::Right(&user.consumer)
    }
}
