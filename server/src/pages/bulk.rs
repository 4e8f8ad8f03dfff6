//! What the forms post to that change many products at once: each makes a plan, and its page asks for confirmation.

use app::draft::CATALOGUE_NAME;
use app::paths;
use app::search::ProductSearch;
use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use stockroom::audit::Actor;
use stockroom::error::Error;
use stockroom::imports::plan::{BulkAction, Plan, Proof, Selection};
use stockroom::imports::{self, Answer, Confirmation, Import};
use stockroom::problem::Problem;
use stockroom::products::ProductQuery;
use stockroom::{catalogs, services::Services};
use tower_sessions::Session;

use super::edits::look_up_catalogue;
use super::forms::{Fields, field, refused, say, see};
use crate::api::exports::is_word;
use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::state::AppState;

/// Names and values as a form sends them, a name more than once for many boxes.
type Pairs = Vec<(String, String)>;

/// The buttons over the table of products.
pub async fn act(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let (ids, mut fields) = ids_and_fields(&pairs);
    let action = fields.remove("do").unwrap_or_default();
    let action = action.as_str();
    let scope = fields.remove("scope").unwrap_or_default();
    let typed: Fields = fields.remove_entry(CATALOGUE_NAME).into_iter().collect();
    let word = fields.remove("progress");
    let to = fields.remove("to");
    let query = ProductQuery::take(&mut fields)?;
    let search = ProductSearch::of(query.clone());
    let selection = match scope.as_str() {
        "selected" => Selection::Ids(ids.clone()),
        "matching" => Selection::Matching(Box::new(query)),
        _ => return Err(Problem::bad_request("Say whether you mean the selected products or all that match.").into()),
    };
    if action.starts_with("export") && !(ids.is_empty() && scope == "selected") {
        let of = if scope == "selected" {
            search.of_ids(&ids)
        } else {
            search
        };
        return Ok(see(&export(&of, action, word)));
    }
    let planned = match meant(&state.services, action, to, &typed).await {
        Ok(action) => plan(&state.services, actor, action, selection, None).await,
        Err(error) => Err(error),
    };
    match planned {
        Ok(import) => Ok(see(&paths::import(import.job_id))),
        Err(error) => refused(&session, &search.address(), error, typed).await,
    }
}

/// Where the file is. The page asks under `word` how far it is.
fn export(of: &ProductSearch, action: &str, word: Option<String>) -> String {
    let address = of.export_address(if action == "export-xlsx" { "xlsx" } else { "csv" });
    match word.filter(|word| is_word(word)) {
        Some(word) => format!("{address}&progress={word}"),
        None => address,
    }
}

fn ids_and_fields(pairs: &Pairs) -> (Vec<i64>, Fields) {
    let ids = pairs.iter().filter(|(name, _)| name == "id");
    let ids = ids.filter_map(|(_, value)| value.parse().ok()).collect();
    let fields = pairs.iter().filter(|(name, _)| name != "id").cloned().collect();
    (ids, fields)
}

/// What a button stands for. `typed` has the name of a catalogue where it is not chosen from a list.
async fn meant(services: &Services, action: &str, to: Option<String>, typed: &Fields) -> Result<BulkAction, Error> {
    let mut fields = typed.clone();
    fields.extend(to.map(|to| ("to".to_owned(), to)));
    if action == "move" {
        look_up_catalogue(services, &mut fields, "to", "").await?;
    }
    Ok(bulk_action(action, fields.get("to").map(String::as_str))?)
}

fn bulk_action(action: &str, to: Option<&str>) -> Result<BulkAction, Problem> {
    Ok(match action {
        "activate" => BulkAction::Activate,
        "deactivate" => BulkAction::Deactivate,
        "move" => BulkAction::Move {
            catalog_id: match to {
                Some("none") => None,
                Some(id) if !id.is_empty() => Some(self::id(id, "catalogue")?),
                _ => {
                    let message = "Choose the catalogue to move to.";
                    return Err(Problem::unprocessable(message).with_field("to", message));
                }
            },
        },
        "move-out" => BulkAction::Move { catalog_id: None },
        "delete" => BulkAction::Delete,
        "restore" => BulkAction::Restore,
        "purge" => BulkAction::Purge,
        "export" | "export-xlsx" => return Err(Problem::unprocessable("Select products first. Nothing was changed.")),
        _ => return Err(Problem::bad_request("Use one of the buttons above the table.")),
    })
}

/// What a person chose on a page and nothing can be lost by is done at once; they can have it back with one button.
async fn plan(
    services: &Services,
    by: Actor,
    action: BulkAction,
    selection: Selection,
    closes: Option<i64>,
) -> Result<Import, Error> {
    let chosen_by_hand = matches!(&selection, Selection::Ids(ids) if !ids.is_empty());
    let confirmation = Confirmation {
        by,
        is_given: chosen_by_hand && !action.is_destructive() && closes.is_none(),
        idempotency_key: None,
    };
    let at_once = confirmation.is_given;
    let import = imports::plan_bulk(&services.database, action, selection, closes, confirmation).await?;
    if at_once {
        services.import_wake.wake();
    }
    Ok(import)
}

/// The second step: what was reviewed is carried out.
pub async fn apply(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(import): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let services = &state.services;
    let planned = imports::get(services.database.writer(), import).await?;
    if let Err(problem) = is_meant(&planned, &fields) {
        return refused(&session, &paths::confirm_import(import), problem.into(), fields).await;
    }
    let answer = Answer {
        is_meant: true,
        // Of a plan there is no other review than the plan itself.
        review: planned.review.is_some().then(|| field(&fields, "review")),
    };
    match imports::apply(&services.database, import, &actor, answer).await {
        Ok(_) => {
            services.import_wake.wake();
            Ok(see(&paths::import(import)))
        }
        Err(error) => refused(&session, &paths::import(import), error, Fields::new()).await,
    }
}

/// Whoever deletes many, or lets a file do what looks wrong, has read how many products it is about, and has typed it.
fn is_meant(import: &Import, fields: &Fields) -> Result<(), Problem> {
    let proof = match (&import.plan, &import.review) {
        (Some(Plan::Bulk(plan)), _) => plan.proof(),
        (None, Some(review)) => review.proof(),
        _ => Proof::Nothing,
    };
    let (field, message) = match proof {
        Proof::Nothing => return Ok(()),
        Proof::Tick if fields.contains_key("understood") => return Ok(()),
        Proof::Tick => ("understood", "Tick the box to say that you mean it.".to_owned()),
        Proof::Number(count) => {
            let digits: String = field(fields, "number").chars().filter(char::is_ascii_digit).collect();
            if digits == count.to_string() {
                return Ok(());
            }
            let message = format!("Type the number of products, {count}, to say that you mean it.");
            ("number", message)
        }
    };
    Err(Problem::unprocessable(message.clone()).with_field(field, message))
}

/// Plans to take back what a job has done, and shows the plan.
pub async fn undo(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(import): Path<String>,
) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let confirmation = Confirmation {
        by: actor,
        is_given: false,
        idempotency_key: None,
    };
    match imports::plan_undo(&state.services.database, import, confirmation).await {
        Ok(plan) => Ok(see(&paths::import(plan.job_id))),
        Err(error) => refused(&session, &paths::import(import), error, Fields::new()).await,
    }
}

/// A catalogue goes at once when it is empty; otherwise after its products have gone where they were sent.
pub async fn delete_catalogue(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(catalogue): Path<String>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let catalogue = id(&catalogue, "catalogue")?;
    let services = &state.services;
    let address = paths::catalogue(catalogue);
    let action = match fields.remove("products").as_deref() {
        Some("delete") => Ok(BulkAction::Delete),
        Some("move") => match look_up_catalogue(services, &mut fields, "to", "none").await {
            Ok(()) => bulk_action("move", fields.get("to").map(String::as_str)).map_err(Error::from),
            Err(error) => Err(error),
        },
        _ => {
            return match catalogs::delete(&services.database, catalogue, &actor).await {
                Ok(()) => {
                    say(&session, "Catalogue deleted").await?;
                    Ok(see(paths::CATALOGUES))
                }
                Err(error) => refused(&session, &address, error, Fields::new()).await,
            };
        }
    };
    let planned = match action {
        Ok(action) => {
            plan(
                services,
                actor,
                action,
                Selection::of_catalog(catalogue),
                Some(catalogue),
            )
            .await
        }
        Err(error) => Err(error),
    };
    match planned {
        Ok(import) => Ok(see(&paths::import(import.job_id))),
        Err(error) => refused(&session, &address, error, Fields::new()).await,
    }
}
