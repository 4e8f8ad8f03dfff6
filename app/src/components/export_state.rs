//! Exports: links to them, and the place where the script shows how far one is.

use leptos::prelude::*;

/// A link to a file that the server writes. Without the script it is a plain download.
#[component]
pub fn ExportLink(class: &'static str, href: String, file: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <a class=class href=href.clone() download=file data-exports=href>
            {label}
        </a>
    }
    .into_any()
}

/// Stands once on a page from which something can be exported, and is empty until then.
#[component]
pub fn ExportState() -> impl IntoView {
    view! {
        <div class="card mb-3 flex flex-col gap-2" data-export-state hidden>
            <p class="tabular-nums" data-export-words></p>
            <progress class="bar" max="100" aria-label="Progress of the export" data-export-bar hidden></progress>
        </div>
    }
    .into_any()
}
