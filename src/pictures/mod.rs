//! Pictures of products: where to have each from, what is kept of it, and why one could not be had.
//!
//! A product lists references: addresses, or digests of pictures that came in a workbook. Each reference has one row, however many products
//! name it; its bytes lie in the file store under their SHA-256, so that the same picture is there once. Addresses are fetched by the
//! `fetcher`, which any number of processes may run. Only what is known by its bytes as JPEG, PNG, GIF, WebP or AVIF is kept: nothing
//! that could run a script.

#[cfg(feature = "ssr")]
pub mod client;
#[cfg(feature = "ssr")]
pub mod fetcher;
#[cfg(feature = "ssr")]
pub mod format;
#[cfg(feature = "ssr")]
mod queue;
#[cfg(feature = "ssr")]
mod reference;
#[cfg(feature = "ssr")]
mod store;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use reference::{DIGEST, IN_SHEET, Reference};
#[cfg(feature = "ssr")]
pub use store::{Opened, keep, of_references, open, retry, waiting_of_import};

/// Whether a picture can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PictureState {
    /// It has not been fetched yet.
    Waiting,
    Stored,
    /// It cannot be had, unless somebody asks again.
    Failed,
}

impl PictureState {
    /// As it is stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Stored => "stored",
            Self::Failed => "failed",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Stored, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// What is known of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    pub id: i64,
    /// As products list it.
    pub reference: String,
    /// Where it was to be fetched from; none when it came in a workbook.
    pub address: Option<String>,
    pub state: PictureState,
    /// Of its bytes, in hexadecimal; this and the next four once it is stored.
    pub sha256: Option<String>,
    pub media_type: Option<String>,
    /// Pixels.
    pub width: Option<i64>,
    pub height: Option<i64>,
    /// Bytes.
    pub size: Option<i64>,
    /// Why it cannot be had, or could not be had the last time, in a person's words.
    pub problem: Option<String>,
}
