//! What the forms of products and catalogues post to.

use app::draft::{CATALOGUE_NAME, price_field};
use app::paths;
use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use serde::Deserialize;
use stockroom::asked;
use stockroom::audit::Actor;
use stockroom::database::Database;
use stockroom::error::Error;
use stockroom::problem::Problem;
use stockroom::products::draft::{self, ProductText};
use stockroom::services::Services;
use stockroom::{catalogs, products};
use tower_sessions::Session;

use super::forms::{Fields, field, own_address, refused, say, see};
use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::state::AppState;

pub async fn create_product(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refusal> {
    if let Err(error) = look_up_catalogue(&state.services, &mut fields, "catalog_id", "").await {
        return refused(&session, paths::NEW_PRODUCT, error, fields).await;
    }
    let mut typed = fields.clone();
    let once = asked::take(&mut fields, "once")?;
    let next = fields.remove("next");
    let text = draft::from_form(&mut fields)?;
    let database = &state.services.database;
    // The form carries a key of its own: a second click, or a reload, adds no second product.
    let created = match once {
        Some(once) => products::create_once(database, &text, &actor, &format!("form {once}")).await,
        None => products::create(database, &text, &actor).await,
    };
    match created {
        Ok(product) => {
            say(&session, "Product added").await?;
            Ok(see(&next_or(next.as_deref(), paths::product(product.id))))
        }
        Err(error) => {
            // The form gets another key: under this one something may have been added that is not there any more, or is something else. That
            // nothing is added twice is seen to by its SKU.
            typed.remove("once");
            refused(&session, paths::NEW_PRODUCT, error, typed).await
        }
    }
}

/// A catalogue whose name was typed is put into `field` by its id, as if it had been chosen from a list; `none` stands for a blank name.
pub(super) async fn look_up_catalogue(
    services: &Services,
    fields: &mut Fields,
    field: &str,
    none: &str,
) -> Result<(), Error> {
    let Some(name) = fields.get(CATALOGUE_NAME).map(|name| name.trim()) else {
        return Ok(());
    };
    let value = if name.is_empty() {
        none.to_owned()
    } else {
        catalogs::named(services.reader(), name, field).await?.to_string()
    };
    fields.insert(field.to_owned(), value);
    Ok(())
}

/// Back to where a form was opened, or to what it is about.
fn next_or(next: Option<&str>, own: String) -> String {
    next.map_or(own, |next| own_address(next).to_owned())
}

pub async fn update_product(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(product): Path<String>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let product = id(&product, "product")?;
    let own = paths::product_from(product, field(&fields, paths::TABLE));
    let database = &state.services.database;
    if let Err(error) = look_up_catalogue(&state.services, &mut fields, "catalog_id", "").await {
        return refused_edit(&session, database, (product, &own), error, fields).await;
    }
    let typed = fields.clone();
    let version = asked::number(&mut fields, "version")?;
    let next = fields.remove("next");
    let text = draft::from_form(&mut fields)?;
    let saved = if fields.contains_key("restore") {
        products::restore_and_update(database, product, version, &text, &actor).await
    } else {
        products::update(database, product, version, &text, &actor).await
    };
    match saved {
        Ok(saved) => {
            let word = if Some(saved.version) == version {
                "Nothing was changed"
            } else {
                "Product saved"
            };
            say(&session, word).await?;
            Ok(see(&next_or(next.as_deref(), own)))
        }
        Err(error) => refused_edit(&session, database, (product, &own), error, typed).await,
    }
}

/// What was typed is kept: in the product's own form, also while it is in the bin, or in the form for a new one where it is gone for good.
async fn refused_edit(
    session: &Session,
    database: &Database,
    (product, own): (i64, &str),
    error: Error,
    typed: Fields,
) -> Result<Response, Refusal> {
    let is_gone = match products::get_anywhere(database.writer(), product).await {
        Err(Error::Refused(problem)) => problem.status == 404,
        _ => false,
    };
    if is_gone && typed.contains_key("version") {
        return begin_anew(session, typed).await;
    }
    refused(session, own, why_gone(database, product, error).await, typed).await
}

/// A product that is in the bin can be had back, so what was typed for it is kept.
async fn why_gone(database: &Database, product: i64, error: Error) -> Error {
    match error {
        Error::Refused(problem) if problem.status == 404 => {
            match products::binned_meanwhile(database.writer(), product).await {
                Ok(Some(conflict)) => conflict.into(),
                Ok(None) => {
                    let detail = "This product was in the bin a moment ago and is back, so nothing was saved. Look at it, and save again what is right.";
                    Problem::conflict(detail).with_field("version", detail).into()
                }
                Err(_) => problem.into(),
            }
        }
        other => other,
    }
}

/// What was typed for a product that is gone for good stands in the form for a new one.
async fn begin_anew(session: &Session, mut typed: Fields) -> Result<Response, Refusal> {
    typed.retain(|name, _| !["version", "restore", "next", paths::TABLE].contains(&name.as_str()));
    let detail = "This product was deleted for good while you were editing it, so nothing was saved. What you typed stands below: add it as a new \
        product, or leave the page.";
    refused(session, paths::NEW_PRODUCT, Problem::conflict(detail).into(), typed).await
}

#[derive(Deserialize)]
pub struct Seen {
    #[serde(default)]
    version: String,
    #[serde(default)]
    next: Option<String>,
}

pub async fn delete_product(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(product): Path<String>,
    Form(seen): Form<Seen>,
) -> Result<Response, Refusal> {
    let product = id(&product, "product")?;
    let deleted = products::delete(&state.services.database, product, seen.version.parse().ok(), &actor).await;
    match deleted {
        Ok(()) => {
            say(&session, "Product moved to the bin").await?;
            Ok(see(&next_or(seen.next.as_deref(), paths::product(product))))
        }
        Err(error) => refused(&session, &paths::product(product), error, Fields::new()).await,
    }
}

pub async fn restore_product(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(product): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let product = id(&product, "product")?;
    products::restore(&state.services.database, product, &actor).await?;
    say(&session, "Product restored").await?;
    let next = fields.get("next").map(String::as_str);
    Ok(see(&next_or(next, paths::product(product))))
}

pub async fn create_catalogue(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let name = field(&fields, "name");
    match catalogs::create(&state.services.database, name, &actor).await {
        Ok(_) => {
            say(&session, "Catalogue added").await?;
            Ok(see(paths::CATALOGUES))
        }
        Err(error) => refused(&session, paths::CATALOGUES, error, fields).await,
    }
}

pub async fn rename_catalogue(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(catalogue): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let catalogue = id(&catalogue, "catalogue")?;
    let name = field(&fields, "name");
    match catalogs::rename(&state.services.database, catalogue, name, &actor).await {
        Ok(_) => {
            say(&session, "Catalogue renamed").await?;
            Ok(see(&paths::catalogue(catalogue)))
        }
        Err(error) => refused(&session, &paths::catalogue(catalogue), error, fields).await,
    }
}

pub async fn purge_product(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(product): Path<String>,
) -> Result<Response, Refusal> {
    let product = id(&product, "product")?;
    match products::purge(&state.services.database, product, &actor).await {
        Ok(()) => {
            say(&session, "Product deleted for good").await?;
            Ok(see(paths::PRODUCTS))
        }
        Err(error) => refused(&session, &paths::product(product), error, Fields::new()).await,
    }
}

/// One field of one row of the table: its price, or whether it is active. Goes back to the page of the table.
pub async fn change_row(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(product): Path<String>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let product = id(&product, "product")?;
    let next = fields.remove("next").unwrap_or_default();
    let version = asked::number(&mut fields, "version")?;
    let database = &state.services.database;
    let change = ProductText {
        price: fields.remove("price"),
        active: asked::truth(&mut fields, "active")?,
        ..ProductText::default()
    };
    match products::update(database, product, version, &change, &actor).await {
        Ok(product) => {
            say(&session, &format!("{} saved", product.sku)).await?;
            Ok(see(own_address(&next)))
        }
        Err(error) => {
            let error = why_gone(database, product, error).await;
            refuse_row(&session, database, product, own_address(&next), error, change.price).await
        }
    }
}

/// Letters of a price that are repeated in words.
const PRICE_SHOWN: usize = 40;

/// The table is shown again with what is wrong with which product, and with the price that was typed: also in words, because the row of a
/// product that somebody else has changed may stand on another page.
async fn refuse_row(
    session: &Session,
    database: &Database,
    product: i64,
    address: &str,
    error: Error,
    price: Option<String>,
) -> Result<Response, Refusal> {
    let mut typed = Fields::new();
    let error = match error {
        Error::Refused(problem) if problem.status != 404 => {
            let there = products::get_anywhere(database.writer(), product).await?;
            let mut message = match (problem.status, problem.errors.first()) {
                (422, Some(error)) => format!("{}: {}", there.sku, error.message),
                _ => format!("{}: {}", there.sku, problem.detail),
            };
            if let (409, Some(price)) = (problem.status, &price) {
                let typed: String = price.chars().take(PRICE_SHOWN).collect();
                message = format!("{message} You typed {typed}.");
            }
            let field = match price {
                Some(price) if there.deleted_at.is_none() => {
                    let field = price_field(product);
                    typed.insert(field.clone(), price);
                    field
                }
                _ => "version".to_owned(),
            };
            let told = Problem::new(problem.status, &problem.title, message.clone());
            told.with_field(&field, message).into()
        }
        other => other,
    };
    refused(session, address, error, typed).await
}
