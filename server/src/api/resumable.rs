//! Resumable uploads, by tus 1.0 (<https://tus.io/protocols/resumable-upload>): a large file in as many requests as its connection needs. An
//! upload that is complete becomes an import by `POST /imports` with the field `upload`.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Extension, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use stockroom::audit::Actor;
use stockroom::problem::Problem;
use stockroom::services::Services;
use stockroom::uploads::{self, Upload};
use time::OffsetDateTime;
use time::macros::format_description;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::params::Path;
use super::respond::Refusal;
use crate::state::AppState;

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const EXTENSIONS: HeaderValue = HeaderValue::from_static("creation,termination,expiration");
pub const CHUNK: &str = "application/offset+octet-stream";

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");

const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create, abilities))
        .routes(routes!(look, send, delete, send_instead))
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(speak_tus))
}

/// Every answer names the version, and every request must, but for the one that asks for it.
async fn speak_tus(request: Request, next: Next) -> Response {
    let is_known = request.headers().get(TUS_RESUMABLE) == Some(&VERSION);
    let mut response = if is_known || request.method() == Method::OPTIONS {
        next.run(request).await
    } else {
        let detail = "This address speaks tus 1.0.0. Send the header Tus-Resumable: 1.0.0.";
        let mut refused = Refusal(Problem::new(412, "Another version of tus", detail)).into_response();
        refused.headers_mut().insert(TUS_VERSION, VERSION);
        refused
    };
    response.headers_mut().insert(TUS_RESUMABLE, VERSION);
    response
}

/// Says what of tus is spoken here.
///
/// And how large a file may be.
#[utoipa::path(options, path = "/uploads", tag = "uploads", operation_id = "get_upload_abilities",
    responses((status = 204, description = "In its headers",
        headers(("Tus-Version" = String), ("Tus-Extension" = String), ("Tus-Max-Size" = u64)))))]
pub async fn abilities(State(services): State<Services>) -> Response {
    let limit = HeaderValue::from(services.config.upload_limit);
    let headers = [
        (TUS_VERSION, VERSION),
        (TUS_EXTENSION, EXTENSIONS),
        (TUS_MAX_SIZE, limit),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Begins a resumable upload.
///
/// The answer's `Location` is where its bytes are sent. It is kept for a day after its last byte.
#[utoipa::path(post, path = "/uploads", tag = "uploads", operation_id = "begin_upload",
    params(("Tus-Resumable" = String, Header), ("Upload-Length" = u64, Header), ("Upload-Metadata" = Option<String>, Header)),
    responses((status = 201, description = "It is begun", headers(("Upload-Expires" = String))),
        (status = 409, description = "Too many uploads are begun"), (status = 412, description = "Another version of tus"),
        (status = 413, description = "The file is too large"), (status = 507, description = "The disk is nearly full")))]
pub async fn create(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let length = number(&headers, &UPLOAD_LENGTH)?;
    let metadata = match headers.get(UPLOAD_METADATA) {
        Some(metadata) => metadata.to_str().map_err(|_| unreadable(&UPLOAD_METADATA))?,
        None => "",
    };
    let upload = uploads::create(&services, &actor, length, metadata).await?;
    let mut response = (StatusCode::CREATED, [(UPLOAD_EXPIRES, expiry(&upload))]).into_response();
    if let Ok(address) = HeaderValue::from_str(&format!("/api/v1/uploads/{}", upload.id)) {
        response.headers_mut().insert(LOCATION, address);
    }
    Ok(response)
}

/// Says how far an upload is.
///
/// `Upload-Offset` of `Upload-Length` bytes are stored for good.
#[utoipa::path(head, path = "/uploads/{id}", tag = "uploads", operation_id = "get_upload",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header)),
    responses((status = 200, description = "In its headers",
            headers(("Upload-Offset" = u64), ("Upload-Length" = u64), ("Upload-Expires" = String))),
        (status = 412, description = "Another version of tus")))]
pub async fn look(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let upload = uploads::look(&services, &actor, &id).await?;
    let mut response = progress(StatusCode::OK, &upload);
    let headers = response.headers_mut();
    headers.insert(UPLOAD_LENGTH, HeaderValue::from(upload.length));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(metadata) = HeaderValue::from_str(&upload.metadata)
        && !metadata.is_empty()
    {
        headers.insert(UPLOAD_METADATA, metadata);
    }
    Ok(response)
}

/// Sends bytes of an upload.
///
/// From `Upload-Offset` on, as many as there are. What has arrived when the connection breaks is kept.
#[utoipa::path(patch, path = "/uploads/{id}", tag = "uploads", operation_id = "send_bytes",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header), ("Upload-Offset" = u64, Header)),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "They are stored", headers(("Upload-Offset" = u64), ("Upload-Expires" = String))),
        (status = 409, description = "The upload is at another offset"), (status = 412, description = "Another version of tus"),
        (status = 413, description = "More bytes than the upload was announced with"), (status = 415, description = "Another media type"),
        (status = 423, description = "Another request is sending"), (status = 507, description = "The disk is nearly full")))]
pub async fn send(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    if headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes) != Some(CHUNK.as_bytes()) {
        let detail = format!("Send the bytes as Content-Type: {CHUNK}.");
        return Err(Problem::new(415, "Not the type of a resumable upload", detail).into());
    }
    let offset = number(&headers, &UPLOAD_OFFSET)?;
    refuse_more_than_announced(&state.services, &actor, &id, &headers, offset).await?;
    // A process that goes down keeps what it has and lets the next one go on.
    let bytes = body.into_data_stream().take_until(state.stop.clone().cancelled_owned());
    let upload = uploads::receive(&state.services, &actor, &id, offset, Box::pin(bytes)).await?;
    Ok(progress(StatusCode::NO_CONTENT, &upload))
}

/// Ends an upload.
///
/// And removes what has arrived. One that has become an import only ends.
#[utoipa::path(delete, path = "/uploads/{id}", tag = "uploads", operation_id = "delete_upload",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header)),
    responses((status = 204, description = "It is gone"),
        (status = 412, description = "Another version of tus")))]
pub async fn delete(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    uploads::delete(&services, &actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends bytes of an upload, or ends it.
///
/// For where nothing but `GET` and `POST` gets through: `X-HTTP-Method-Override` says `PATCH` or `DELETE`.
#[utoipa::path(post, path = "/uploads/{id}", tag = "uploads", operation_id = "send_bytes_by_post",
    params(("id" = String, Path), ("Tus-Resumable" = String, Header), ("X-HTTP-Method-Override" = String, Header),
        ("Upload-Offset" = Option<u64>, Header)),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "It is done"), (status = 409, description = "The upload is at another offset"),
        (status = 412, description = "Another version of tus"), (status = 413, description = "More bytes than the upload was announced with"),
        (status = 415, description = "Another media type"), (status = 423, description = "Another request is sending"), (status = 507, description = "The disk is nearly full")))]
pub async fn send_instead(
    State(state): State<AppState>,
    actor: Extension<Actor>,
    id: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let instead = headers.get(METHOD_OVERRIDE).map(HeaderValue::as_bytes);
    match instead {
        Some(b"PATCH") => send(State(state), actor, id, headers, body).await,
        Some(b"DELETE") => Ok(delete(State(state.services.clone()), actor, id).await?.into_response()),
        _ => Err(unreadable(&METHOD_OVERRIDE).into()),
    }
}

/// Does not wait for bytes that cannot be taken anyway.
async fn refuse_more_than_announced(
    services: &Services,
    actor: &Actor,
    id: &str,
    headers: &HeaderMap,
    offset: u64,
) -> Result<(), Refusal> {
    let Some(coming) = headers.get(CONTENT_LENGTH) else {
        return Ok(());
    };
    let coming: u64 = coming.to_str().ok().and_then(|length| length.parse().ok()).unwrap_or(0);
    let upload = uploads::find(services, actor, id).await?;
    // An offset that is wrong is told as such.
    if offset == upload.stored && coming > upload.length - upload.stored {
        return Err(uploads::more_than_announced(upload.length).into());
    }
    Ok(())
}

fn progress(status: StatusCode, upload: &Upload) -> Response {
    let headers = [
        (UPLOAD_OFFSET, HeaderValue::from(upload.stored)),
        (UPLOAD_EXPIRES, expiry(upload)),
    ];
    (status, headers).into_response()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Problem> {
    let number = headers.get(name).and_then(|value| value.to_str().ok()?.parse().ok());
    number.ok_or_else(|| unreadable(name))
}

fn unreadable(name: &HeaderName) -> Problem {
    let (name, wanted) = match name.as_str() {
        "upload-length" => ("Upload-Length", "the number of bytes of the file"),
        "upload-offset" => ("Upload-Offset", "the number of bytes that are there already"),
        "x-http-method-override" => ("X-HTTP-Method-Override", "PATCH or DELETE"),
        _ => ("Upload-Metadata", "names and values, the values in Base64"),
    };
    Problem::bad_request(format!(
        "The header {name} is missing or cannot be read. Send {wanted}."
    ))
}

/// As HTTP writes moments.
fn expiry(upload: &Upload) -> HeaderValue {
    let format =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    let moment: OffsetDateTime = upload.expires_at.to_offset(time::UtcOffset::UTC);
    let text = moment.format(format).unwrap_or_default();
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}
