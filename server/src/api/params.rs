//! Parameters as they stand in an address, checked one by one, so that each refusal names the one at fault.
//!
//! The structs describe them; they are read from the address by name (see [`stockroom::asked`]).

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use stockroom::asked::{self, Fields};
use stockroom::changes::Place;
use stockroom::imports::plan::BulkAction;
use stockroom::imports::preview::ChangeFilter;
use stockroom::page::{DEFAULT_SIZE, MAX_SIZE, PageRequest};
use stockroom::problem::Problem;
use stockroom::webhooks::DeliveryQuery;
use utoipa::IntoParams;

/// The parameters of a request, as axum hands them over.
pub type Params = Result<Query<BTreeMap<String, String>>, QueryRejection>;

/// Reads the parameters of a request with `read`, which must take out every one of them.
///
/// # Errors
/// Names the parameter that cannot be read, or that there is none of that name.
pub fn read<T>(params: Params, read: impl FnOnce(&mut Fields) -> Result<T, Problem>) -> Result<T, Problem> {
    let Query(mut fields) = params.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
    let value = read(&mut fields)?;
    match fields.keys().next() {
        None => Ok(value),
        Some(name) => {
            let advice = "The parameters are described at /docs.";
            Err(Problem::bad_request(format!("There is no parameter “{name}” here. {advice}")).with_field(name, advice))
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

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `wait` reads")]
pub struct IngestParams {
    /// Seconds to wait for the end, 0 to 60, 30 if not given.
    wait: Option<u64>,
    /// `true`: find out what the file would do, and change nothing.
    check: Option<bool>,
    /// Must be `true` with the mode `delete`, unless the file is checked first.
    confirm: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what is read with the corrections")]
pub struct CheckParams {
    /// `true`: find out what the rows would do and wait for `POST /imports/{id}/apply`.
    check: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `emptying` reads")]
pub struct EmptyingParams {
    /// Id of the catalogue into which the products go first, or `none`.
    move_to: Option<String>,
    /// Whether the products go into the bin first. Needs `confirm=true`.
    delete_products: Option<bool>,
    confirm: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `confirmed` reads")]
pub struct ConfirmParams {
    /// Must be `true`. Without it nothing happens and the answer is 400.
    confirm: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `confirmed` reads")]
pub struct MeantParams {
    /// Whether the tripwires that the check has found are known.
    confirm: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `planned` reads")]
pub struct ChangeParams {
    /// Of a file that was checked and waits: `create`, `update`, `restore` or `delete`.
    kind: Option<String>,
    /// Only changes of this field: `name`, `description`, `price`, `active` or `catalog`.
    field: Option<String>,
    /// Only changes that take a value away.
    cleared: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what `bodies::if_match` reads")]
pub struct IfMatch {
    /// `ETag` of the product as it was read. If it has changed since, nothing happens and the answer is 409.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `page` reads")]
pub struct PageParams {
    /// Cursor of the row after which the page begins: `next` of the page before.
    after: Option<String>,
    /// Cursor of the row before which the page ends: `prev` of the page after.
    before: Option<String>,
    /// Number of the page, from 1. Use cursors to go far.
    page: Option<u64>,
    /// Rows of a page, 1 to 100, 50 if not given.
    size: Option<u64>,
    /// The last page.
    last: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `ImportQuery::take` reads")]
pub struct ImportParams {
    /// `products`, `catalogs`, `bulk_delete`, `bulk_update` or `undo`.
    kind: Option<String>,
    /// `awaiting_confirmation`, `pending`, `processing`, `completed`, `failed`, `cancelled` or `undone`.
    status: Option<String>,
    /// Part of the name of the person or API key that began it, in any case.
    by: Option<String>,
    /// Part of the file's name, in any case.
    file: Option<String>,
    /// Begun on this day or at this moment, or later: `2026-11-20` or `2026-11-20T08:00:00Z`.
    from: Option<String>,
    /// Begun before this day or moment.
    to: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `forward` reads")]
pub struct ForwardParams {
    /// `next` of the page before.
    after: Option<String>,
    /// Changes of a page, 1 to 100, 50 if not given.
    size: Option<u64>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `DeliveryQuery::take` reads")]
pub struct DeliveryParams {
    /// `pending`, `retrying`, `delivered`, `failed` or `held`.
    status: Option<String>,
    /// Kind of the event, such as `product.updated`.
    event: Option<String>,
    /// First digit of the answer: 2 to 5, or 0 for no answer.
    code: Option<i64>,
    /// From this day or moment on: `2026-11-20` or `2026-11-20T08:00:00Z`.
    from: Option<String>,
    /// Before this day or moment.
    to: Option<String>,
    /// A message id, or the SKU or file that the event is about.
    q: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `ProductQuery::take` reads")]
pub struct ProductParams {
    /// Only these products: `7,12,30`.
    ids: Option<String>,
    /// Found anywhere in SKU, name or description, in any case; fewer than three letters at the beginning of SKU and name only.
    q: Option<String>,
    /// Beginning of the SKU, in any case.
    sku: Option<String>,
    /// Found anywhere in the name.
    name: Option<String>,
    /// Found anywhere in the description. Three letters or more.
    description: Option<String>,
    /// Only products that are for sale, or only those that are not.
    active: Option<bool>,
    /// Only products of this catalogue.
    catalog_id: Option<i64>,
    /// In the shop's currency: `12.50`.
    price_min: Option<String>,
    price_max: Option<String>,
    /// From this day or moment on: `2026-11-20` or `2026-11-20T08:00:00Z`.
    created_after: Option<String>,
    /// Before this day or moment.
    created_before: Option<String>,
    updated_after: Option<String>,
    updated_before: Option<String>,
    /// Created or changed by this import.
    import: Option<i64>,
    /// Those in the bin instead.
    deleted: Option<bool>,
    /// `sku`, `name`, `price`, `updated_at` or `id`, with `-` in front for the opposite order.
    sort: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what the export reads")]
pub struct ExportParams {
    /// `csv` or `xlsx`.
    format: Option<String>,
    /// Columns from left to right, for example `sku,name,price`.
    columns: Option<String>,
    /// A word of letters and digits under which the page of the same session asks how far the export is.
    progress: Option<String>,
}
