//! The runs of a schedule, each with its import.

use leptos::prelude::*;
use stockroom::{
    page::{Page, PageRequest},
    schedules::{Run, RunCause},
};

use crate::{
    components::{
        pager::{Pager, Place},
        status_tag::{Status, StatusTag},
        table::{Cell, Column, Table},
        time::Time,
    },
    islands::refreshed::Refreshed,
    paths,
    search::push_page,
};

#[component]
pub fn Runs(schedule: i64, runs: Page<Run>) -> impl IntoView {
    let is_moving = runs.items.iter().any(|run| run.status.is_active());
    let body = if runs.items.is_empty() {
        view! { <p class="text-muted">"It has not run yet."</p> }.into_any()
    } else {
        view! { <Found schedule runs /> }.into_any()
    };
    view! {
        <section class="mt-6" aria-label="Runs">
            <h2 class="card-title">"Runs"</h2>
            <Refreshed is_moving>{body}</Refreshed>
        </section>
    }
    .into_any()
}

#[component]
fn Found(schedule: i64, runs: Page<Run>) -> impl IntoView {
    let place = Place::from(&runs);
    let address = Callback::new(move |page: PageRequest| {
        let mut fields = Vec::new();
        push_page(&mut fields, &page);
        paths::with_query(&paths::schedule(schedule), &fields)
    });
    let head = view! {
        <Column title="Begun" />
        <Column title="Result" />
        <Column title="Import" />
        <Column title="What happened" />
        <Column title="By" />
    };
    let body = runs.items.into_iter().map(row).collect_view().into_any();
    view! {
        <Table label="Runs" head=head.into_any() body />
        <Pager place address />
    }
    .into_any()
}

fn row(run: Run) -> impl IntoView {
    let status = Status::of_run(run.status);
    let import = match run.import_id {
        Some(id) => view! {
            <a class="link tabular-nums" href=paths::import(id) aria-label=format!("Import #{id}")>
                {format!("#{id}")}
            </a>
        }
        .into_any(),
        None => view! { "–" }.into_any(),
    };
    let by = match run.cause {
        RunCause::Planned => "Its time".to_owned(),
        RunCause::ByHand => run.started_by,
    };
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                <Time moment=run.created_at />
            </th>
            <Cell label="Result">
                <StatusTag status />
            </Cell>
            <Cell label="Import">{import}</Cell>
            <Cell label="What happened">
                <span class="wrap-anywhere">{run.detail.unwrap_or_else(|| "–".to_owned())}</span>
            </Cell>
            <Cell label="By">
                <span class="wrap-anywhere">{by}</span>
            </Cell>
        </tr>
    }
}
