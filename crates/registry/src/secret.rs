//! A pull secret: the content of `.dockerconfigjson`.

use std::{collections::HashMap, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use marketplace_domain::fetch::FetchProblem;
use reqwest::header::HeaderValue;
use serde::Deserialize;

/// How we say who we are. Never logged.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// The value of a header `Authorization: Basic …`.
    Basic(String),
    /// A token for the registry itself.
    Token(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl Credentials {
    /// The header's value, not to be logged.
    pub fn header(&self) -> Option<HeaderValue> {
        let mut value = match self {
            Self::Basic(basic) => HeaderValue::from_str(&format!("Basic {basic}")),
            Self::Token(token) => HeaderValue::from_str(&format!("Bearer {token}")),
        }
        .ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    auths: HashMap<String, Entry>,
}

#[derive(Deserialize, Default)]
struct Entry {
    #[serde(default)]
    auth: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    registrytoken: String,
}

/// What a secret holds for a registry; `None` where it holds nothing: then it is asked without a name, as Istio's agent
/// does. The key must be the registry exactly.
pub(crate) fn credentials(secret: &str, key: &str) -> Result<Option<Credentials>, FetchProblem> {
    let config: Config = crate::object(secret.as_bytes()).map_err(|_| FetchProblem::SecretMalformed)?;
    let Some(entry) = config.auths.get(key) else { return Ok(None) };
    if !entry.registrytoken.is_empty() {
        return Ok(Some(Credentials::Token(entry.registrytoken.clone())));
    }
    if !entry.auth.is_empty() {
        // Decoded to see that it is what it should be, and encoded anew without blanks.
        let bytes = STANDARD.decode(entry.auth.trim()).map_err(|_| FetchProblem::SecretMalformed)?;
        if !bytes.contains(&b':') {
            return Err(FetchProblem::SecretMalformed);
        }
        return Ok(Some(Credentials::Basic(STANDARD.encode(bytes))));
    }
    if entry.username.is_empty() {
        return Ok(None);
    }
    Ok(Some(Credentials::Basic(STANDARD.encode(format!("{}:{}", entry.username, entry.password)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_registry_and_nothing_else() {
        let basic = |text: &str| Some(Credentials::Basic(STANDARD.encode(text)));
        let secret = r#"{"auths": {"r:5000": {"auth": "dTpw"}, "s": {"username": "a", "password": "b"}, "t": {"registrytoken": "x"}, "u": {}}}"#;
        assert_eq!(credentials(secret, "r:5000"), Ok(basic("u:p")));
        assert_eq!(credentials(secret, "s"), Ok(basic("a:b")));
        assert_eq!(credentials(secret, "t"), Ok(Some(Credentials::Token("x".into()))));
        assert_eq!((credentials(secret, "u"), credentials(secret, "r")), (Ok(None), Ok(None)));
        for bad in
            ["", "[]", r#"{"auths": 1}"#, r#"{"auths": {"r": {"auth": "%"}}}"#, r#"{"auths": {"r": {"auth": "dTo"}}}"#]
        {
            assert_eq!(credentials(bad, "r"), Err(FetchProblem::SecretMalformed), "{bad}");
        }
        assert!(!format!("{:?}", credentials(secret, "s")).contains("YTpi"));
    }
}
