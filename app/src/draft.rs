//! What a refused form left behind, so that nobody has to type anything twice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stockroom::problem::Problem;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormDraft {
    /// The path of the page with the form; no other page may show it.
    pub path: String,
    pub problem: Problem,
    /// As typed, by the name of the field. Never a password.
    pub values: BTreeMap<String, String>,
}

impl FormDraft {
    /// What was typed into a field.
    #[must_use]
    pub fn value(&self, field: &str) -> Option<String> {
        self.values.get(field).cloned()
    }
}

/// Stands for a value that a form does not show; whoever leaves it as it is keeps that value.
pub const KEPT: &str = "••••••";

/// The field of a form into which the name of a catalogue is typed, where there are too many to choose from a list.
pub const CATALOGUE_NAME: &str = "catalogue_name";

/// The field of a row of the table into which its price is typed.
#[must_use]
pub fn price_field(product: i64) -> String {
    format!("{PRICE_FIELDS}{product}")
}

/// What the names of all those fields begin with.
pub const PRICE_FIELDS: &str = "price_";

/// What a form shows: what was typed, or else what there is, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    pub values: BTreeMap<String, String>,
    pub problem: Option<Problem>,
    /// Whether the values have been typed and not saved.
    pub is_typed: bool,
}

impl Form {
    /// `draft`, where there is one; a draft without values was left by another form of the same page.
    #[must_use]
    pub fn of(draft: Option<FormDraft>, values: BTreeMap<String, String>) -> Self {
        match draft {
            Some(draft) if !draft.values.is_empty() => Self {
                values: draft.values,
                problem: Some(draft.problem),
                is_typed: true,
            },
            Some(draft) => Self {
                values,
                problem: Some(draft.problem),
                is_typed: false,
            },
            None => Self {
                values,
                ..Self::default()
            },
        }
    }

    #[must_use]
    pub fn value(&self, field: &str) -> Option<String> {
        self.values.get(field).cloned()
    }

    /// Whether whoever leaves the form as it is shown would lose something: the value of its `data-guarded`.
    #[must_use]
    pub fn guarded(&self) -> &'static str {
        if self.is_typed { "unsaved" } else { "" }
    }

    #[must_use]
    pub fn error(&self, field: &str) -> Option<String> {
        let problem = self.problem.as_ref()?;
        let error = problem.errors.iter().find(|error| error.field == field)?;
        Some(error.message.clone())
    }
}

impl From<Option<FormDraft>> for Form {
    fn from(draft: Option<FormDraft>) -> Self {
        Self::of(draft, BTreeMap::new())
    }
}
