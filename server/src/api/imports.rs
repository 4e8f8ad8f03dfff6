//! Imports: how they are going and what came of them.

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use stockroom::audit::Actor;
use stockroom::changes::{self, Place};
use stockroom::imports::preview::ChangeFilter;
use stockroom::imports::query::ImportQuery;
use stockroom::imports::{self, Answer, Confirmation, Import, ImportStatus};
use stockroom::services::Services;
use tokio_stream::wrappers::ReceiverStream;

use super::downloads::{csv_file, download, workbook};
use super::import_views::{ImportChangeView, ImportView};
use super::params::{self, ChangeParams, ForwardParams, ImportParams, MeantParams, PageParams, Params, id};
use super::respond::Refusal;
use super::uploads::{accepted, idempotency_key};
use super::views::{PageView, ProblemBody, ProblemView};

/// Imports and other jobs, the newest first.
#[utoipa::path(get, path = "/imports", tag = "imports", params(PageParams, ImportParams),
    responses((status = 200, body = PageView<ImportView>), (status = 400, body = ProblemBody)))]
pub async fn list(State(services): State<Services>, params: Params) -> Result<Json<PageView<ImportView>>, Refusal> {
    let (query, page) = params::read(params, |fields| Ok((ImportQuery::take(fields)?, params::page(fields)?)))?;
    Ok(Json(imports::list(services.reader(), &query, &page).await?.into()))
}

/// One import.
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", params(("id" = i64, Path)),
    responses((status = 200, body = ImportView), (status = 404, body = ProblemBody)))]
pub async fn get(State(services): State<Services>, Path(import): Path<String>) -> Result<Json<ImportView>, Refusal> {
    Ok(Json(
        services
            .live
            .see(services.reader(), id(&import, "import")?)
            .await?
            .into(),
    ))
}

/// The same as `GET /imports/{id}`.
#[utoipa::path(get, path = "/jobs/{id}", tag = "imports", params(("id" = i64, Path)),
    responses((status = 200, body = ImportView), (status = 404, body = ProblemBody)))]
pub async fn job(services: State<Services>, import: Path<String>) -> Result<Json<ImportView>, Refusal> {
    get(services, import).await
}

/// Stop an import. Rows that are already applied stay.
#[utoipa::path(post, path = "/imports/{id}/cancel", tag = "imports", params(("id" = i64, Path)),
    responses((status = 202, body = ImportView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn cancel(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
) -> Result<(StatusCode, Json<ImportView>), Refusal> {
    let import = imports::cancel(&services, id(&import, "import")?, &actor).await?;
    Ok((StatusCode::ACCEPTED, Json(import.into())))
}

/// The same as `POST /imports/{id}/cancel`.
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "imports", params(("id" = i64, Path)),
    responses((status = 202, body = ImportView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn cancel_job(
    services: State<Services>,
    actor: Extension<Actor>,
    import: Path<String>,
) -> Result<(StatusCode, Json<ImportView>), Refusal> {
    cancel(services, actor, import).await
}

/// Confirms a job that was reviewed, or a file that was checked: it is carried out. Confirming it again changes nothing. Where the check has
/// tripped a wire, `confirm=true` says that it is meant.
#[utoipa::path(post, path = "/imports/{id}/apply", tag = "imports", params(("id" = i64, Path), MeantParams),
    responses((status = 202, body = ImportView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn apply(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
    params: Params,
) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let is_meant = params::read(params, params::confirmed)?;
    let answer = Answer { is_meant, review: None };
    let import = imports::apply(&services.database, import, &actor, answer).await?;
    services.import_wake.wake();
    Ok(accepted(import))
}

/// Takes back what an import, a bulk action or another undo has done, as a job of its own. Products that were changed since stay as they
/// are and are listed as its problems.
#[utoipa::path(post, path = "/imports/{id}/undo", tag = "imports", params(("id" = i64, Path)),
    responses((status = 202, body = ImportView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn undo(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let confirmation = Confirmation {
        idempotency_key: idempotency_key(&actor, &headers)?,
        by: actor,
        is_given: true,
    };
    let job = imports::plan_undo(&services.database, id(&import, "import")?, confirmation).await?;
    services.import_wake.wake();
    Ok(accepted(job))
}

/// The same as `POST /imports/{id}/undo`.
#[utoipa::path(post, path = "/jobs/{id}/undo", tag = "imports", params(("id" = i64, Path)),
    responses((status = 202, body = ImportView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub async fn undo_job(
    services: State<Services>,
    actor: Extension<Actor>,
    import: Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    undo(services, actor, import, headers).await
}

/// Begins a new check of the same stored file, with the same matching and options, of an import that is over. Nothing changes before
/// `POST /imports/{id}/apply` of the new one.
#[utoipa::path(post, path = "/imports/{id}/repeat", tag = "imports", params(("id" = i64, Path)),
    responses((status = 202, body = ImportView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn repeat(
    State(services): State<Services>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let key = idempotency_key(&actor, &headers)?;
    let import = imports::repeat(&services, id(&import, "import")?, &actor, key).await?;
    Ok(accepted(import))
}

/// What a job has done to which products: first what it created, then what it changed, each in the order in which it did. Of a file that was
/// checked and waits: what it would do, in the order of the SKUs. Page with `after`; there is no way back.
#[utoipa::path(get, path = "/imports/{id}/changes", tag = "imports", params(("id" = i64, Path), ForwardParams, ChangeParams),
    responses((status = 200, body = PageView<ImportChangeView>), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn changes(
    State(services): State<Services>,
    Path(import): Path<String>,
    params: Params,
) -> Result<Json<PageView<ImportChangeView>>, Refusal> {
    let import = imports::get(services.reader(), id(&import, "import")?).await?;
    if import.progress.status == ImportStatus::AwaitingConfirmation && import.review.is_some() {
        let (filter, after, size) = params::read(params, params::planned)?;
        return planned(&services, &import, filter, after, size).await;
    }
    let (place, size) = params::read(params, params::forward)?;
    let (changes, next) = changes::of_import(services.reader(), import.job_id, place, size).await?;
    Ok(Json(PageView {
        items: changes.into_iter().map(ImportChangeView::from).collect(),
        page: None,
        size,
        total: u64::try_from(import.progress.created + import.progress.updated).unwrap_or(0),
        total_is_exact: import.progress.status.is_over(),
        next: next.map(Place::to_text),
        prev: None,
        unsearched: None,
    }))
}

async fn planned(
    services: &Services,
    import: &Import,
    filter: ChangeFilter,
    after: i64,
    size: u64,
) -> Result<Json<PageView<ImportChangeView>>, Refusal> {
    let planned = imports::planned_changes(services, import, filter, after, size).await?;
    Ok(Json(PageView {
        items: planned.items.into_iter().map(ImportChangeView::from).collect(),
        page: None,
        size,
        total: u64::try_from(planned.total).unwrap_or(0),
        total_is_exact: true,
        next: planned.next.map(|next| next.to_string()),
        prev: None,
        unsearched: None,
    }))
}

/// Rows that could not be used, and warnings.
#[utoipa::path(get, path = "/imports/{id}/problems", tag = "imports", params(("id" = i64, Path), PageParams),
    responses((status = 200, body = PageView<ProblemView>), (status = 404, body = ProblemBody)))]
pub async fn problems(
    State(services): State<Services>,
    Path(import): Path<String>,
    params: Params,
) -> Result<Json<PageView<ProblemView>>, Refusal> {
    let page = params::read(params, params::page)?;
    Ok(Json(
        imports::problems(services.reader(), id(&import, "import")?, &page)
            .await?
            .into(),
    ))
}

/// The rows that could not be used as a file: original columns, row number, reason.
#[utoipa::path(get, path = "/imports/{id}/problems.csv", tag = "imports", params(("id" = i64, Path)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404, body = ProblemBody)))]
pub async fn problem_file(State(services): State<Services>, Path(import): Path<String>) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let pieces = imports::problem_rows(&services, import).await?;
    Ok(csv_file(
        &format!("import-{import}-problems.csv"),
        Body::from_stream(ReceiverStream::new(pieces)),
    ))
}

/// The same rows as an Excel workbook. All its cells are texts.
#[utoipa::path(get, path = "/imports/{id}/problems.xlsx", tag = "imports", params(("id" = i64, Path)),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>),
        (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub async fn problem_workbook(
    State(services): State<Services>,
    Path(import): Path<String>,
) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let file = imports::problem_workbook(&services, import).await?;
    workbook(&format!("import-{import}-problems.xlsx"), file, None)
}

/// The file as it was uploaded. Editors may have it.
#[utoipa::path(get, path = "/imports/{id}/file", tag = "imports", params(("id" = i64, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
pub async fn file(State(services): State<Services>, Path(import): Path<String>) -> Result<Response, Refusal> {
    let import = id(&import, "import")?;
    let original = imports::original(&services.database, &services.storage, import).await?;
    Ok(download(original))
}
