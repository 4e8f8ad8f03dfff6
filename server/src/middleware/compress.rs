//! Answers are packed for those who take them so.

use axum::body::Body;
use axum::http::Response;
use axum::http::header::CONTENT_ENCODING;
use tower::Layer;
use tower::util::{MapResponse, MapResponseLayer};
use tower_http::compression::{Compression, CompressionBody, CompressionLayer, CompressionLevel};

type Unwrap = fn(Response<CompressionBody<Body>>) -> Response<Body>;

/// Packs what is worth it: no streams of events, and no pictures.
pub fn layer<S>() -> impl Layer<S, Service = MapResponse<Compression<S>, Unwrap>> + Clone {
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest);
    (MapResponseLayer::new(unwrap as Unwrap), compression)
}

/// What is not packed is not wrapped in what packs either: that takes more memory than a stream of events does otherwise.
fn unwrap(response: Response<CompressionBody<Body>>) -> Response<Body> {
    if response.headers().contains_key(CONTENT_ENCODING) {
        response.map(Body::new)
    } else {
        response.map(CompressionBody::into_inner)
    }
}
