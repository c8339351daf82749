//! The `authorization` header of RFC 7617.

use base64ct::{Base64, Base64Unpadded, Encoding};

/// The longest header that is looked at, in bytes.
const MAX_HEADER: usize = 4096;

/// Name and password of a header's value. None if they are not there or not text.
pub fn read(header: &[u8]) -> Option<(String, String)> {
    let text = std::str::from_utf8(header).ok().filter(|text| text.len() <= MAX_HEADER)?;
    let (scheme, token) = text.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let token = token.trim();
    // Padding is asked for by the RFC and forgotten by some clients.
    let bytes = if token.ends_with('=') { Base64::decode_vec(token) } else { Base64Unpadded::decode_vec(token) };
    let pair = String::from_utf8(bytes.ok()?).ok()?;
    let (name, password) = pair.split_once(':')?;
    (!name.is_empty() && !pair.chars().any(char::is_control)).then(|| (name.to_owned(), password.to_owned()))
}
