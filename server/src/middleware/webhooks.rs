//! What requests have to do with webhooks: after each that may have changed something, whoever sends looks whether there is something to
//! send; and one that comes from a webhook itself goes no further, so that a server cannot call itself for ever.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use stockroom::problem::Problem;
use stockroom::services::Services;
use stockroom::webhooks::client::HOP;

use crate::api::respond::Refusal;

pub async fn watch(State(services): State<Services>, request: Request, next: Next) -> Response {
    if request.headers().contains_key(HOP) {
        let detail = "This is a call of a webhook of Stockroom to Stockroom. Enter another address for the webhook.";
        return Refusal(Problem::new(508, "A webhook calls its own server", detail)).into_response();
    }
    let is_change = !request.method().is_safe();
    let response = next.run(request).await;
    if is_change {
        services.webhook_wake.wake();
    }
    response
}
