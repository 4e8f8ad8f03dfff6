//! Who looks at the page.

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{codec::Json, error::AppError, viewer::Viewer};

#[server(name = GetViewer, prefix = "/actions", endpoint = "viewer", input = GetUrl, output = Json)]
pub async fn viewer() -> Result<Viewer, AppError> {
    let request = crate::request::current()?;
    let config = &request.services.config;
    Ok(Viewer {
        user: request.user,
        theme: request.theme,
        currency: config.currency.clone(),
        upload_limit: config.upload_limit,
        draft: request.draft,
        setup_open: request.setup_open,
    })
}
