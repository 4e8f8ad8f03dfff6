//! Accounts: the staff who sign in, and the keys with which programs call.
//!
//! Owns passwords and keys: both are stored as hashes only and never leave this module. What a role may do is said here; the
//! server asks at one place, for pages, server functions and REST alike.

#[cfg(feature = "ssr")]
mod api_key;
#[cfg(feature = "ssr")]
mod password;
#[cfg(feature = "ssr")]
mod store;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use api_key::ApiKey;
#[cfg(feature = "ssr")]
pub use password::Passwords;
#[cfg(feature = "ssr")]
pub use store::{NewUser, any_user, authenticate, create_api_key, create_user, find_user, user_of_api_key};

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
        [Self::Viewer, Self::Editor, Self::Admin]
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
}
