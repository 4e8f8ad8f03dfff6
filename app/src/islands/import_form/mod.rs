//! Uploading a file: a plain form post at heart. The script checks the file first and shows how far the upload is.

mod check;
mod form;
mod upload_bar;

use leptos::prelude::*;
use stockroom::problem::Problem;

use crate::{
    components::{
        error_summary::ErrorSummary,
        page_header::{BackLink, PageHeader},
    },
    paths,
};
use form::ImportForm;

pub const TITLE: &str = "Import products";

/// The form with its heading, because what is wrong with it stands above that.
#[island]
pub fn NewImport(
    limit: u64,
    refused: Option<Problem>,
    /// Fields that the server has written.
    children: Children,
) -> impl IntoView {
    let problem = RwSignal::new(refused);
    Effect::new(move |was: Option<()>| {
        problem.track();
        if was.is_some() {
            let mark = if problem.read_untracked().is_some() {
                "Error: "
            } else {
                ""
            };
            document().set_title(&format!("{mark}{TITLE} – Stockroom"));
        }
    });

    view! {
        {move || problem.get().map(|problem| view! { <ErrorSummary problem fields=&["file", "kind", "catalog_id", "missing"] /> })}
        <BackLink href=paths::IMPORTS label="Imports" />
        <PageHeader title=TITLE />
        <ImportForm limit problem>{children()}</ImportForm>
    }
}
