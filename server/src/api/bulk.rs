//! Many products at once: each request becomes a job, whose address is the answer.

use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use stockroom::audit::Actor;
use stockroom::imports::plan::{BulkAction, Selection};
use stockroom::imports::{self, Confirmation};
use stockroom::products::ProductQuery;
use stockroom::services::Services;

use super::bodies::{self, Body, BulkBody, BulkDeleteBody};
use super::import_views::ImportView;
use super::params::{self, ConfirmParams, Params, ProductParams};
use super::respond::Refusal;
use super::uploads::{accepted, idempotency_key};
use super::views::ProblemBody;

/// Moves all products that match into the bin, or all there are. Needs `confirm=true`.
#[utoipa::path(delete, path = "/products", tag = "products", params(ConfirmParams, ProductParams),
    responses((status = 202, body = ImportView), (status = 400, body = ProblemBody)))]
pub async fn delete(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Refusal> {
    let query = params::read(params, |fields| {
        if params::confirmed(fields)? {
            ProductQuery::take(fields)
        } else {
            Err(params::unconfirmed())
        }
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

/// The same as `DELETE /products`.
#[utoipa::path(delete, path = "/products/bulk", tag = "products", params(ConfirmParams, ProductParams),
    responses((status = 202, body = ImportView), (status = 400, body = ProblemBody)))]
pub async fn delete_bulk(
    services: State<Services>,
    actor: Extension<Actor>,
    headers: HeaderMap,
    params: Params,
) -> Result<Response, Refusal> {
    delete(services, actor, headers, params).await
}

/// Moves the products that are named, that match a filter, or all of them into the bin.
#[utoipa::path(post, path = "/products/bulk-delete", tag = "products", request_body = BulkDeleteBody,
    responses((status = 202, body = ImportView), (status = 400, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn delete_selected(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let selection = bodies::bulk_delete(body)?;
    begin(&services, actor, &headers, BulkAction::Delete, selection).await
}

/// Deletes, restores, activates, deactivates or moves products, or deletes them for good that are in the bin.
#[utoipa::path(post, path = "/products/bulk", tag = "products", request_body = BulkBody,
    responses((status = 202, body = ImportView), (status = 400, body = ProblemBody), (status = 422, body = ProblemBody)))]
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
