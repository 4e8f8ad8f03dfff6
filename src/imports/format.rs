//! What a file is written in, and where each of its columns goes.

use serde::{Deserialize, Serialize};

/// What the importer found out about a file before it read the rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileFormat {
    /// `UTF-8`, `UTF-16LE`, `windows-1252` …
    pub encoding: String,
    pub delimiter: char,
    /// The row that names the columns, counted from 1.
    pub header_row: i64,
    /// The sheet of a workbook whose rows these are, and all its sheets that are not hidden.
    pub sheet: Option<String>,
    pub sheets: Vec<String>,
    /// The file's columns from left to right.
    pub columns: Vec<MatchedColumn>,
}

impl Default for FileFormat {
    fn default() -> Self {
        Self {
            encoding: String::new(),
            delimiter: ',',
            header_row: 1,
            sheet: None,
            sheets: Vec::new(),
            columns: Vec::new(),
        }
    }
}

impl FileFormat {
    /// Whether it says which products are variants of which, or how they differ.
    #[must_use]
    pub fn has_variants(&self) -> bool {
        const FIELDS: [&str; 11] = [
            "parent_sku",
            "handle",
            "option1_value",
            "option2_value",
            "option3_value",
            "option4_value",
            "option5_value",
            "option6_value",
            "colour",
            "size",
            "material",
        ];
        FIELDS.iter().any(|field| self.uses(field))
    }

    /// Names of the extra attributes that it brings.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        let is_one = |column: &&MatchedColumn| column.field.as_deref() == Some("attribute");
        self.columns.iter().filter(is_one).map(|column| column.header.trim())
    }

    /// Whether any column goes to that field.
    #[must_use]
    pub fn uses(&self, field: &str) -> bool {
        self.columns.iter().any(|column| column.field.as_deref() == Some(field))
    }

    /// The columns that go into a field, counted from 0.
    #[must_use]
    pub fn columns_of(&self, field: &str) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns
            .filter(|(_, column)| column.field.as_deref() == Some(field))
            .map(|(place, _)| place)
            .collect()
    }
}

/// A column of the file and where its cells go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MatchedColumn {
    /// As the file writes it.
    pub header: String,
    /// Field of the product or catalogue, or none when the column is not used.
    pub field: Option<String>,
    /// How that was found out.
    pub by: MatchedBy,
    /// A field whose names its header is nearly one of, where it goes to none.
    pub guess: Option<String>,
}

/// How it was found out where a column goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// Its name is one of those that are known.
    #[default]
    Name,
    /// A file like this was imported before.
    Memory,
    /// Somebody said so.
    Person,
}
