//! Accounts: the staff who sign in, and the keys with which programs call.
//!
//! Owns passwords, invitations and keys: they are stored as hashes only and never leave this module. What a role may do is said here; the
//! server asks at one place, for pages, server functions and REST alike. Somebody can always look after the others: the last
//! administrator who can sign in stays one.

#[cfg(feature = "ssr")]
mod api_keys;
#[cfg(feature = "ssr")]
mod invitations;
#[cfg(feature = "ssr")]
mod password;
#[cfg(feature = "ssr")]
mod secret;
#[cfg(feature = "ssr")]
mod sign_in;
#[cfg(feature = "ssr")]
mod staff;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use api_keys::{KnownKey, NewApiKey, api_keys, create_api_key, revoke_api_key, use_api_key};
#[cfg(feature = "ssr")]
pub use invitations::{accept, invite, invited, renew_invitation};
#[cfg(feature = "ssr")]
pub use password::Passwords;
#[cfg(feature = "ssr")]
pub use secret::Secret;
#[cfg(feature = "ssr")]
pub use sign_in::{SignIn, authenticate, note_sign_out};
#[cfg(feature = "ssr")]
pub use staff::{
    NewUser, SignedIn, any_user, change, change_password, create_user, disable, enable, find_user, save_preferences,
    staff,
};

use crate::timestamp::Timestamp;

/// The later one may do all that those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks at everything and changes nothing.
    Viewer,
    /// Changes products and catalogues, and imports files.
    Editor,
    /// Also decides who may do what.
    Admin,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Admin];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// As people read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Editor => "Editor",
            Self::Admin => "Administrator",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| "Choose one of viewer, editor, admin.".to_owned())
    }
}

/// Somebody who has signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: i64,
    pub email: String,
    pub role: Role,
    pub preferences: Preferences,
}

/// What each person decides for themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Single keys do something where no text is being typed.
    pub shortcuts: bool,
    /// Rows of tables are lower.
    pub compact: bool,
    /// Columns of the products table that are not shown.
    pub hidden_columns: Vec<String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            shortcuts: true,
            compact: false,
            hidden_columns: Vec::new(),
        }
    }
}

/// An account as those see it who look after accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: i64,
    /// May be empty.
    pub name: String,
    pub email: String,
    pub role: Role,
    pub status: AccountStatus,
    pub created_at: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    Active,
    /// Has a link and no password yet.
    Invited,
    Disabled,
}

/// A key as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyInfo {
    pub id: i64,
    pub name: String,
    /// The first characters, to tell keys apart.
    pub prefix: String,
    pub role: Role,
    /// Empty for keys of before this was kept.
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub is_expired: bool,
    pub last_used_at: Option<Timestamp>,
    pub last_used_from: Option<String>,
    pub revoked_at: Option<Timestamp>,
}
