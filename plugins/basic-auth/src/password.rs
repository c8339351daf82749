//! Passwords as they are kept.
//!
//! A proxy checks a password with every request, and one worker serves thousands of them on one thread. A hash that is
//! slow enough for a login form (bcrypt, Argon2: 50 ms and more) would stop the worker; one that is fast gives the
//! passwords away with the configuration. PBKDF2 lets the administrator choose between the two, is what SCRAM uses for the
//! same purpose, and its cost is paid once per user: see `users`.

use base64ct::{Base64Unpadded, Encoding};
use sha2::{Digest, Sha256};

/// More would stop the worker for too long: some 2 ms for 1,000 in the proxy's virtual machine.
pub const MAX_ROUNDS: u32 = 20_000;
/// What is taken for users that do not exist, so that time does not tell that they do not.
pub const USUAL_ROUNDS: u32 = 4096;
/// Fewer bytes of salt may come twice.
const MIN_SALT: usize = 8;

/// A kept password.
#[derive(Debug)]
pub enum Password {
    /// Was plain in the configuration.
    Plain([u8; 32]),
    /// `$pbkdf2-sha256$<rounds>$<salt>$<hash>`, as written by passlib.
    Pbkdf2 {
        /// How many rounds.
        rounds: u32,
        /// Its salt.
        salt: Vec<u8>,
        /// Its hash.
        hash: [u8; 32],
    },
}

impl Password {
    /// Reads a password of the configuration. The error says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let Some(rest) = text.strip_prefix("$pbkdf2-sha256$") else {
            return match text {
                "" => Err("must not be empty"),
                _ if text.starts_with('$') => Err("only $pbkdf2-sha256$ is known"),
                _ => Ok(Self::Plain(digest(text.as_bytes()))),
            };
        };
        let parts: Vec<_> = rest.split('$').collect();
        let [rounds, salt, hash] = parts[..] else {
            return Err("must be $pbkdf2-sha256$<rounds>$<salt>$<hash>");
        };
        let rounds = rounds.parse().ok().filter(|rounds| (1..=MAX_ROUNDS).contains(rounds));
        // passlib writes . where base64 has +, and no padding.
        let bytes = |text: &str| Base64Unpadded::decode_vec(&text.replace('.', "+")).ok();
        Ok(Self::Pbkdf2 {
            rounds: rounds.ok_or("must have 1 to 20000 rounds")?,
            salt: bytes(salt)
                .filter(|salt| salt.len() >= MIN_SALT)
                .ok_or("must have at least 8 bytes of salt in base64")?,
            hash: bytes(hash).and_then(|hash| hash.try_into().ok()).ok_or("must have 32 bytes of hash in base64")?,
        })
    }

    /// Whether this is the password.
    pub fn is(&self, password: &str) -> bool {
        match self {
            Self::Plain(kept) => plugin_kit::http::same_secret(kept, &digest(password.as_bytes())),
            Self::Pbkdf2 { rounds, salt, hash } => {
                plugin_kit::http::same_secret(hash, &pbkdf2(password.as_bytes(), salt, *rounds))
            }
        }
    }
}

/// 32 bytes of PBKDF2 with HMAC-SHA-256.
pub fn pbkdf2(password: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password, salt, rounds)
}

/// A fast digest, for what stays in memory.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
