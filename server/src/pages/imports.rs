//! What the forms post that say how a file is to be read.

use std::collections::BTreeMap;

use app::paths;
use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use stockroom::audit::Actor;
use stockroom::imports::options::ImportOptions;
use stockroom::imports::rematching::{self, Rematch, Wanted};
use stockroom::imports::{self, ImportStep};
use stockroom::problem::Problem;
use tower_sessions::Session;

use super::edits::look_up_catalogue;
use super::forms::{Fields, field, refused, see};
use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::state::AppState;

/// The columns as somebody has matched them: on to the check, or the file is read again in another way.
pub async fn match_columns(
    State(state): State<AppState>,
    session: Session,
    Path(import): Path<String>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let address = paths::rematch_import(import);
    if let Err(error) = look_up_catalogue(&state.services, &mut fields, "catalog_id", "").await {
        return refused(&session, &address, error, fields).await;
    }
    let said = match read(fields.clone()) {
        Ok(said) => said,
        Err(problem) => return refused(&session, &address, problem.into(), fields).await,
    };
    match rematching::rematch(&state.services, import, said).await {
        Ok(import) if import.step == ImportStep::Match => Ok(see(&address)),
        Ok(_) => Ok(see(&paths::import(import))),
        Err(error) => refused(&session, &address, error, fields).await,
    }
}

/// The file of an import that is over once more: a new check of it.
pub async fn repeat(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(import): Path<String>,
) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    match imports::repeat(&state.services, import, &actor, None).await {
        Ok(again) => Ok(see(&paths::import(again.job_id))),
        Err(error) => refused(&session, &paths::import(import), error, Fields::new()).await,
    }
}

fn read(mut fields: Fields) -> Result<Rematch, Problem> {
    let header_row = match field(&fields, "header_row").trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| {
            let message = "Enter the number of the row that names the columns.";
            Problem::unprocessable(message).with_field("header_row", message)
        })?),
    };
    let columns: BTreeMap<usize, String> = fields
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("column_")?.parse().ok()?, value.clone())))
        .collect();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Ok(Rematch {
        wanted: Wanted {
            encoding: some(field(&fields, "encoding")),
            // A tab is a blank, too.
            delimiter: fields.get("delimiter").and_then(|text| text.chars().next()),
            header_row,
            sheet: some(field(&fields, "sheet")),
        },
        columns,
        is_final: field(&fields, "do") == "check",
        options: ImportOptions::take(&mut fields)?,
    })
}
