//! Corrections become an import, or come back with what is still wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use futures::stream;

use super::cells::OwnColumns;
use super::check::{Candidate, check};
use super::file::{self, CorrectedRow};
use super::known::{KnownRow, known_rows};
use super::offer::ROW_TEXT_MAX;
use super::{CELL_MAX, CellProblem, ROWS_MAX, RowCorrection};
use crate::audit::Actor;
use crate::error::Result;
use crate::imports::Import;
use crate::imports::intake::{self, Intake, StopsAt};
use crate::imports::wish::Wish;
use crate::problem::Problem;
use crate::services::Services;

/// What somebody has typed, and how it is meant.
#[derive(Clone, Debug)]
pub struct Corrections {
    pub rows: Vec<RowCorrection>,
    /// Rows that are still wrong are left out, instead of coming back.
    pub leaves_out_wrong: bool,
    pub stops: StopsAt,
    pub by: Actor,
    /// Names this wish, so that sending it twice makes one import.
    pub idempotency_key: Option<String>,
}

/// What has become of corrections.
#[derive(Clone, Debug)]
pub enum Corrected {
    /// They are an import of their own.
    Begun(Box<Import>),
    /// Nothing was kept, because of these.
    Wrong(Vec<CellProblem>),
}

/// Makes an import of corrected problem rows of the import `id`, as if they had been sent back as a file.
///
/// # Errors
/// 404 when there is no such import or its file is gone; 409 when its rows cannot be corrected one by one; 422 when there are no rows, or
/// more than [`ROWS_MAX`].
pub async fn correct(services: &Services, id: i64, corrections: Corrections) -> Result<Corrected> {
    let (wish, key) = (Wish::Corrections(id), corrections.idempotency_key.as_deref());
    if let Some(import) = wish.known(&services.database, key).await? {
        return Ok(Corrected::Begun(Box::new(import)));
    }
    let import = crate::imports::get(services.reader(), id).await?;
    import.check_correctable()?;
    let typed = by_row(&corrections.rows)?;
    let wanted: Vec<i64> = typed.keys().copied().collect();
    let known = known_rows(services, id, &import.format, &wanted).await?;
    let mut wrong = unusable(&import, &known, &typed);
    let mut rows: Vec<CorrectedRow> = known
        .iter()
        .filter(|known| wrong.iter().all(|problem| problem.row != known.row))
        .filter_map(|known| Some(file::corrected(&import, known, typed.get(&known.row)?)))
        .collect();
    let format = file::format(&import);
    let options = intake::corrected(&services.database, import.options.clone()).await?;
    let candidate = Candidate {
        import: &import,
        format: &format,
        options: &options,
        csv: file::csv(&format, &rows)?,
        rows: &rows,
    };
    wrong.extend(check(services, candidate).await?);
    let wrong_rows: BTreeSet<i64> = wrong.iter().map(|problem| problem.row).collect();
    rows.retain(|row| !wrong_rows.contains(&row.row));
    if rows.is_empty() || !(wrong.is_empty() || corrections.leaves_out_wrong) {
        return Ok(Corrected::Wrong(wrong));
    }
    let bytes = file::csv(&format, &rows)?;
    let pieces = stream::iter([Ok::<_, Infallible>(bytes)]);
    let stored = intake::receive(&services.storage, services.config.upload_limit, pieces).await?;
    let intake = Intake {
        idempotency_key: corrections.idempotency_key,
        stops: corrections.stops,
        ..Intake::at_once(import.kind, format!("import-{id}-corrections.csv"), corrections.by)
    };
    let begun = intake::begin_corrected(services, intake, stored, &import, format).await?;
    services.import_wake.wake();
    Ok(Corrected::Begun(Box::new(begun)))
}

fn by_row(rows: &[RowCorrection]) -> std::result::Result<BTreeMap<i64, &RowCorrection>, Problem> {
    if rows.is_empty() {
        return Err(refusal("All rows were left out. Correct at least one row."));
    }
    if rows.len() > ROWS_MAX {
        return Err(refusal(format!(
            "At most {ROWS_MAX} rows can be corrected together. Correct them in parts, or download the rows with problems."
        )));
    }
    let mut found = BTreeMap::new();
    for row in rows {
        if found.insert(row.row, row).is_some() {
            return Err(refusal(format!("Row {} is there twice. Name each row once.", row.row)));
        }
    }
    Ok(found)
}

fn refusal(detail: impl Into<String>) -> Problem {
    let detail = detail.into();
    Problem::unprocessable(detail.clone()).with_field("rows", detail)
}

/// What is wrong with the corrections themselves, whatever the importer would say.
fn unusable(import: &Import, known: &[KnownRow], typed: &BTreeMap<i64, &RowCorrection>) -> Vec<CellProblem> {
    let columns = OwnColumns::of(&import.format);
    let mut wrong = Vec::new();
    for (row, correction) in typed {
        let Some(known) = known.iter().find(|known| known.row == *row) else {
            let message =
                format!("Row {row} of this import has no open problem. It may have been corrected meanwhile.");
            wrong.push(CellProblem::of_row(*row, message));
            continue;
        };
        let there = known.record.as_slice().len();
        let typed: usize = correction.cells.values().map(String::len).sum();
        if there.max(typed) > ROW_TEXT_MAX {
            wrong.push(CellProblem::of_row(*row, TOO_LONG));
            continue;
        }
        let blamed = file::blamed(import, &columns, known);
        for (place, text) in &correction.cells {
            let message = match columns.at(*place) {
                None => "The file has no such column.",
                Some(column) if column.field.is_none() && !blamed.contains(place) => {
                    "This column is not imported. Leave it out."
                }
                Some(_) if text.chars().count() > CELL_MAX => "The text is too long. Shorten it to 100,000 characters.",
                Some(_) => continue,
            };
            wrong.push(CellProblem {
                row: *row,
                column: Some(*place),
                message: message.to_owned(),
            });
        }
    }
    wrong
}

const TOO_LONG: &str = "The row is too long to be corrected here. Download the rows with problems, correct it there, and import that file.";
