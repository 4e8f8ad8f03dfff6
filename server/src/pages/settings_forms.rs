//! What the forms of settings, preferences and saved views post to, and the audit log as a file.

use app::paths;
use app::search::ProductSearch;
use axum::Form;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::Method;
use axum::response::Response;
use bytes::Bytes;
use stockroom::accounts::{self, Role, User};
use stockroom::audit::AuditQuery;
use stockroom::audit::{self, Actor};
use stockroom::error::Error;
use stockroom::problem::Problem;
use stockroom::products::{ProductQuery, views};
use stockroom::services::Services;
use stockroom::settings::{self, NumberFormat, ShopSettings};
use tokio_stream::wrappers::ReceiverStream;
use tower_sessions::Session;

use super::forms::{Fields, field, own_address, refused, say, see};
use crate::api::downloads::csv_file;
use crate::api::params::{self, Params, id};
use crate::api::respond::Refusal;
use crate::middleware::authenticate::Caller;
use crate::state::AppState;

pub async fn save_shop(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    match save_shop_of(&state.services, &fields, &actor).await {
        Ok(()) => {
            say(&session, "Settings saved").await?;
            Ok(see(paths::SETTINGS))
        }
        Err(error) => refused(&session, paths::SETTINGS, error, fields).await,
    }
}

async fn save_shop_of(services: &Services, fields: &Fields, actor: &Actor) -> Result<(), Error> {
    let present = settings::load(services.database.writer(), &services.config).await?;
    let shop = shop_of(present, fields)?;
    settings::save(&services.database, &services.config, &shop, actor).await
}

/// The settings with what a form says; what it does not name stays.
pub(super) fn shop_of(present: ShopSettings, fields: &Fields) -> Result<ShopSettings, Problem> {
    let text = |name: &str, present: String| fields.get(name).cloned().unwrap_or(present);
    Ok(ShopSettings {
        name: text("shop_name", present.name),
        currency: text("currency", present.currency),
        time_zone: text("time_zone", present.time_zone),
        number_format: match fields.get("number_format") {
            Some(name) => NumberFormat::chosen(name)?,
            None => present.number_format,
        },
    })
}

pub async fn save_preferences(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    session: Session,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let user = person(caller)?;
    let mut preferences = user.preferences;
    preferences.shortcuts = fields.contains_key("shortcuts");
    preferences.compact = field(&fields, "density") == "compact";
    accounts::save_preferences(state.services.database.writer(), user.id, &preferences).await?;
    say(&session, "Settings saved").await?;
    Ok(see(paths::SETTINGS))
}

/// Columns of the products table: those that are ticked are shown.
pub async fn save_columns(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let user = person(caller)?;
    let shown = |column: &str| pairs.iter().any(|(name, value)| name == "column" && value == column);
    let mut preferences = user.preferences;
    preferences.hidden_columns = app::search::COLUMNS
        .iter()
        .map(|(column, _)| *column)
        .filter(|column| !shown(column))
        .map(str::to_owned)
        .collect();
    accounts::save_preferences(state.services.database.writer(), user.id, &preferences).await?;
    let next = pairs
        .iter()
        .find(|(name, _)| name == "next")
        .map(|(_, value)| value.as_str());
    Ok(see(own_address(next.unwrap_or(paths::PRODUCTS))))
}

pub async fn save_view(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let user = person(caller)?;
    let name = fields.remove("view").unwrap_or_default();
    let is_shared = fields.remove("shared").is_some() && user.role >= Role::Editor;
    let query = ProductQuery::take(&mut fields)?;
    let address = ProductSearch::of(query.clone()).address();
    match views::save(&state.services.database, &user, &name, &query, is_shared, &actor).await {
        Ok(()) => {
            say(&session, "View saved").await?;
            Ok(see(&address))
        }
        Err(error) => refused(&session, &address, error, Fields::from([("view".to_owned(), name)])).await,
    }
}

pub async fn delete_view(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(view): Path<String>,
) -> Result<Response, Refusal> {
    let user = person(caller)?;
    views::delete(&state.services.database, &user, id(&view, "saved view")?, &actor).await?;
    say(&session, "View deleted").await?;
    Ok(see(paths::PRODUCTS))
}

/// These belong to people; a key has none.
fn person(caller: Caller) -> Result<User, Problem> {
    match caller {
        Caller::User(user) => Ok(user),
        Caller::ApiKey(..) => Err(Problem::not_found("account")),
    }
}

/// Lines of the log that are fetched at once.
const AT_ONCE: u64 = 1_000;

/// The audit log as a CSV file, with the filters of its page.
pub async fn export_audit(
    method: Method,
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    params: Params,
) -> Result<Response, Refusal> {
    let query = params::read(params, AuditQuery::take)?;
    if method != Method::HEAD {
        audit::exported(&state.services.database, &query, &actor).await?;
    }
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, Error>>(2);
    let database = state.services.database.clone();
    tokio::spawn(async move {
        let mut head = true;
        let mut before = None;
        loop {
            let piece = audit::export(database.reader(), &query, before, AT_ONCE).await;
            let (bytes, last) = match piece {
                Ok(entries) => {
                    before = entries.last().map(|entry| entry.id);
                    let is_last = (entries.len() as u64) < AT_ONCE;
                    (audit::csv(&entries, std::mem::take(&mut head)), is_last)
                }
                Err(error) => (Err(error), true),
            };
            // Whoever has gone away needs no more of it.
            if sender.send(bytes).await.is_err() || last {
                return;
            }
        }
    });
    Ok(csv_file(
        "audit-log.csv",
        Body::from_stream(ReceiverStream::new(receiver)),
    ))
}
