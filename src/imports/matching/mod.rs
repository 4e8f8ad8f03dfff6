//! Which column of a file goes to which field: by the names that shops and their systems use, by what was chosen for a file like it the last
//! time, and by what somebody says.
//!
//! Names are compared folded, so order, case, `_`, `-`, `.` and a trailing `*` do not matter. For each field the first name in its list wins;
//! a column that loses is not used, and the import's page says so.

pub(super) mod memory;
mod names;
mod passed_over;

use std::collections::{BTreeMap, BTreeSet};

use super::{FileFormat, ImportKind, MatchedBy, MatchedColumn};
use crate::fold::fold;
use crate::problem::Problem;
use memory::Remembered;
use names::{ATTRIBUTE, Field, fields, is_list};
use passed_over::{is_own, is_passed_over};

/// Letters that a header may differ by from a known one and still be suggested, and the shortest header of which that is said.
const NEAR: usize = 2;
const NEAR_FROM: usize = 5;

/// Where the columns of a file go, as far as that can be found out.
#[derive(Debug)]
pub(super) struct Matching {
    pub columns: Vec<MatchedColumn>,
    /// Why somebody must say more.
    pub doubt: Option<Problem>,
    /// Whether nobody need look at it.
    pub is_certain: bool,
}

impl ImportKind {
    /// The field that names a row.
    pub(super) fn key_field(self) -> &'static str {
        match self {
            Self::Catalogs => "name",
            _ => "sku",
        }
    }
}

/// How many headers are known; tells a right delimiter from a wrong one, and the header from a title above it.
pub(super) fn known_headers(kind: ImportKind, headers: &[String]) -> usize {
    let known = |header: &String| {
        let name = plain(header);
        fields(kind).iter().any(|field| field.headers.contains(&name.as_str()))
    };
    headers.iter().filter(|header| known(header)).count()
}

/// Fields that a column can go to, in the order in which people are offered them.
pub fn choices(kind: ImportKind) -> Vec<&'static str> {
    fields(kind).iter().map(|field| field.name).collect()
}

/// Where each column goes. A file with the same headers as one before is matched as that was.
pub(super) fn match_columns(kind: ImportKind, headers: &[String], remembered: &[Remembered]) -> Matching {
    let names: Vec<String> = headers.iter().map(|header| plain(header)).collect();
    if let Some(before) = remembered.iter().find(|before| before.headers == names) {
        return as_before(kind, headers, before);
    }
    let mut columns: Vec<MatchedColumn> = headers.iter().map(|header| unmatched(header)).collect();
    let mut doubt = None;
    for field in fields(kind) {
        match columns_of(field, &names, headers) {
            // A name may be known for two fields: the first that finds it has it.
            Ok(found) => {
                for index in found {
                    columns[index].field.get_or_insert_with(|| field.name.to_owned());
                }
            }
            Err(problem) => doubt = doubt.or(Some(problem)),
        }
    }
    recall(&mut columns, &names, remembered);
    suggest(kind, &mut columns, &names);
    let doubt = doubt.or_else(|| key_missing(kind, &columns));
    // One that has lost to a better name for its field is known, too.
    let is_known = |name: &str| is_passed_over(name) || fields(kind).iter().any(|field| field.headers.contains(&name));
    let is_clear = |(column, name): (&MatchedColumn, &String)| {
        column.by == MatchedBy::Name && column.guess.is_none() && (column.field.is_some() || is_known(name))
    };
    let is_certain = doubt.is_none() && columns.iter().zip(&names).all(is_clear);
    Matching {
        columns,
        doubt,
        is_certain,
    }
}

/// As another file was matched, header by header.
pub(super) fn match_as(kind: ImportKind, headers: &[String], other: &FileFormat) -> Matching {
    let field = |header: &String| {
        let column = other.columns.iter().find(|column| column.header == *header)?;
        column.field.clone()
    };
    let before = Remembered {
        headers: Vec::new(),
        fields: headers.iter().map(field).collect(),
        rows: 0,
    };
    as_before(kind, headers, &before)
}

/// Where somebody has said that each column goes, by its place.
///
/// # Errors
/// When the column that names the rows is missing, a field is none, or two columns go to one field.
pub(super) fn match_by_hand(
    kind: ImportKind,
    headers: &[String],
    said: &BTreeMap<usize, String>,
    known: &Matching,
) -> Result<Vec<MatchedColumn>, Problem> {
    let mut columns = Vec::with_capacity(headers.len());
    for (place, header) in headers.iter().enumerate() {
        let field = said.get(&place).map(String::as_str).filter(|field| !field.is_empty());
        if let Some(unknown) = field.filter(|field| !choices(kind).contains(field)) {
            return Err(column_problem(place, format!("There is no field called {unknown}.")));
        }
        let as_known = known
            .columns
            .get(place)
            .filter(|column| column.field.as_deref() == field);
        columns.push(MatchedColumn {
            header: header.clone(),
            field: field.map(str::to_owned),
            by: as_known.map_or(MatchedBy::Person, |column| column.by),
            guess: None,
        });
    }
    refuse_two(kind, &columns)?;
    refuse_unnamed(&columns)?;
    if key_missing(kind, &columns).is_some() {
        let key = if kind == ImportKind::Catalogs { "Name" } else { "SKU" };
        return Err(column_problem(0, format!("Match a column to {key}.")));
    }
    Ok(columns)
}

/// Two columns for one field are right only where one of them fills the blank cells of the other.
fn refuse_two(kind: ImportKind, columns: &[MatchedColumn]) -> Result<(), Problem> {
    for field in fields(kind).iter().filter(|field| !is_list(field.name)) {
        let of_field: Vec<usize> = positions(kind, columns, field.name);
        let [first, second, ..] = of_field[..] else { continue };
        let names = (plain(&columns[first].header), plain(&columns[second].header));
        let is_fallback = of_field.len() == 2
            && field
                .fallback
                .iter()
                .any(|(best, other)| names == ((*best).to_owned(), (*other).to_owned()));
        if !is_fallback {
            let message = format!(
                "“{}” and “{}” cannot both go to {}. Choose one of them.",
                shortened(&columns[first].header),
                shortened(&columns[second].header),
                field.name
            );
            // Either may be the wrong one, so both are marked.
            return Err(column_problem(first, message.clone()).with_field(column_field(second), message));
        }
    }
    Ok(())
}

/// An extra attribute is kept under the name of its column.
fn refuse_unnamed(columns: &[MatchedColumn]) -> Result<(), Problem> {
    for (place, column) in columns.iter().enumerate() {
        if column.field.as_deref() != Some(ATTRIBUTE) {
            continue;
        }
        let name = plain(&column.header);
        if name.is_empty() {
            let message =
                "This column has no name under which it could be kept. Name it in the file, or do not import it.";
            return Err(column_problem(place, message.to_owned()));
        }
        let is_same =
            |other: &&MatchedColumn| other.field.as_deref() == Some(ATTRIBUTE) && plain(&other.header) == name;
        if columns[..place].iter().any(|other| is_same(&other)) {
            let message = format!(
                "Two columns are called “{}”. Only one of them can be kept.",
                shortened(&column.header)
            );
            return Err(column_problem(place, message));
        }
    }
    Ok(())
}

/// Keeps the columns that go nowhere as extra attributes, but for those without a name, with the name of another, and those that only
/// this shop's own files have. Nobody need be asked then, unless one of them is nearly called like a field.
pub(super) fn keep_others(matching: &mut Matching) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for column in &mut matching.columns {
        let name = plain(&column.header);
        if column.field.is_none() && !name.is_empty() && !is_own(&name) && !taken.contains(&name) {
            column.field = Some(ATTRIBUTE.to_owned());
            column.by = MatchedBy::Person;
        }
        taken.insert(name);
    }
    matching.is_certain = matching.doubt.is_none() && matching.columns.iter().all(|column| column.guess.is_none());
}

fn column_problem(place: usize, message: String) -> Problem {
    Problem::unprocessable(message.clone()).with_field(column_field(place), message)
}

/// The form's field that says where the column goes.
fn column_field(place: usize) -> String {
    format!("column_{place}")
}

fn unmatched(header: &str) -> MatchedColumn {
    MatchedColumn {
        header: header.to_owned(),
        ..MatchedColumn::default()
    }
}

fn as_before(kind: ImportKind, headers: &[String], before: &Remembered) -> Matching {
    let column = |(header, field): (&String, &Option<String>)| MatchedColumn {
        header: header.clone(),
        field: field.clone(),
        by: MatchedBy::Memory,
        guess: None,
    };
    let columns: Vec<MatchedColumn> = headers.iter().zip(&before.fields).map(column).collect();
    let doubt = key_missing(kind, &columns);
    Matching {
        is_certain: doubt.is_none(),
        columns,
        doubt,
    }
}

/// Columns that are known from another file, for fields that no column has yet.
fn recall(columns: &mut [MatchedColumn], names: &[String], remembered: &[Remembered]) {
    for place in 0..columns.len() {
        if columns[place].field.is_some() {
            continue;
        }
        let chosen = remembered.iter().find_map(|before| before.field_of(&names[place]));
        // Two extra attributes of one name would be one.
        let is_kept = |(column, name): (&MatchedColumn, &String)| {
            column.field.as_deref() == Some(ATTRIBUTE) && *name == names[place]
        };
        let is_free = |field: &&str| match *field {
            ATTRIBUTE => !columns.iter().zip(names).any(is_kept),
            field => is_list(field) || columns.iter().all(|column| column.field.as_deref() != Some(field)),
        };
        if let Some(field) = chosen.filter(is_free).map(str::to_owned) {
            columns[place].field = Some(field);
            columns[place].by = MatchedBy::Memory;
        }
    }
}

/// Names that are nearly known. Nothing is done with them before somebody agrees.
fn suggest(kind: ImportKind, columns: &mut [MatchedColumn], names: &[String]) {
    for place in 0..columns.len() {
        let name = &names[place];
        if columns[place].field.is_some() || name.chars().count() < NEAR_FROM || is_passed_over(name) {
            continue;
        }
        let is_near = |known: &&str| known.chars().count() >= NEAR_FROM && strsim::levenshtein(known, name) <= NEAR;
        let taken = |field: &Field| columns.iter().any(|column| column.field.as_deref() == Some(field.name));
        let near = fields(kind)
            .iter()
            .find(|field| !taken(field) && field.headers.iter().any(is_near));
        columns[place].guess = near.map(|field| field.name.to_owned());
    }
}

/// The columns of a field, the most important first.
fn columns_of(field: &Field, names: &[String], headers: &[String]) -> Result<Vec<usize>, Problem> {
    if is_list(field.name) {
        let is_one = |name: &str| {
            field
                .headers
                .contains(&name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end())
        };
        return Ok((0..names.len()).filter(|at| is_one(&names[*at])).collect());
    }
    let position = |wanted: &str| names.iter().position(|name| name == wanted);
    let Some(best) = field.headers.iter().find(|wanted| position(wanted).is_some()) else {
        return Ok(Vec::new());
    };
    let same: Vec<&str> = names
        .iter()
        .zip(headers)
        .filter(|(name, _)| name == best)
        .map(|(_, header)| header.trim())
        .collect();
    if same.len() > 1 {
        return Err(twice(field.name, &same));
    }
    let fallback = field
        .fallback
        .iter()
        .find(|(first, second)| first == best && position(second).is_some());
    Ok([Some(*best), fallback.map(|(_, second)| *second)]
        .into_iter()
        .flatten()
        .filter_map(position)
        .collect())
}

/// Positions of a field's columns, the most important first: the order in which [`names`] ranks them.
pub(super) fn positions(kind: ImportKind, columns: &[MatchedColumn], field: &str) -> Vec<usize> {
    let rank = |index: &usize| {
        let name = plain(&columns[*index].header);
        let names = fields(kind)
            .iter()
            .find(|known| known.name == field)
            .map_or(&[][..], |known| known.headers);
        names.iter().position(|known| *known == name)
    };
    let mut found: Vec<usize> = (0..columns.len())
        .filter(|at| columns[*at].field.as_deref() == Some(field))
        .collect();
    found.sort_by_key(rank);
    found
}

/// A header as it is compared: folded, `_`, `-` and `.` as blanks, single blanks, no asterisk of a required column.
pub(super) fn plain(header: &str) -> String {
    let folded = fold(header).replace(['_', '-', '.', '\u{a0}'], " ");
    folded
        .trim_end_matches(['*', ':'])
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn key_missing(kind: ImportKind, columns: &[MatchedColumn]) -> Option<Problem> {
    if columns
        .iter()
        .any(|column| column.field.as_deref() == Some(kind.key_field()))
    {
        return None;
    }
    let wanted = match kind {
        ImportKind::Catalogs => "a column called name",
        _ => "a column called SKU",
    };
    let found = columns
        .iter()
        .map(|column| format!("“{}”", shortened(&column.header)))
        .collect::<Vec<_>>()
        .join(", ");
    let message = format!(
        "The file needs {wanted} in its first row. Its columns are: {}.",
        shortened_list(&found)
    );
    Some(Problem::new(422, "A column is missing", message.clone()).with_field("file", message))
}

fn twice(field: &str, headers: &[&str]) -> Problem {
    let names = headers
        .iter()
        .map(|header| format!("“{}”", shortened(header)))
        .collect::<Vec<_>>()
        .join(" and ");
    let message = format!("Two columns could be the {field}: {names}. Rename or remove one of them.");
    Problem::new(422, "Two columns have the same name", message.clone()).with_field("file", message)
}

fn shortened(text: &str) -> String {
    text.trim().chars().take(60).collect()
}

fn shortened_list(text: &str) -> String {
    const MOST: usize = 1_000;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        format!("{} …", text.chars().take(MOST).collect::<String>())
    }
}

#[cfg(test)]
mod tests;
