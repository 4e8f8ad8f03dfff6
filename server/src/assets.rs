//! The pages' scripts, styles and icons: found beside the program wherever it is started from, sent compressed as they were built.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::Request;
use axum::http::{HeaderValue, header::CACHE_CONTROL};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::Router;
use leptos::config::{Env, LeptosOptions};
use tower_http::services::ServeDir;

use crate::cli::Settings;
use crate::state::AppState;

/// Names of built files carry a hash of their content, so they may be kept for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// Where Leptos finds its files.
pub fn options(settings: &Settings) -> anyhow::Result<LeptosOptions> {
    let program = std::env::current_exe().context("the program's own folder is unknown")?;
    let folder = program.parent().unwrap_or(Path::new("."));
    let root = settings.site_root.clone().unwrap_or_else(|| site_beside(folder));
    let mut options = LeptosOptions::builder()
        .output_name("stockroom")
        .site_root(root.display().to_string())
        .site_addr(settings.listens_on())
        .hash_files(folder.join("hash.txt").exists())
        .hash_file(Arc::<str>::from(folder.join("hash.txt").display().to_string()))
        .build();
    if std::env::var_os("LEPTOS_WATCH").is_some() {
        options.env = Env::DEV;
    } else {
        options.env = Env::PROD;
    }
    Ok(options)
}

/// `site` in the program's folder, or where cargo-leptos puts it: beside that folder.
fn site_beside(folder: &Path) -> PathBuf {
    let own = folder.join("site");
    if own.is_dir() { own } else { folder.join("../site") }
}

/// Serves the site folder.
pub fn router(options: &LeptosOptions) -> Router<AppState> {
    let root = PathBuf::from(options.site_root.as_ref());
    let files = |folder: PathBuf| ServeDir::new(folder).precompressed_br().precompressed_gzip();
    let package = Router::new()
        .fallback_service(files(root.join("pkg")))
        .layer(from_fn(|request: Request, next: Next| keep(request, next, FOR_EVER)));
    let public = [
        "favicon.ico",
        "favicon.svg",
        "sample-products.csv",
        "sample-products.xlsx",
        "redoc.standalone.js",
    ]
    .into_iter()
    .fold(Router::new(), |router, name| {
        router.route_service(
            &format!("/{name}"),
            tower_http::services::ServeFile::new(root.join(name)).precompressed_br(),
        )
    })
    .layer(from_fn(|request: Request, next: Next| keep(request, next, FOR_AN_HOUR)));
    Router::new().nest("/pkg", package).merge(public)
}

async fn keep(request: Request, next: Next, how_long: HeaderValue) -> Response {
    let mut response = next.run(request).await;
    if response.status().is_success() {
        response.headers_mut().insert(CACHE_CONTROL, how_long);
    }
    response
}
