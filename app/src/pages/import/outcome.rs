//! How an import ended.

use leptos::prelude::*;
use stockroom::{
    imports::{Import, ImportKind, ImportStatus, ImportStep},
    products::ProductQuery,
};

use crate::{
    components::banner::{Banner, Tone},
    paths, request,
    search::ProductSearch,
    wording::{self, counted, duration, seconds_between},
};

#[component]
pub fn Outcome(import: Import) -> impl IntoView {
    let (tone, title, detail) = in_words(&import);
    let touched = ProductSearch::of(ProductQuery {
        import: Some(import.job_id),
        deleted: import.kind == ImportKind::BulkDelete,
        ..ProductQuery::default()
    });
    let undone = import.undone_by.map(|by| {
        view! {
            <p class="mt-1">
                "Taken back by "
                <a class="link" href=paths::import(by)>
                    "job #"
                    {by}
                </a>
                "."
            </p>
        }
    });
    let may_edit = request::may_edit();
    let undo = (may_edit && import.can_be_undone()).then(|| {
        view! {
            <form method="post" action=paths::undo_import(import.job_id) class="mt-3">
                <button class="btn btn-secondary">{undo_label(&import)}</button>
            </form>
        }
    });
    let again = may_edit && import.kind.has_file();
    let repeat = (again && import.has_its_file() && import.step != ImportStep::Match).then(|| {
        view! {
            <form method="post" action=paths::repeat_import(import.job_id) class="mt-3">
                <button class="btn btn-secondary">"Import again with the same matching"</button>
            </form>
        }
    });
    view! {
        <Banner tone title>
            {detail.map(|detail| view! { <p>{detail}</p> }.into_any())}
            {undone}
            <p class="mt-1 flex flex-wrap gap-x-4 gap-y-2">
                <a class="link" href=touched.address()>
                    "View changed products"
                </a>
                <a class="link" href=paths::PRODUCTS>
                    "View products"
                </a>
                {again
                    .then(|| {
                        view! {
                            <a class="link" href=paths::NEW_IMPORT>
                                "Import another file"
                            </a>
                        }
                    })}
            </p>
            <div class="flex flex-wrap gap-x-3">{undo} {repeat}</div>
        </Banner>
    }
    .into_any()
}

fn undo_label(import: &Import) -> &'static str {
    match import.kind {
        ImportKind::BulkDelete => "Undo deletion…",
        ImportKind::BulkUpdate => "Undo change…",
        ImportKind::Undo => "Undo the undo…",
        _ => "Undo import…",
    }
}

fn in_words(import: &Import) -> (Tone, String, Option<String>) {
    let progress = &import.progress;
    let noun = wording::job_noun(import.kind);
    if progress.status == ImportStatus::Failed {
        let error = progress.error.clone().unwrap_or_else(|| progress.message.clone());
        return (Tone::Danger, format!("The {noun} failed."), Some(error));
    }
    if progress.status == ImportStatus::Undone {
        return (Tone::Info, format!("The {noun} was undone."), None);
    }
    if !import.kind.has_file() {
        return planned_in_words(import, noun);
    }
    let imported = counted(progress.created + progress.updated + progress.unchanged, "row", "rows");
    match progress.status {
        ImportStatus::Cancelled => {
            let detail = kept(progress.created + progress.updated);
            (Tone::Info, "The import was cancelled.".to_owned(), Some(detail))
        }
        _ if progress.failed > 0 => {
            let were = if progress.failed == 1 { "was" } else { "were" };
            let failed = counted(progress.failed, "row", "rows");
            let detail = "Correct the rows with problems, or download them, correct them in a spreadsheet, and import that file.";
            let can_be_corrected = import.has_its_file() && import.problems_removed_at.is_none();
            (
                Tone::Warning,
                format!("Imported {imported}. {failed} {were} not imported."),
                can_be_corrected.then(|| detail.to_owned()),
            )
        }
        _ => (
            Tone::Success,
            finished(import, "Import"),
            Some(format!("Imported {imported}.")),
        ),
    }
}

/// A job without a file.
fn planned_in_words(import: &Import, noun: &str) -> (Tone, String, Option<String>) {
    let progress = &import.progress;
    let changed = counted(progress.updated, "product", "products");
    let what = match import.kind {
        ImportKind::BulkDelete => format!("Deleted {changed}."),
        ImportKind::Undo => format!("Set back {changed}."),
        _ => format!("Changed {changed}."),
    };
    if progress.status == ImportStatus::Cancelled {
        return (Tone::Info, format!("The {noun} was cancelled."), Some(what));
    }
    if progress.failed > 0 {
        let kept = counted(progress.failed, "product", "products");
        let detail = format!("{kept} had been changed by somebody else and stay as they are.");
        return (Tone::Warning, what, Some(detail));
    }
    let title = match import.kind {
        ImportKind::BulkDelete => "Deletion",
        ImportKind::Undo => "Undo",
        _ => "Change",
    };
    (Tone::Success, finished(import, title), Some(what))
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

fn finished(import: &Import, title: &str) -> String {
    let ends = import.started_at.as_ref().zip(import.finished_at.as_ref());
    match ends.and_then(|(from, to)| seconds_between(from, to)) {
        Some(seconds) if seconds > 0 => format!("{title} finished in {}", duration(seconds)),
        _ => format!("{title} finished"),
    }
}
