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

    /// What is wrong with a field.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<String> {
        let error = self.problem.errors.iter().find(|error| error.field == field)?;
        Some(error.message.clone())
    }
}
