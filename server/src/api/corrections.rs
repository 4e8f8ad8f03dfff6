//! Problem rows of an import, corrected by a program.

use std::collections::BTreeMap;

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value};
use stockroom::asked;
use stockroom::audit::Actor;
use stockroom::imports::correction::{self, CellProblem, Corrected, Corrections};
use stockroom::imports::intake::StopsAt;
use stockroom::imports::{self, Import};
use stockroom::problem::Problem;
use stockroom::services::Services;
use utoipa::ToSchema;

use super::bodies::{Body, nothing_left, object, wrong};
use super::import_views::ImportView;
use super::param_shapes::{CheckParams, IdempotencyKey};
use super::params::{self, Params, Path, id};
use super::respond::Refusal;
use super::uploads::{accepted, idempotency_key};

/// Rows of an import that could not be used, with other texts in their cells.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `rows` reads")]
pub struct CorrectionsBody {
    /// Up to 100 rows. Rows that are not named stay as they are.
    rows: Vec<CorrectionBody>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `row` reads")]
struct CorrectionBody {
    /// The row's number, as `GET /imports/{id}/problems` has it.
    #[schema(example = 17)]
    row: i64,
    /// The new texts, by the headers of their columns; `Column 3` where a header is blank or stands twice. Cells that are not named keep what
    /// the file has.
    #[schema(value_type = BTreeMap<String, String>, example = json!({"Price": "12.50"}))]
    cells: BTreeMap<String, String>,
}

/// Corrects rows that could not be used.
///
/// The corrected rows are an import of their own, as if they had been sent back as a file, and problems no more once it is completed. While any
/// of them is still wrong nothing is imported, and `errors` names each cell as `rows.17.Price`.
#[utoipa::path(post, path = "/imports/{id}/corrections", tag = "imports", operation_id = "correct_rows",
    params(("id" = i64, Path), CheckParams, IdempotencyKey), request_body = CorrectionsBody,
    responses((status = 202, body = ImportView, description = "The import of the corrected rows"),
        (status = 409, description = "Its rows cannot be corrected, or not any more")))]
pub async fn correct(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
    params: Params,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let import = imports::get(services.reader(), id(&import, "import")?).await?;
    let checks = params::read(params, |fields| asked::truth(fields, "check"))?.unwrap_or(false);
    let idempotency_key = idempotency_key(&actor, &headers)?;
    let rows = correction::by_names(&import.format, rows(body)?).map_err(|unknown| {
        let errors = unknown
            .into_iter()
            .map(|(row, name, message)| (row, Some(name), message));
        refusal(errors.collect())
    })?;
    let corrections = Corrections {
        rows,
        leaves_out_wrong: false,
        stops: if checks { StopsAt::Check } else { StopsAt::Nothing },
        by: actor,
        idempotency_key,
    };
    match correction::correct(&services, import.job_id, corrections).await? {
        Corrected::Begun(begun) => Ok(accepted(*begun)),
        Corrected::Wrong(problems) => Err(still_wrong(&import, problems).into()),
    }
}

/// Rows and the texts of their cells.
type NamedRows = Vec<(i64, BTreeMap<String, String>)>;

fn rows(body: Body) -> Result<NamedRows, Problem> {
    let mut fields = object(body)?;
    let expected = "a list of rows such as [{\"row\": 17, \"cells\": {\"Price\": \"12.50\"}}]";
    let Some(Value::Array(list)) = fields.remove("rows") else {
        return Err(wrong("rows", expected));
    };
    nothing_left(&fields)?;
    let read = |(place, value)| match value {
        Value::Object(fields) => row(place, fields),
        _ => Err(wrong(
            &format!("rows[{place}]"),
            "a row such as {\"row\": 17, \"cells\": {}}",
        )),
    };
    list.into_iter().enumerate().map(read).collect()
}

fn row(place: usize, mut fields: Map<String, Value>) -> Result<(i64, BTreeMap<String, String>), Problem> {
    let at = |name: &str| format!("rows[{place}].{name}");
    let number = fields.remove("row").and_then(|row| row.as_i64());
    let number = number.ok_or_else(|| wrong(&at("row"), "the number of a row of the file"))?;
    let Some(Value::Object(named)) = fields.remove("cells") else {
        return Err(wrong(&at("cells"), "texts by the headers of their columns"));
    };
    nothing_left(&fields)?;
    let mut cells = BTreeMap::new();
    for (name, value) in named {
        // A number would not come in as it was written.
        let Value::String(text) = value else {
            return Err(wrong(&at(&format!("cells.{name}")), "a text, such as “12.50”"));
        };
        cells.insert(name, text);
    }
    Ok((number, cells))
}

fn still_wrong(import: &Import, problems: Vec<CellProblem>) -> Problem {
    let name = |place: usize| correction::column_name(&import.format, place);
    let errors = problems
        .into_iter()
        .map(|problem| (problem.row, problem.column.map(name), problem.message));
    refusal(errors.collect())
}

/// Names each row and column.
fn refusal(errors: Vec<(i64, Option<String>, String)>) -> Problem {
    let detail = "Some of the rows cannot be imported as they are. Nothing was imported. Correct what is listed, and send all rows again.";
    errors.into_iter().fold(
        Problem::unprocessable(detail),
        |problem, (row, column, message)| match column {
            Some(column) => problem.with_field(
                format!("rows.{row}.{column}"),
                format!("Row {row}, {column}: {message}"),
            ),
            None => problem.with_field(format!("rows.{row}"), format!("Row {row}: {message}")),
        },
    )
}
