//! What has become of the rows of an import, in numbers.

use leptos::prelude::*;
use stockroom::imports::{ImportKind, Progress};

use super::figures::{Figure, Figures};
use crate::wording::grouped;

#[component]
pub fn ImportCounters(
    kind: ImportKind,
    /// Nothing is applied yet.
    #[prop(optional)]
    is_check: bool,
    #[prop(into)] progress: Signal<Progress>,
) -> impl IntoView {
    let count = move |of: fn(&Progress) -> i64| Signal::derive(move || grouped(of(&progress.read())));
    let has_problems = Signal::derive(move || progress.read().failed > 0);
    if is_check {
        return view! {
            <Figures>
                <Figure label="Rows read" value=count(|progress| progress.read) />
                <Figure label="With problems" value=count(|progress| progress.failed) needs_attention=has_problems />
            </Figures>
        }
        .into_any();
    }
    if !kind.has_file() {
        let done = match kind {
            ImportKind::BulkDelete => "Deleted",
            ImportKind::Undo => "Set back",
            _ => "Changed",
        };
        return view! {
            <Figures>
                <Figure label=done value=count(|progress| progress.updated) />
                <Figure label="Unchanged" value=count(|progress| progress.unchanged) />
                <Figure label="Kept" value=count(|progress| progress.failed) needs_attention=has_problems />
                <Figure label="Products" value=count(|progress| progress.total.unwrap_or(0)) />
            </Figures>
        }
        .into_any();
    }

    view! {
        <Figures>
            <Figure label="Added" value=count(|progress| progress.created) />
            <Figure label="Updated" value=count(|progress| progress.updated) />
            <Figure label="Unchanged" value=count(|progress| progress.unchanged) />
            <Figure label="With problems" value=count(|progress| progress.failed) needs_attention=has_problems />
            <Figure label="Superseded" value=count(|progress| progress.superseded) />
            <Figure label="Rows read" value=count(|progress| progress.read) />
        </Figures>
    }
    .into_any()
}
