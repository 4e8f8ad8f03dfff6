//! What becomes of a file's rows: the choices that whoever imports has, each with the answer that loses nothing as its default.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// How the rows of one file are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportOptions {
    pub mode: Mode,
    pub on_problems: OnProblems,
    pub duplicates: Duplicates,
    pub unknown_catalogs: UnknownCatalogs,
    pub missing: Missing,
    pub other_columns: OtherColumns,
    /// The catalogue of products for which the file names none.
    pub catalog_id: Option<i64>,
    /// Fields that a blank cell clears; all others keep their value.
    pub clear: BTreeSet<Clearable>,
}

/// A choice among a few words, as forms, programs and the database write them.
pub trait Choice: Copy + Default + 'static {
    const FIELD: &'static str;
    const ALL: &'static [Self];

    fn as_str(self) -> &'static str;

    /// As a person reads it.
    fn label(self) -> &'static str;

    /// # Errors
    /// When the word is none of these.
    fn take(fields: &mut BTreeMap<String, String>) -> Result<Self, Problem> {
        let word = fields.remove(Self::FIELD).unwrap_or_default();
        let word = word.trim();
        if word.is_empty() {
            return Ok(Self::default());
        }
        let known = Self::ALL.iter().copied().find(|choice| choice.as_str() == word);
        known.ok_or_else(|| {
            let words: Vec<&str> = Self::ALL.iter().map(|choice| choice.as_str()).collect();
            let message = format!("Choose one of {}.", words.join(", "));
            Problem::bad_request(format!("{} cannot be “{word}”. {message}", Self::FIELD))
                .with_field(Self::FIELD, message)
        })
    }
}

macro_rules! choice {
    ($(#[$about:meta])* $name:ident $field:literal { $first:ident $first_word:literal $first_label:literal, $($other:ident $word:literal $label:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            #[default]
            $first,
            $($other),+
        }

        impl Choice for $name {
            const FIELD: &'static str = $field;
            const ALL: &'static [Self] = &[Self::$first, $(Self::$other),+];

            fn as_str(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $(Self::$other => $word),+
                }
            }

            fn label(self) -> &'static str {
                match self {
                    Self::$first => $first_label,
                    $(Self::$other => $label),+
                }
            }
        }
    };
}

choice! {
    /// Which products the rows may touch.
    Mode "mode" {
        AddAndUpdate "add_and_update" "Add new products and update existing ones",
        AddOnly "add_only" "Only add new products",
        UpdateOnly "update_only" "Only update existing products",
        Delete "delete" "Delete the products that the file lists",
    }
}

choice! {
    /// What becomes of the good rows when others have problems.
    OnProblems "on_problems" {
        Skip "skip" "Import the good rows, skip the others",
        Stop "stop" "Import nothing until all rows are good",
    }
}

choice! {
    /// What a SKU means that stands in several rows.
    Duplicates "duplicates" {
        LastWins "last_wins" "The last row counts",
        Refuse "refuse" "None of these rows is imported",
    }
}

choice! {
    /// What becomes of a catalogue's name that the shop does not have.
    UnknownCatalogs "unknown_catalogs" {
        Create "create" "Create the catalogue",
        Refuse "refuse" "Do not import the row",
    }
}

choice! {
    /// What becomes of the catalogue's products that the file does not list.
    Missing "missing" {
        Ignore "ignore" "Leave them as they are",
        Deactivate "deactivate" "Deactivate them",
    }
}

choice! {
    /// What becomes of columns that go to no field.
    OtherColumns "other_columns" {
        Ignore "ignore" "Leave them out",
        Keep "keep" "Keep them as extra attributes",
    }
}

/// A field whose value can be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clearable {
    Description,
    Price,
    Catalog,
    Attributes,
    Pictures,
}

impl Clearable {
    pub const ALL: [Self; 5] = [
        Self::Description,
        Self::Price,
        Self::Catalog,
        Self::Attributes,
        Self::Pictures,
    ];

    /// The field's name in a file's matching.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Price => "price",
            Self::Catalog => "catalog",
            Self::Attributes => "attribute",
            Self::Pictures => "pictures",
        }
    }

    /// The form's field that says what a blank cell means.
    #[must_use]
    pub fn input(self) -> &'static str {
        match self {
            Self::Description => "blank_description",
            Self::Price => "blank_price",
            Self::Catalog => "blank_catalog",
            Self::Attributes => "blank_attributes",
            Self::Pictures => "blank_pictures",
        }
    }
}

impl ImportOptions {
    /// Reads the fields of a form, and takes them out.
    ///
    /// # Errors
    /// When a choice is none that there is, or choices contradict each other.
    pub fn take(fields: &mut BTreeMap<String, String>) -> Result<Self, Problem> {
        let mut clear = BTreeSet::new();
        for field in Clearable::ALL {
            match fields.remove(field.input()).as_deref().map(str::trim) {
                None | Some("" | "keep") => {}
                Some("clear") => {
                    clear.insert(field);
                }
                Some(_) => {
                    let message = "Choose keep or clear.";
                    let detail = format!("{} must be keep or clear.", field.input());
                    return Err(Problem::bad_request(detail).with_field(field.input(), message));
                }
            }
        }
        let options = Self {
            mode: Mode::take(fields)?,
            on_problems: OnProblems::take(fields)?,
            duplicates: Duplicates::take(fields)?,
            unknown_catalogs: UnknownCatalogs::take(fields)?,
            missing: Missing::take(fields)?,
            other_columns: OtherColumns::take(fields)?,
            catalog_id: catalog(fields.remove("catalog_id"))?,
            clear,
        };
        options.check()
    }

    fn check(self) -> Result<Self, Problem> {
        if self.missing == Missing::Deactivate && self.catalog_id.is_none() {
            let message = "Choose the catalogue whose products are deactivated when the file does not list them.";
            return Err(Problem::unprocessable(message).with_field("catalog_id", message));
        }
        if self.missing == Missing::Deactivate && self.mode == Mode::Delete {
            let message = "A file of products to delete cannot deactivate others as well.";
            return Err(Problem::unprocessable(message).with_field("missing", message));
        }
        Ok(self)
    }
}

fn catalog(text: Option<String>) -> Result<Option<i64>, Problem> {
    let text = text.unwrap_or_default();
    match text.trim() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(id) if id > 0 => Ok(Some(id)),
            _ => {
                let message = "Choose one of the catalogues.";
                Err(Problem::bad_request(message).with_field("catalog_id", message))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Clearable, Duplicates, ImportOptions, Missing, Mode, OnProblems};

    fn taken(pairs: &[(&str, &str)]) -> Result<ImportOptions, u16> {
        let mut fields: BTreeMap<String, String> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        ImportOptions::take(&mut fields).map_err(|problem| problem.status)
    }

    #[test]
    fn nothing_chosen_loses_nothing() {
        let options = taken(&[]).expect("options");
        assert_eq!(
            (options.mode, options.on_problems),
            (Mode::AddAndUpdate, OnProblems::Skip)
        );
        assert_eq!(
            (options.duplicates, options.missing),
            (Duplicates::LastWins, Missing::Ignore)
        );
        assert!(options.clear.is_empty());
    }

    #[test]
    fn choices_are_read_and_words_that_are_none_are_refused() {
        let options = taken(&[
            ("mode", "update_only"),
            ("blank_price", "clear"),
            ("blank_description", "keep"),
        ])
        .expect("options");
        assert_eq!(
            (options.mode, options.clear.into_iter().collect::<Vec<_>>()),
            (Mode::UpdateOnly, vec![Clearable::Price])
        );
        assert_eq!(taken(&[("mode", "guess")]), Err(400));
        assert_eq!(taken(&[("blank_price", "perhaps")]), Err(400));
        assert_eq!(taken(&[("catalog_id", "x")]), Err(400));
    }

    #[test]
    fn products_are_deactivated_within_one_catalogue_only() {
        assert_eq!(taken(&[("missing", "deactivate")]), Err(422));
        assert!(taken(&[("missing", "deactivate"), ("catalog_id", "3")]).is_ok());
        assert_eq!(
            taken(&[("missing", "deactivate"), ("catalog_id", "3"), ("mode", "delete")]),
            Err(422)
        );
    }
}
