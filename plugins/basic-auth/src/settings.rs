//! The configuration, read strictly.

use plugin_kit::access::{self, Access, MAX_CONSUMERS};
use plugin_kit::config::{self, Fields, Refusal};

use crate::password::Password;
use crate::users::{User, Users};

const MAX_TEXT: usize = 256;

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// Who may do what.
    pub access: Access,
    /// Who there is.
    pub users: Users,
    /// What the administrator should know.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads a configuration. Without consumers, nobody has a password.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &[&["consumers"][..], &access::FIELDS].concat())?;
        let (mut users, mut plain) = (Users::default(), 0);
        fields.list("consumers", MAX_CONSUMERS, |value, path| {
            let fields = Fields::nested(value, path, &["name", "username", "password"])?;
            let consumer = access::consumer_name(&fields, "name")?;
            let username = fields.string("username", MAX_TEXT)?.unwrap_or(consumer);
            if username.is_empty() || username.contains(':') || username.chars().any(char::is_control) {
                return Err(fields.refuse("username", "must be text without a colon"));
            }
            let text = fields.string("password", MAX_TEXT)?.ok_or_else(|| fields.refuse("password", "is missing"))?;
            let password = Password::read(text).map_err(|why| fields.refuse("password", why))?;
            plain += usize::from(matches!(password, Password::Plain(_)));
            let user = User { username: username.to_owned(), consumer: consumer.to_owned(), password };
            if users.add(user) { Ok(()) } else { Err(fields.refuse("username", "is another consumer's, too")) }
        })?;
        let mut warnings = Vec::new();
        if users.consumers().is_empty() {
            warnings.push("no consumers: every request that is not exempted is refused".to_owned());
        }
        if plain > 0 {
            warnings.push(format!("{plain} passwords are in the configuration as plain text: prefer $pbkdf2-sha256$"));
        }
        Ok(Self { access: Access::read(&fields, &users.consumers())?, users, warnings })
    }
}
