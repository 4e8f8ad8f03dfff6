// cargo add axum standardwebhooks
use axum::http::{HeaderMap, StatusCode};
use standardwebhooks::Webhook;

// Router::new().route("/webhooks", axum::routing::post(receive))
pub async fn receive(headers: HeaderMap, body: String) -> StatusCode {
    let secret = std::env::var("WEBHOOK_SECRET").expect("WEBHOOK_SECRET is set"); // whsec_…
    let webhook = Webhook::new(&secret).expect("WEBHOOK_SECRET is a secret");
    // The body as it came: once parsed and printed again it may differ.
    match webhook.verify(body.as_bytes(), &headers) {
        // A call that comes again has the same webhook-id.
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::BAD_REQUEST,
    }
}
