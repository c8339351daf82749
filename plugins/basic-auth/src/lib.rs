//! Lets requests through that carry a known name and password.
//!
//! ```text
//! BasicAuth (the phases) -> credentials  what the header says
//!                        -> users        whose password is right, and how much checking may cost
//!                             -> password  passwords as they are kept
//!                        -> settings     configuration
//! ```

mod credentials;
mod password;
mod settings;
mod users;

use plugin_kit::access;
use plugin_kit::config::Refusal;
use plugin_kit::plugin::{Cx, Decision, Plugin};

use settings::Settings;
use users::Verdict;

plugin_kit::start!(BasicAuth);

/// The plugin.
#[derive(Debug)]
pub struct BasicAuth(Settings);

impl Plugin for BasicAuth {
    const NAME: &'static str = "basic-auth";
    type Stream = ();

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Settings::read(configuration).map(Self)
    }

    fn warnings(&self) -> Vec<String> {
        self.0.warnings.clone()
    }

    fn on_request(&self, _stream: &mut (), cx: &Cx) -> Decision {
        let Settings { access, users, .. } = &self.0;
        let target = access.target(cx.headers);
        if access.is_exempt(cx.headers, &target) {
            return Decision::Skip;
        }
        let challenge = |why| access.challenge_with("Basic", "charset=\"UTF-8\"", why);
        let Some(header) = cx.headers.only("authorization") else {
            return challenge("no credentials");
        };
        let Some((name, password)) = credentials::read(&header) else {
            return challenge("malformed credentials");
        };
        match users.check(&name, &password, cx.proxy.seconds()) {
            Verdict::Wrong => challenge("wrong name or password"),
            Verdict::TooMany => {
                let why = "too many attempts at once";
                Decision::Refuse(access::refusal(429, "too many requests", why).header("retry-after", "1"))
            }
            Verdict::Right(consumer) => {
                if access.hide_credentials {
                    cx.headers.remove("authorization");
                }
                access.admit(cx.headers, &target, consumer)
            }
        }
    }
}

#[cfg(test)]
mod tests;
