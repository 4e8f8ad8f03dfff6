//! All imports and other jobs, newest first, filtered by what the address says. While one is running the list is fetched again every few
//! seconds.

mod filters;

use leptos::prelude::*;
use stockroom::{
    imports::{Import, ImportStatus, query::ImportQuery},
    page::{Page, PageRequest},
};

use super::awaited;
use crate::{
    components::{
        icon::{Icon, UPLOAD},
        page_header::PageHeader,
        pager::{Pager, Place},
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
        table::{Cell, Column, Table},
        time::Time,
    },
    error::AppError,
    fields::use_fields,
    islands::refreshed::Refreshed,
    paths, request,
    search::{page_from, push_page},
    server_fns::imports::list_imports,
    title::PageTitle,
    wording::{self, grouped, percent, whole_percent},
};
use filters::{Applied, Filters, kind_label};

#[component]
pub fn ImportsPage() -> impl IntoView {
    let fields = use_fields();
    let page = page_from(&fields);
    let query = ImportQuery::take(&mut fields.asked());
    view! {
        <PageTitle text="Imports" />
        <PageHeader title="Imports">
            <a class="btn btn-secondary" href=paths::SCHEDULES>
                "Schedules"
            </a>
            {request::may_edit()
                .then(|| {
                    view! {
                        <a class="btn btn-primary" href=paths::NEW_IMPORT>
                            <Icon path=UPLOAD />
                            "Import products"
                        </a>
                    }
                })}
        </PageHeader>
        <Filters fields />
        {awaited(async move {
            let found = match query {
                Ok(query) => list_imports(query.clone(), page).await.map(|page| (query, page)),
                Err(problem) => Err(problem.into()),
            };
            match found {
                Ok((query, page)) => view! { <Found query page /> }.into_any(),
                Err(AppError(problem)) => {
                    view! { <ProblemView heading="Imports could not be loaded." problem /> }.into_any()
                }
            }
        })}
    }
    .into_any()
}

#[component]
fn Found(query: ImportQuery, page: Page<Import>) -> impl IntoView {
    let is_filtered = query != ImportQuery::default();
    let list = match (page.items.is_empty(), is_filtered) {
        (true, true) => view! { <NothingMatches /> }.into_any(),
        (true, false) => view! { <NoImports /> }.into_any(),
        (false, _) => view! { <ImportList query=query.clone() page /> }.into_any(),
    };
    view! {
        <Applied query />
        {list}
    }
    .into_any()
}

#[component]
fn NothingMatches() -> impl IntoView {
    view! {
        <div class="empty">
            <h2 class="text-lg font-semibold">"No imports match these filters"</h2>
            <a class="btn btn-secondary" href=paths::IMPORTS>
                "Show all imports"
            </a>
        </div>
    }
    .into_any()
}

#[component]
fn NoImports() -> impl IntoView {
    view! {
        <div class="empty">
            <h2 class="text-lg font-semibold">"Import products from a CSV or Excel file"</h2>
            <p class="text-muted">"Each file stays listed here with what it added, what it changed and what was wrong with it."</p>
            <a class="link" href=paths::SAMPLE_FILE download="sample-products.csv">
                "Download sample file (CSV)"
            </a>
        </div>
    }
    .into_any()
}

#[component]
fn ImportList(query: ImportQuery, page: Page<Import>) -> impl IntoView {
    let place = Place::from(&page);
    let is_moving = page
        .items
        .iter()
        .any(|import| matches!(import.progress.status, ImportStatus::Pending | ImportStatus::Processing));
    let address = Callback::new(move |page: PageRequest| {
        let mut fields = query.fields();
        push_page(&mut fields, &page);
        paths::with_query(paths::IMPORTS, &fields)
    });
    let head = view! {
        <Column title="#" />
        <Column title="What" />
        <Column title="Kind" />
        <Column title="Status" />
        <Column title="Rows" is_number=true />
        <Column title="Added" is_number=true />
        <Column title="Updated" is_number=true />
        <Column title="Problems" is_number=true />
        <Column title="Started" />
        <Column title="Duration" is_number=true />
        <Column title="By" />
    };
    let body = page
        .items
        .into_iter()
        .map(|import| view! { <Row import /> })
        .collect_view()
        .into_any();

    view! {
        <Refreshed is_moving>
            <Table label="Imports" head=head.into_any() body />
        </Refreshed>
        <Pager place address />
    }
    .into_any()
}

#[component]
fn Row(import: Import) -> impl IntoView {
    let progress = import.progress.clone();
    let started = import.started_at.clone().unwrap_or_else(|| import.created_at.clone());
    let (file_name, created_by) = (import.file_name.clone(), import.created_by.clone());
    let (status, number) = (Status::of_import(&progress), format!("#{}", import.job_id));
    let href = paths::import(import.job_id);
    let kind = kind_label(import.kind);
    let undone_by = import.undone_by;
    let ends = import.started_at.as_ref().zip(import.finished_at.as_ref());
    let seconds = ends.and_then(|(from, to)| wording::seconds_between(from, to));
    let duration = seconds.map_or_else(|| "–".to_owned(), wording::duration);
    let counters = [
        ("Added", progress.created),
        ("Updated", progress.updated),
        ("Problems", progress.failed),
    ]
    .map(|(label, count)| view! { <Cell label is_number=true>{grouped(count)}</Cell> });

    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                <a class="link tabular-nums" href=href.clone()>
                    <span class="sr-only">"Import "</span>
                    {number}
                </a>
            </th>
            <Cell label="What">
                <a class="link inline-block min-w-36 wrap-anywhere" href=href>
                    {file_name}
                </a>
            </Cell>
            <Cell label="Kind">{kind}</Cell>
            <Cell label="Status">
                <StatusTag status />
                {undone_by.map(|by| view! { <UndoneBy by /> })}
            </Cell>
            <Cell label="Rows" is_number=true>
                <Rows import />
            </Cell>
            {counters}
            <Cell label="Started">
                <Time moment=started />
            </Cell>
            <Cell label="Duration" is_number=true>
                {duration}
            </Cell>
            <Cell label="By">
                <span class="inline-block min-w-32 wrap-anywhere">{created_by}</span>
            </Cell>
        </tr>
    }
    .into_any()
}

#[component]
fn UndoneBy(by: i64) -> impl IntoView {
    view! {
        <span class="block text-sm">
            "by "
            <a class="link tabular-nums" href=paths::import(by)>
                "#"
                {by}
            </a>
        </span>
    }
    .into_any()
}

/// While it runs: how far it is. Afterwards: how many rows the file had.
#[component]
fn Rows(import: Import) -> impl IntoView {
    let progress = import.progress;
    if progress.status.is_over() {
        return grouped(progress.total.unwrap_or(progress.processed)).into_any();
    }
    let label = format!("Progress of import {}", import.job_id);
    view! {
        <span class="flex items-center justify-end gap-2">
            <progress class="bar bar-small" max="100" value=whole_percent(progress.percent).to_string() aria-label=label></progress>
            {percent(progress.percent)}
        </span>
    }
    .into_any()
}
