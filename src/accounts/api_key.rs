//! API keys: 32 random bytes, shown once, kept as their SHA-256.
//!
//! A key is random all over, so a plain hash is enough: there is nothing to guess.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What every key begins with, so that a leaked one is recognised.
const BEGINNING: &str = "stk_";
/// Characters that lists show, to tell keys apart.
const SHOWN: usize = 12;

/// A new key. It is shown to the person who made it and then forgotten.
#[derive(Clone, Debug)]
pub struct ApiKey(String);

impl ApiKey {
    #[must_use]
    pub fn generate() -> Self {
        Self(format!(
            "{BEGINNING}{}",
            URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
        ))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn prefix(&self) -> &str {
        &self.0[..SHOWN]
    }
}

/// What is stored of a key.
pub(super) fn hash(key: &str) -> String {
    Sha256::digest(key.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
