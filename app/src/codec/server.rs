//! The server reads JSON as everybody does.

use serde::de::DeserializeOwned;

pub type Unreadable = serde_json::Error;

/// # Errors
/// When the text is not JSON, or not a `T`.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    serde_json::from_str(text)
}
