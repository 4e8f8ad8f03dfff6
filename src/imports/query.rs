//! Which jobs of the history are wanted.

use serde::{Deserialize, Serialize};

use super::{ImportKind, ImportStatus};
#[cfg(feature = "ssr")]
use crate::asked::{Fields, moment, take, unreadable};
#[cfg(feature = "ssr")]
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// Filters of the history. One that is not set lets everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportQuery {
    pub kind: Option<ImportKind>,
    pub status: Option<ImportStatus>,
    /// Part of the name of whoever began it, in any case.
    pub by: Option<String>,
    /// Part of the file's name, in any case; of a job without a file, of its title.
    pub file: Option<String>,
    /// Begun at this moment or later …
    pub from: Option<Timestamp>,
    /// … and before this one.
    pub to: Option<Timestamp>,
}

impl ImportQuery {
    /// The fields that `take` reads this from, without those that are not set.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("kind", self.kind.map(|kind| kind.as_str().to_owned())),
            ("status", self.status.map(|status| status.as_str().to_owned())),
            ("by", self.by.clone()),
            ("file", self.file.clone()),
            ("from", self.from.as_ref().map(ToString::to_string)),
            ("to", self.to.as_ref().map(ToString::to_string)),
        ];
        fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// The same without one of its filters.
    #[must_use]
    pub fn without(&self, field: &str) -> Self {
        let mut query = self.clone();
        match field {
            "kind" => query.kind = None,
            "status" => query.status = None,
            "by" => query.by = None,
            "file" => query.file = None,
            "from" => query.from = None,
            _ => query.to = None,
        }
        query
    }
}

#[cfg(feature = "ssr")]
impl ImportQuery {
    /// Takes the fields of a query out of `fields`.
    ///
    /// # Errors
    /// Names the filter that cannot be read.
    pub fn take(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            kind: one_of(fields, "kind", &ImportKind::ALL, ImportKind::as_str)?,
            status: one_of(fields, "status", &ImportStatus::ALL, ImportStatus::as_str)?,
            by: take(fields, "by")?,
            file: take(fields, "file")?,
            from: moment(fields, "from")?,
            to: moment(fields, "to")?,
        })
    }
}

#[cfg(feature = "ssr")]
fn one_of<T: Copy>(
    fields: &mut Fields,
    name: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let Some(text) = take(fields, name)? else {
        return Ok(None);
    };
    let known = all.iter().copied().find(|known| word(*known) == text);
    known.map(Some).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|known| word(*known)).collect();
        unreadable(name, &format!("Choose one of {}.", words.join(", ")))
    })
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use std::collections::BTreeMap;

    use super::ImportQuery;

    fn taken(pairs: &[(&str, &str)]) -> Result<ImportQuery, u16> {
        let mut fields: BTreeMap<String, String> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        ImportQuery::take(&mut fields).map_err(|problem| problem.status)
    }

    #[test]
    fn an_address_brings_back_the_query_that_made_it() {
        let query = taken(&[
            ("kind", "bulk_delete"),
            ("status", "completed"),
            ("by", "ana"),
            ("file", "prices"),
            ("from", "2026-11-20"),
            ("to", "2026-11-21"),
        ])
        .expect("a query");
        let fields = query.fields();
        let again: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(taken(&again), Ok(query.clone()));
        let mut rest = query;
        for (name, _) in &fields {
            rest = rest.without(name);
        }
        assert_eq!(rest, ImportQuery::default());
    }

    #[test]
    fn words_that_are_none_are_no_silent_guess() {
        for (name, value) in [("kind", "cars"), ("status", "done"), ("from", "soon")] {
            assert_eq!(taken(&[(name, value)]), Err(400), "{name}={value}");
        }
        assert_eq!(taken(&[("kind", " "), ("by", "")]), Ok(ImportQuery::default()));
    }
}
