//! What the form posts to that corrects the cells of problem rows.

use std::collections::BTreeMap;

use app::paths;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, FromRequest as _, Path, Request, State};
use axum::response::Response;
use stockroom::audit::Actor;
use stockroom::error::Error;
use stockroom::imports::correction::{self, CellProblem, Corrected, Corrections, RowCorrection};
use stockroom::imports::intake::StopsAt;
use stockroom::problem::Problem;

use super::forms::{Fields, field, see};
use super::{Asked, refused_form};
use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::state::AppState;

/// Bytes of the form: all texts of a page, of whose bytes each may come as three.
pub const FORM_MAX: usize = 8 * 1024 * 1024;

/// On to the check of the corrected rows, or the page once more with what is still wrong.
pub async fn correct(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let asked = Asked::by(&request);
    let Form(fields) = Form::<Fields>::from_request(request, &state)
        .await
        .map_err(unreadable)?;
    let corrections = Corrections {
        rows: rows(&fields),
        leaves_out_wrong: field(&fields, "do") == "without",
        // People see what their rows would do before they do it.
        stops: StopsAt::Check,
        // The same corrections twice are the same file, which is imported once.
        idempotency_key: None,
        by: actor,
    };
    let problem = match correction::correct(&state.services, import, corrections).await {
        Ok(Corrected::Begun(begun)) => return Ok(see(&paths::import(begun.job_id))),
        Ok(Corrected::Wrong(problems)) => still_wrong(problems),
        Err(Error::Refused(problem)) if problem.status == 422 => problem,
        Err(error) => return Err(error.into()),
    };
    Ok(refused_form(&state, asked, problem, fields).await)
}

/// The rows whose cells are there and that are not to be left out.
fn rows(fields: &Fields) -> Vec<RowCorrection> {
    let mut rows: BTreeMap<i64, BTreeMap<usize, String>> = BTreeMap::new();
    for (name, text) in fields {
        let place = name.strip_prefix("cell_").and_then(|place| place.split_once('_'));
        let numbers = place.and_then(|(row, column)| Some((row.parse().ok()?, column.parse().ok()?)));
        if let Some((row, column)) = numbers {
            // A form sends each line break as two characters.
            rows.entry(row).or_default().insert(column, text.replace("\r\n", "\n"));
        }
    }
    rows.into_iter()
        .filter(|(row, _)| !fields.contains_key(&format!("leave_{row}")))
        .map(|(row, cells)| RowCorrection { row, cells })
        .collect()
}

fn still_wrong(problems: Vec<CellProblem>) -> Problem {
    let detail = "Some cells are still wrong. Nothing was imported, and what you typed is kept.";
    let name = |problem: &CellProblem| match problem.column {
        Some(column) => format!("cell_{}_{column}", problem.row),
        None => format!("row_{}", problem.row),
    };
    problems
        .into_iter()
        .fold(Problem::unprocessable(detail), |all, problem| {
            let name = name(&problem);
            all.with_field(name, problem.message)
        })
}

fn unreadable(rejection: FormRejection) -> Problem {
    let status = rejection.status().as_u16();
    if status == 413 {
        let detail = "The cells hold more text than can be corrected on one page. Go back, leave out rows with long texts, and download those.";
        return Problem::new(413, "That is too much at once", detail);
    }
    Problem::new(
        status,
        "The form could not be read",
        "Open the page again and repeat what you did.",
    )
}

#[cfg(test)]
mod tests {
    use super::{Fields, rows};

    #[test]
    fn rows_are_read_by_the_names_of_their_cells() {
        let fields: Fields = [
            ("cell_17_2", "two\r\nlines"),
            ("cell_17_0", "A"),
            ("cell_18_0", "B"),
            ("leave_18", "true"),
            ("cell_x_0", "C"),
            ("cell_19", "D"),
            ("do", "check"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let rows = rows(&fields);
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (rows[0].row, rows[0].cells[&2].as_str(), rows[0].cells[&0].as_str()),
            (17, "two\nlines", "A")
        );
    }
}
