//! What the forms of products and catalogues post to.

use std::collections::BTreeMap;

use app::paths;
use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use serde::Deserialize;
use stockroom::error::Error;
use stockroom::problem::Problem;
use stockroom::products::{asked, draft};
use stockroom::{catalogs, products};
use tower_sessions::Session;

use super::forms::{again, say, see};
use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::middleware::authenticate::Caller;
use crate::state::AppState;

type Fields = BTreeMap<String, String>;

pub async fn create_product(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    session: Session,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let typed = fields.clone();
    let once = asked::take(&mut fields, "once")?;
    let text = draft::from_form(&mut fields)?;
    let database = &state.services.database;
    // The form carries a key of its own: a second click, or a reload, adds no second product.
    let created = match once {
        Some(once) => products::create_once(database, &text, &caller.name(), &format!("form {once}")).await,
        None => products::create(database, &text, &caller.name()).await,
    };
    match created {
        Ok(product) => {
            say(&session, "Product added").await?;
            Ok(see(&paths::product(product.id)))
        }
        Err(error) => refused(&session, paths::NEW_PRODUCT, error, typed).await,
    }
}

pub async fn update_product(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    session: Session,
    Path(product): Path<String>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let product = id(&product, "product")?;
    let typed = fields.clone();
    let version = asked::number(&mut fields, "version")?;
    let text = draft::from_form(&mut fields)?;
    match products::update(&state.services.database, product, version, &text, &caller.name()).await {
        Ok(saved) => {
            let word = if Some(saved.version) == version {
                "Nothing was changed"
            } else {
                "Product saved"
            };
            say(&session, word).await?;
            Ok(see(&paths::product(product)))
        }
        Err(error) => refused(&session, &paths::product(product), error, typed).await,
    }
}

#[derive(Deserialize)]
pub struct Seen {
    #[serde(default)]
    version: String,
}

pub async fn delete_product(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    session: Session,
    Path(product): Path<String>,
    Form(seen): Form<Seen>,
) -> Result<Response, Refusal> {
    let product = id(&product, "product")?;
    let deleted = products::delete(
        &state.services.database,
        product,
        seen.version.parse().ok(),
        &caller.name(),
    )
    .await;
    match deleted {
        Ok(()) => {
            say(&session, "Product moved to the bin").await?;
            Ok(see(&paths::product(product)))
        }
        Err(error) => refused(&session, &paths::product(product), error, Fields::new()).await,
    }
}

pub async fn restore_product(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    session: Session,
    Path(product): Path<String>,
) -> Result<Response, Refusal> {
    let product = id(&product, "product")?;
    products::restore(&state.services.database, product, &caller.name()).await?;
    say(&session, "Product restored").await?;
    Ok(see(&paths::product(product)))
}

pub async fn create_catalogue(
    State(state): State<AppState>,
    session: Session,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let name = fields.get("name").map_or("", String::as_str);
    match catalogs::create(state.services.database.writer(), name).await {
        Ok(_) => {
            say(&session, "Catalogue added").await?;
            Ok(see(paths::CATALOGUES))
        }
        Err(error) => refused(&session, paths::CATALOGUES, error, fields).await,
    }
}

pub async fn rename_catalogue(
    State(state): State<AppState>,
    session: Session,
    Path(catalogue): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let catalogue = id(&catalogue, "catalogue")?;
    let name = fields.get("name").map_or("", String::as_str);
    match catalogs::rename(state.services.database.writer(), catalogue, name).await {
        Ok(_) => {
            say(&session, "Catalogue renamed").await?;
            Ok(see(&paths::catalogue(catalogue)))
        }
        Err(error) => refused(&session, &paths::catalogue(catalogue), error, fields).await,
    }
}

pub async fn delete_catalogue(
    State(state): State<AppState>,
    session: Session,
    Path(catalogue): Path<String>,
) -> Result<Response, Refusal> {
    let catalogue = id(&catalogue, "catalogue")?;
    match catalogs::delete(&state.services.database, catalogue).await {
        Ok(()) => {
            say(&session, "Catalogue deleted").await?;
            Ok(see(paths::CATALOGUES))
        }
        Err(error) => refused(&session, &paths::catalogue(catalogue), error, Fields::new()).await,
    }
}

/// A refusal goes back to the form, with what was typed; what is not there, and what is our fault, is answered as it is.
async fn refused(session: &Session, address: &str, error: Error, typed: Fields) -> Result<Response, Refusal> {
    match error {
        Error::Refused(problem) if problem.status != 404 => keep(session, address, problem, &typed).await,
        other => Err(other.into()),
    }
}

async fn keep(session: &Session, address: &str, problem: Problem, typed: &Fields) -> Result<Response, Refusal> {
    let typed: Vec<(&str, &str)> = typed
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    again(session, address, problem, &typed).await
}
