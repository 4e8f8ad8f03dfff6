//! How an import ended.

use leptos::prelude::*;
use stockroom::imports::{Import, ImportStatus};

use crate::{
    components::banner::{Banner, Tone},
    paths, request,
    wording::{counted, duration, seconds_between},
};

#[component]
pub fn Outcome(import: Import) -> impl IntoView {
    let (tone, title, detail) = in_words(&import);
    view! {
        <Banner tone title>
            {detail.map(|detail| view! { <p>{detail}</p> }.into_any())}
            <p class="mt-1 flex flex-wrap gap-x-4 gap-y-2">
                <a class="link" href=paths::PRODUCTS>
                    "View products"
                </a>
                {request::may_edit()
                    .then(|| {
                        view! {
                            <a class="link" href=paths::NEW_IMPORT>
                                "Import another file"
                            </a>
                        }
                    })}
            </p>
        </Banner>
    }
    .into_any()
}

fn in_words(import: &Import) -> (Tone, String, Option<String>) {
    let progress = &import.progress;
    let imported = counted(progress.created + progress.updated + progress.unchanged, "row", "rows");
    match progress.status {
        ImportStatus::Failed => {
            let error = progress.error.clone().unwrap_or_else(|| progress.message.clone());
            (Tone::Danger, "The import failed.".to_owned(), Some(error))
        }
        ImportStatus::Cancelled => {
            let detail = kept(progress.created + progress.updated);
            (Tone::Info, "The import was cancelled.".to_owned(), Some(detail))
        }
        _ if progress.failed > 0 => {
            let were = if progress.failed == 1 { "was" } else { "were" };
            let failed = counted(progress.failed, "row", "rows");
            let detail = "Download the rows with problems, correct them, and import them again.";
            (
                Tone::Warning,
                format!("Imported {imported}. {failed} {were} not imported."),
                Some(detail.to_owned()),
            )
        }
        _ => (Tone::Success, finished(import), Some(format!("Imported {imported}."))),
    }
}

/// What an import leaves that was cancelled after `written` rows.
fn kept(written: i64) -> String {
    match written {
        0 => "Nothing had been imported yet.".to_owned(),
        1 => "1 row had already been imported and stays as it is.".to_owned(),
        _ => format!(
            "{} had already been imported and stay as they are.",
            counted(written, "row", "rows")
        ),
    }
}

fn finished(import: &Import) -> String {
    let ends = import.started_at.as_ref().zip(import.finished_at.as_ref());
    match ends.and_then(|(from, to)| seconds_between(from, to)) {
        Some(seconds) if seconds > 0 => format!("Import finished in {}", duration(seconds)),
        _ => "Import finished".to_owned(),
    }
}
