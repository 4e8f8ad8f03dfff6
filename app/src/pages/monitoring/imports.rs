//! The imports that run or wait.

use leptos::prelude::*;
use stockroom::monitoring::OpenImport;

use crate::{
    components::card::Card,
    paths,
    wording::{duration, grouped, job_of, percent, whole_percent},
};

#[component]
pub fn Imports(imports: Vec<OpenImport>) -> impl IntoView {
    const SHOWN: usize = 20;
    if imports.is_empty() {
        return view! { <Card title="Imports under way"><p class="text-muted">"None."</p></Card> }.into_any();
    }
    let more = imports.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| view! { <p class="text-sm text-muted">{format!("And {more} more.")}</p> });
    let lines: Vec<_> = imports
        .into_iter()
        .take(SHOWN)
        .map(|import| view! { <ImportLine import /> })
        .collect();
    view! {
        <Card title="Imports under way">
            <ul class="divide-y divide-line">{lines}</ul>
            {more}
        </Card>
    }
    .into_any()
}

#[component]
fn ImportLine(import: OpenImport) -> impl IntoView {
    let state = match import.waiting_seconds {
        Some(seconds) => format!("Waiting for {}", duration(seconds)),
        None => working(&import),
    };
    let bar = import.waiting_seconds.is_none().then(|| {
        view! {
            <span class="flex items-center gap-2 text-sm tabular-nums">
                <progress
                    class="bar bar-small"
                    max="100"
                    value=whole_percent(import.percent)
                    aria-label=format!("Progress of {}", job_of(import.kind, import.id))
                ></progress>
                {percent(import.percent)}
            </span>
        }
    });
    view! {
        <li class="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
            <a class="link min-w-0 grow wrap-anywhere" href=paths::import(import.id)>
                {job_of(import.kind, import.id)}
                ": "
                {import.file_name.clone()}
            </a>
            {bar}
            <span class="text-sm text-muted tabular-nums">{state}</span>
        </li>
    }
    .into_any()
}

/// `Applying, 12,000 rows a second`
fn working(import: &OpenImport) -> String {
    let mut words = import.phase.map_or("beginning", |phase| phase.as_str()).to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    match import.rows_per_second {
        Some(rate) => format!("{words}, {} rows a second", grouped(rate as i64)),
        None => words,
    }
}
