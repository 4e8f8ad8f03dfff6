//! Many products at once: each request becomes a job, whose address is the answer.

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use stockroom::audit::Actor;
use stockroom::imports::plan::{BulkAction, Selection};
use stockroom::imports::{self, Confirmation};
use stockroom::products::ProductQuery;
use stockroom::services::Services;

use super::bodies::{self, Body};
use super::import_views::ImportView;
use super::param_shapes::{ConfirmParams, IdempotencyKey, ProductParams};
use super::params::{self, Params};
use super::respond::Refusal;
use super::shapes::{BulkBody, BulkDeleteBody};
use super::uploads::{accepted, idempotency_key};

/// Deletes all products that match.
///
/// They go into the bin; without a filter, all there are. Needs `confirm=true`.
#[utoipa::path(delete, path = "/products", tag = "products", operation_id = "delete_products",
    params(ConfirmParams, ProductParams, IdempotencyKey),
    responses((status = 202, body = ImportView, description = "The job that deletes them"),
        (status = 409, description = "The search cannot say exactly which products match"),
        (status = 422, description = "The products are in the bin already")))]
pub async fn delete(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Refusal> {
    let query = params::read(params, |fields| {
        if !params::confirmed(fields)? {
            return Err(params::unconfirmed());
        }
        params::nothing_blank(fields)?;
        ProductQuery::take(fields)
    })?;
    begin(
        &services,
        actor,
        &headers,
        BulkAction::Delete,
        Selection::Matching(Box::new(query)),
    )
    .await
}

/// Deletes all products that match.
///
/// The same as `DELETE /products`.
#[utoipa::path(delete, path = "/products/bulk", tag = "products", operation_id = "delete_products_in_bulk",
    params(ConfirmParams, ProductParams, IdempotencyKey),
    responses((status = 202, body = ImportView, description = "The job that deletes them"),
        (status = 409, description = "The search cannot say exactly which products match"),
        (status = 422, description = "The products are in the bin already")))]
pub async fn delete_bulk(
    services: State<Services>,
    actor: Extension<Actor>,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Refusal> {
    delete(services, actor, headers, params).await
}

/// Deletes the products that are named.
///
/// By their ids, by a filter, or all of them. They go into the bin.
#[utoipa::path(post, path = "/products/bulk-delete", tag = "products", operation_id = "delete_selected_products",
    params(IdempotencyKey), request_body = BulkDeleteBody,
    responses((status = 202, body = ImportView, description = "The job that deletes them"),
        (status = 409, description = "The search cannot say exactly which products match")))]
pub async fn delete_selected(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let selection = bodies::bulk_delete(body)?;
    begin(&services, actor, &headers, BulkAction::Delete, selection).await
}

/// Does one thing to many products.
///
/// Deletes, restores, activates, deactivates or moves them, or deletes them for good that are in the bin.
#[utoipa::path(post, path = "/products/bulk", tag = "products", operation_id = "act_on_products",
    params(IdempotencyKey), request_body = BulkBody,
    responses((status = 202, body = ImportView, description = "The job that does it"),
        (status = 409, description = "The search cannot say exactly which products match, or webhooks have yet to be told of those to be purged")))]
pub async fn act(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (action, selection) = bodies::bulk(body)?;
    begin(&services, actor, &headers, action, selection).await
}

async fn begin(
    services: &Services,
    actor: Actor,
    headers: &HeaderMap,
    action: BulkAction,
    selection: Selection,
) -> Result<Response, Refusal> {
    let confirmation = Confirmation {
        idempotency_key: idempotency_key(&actor, headers)?,
        by: actor,
        is_given: true,
    };
    let job = imports::plan_bulk(&services.database, action, selection, None, confirmation).await?;
    services.import_wake.wake();
    Ok(accepted(job))
}
