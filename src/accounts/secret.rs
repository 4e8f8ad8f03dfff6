//! Secrets of our own making (API keys and invitations): 32 random bytes, shown once, kept as their SHA-256.
//!
//! They are random all over, so a plain hash is enough: there is nothing to guess.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// What every API key begins with, so that a leaked one is recognised.
const KEY: &str = "stk_";
/// Characters that lists show, to tell keys apart.
const SHOWN: usize = 12;

/// A new secret. It is shown to the person who asked for it and then forgotten.
#[derive(Clone)]
pub struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    pub(super) fn api_key() -> Self {
        Self(format!("{KEY}{}", random()))
    }

    pub(super) fn invitation() -> Self {
        Self(random())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn prefix(&self) -> &str {
        &self.0[..SHOWN]
    }

    pub(super) fn hash(&self) -> String {
        hash(&self.0)
    }
}

fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is stored of a secret.
pub(super) fn hash(secret: &str) -> String {
    Sha256::digest(secret.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
