//! Changes: one product before and after, and who or what did it. Edits and imports write them; a product's history reads them.
//!
//! A change belongs to the version that it made. Products that an import created have no change of their own: the product names
//! the import.

#[cfg(feature = "ssr")]
mod of_import;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod set_by;
#[cfg(feature = "ssr")]
mod store;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use of_import::{Place, of_import};
#[cfg(feature = "ssr")]
pub use pages::history_page;
#[cfg(feature = "ssr")]
pub use set_by::set_by;
#[cfg(feature = "ssr")]
pub use store::history;
#[cfg(feature = "ssr")]
pub(crate) use store::{forget, last, record};

use crate::imports::ImportKind;
use crate::timestamp::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Create,
    Update,
    Delete,
    Restore,
}

impl ChangeKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Restore => "restore",
        }
    }
}

/// The value of each field that changed, before and after, as JSON.
pub type FieldChanges = BTreeMap<String, (serde_json::Value, serde_json::Value)>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The product's version that it made.
    pub version: i64,
    pub kind: ChangeKind,
    pub fields: FieldChanges,
    pub made_at: Timestamp,
    /// A person's e-mail address, or the name of an API key.
    pub made_by: Option<String>,
    pub import_id: Option<i64>,
    /// Row of the import's file, as a spreadsheet shows it.
    pub row: Option<i64>,
}

/// Who or what set a field to the value that it has now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldOrigin {
    pub field: String,
    /// The product's version that came with it.
    pub version: i64,
    pub made_at: Timestamp,
    /// A person's e-mail address, or the name of an API key, where it was no job.
    pub made_by: Option<String>,
    pub job: Option<OriginJob>,
    /// Row of the job's file, as a spreadsheet shows it.
    pub row: Option<i64>,
    /// What it was before; none where the product was created with it.
    pub before: Option<serde_json::Value>,
}

/// A job that set a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OriginJob {
    pub id: i64,
    /// None when there is no such job any more.
    pub kind: Option<ImportKind>,
    /// Its file, or what it was about.
    pub name: String,
}

impl OriginJob {
    /// A job of which no more than its number is known.
    #[must_use]
    pub fn unnamed(id: i64) -> Self {
        Self {
            id,
            kind: None,
            name: String::new(),
        }
    }
}

impl FieldOrigin {
    /// A field that nobody in particular set at that moment.
    #[must_use]
    pub fn at(field: &str, version: i64, made_at: Timestamp) -> Self {
        Self {
            field: field.to_owned(),
            version,
            made_at,
            made_by: None,
            job: None,
            row: None,
            before: None,
        }
    }
}

/// One change that a job has made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportChange {
    pub product_id: i64,
    /// None when the product has been deleted for good since.
    pub sku: Option<String>,
    /// The product's version that it made.
    pub version: i64,
    pub kind: ChangeKind,
    pub fields: FieldChanges,
}

impl Change {
    /// `Import #42` or who it was.
    #[must_use]
    pub fn by(&self) -> String {
        match (&self.made_by, self.import_id) {
            (_, Some(import)) => format!("Import #{import}"),
            (Some(person), None) => person.clone(),
            (None, None) => "somebody".to_owned(),
        }
    }
}
