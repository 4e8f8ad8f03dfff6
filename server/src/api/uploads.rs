//! Uploads: a form with a file, under the addresses of several systems, becomes an import.

use app::draft::CATALOGUE_NAME;
use axum::Json;
use axum::extract::multipart::{Field, MultipartRejection};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Query, Request};
use axum::http::header::{CONTENT_LENGTH, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use stockroom::asked::{self, Fields};
use stockroom::audit::Actor;
use stockroom::catalogs;
use stockroom::imports::intake::{self, Intake, StopsAt, Stored};
use stockroom::imports::options::{ImportOptions, Mode};
use stockroom::imports::wish::Wish;
use stockroom::imports::{self, Import, ImportKind};
use stockroom::page::{MAX_SIZE, PageRequest};
use stockroom::problem::Problem;
use stockroom::products::fields::fits;
use stockroom::services::Services;
use tokio::time::timeout;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::import_views::{ImportView, IngestView};
use super::param_shapes::{IdempotencyKey, IngestParams, UploadParams};
use super::params;
use super::respond::Refusal;
use super::shapes::UploadForm;
use crate::state::AppState;

/// Fields besides the file that a form may have, and bytes of each.
const FIELDS_MAX: usize = 20;
const FIELD_MAX: usize = 1_000;
/// Characters of the name of a sheet; programs for workbooks allow 31.
const SHEET_MAX: usize = 250;
/// What a form may weigh besides its file.
const FORM_SLACK: u64 = 64 * 1024;

/// Every address that takes a file. They have their own limit of size.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(upload_products))
        .routes(routes!(upload))
        .routes(routes!(etl_products))
        .routes(routes!(etl_catalogs))
        .routes(routes!(ingest))
        .layer(DefaultBodyLimit::disable())
}

type Accepted = Result<Response, Refusal>;

/// A request that brings a file, not read yet.
pub struct Upload {
    state: AppState,
    actor: Actor,
    pub headers: HeaderMap,
    /// Parameters of the address.
    params: Fields,
    form: Result<Multipart, MultipartRejection>,
}

impl FromRequest<AppState> for Upload {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let not_signed_in = || Problem::new(401, "Not signed in", "Sign in to upload a file.");
        let actor = request.extensions().get::<Actor>().cloned().ok_or_else(not_signed_in)?;
        let params = Query::<Fields>::try_from_uri(request.uri());
        let Query(params) = params.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
        Ok(Self {
            state: state.clone(),
            actor,
            params,
            headers: request.headers().clone(),
            form: Multipart::from_request(request, state).await,
        })
    }
}

/// Imports a file.
///
/// Of products or, with `kind`, of catalogues. Answered as soon as the file is there; the import goes on in the background.
#[utoipa::path(post, path = "/imports", tag = "imports", operation_id = "create_import",
    params(UploadParams, IdempotencyKey), request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 202, body = ImportView, description = "The import")))]
pub async fn upload_products(upload: Upload) -> Accepted {
    take_in(upload, None, None).await.map(accepted)
}

/// Imports a file.
///
/// The same as `POST /imports`.
#[utoipa::path(post, path = "/upload", tag = "imports", operation_id = "upload",
    params(UploadParams, IdempotencyKey), request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 202, body = ImportView, description = "The import")))]
pub async fn upload(upload: Upload) -> Accepted {
    take_in(upload, None, None).await.map(accepted)
}

/// Imports a file of products.
///
/// The same as `POST /imports`, but that `kind` changes nothing.
#[utoipa::path(post, path = "/etl/products", tag = "imports", operation_id = "import_products",
    params(UploadParams, IdempotencyKey), request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 202, body = ImportView, description = "The import")))]
pub async fn etl_products(upload: Upload) -> Accepted {
    take_in(upload, Some(ImportKind::Products), None).await.map(accepted)
}

/// Imports a file of catalogues.
///
/// The same as `POST /imports` with the kind `catalogs`, whatever `kind` says.
#[utoipa::path(post, path = "/etl/catalogs", tag = "imports", operation_id = "import_catalogs",
    params(UploadParams, IdempotencyKey), request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 202, body = ImportView, description = "The import")))]
pub async fn etl_catalogs(upload: Upload) -> Accepted {
    take_in(upload, Some(ImportKind::Catalogs), None).await.map(accepted)
}

/// Imports a file and waits for the end.
///
/// Answers with the import, its problems and what became of the products; with `check=true`, what it would do. What takes longer than `wait`
/// seconds is answered with 202, and goes on. Also at the root of the site.
#[utoipa::path(post, path = "/ingest", tag = "imports", operation_id = "ingest",
    params(IngestParams, IdempotencyKey), request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 200, body = IngestView, description = "The import when it was over, or checked"),
        (status = 202, body = ImportView, description = "The import, which goes on")))]
pub async fn ingest(mut upload: Upload) -> Accepted {
    let wait = params::wait(&mut upload.params)?;
    let state = upload.state.clone();
    let import = take_in(upload, None, None).await?;
    let watch = state.services.watches.open(import.job_id).await?;
    let ended = tokio::select! {
        ended = timeout(wait, watch.end()) => ended.ok(),
        () = state.stop.cancelled() => None,
    };
    let Some(import) = ended else {
        return Ok(accepted(import));
    };
    let services = &state.services;
    let first = PageRequest {
        size: Some(MAX_SIZE),
        ..PageRequest::default()
    };
    let problems = imports::problems(services.reader(), import.job_id, &first).await?;
    Ok(Json(IngestView::new(import, problems.items)).into_response())
}

/// 202, with the import's address.
pub fn accepted(import: Import) -> Response {
    let address = format!("/api/v1/imports/{}", import.job_id);
    let mut response = (StatusCode::ACCEPTED, Json(ImportView::from(import))).into_response();
    if let Ok(address) = HeaderValue::from_str(&address) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

/// Streams the form's one file into the store and makes an import of it. Where `stops` is not given the request says it.
///
/// # Errors
/// When the form or the file is not what is needed; nothing of it is kept then.
pub async fn take_in(upload: Upload, kind: Option<ImportKind>, stops: Option<StopsAt>) -> Result<Import, Refusal> {
    let Upload {
        state,
        actor,
        headers,
        mut params,
        form,
    } = upload;
    let services = &state.services;
    let checks = asked::truth(&mut params, "check")?;
    let confirms = asked::truth(&mut params, "confirm")?;
    params::nothing_left(&params)?;
    let idempotency_key = idempotency_key(&actor, &headers)?;
    let mut form = form.map_err(|error| {
        Problem::bad_request(format!("{}. Send a form with a field called file.", error.body_text()))
    })?;
    let wish = Wish::File(kind);
    if let Some(import) = wish.known(&services.database, idempotency_key.as_deref()).await? {
        return Ok(import);
    }
    refuse_too_large(services, announced(&headers))?;
    services.disks.check(announced(&headers).unwrap_or(0)).await?;
    let (brought, mut fields) = read_form(services, &mut form).await?;
    let by_request = |checks| if checks { StopsAt::Check } else { StopsAt::Nothing };
    let named = name_catalog(services, &mut fields).await;
    let wish = || -> Result<_, Problem> {
        named?;
        let asked_for = kind_of(fields.remove("kind").as_deref())?;
        let kind = kind.unwrap_or(asked_for);
        let checks = checks.or(asked::truth(&mut fields, "check")?).unwrap_or(false);
        let is_confirmed = confirms.or(asked::truth(&mut fields, "confirm")?).unwrap_or(false);
        let sheet = sheet(&mut fields)?;
        let (stops, options) = (stops.unwrap_or(by_request(checks)), ImportOptions::take(&mut fields)?);
        if options.mode == Mode::Delete && stops == StopsAt::Nothing && !is_confirmed {
            return Err(params::unconfirmed());
        }
        Ok((kind, stops, sheet, options))
    };
    let (kind, stops, sheet, options) = match wish() {
        Ok(wish) => wish,
        Err(problem) => {
            brought.discard(services).await?;
            return Err(problem.into());
        }
    };
    let intake = Intake {
        kind,
        file_name: brought.file_name().to_owned(),
        created_by: actor,
        idempotency_key,
        options,
        stops,
        sheet,
    };
    let import = brought.begin(services, intake).await?;
    services.import_wake.wake();
    Ok(import)
}

/// The sheet that is meant, by its name.
fn sheet(fields: &mut Fields) -> Result<Option<String>, Problem> {
    let sheet = fields.remove("sheet").filter(|sheet| !sheet.is_empty());
    if sheet.as_ref().is_some_and(|sheet| !fits(sheet, SHEET_MAX)) {
        return Err(asked::unreadable("sheet", "Give at most 250 characters."));
    }
    Ok(sheet)
}

/// What a form brings: a file, or the id of an upload that is there.
enum Brought {
    File(String, Stored),
    Upload(String),
}

impl Brought {
    fn file_name(&self) -> &str {
        match self {
            Self::File(name, _) => name,
            Self::Upload(_) => "",
        }
    }

    async fn begin(self, services: &Services, intake: Intake) -> stockroom::error::Result<Import> {
        match self {
            Self::File(_, stored) => intake::begin(services, intake, stored).await,
            Self::Upload(id) => intake::begin_uploaded(services, intake, &id).await,
        }
    }

    /// An upload waits for another attempt.
    async fn discard(self, services: &Services) -> stockroom::error::Result<()> {
        match self {
            Self::File(_, stored) => intake::discard(&services.storage, stored).await,
            Self::Upload(_) => Ok(()),
        }
    }
}

/// A catalogue may be named in place of its id.
async fn name_catalog(services: &Services, fields: &mut Fields) -> Result<(), Problem> {
    let name = fields.remove(CATALOGUE_NAME).unwrap_or_default();
    if !name.trim().is_empty() {
        let id = catalogs::named(services.reader(), &name, "catalog_id").await?;
        fields.insert("catalog_id".to_owned(), id.to_string());
    }
    Ok(())
}

/// Keys are each caller's own.
pub fn idempotency_key(actor: &Actor, headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match key.to_str().map(str::trim) {
        // A tab inside is text to the header's own rules.
        Ok(key) if (1..=255).contains(&key.len()) && !key.contains('\t') => Ok(Some(format!("{} {key}", actor.name))),
        _ => Err(Problem::bad_request(
            "Idempotency-Key must be 1 to 255 letters, digits, spaces and signs of ASCII.",
        )),
    }
}

/// Bytes of the form.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Does not wait for the last byte of what cannot be taken anyway.
fn refuse_too_large(services: &Services, announced: Option<u64>) -> Result<(), Problem> {
    let limit = services.config.upload_limit;
    if announced.is_some_and(|length| length > limit + FORM_SLACK) {
        let message = format!("The selected file must be smaller than {} MB.", limit / 1024 / 1024);
        return Err(Problem::new(413, "The file is too large", message.clone()).with_field("file", message));
    }
    Ok(())
}

fn kind_of(named: Option<&str>) -> Result<ImportKind, Problem> {
    match named.map(str::trim) {
        None | Some("" | "products") => Ok(ImportKind::Products),
        Some("catalogs") => Ok(ImportKind::Catalogs),
        Some(_) => Err(Problem::bad_request("kind must be products or catalogs.")
            .with_field("kind", "Choose products or catalogs.")),
    }
}

/// The file, or the upload in its place, and the other fields.
async fn read_form(services: &Services, form: &mut Multipart) -> Result<(Brought, Fields), Refusal> {
    let mut file: Option<(String, Stored)> = None;
    let read = fields(services, form, &mut file).await;
    let brought = file.map(|(name, stored)| Brought::File(name, stored));
    let refused = match read {
        Ok(mut others) => match (brought, asked::take(&mut others, "upload")) {
            (Some(file), Ok(None)) => return Ok((file, others)),
            (None, Ok(Some(upload))) => return Ok((Brought::Upload(upload), others)),
            (None, Ok(None)) => return Err(nothing_brought().into()),
            (brought, Ok(Some(_))) => (
                Problem::bad_request("Send a file or name an upload, not both.").into(),
                brought,
            ),
            (brought, Err(problem)) => (problem.into(), brought),
        },
        Err(refusal) => (refusal, brought),
    };
    let (refusal, brought) = refused;
    if let Some(brought) = brought {
        brought.discard(services).await?;
    }
    Err(refusal)
}

fn nothing_brought() -> Problem {
    Problem::bad_request("The form has no file. Send it in a field called file.").with_field("file", "Select a file.")
}

async fn fields(
    services: &Services,
    form: &mut Multipart,
    file: &mut Option<(String, Stored)>,
) -> Result<Fields, Refusal> {
    let mut others = Fields::new();
    for _ in 0..FIELDS_MAX {
        let Some(field) = form.next_field().await.map_err(broken)? else {
            return Ok(others);
        };
        match field.name() {
            Some("file") if file.is_some() => return Err(Problem::bad_request("Send one file at a time.").into()),
            Some("file") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                // A browser without script sends an empty field when nothing was chosen.
                let chosen = !name.is_empty();
                let stored = intake::receive(&services.storage, services.config.upload_limit, field).await?;
                if chosen || !stored.is_empty() {
                    *file = Some((name, stored));
                } else {
                    intake::discard(&services.storage, stored).await?;
                }
            }
            Some(name) => {
                let name = name.to_owned();
                others.insert(name, text(field).await?);
            }
            None => drop(text(field).await?),
        }
    }
    Err(Problem::bad_request("The form has too many fields. Send the file in a field called file.").into())
}

/// A small field's text.
async fn text(mut field: Field<'_>) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FIELD_MAX {
            return Err(
                Problem::bad_request("A field of the form is too long. Send the file in a field called file.").into(),
            );
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn broken(error: axum::extract::multipart::MultipartError) -> Problem {
    tracing::info!(%error, "an upload form could not be read");
    Problem::bad_request("The form broke off or is damaged. Nothing was kept. Upload the file again.")
}
