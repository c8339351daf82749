//! What the service is told of a request.

use plugin_kit::cache::Key;
use plugin_kit::plugin::Headers;
use sha2::{Digest, Sha256};

use crate::settings::Settings;

/// Names and values, those about the request itself first.
pub type Question = Vec<(String, Vec<u8>)>;

/// What the request itself is told by; the third one is left out of keys with `cacheAnyPath`.
const ABOUT: [(&str, &str); 4] = [
    ("x-forwarded-method", ":method"),
    ("x-forwarded-host", ":authority"),
    (URI, ":path"),
    ("x-forwarded-proto", ":scheme"),
];
const URI: &str = "x-forwarded-uri";

/// The headers of the call.
pub fn ask(request: &dyn Headers, settings: &Settings) -> Question {
    let about = ABOUT.iter().map(|(name, from)| ((*name).to_owned(), request.get(from).unwrap_or_default()));
    let mut question: Question = about.collect();
    for name in &settings.request_headers {
        question.extend(request.all(name).into_iter().map(|value| (name.clone(), value)));
    }
    question.extend(settings.headers_to_add.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())));
    question
}

/// The digest of all that the service sees.
pub fn key(question: &Question, settings: &Settings) -> Key {
    let mut digest = Sha256::new();
    for (name, value) in question.iter().filter(|(name, _)| !settings.cache_any_path || name != URI) {
        for part in [name.as_bytes(), value] {
            // With lengths, so that nothing can pass for something else.
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
    }
    digest.finalize().into()
}
