//! Parameters as they stand in an address, checked one by one, so that each refusal names the one at fault.
//!
//! They are read from the address by name (see [`stockroom::asked`]), and described in `param_shapes`.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use stockroom::asked::{self, Fields};
use stockroom::changes::Place;
use stockroom::imports::plan::BulkAction;
use stockroom::imports::preview::ChangeFilter;
use stockroom::page::{DEFAULT_SIZE, MAX_SIZE, PageRequest};
use stockroom::problem::Problem;
use stockroom::webhooks::DeliveryQuery;

use super::respond::Refusal;

/// The parameters of a request, as axum hands them over.
pub type Params = Result<Query<BTreeMap<String, String>>, QueryRejection>;

/// What stands in the path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Refusal))]
pub struct Path<T>(pub T);

/// Reads the parameters of a request with `read`, which must take out every one of them.
///
/// # Errors
/// Names the parameter that cannot be read, or that there is none of that name.
pub fn read<T>(params: Params, read: impl FnOnce(&mut Fields) -> Result<T, Problem>) -> Result<T, Problem> {
    let Query(mut fields) = params.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
    let value = read(&mut fields)?;
    nothing_left(&fields).map(|()| value)
}

/// # Errors
/// Names a parameter that nobody has read.
pub fn nothing_left(fields: &Fields) -> Result<(), Problem> {
    match fields.keys().next() {
        None => Ok(()),
        Some(name) => {
            let advice = "The parameters are described at /docs.";
            Err(Problem::bad_request(format!("There is no parameter “{name}” here. {advice}")).with_field(name, advice))
        }
    }
}

/// What was meant as some products must not become all of them.
///
/// # Errors
/// Names a parameter without a value.
pub fn nothing_blank(fields: &Fields) -> Result<(), Problem> {
    match fields.iter().find(|(_, value)| value.trim().is_empty()) {
        None => Ok(()),
        Some((name, _)) => {
            let advice = "Give it a value, or leave it out.";
            let detail = format!("The parameter “{name}” is empty. {advice} Nothing was deleted.");
            Err(Problem::bad_request(detail).with_field(name, advice))
        }
    }
}

/// A number in a path. Whatever is none is the address of nothing.
///
/// # Errors
/// 404.
pub fn id(text: &str, what: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::not_found(what))
}

/// # Errors
/// Names the parameter that cannot be read.
pub fn page(fields: &mut Fields) -> Result<PageRequest, Problem> {
    Ok(PageRequest {
        // Blanks belong to a cursor.
        after: fields.remove("after").filter(|text| !text.is_empty()),
        before: fields.remove("before").filter(|text| !text.is_empty()),
        page: asked::number(fields, "page")?,
        size: asked::number(fields, "size")?,
        last: asked::truth(fields, "last")?.unwrap_or(false),
    })
}

/// A place in the changes of a job, and how many are wanted.
///
/// # Errors
/// Names the parameter that cannot be read.
pub fn forward(fields: &mut Fields) -> Result<(Place, u64), Problem> {
    let size = asked::number(fields, "size")?.unwrap_or(DEFAULT_SIZE);
    if !(1..=MAX_SIZE).contains(&size) {
        return Err(asked::unreadable("size", "Choose a page size from 1 to 100."));
    }
    let place = match asked::take(fields, "after")? {
        None => Place::BEGINNING,
        Some(text) => Place::parse(&text)
            .ok_or_else(|| asked::unreadable("after", "Use the `next` of the page before as it was given."))?,
    };
    Ok((place, size))
}

/// Which changes of a file that was checked are wanted, after which place, and how many.
///
/// # Errors
/// Names the parameter that cannot be read.
pub fn planned(fields: &mut Fields) -> Result<(ChangeFilter, i64, u64), Problem> {
    let size = asked::number(fields, "size")?.unwrap_or(DEFAULT_SIZE);
    if !(1..=MAX_SIZE).contains(&size) {
        return Err(asked::unreadable("size", "Choose a page size from 1 to 100."));
    }
    let after: u64 = asked::number(fields, "after")?.unwrap_or(0);
    Ok((
        ChangeFilter::take(fields)?,
        i64::try_from(after).unwrap_or(i64::MAX),
        size,
    ))
}

/// Which deliveries of a webhook are wanted.
///
/// # Errors
/// Names the parameter that cannot be read.
pub fn deliveries(fields: &mut Fields) -> Result<(DeliveryQuery, PageRequest), Problem> {
    Ok((DeliveryQuery::take(fields)?, page(fields)?))
}

/// What becomes of the products of a catalogue that goes.
///
/// # Errors
/// Names the parameter that cannot be read, and 400 for a deletion that is not confirmed.
pub fn emptying(fields: &mut Fields) -> Result<Option<BulkAction>, Problem> {
    let deletes = asked::truth(fields, "delete_products")?.unwrap_or(false);
    let confirmed = confirmed(fields)?;
    let target = match asked::take(fields, "move_to")?.as_deref() {
        None => None,
        Some("none") => Some(None),
        Some(text) => {
            Some(Some(text.parse().map_err(|_| {
                asked::unreadable("move_to", "Give the id of a catalogue, or none.")
            })?))
        }
    };
    match (target, deletes) {
        (Some(_), true) => Err(Problem::bad_request("Give either move_to or delete_products.")),
        (Some(catalog_id), false) => Ok(Some(BulkAction::Move { catalog_id })),
        (None, true) if !confirmed => Err(unconfirmed()),
        (None, true) => Ok(Some(BulkAction::Delete)),
        (None, false) => Ok(None),
    }
}

/// # Errors
/// When it is neither true nor false.
pub fn confirmed(fields: &mut Fields) -> Result<bool, Problem> {
    Ok(asked::truth(fields, "confirm")?.unwrap_or(false))
}

/// What many products lose their place in the lists by must be meant.
#[must_use]
pub fn unconfirmed() -> Problem {
    let advice = "Send confirm=true to say that you mean it.";
    Problem::bad_request(format!(
        "This deletes many products at once. {advice} Nothing was deleted."
    ))
    .with_field("confirm", advice)
}

/// How long an answer may be held back until an import is over.
///
/// # Errors
/// When it is no number of seconds from 0 to 60.
pub fn wait(fields: &mut Fields) -> Result<Duration, Problem> {
    match asked::number(fields, "wait")?.unwrap_or(30) {
        seconds @ 0..=60 => Ok(Duration::from_secs(seconds)),
        _ => Err(asked::unreadable("wait", "Give seconds from 0 to 60.")),
    }
}
