//! A secret that a page shows once, to the person who asked for it.

use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revealed {
    pub kind: RevealedKind,
    /// Whose it is: the key's name, the address of whoever was invited, or the number of the webhook.
    pub name: String,
    pub secret: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RevealedKind {
    ApiKey,
    /// A link.
    Invitation,
    /// What a webhook's calls are signed with.
    SigningSecret,
}

impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Revealed({:?} of {})", self.kind, self.name)
    }
}
