//! Lets requests through that carry a known API key.
//!
//! ```text
//! KeyAuth (the phases) -> settings  configuration: where keys are, and whose they are
//!                            -> keys  keys as digests
//! ```

mod keys;
mod settings;

use plugin_kit::config::Refusal;
use plugin_kit::credentials::Presented;
use plugin_kit::plugin::{Cx, Decision, Plugin};

use settings::Settings;

plugin_kit::start!(KeyAuth);

/// The plugin.
#[derive(Debug)]
pub struct KeyAuth(Settings);

impl Plugin for KeyAuth {
    const NAME: &'static str = "key-auth";
    type Stream = ();

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Settings::read(configuration).map(Self)
    }

    fn warnings(&self) -> Vec<String> {
        self.0.warnings.clone()
    }

    fn on_request(&self, _stream: &mut (), cx: &Cx) -> Decision {
        let settings = &self.0;
        let target = settings.access.target(cx.headers);
        if settings.access.is_exempt(cx.headers, &target) {
            return Decision::Skip;
        }
        let challenge = |why| settings.access.challenge("Key", why);
        match settings.places.find(cx.headers) {
            Presented::None => challenge("no API key"),
            Presented::Several => challenge("more than one API key"),
            Presented::One(key) => match settings.keys.consumer(&key) {
                None => challenge("unknown API key"),
                Some(consumer) => {
                    if settings.access.hide_credentials {
                        settings.places.hide(cx.headers);
                    }
                    settings.access.admit(cx.headers, &target, consumer)
                }
            },
        }
    }
}

#[cfg(test)]
mod tests;
