//! All schedules.

use leptos::prelude::*;
use stockroom::{
    page::Page,
    schedules::{Run, Schedule, ScheduleStatus},
};

use super::times;
use crate::{
    components::{
        banner::{Banner, Tone},
        page_header::{BackLink, PageHeader},
        pager::{Pager, Place},
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
        table::{Cell, Column, Table},
        time::Time,
    },
    error::AppError,
    fields::use_fields,
    pages::awaited,
    paths, request,
    search::{page_from, push_page},
    server_fns::schedules::list_schedules,
    title::PageTitle,
};

#[component]
pub fn SchedulesPage() -> impl IntoView {
    let page = page_from(&use_fields());
    view! {
        <PageTitle text="Schedules" />
        <BackLink href=paths::IMPORTS label="Imports" />
        <PageHeader title="Schedules">{request::is_admin().then(|| view! { <Add /> })}</PageHeader>
        {awaited(async move {
            match list_schedules(page).await {
                Ok(page) if page.items.is_empty() => view! { <Nothing /> }.into_any(),
                Ok(page) => view! { <Found page /> }.into_any(),
                Err(AppError(problem)) => {
                    view! { <ProblemView heading="Schedules could not be loaded." problem /> }.into_any()
                }
            }
        })}
    }
    .into_any()
}

#[component]
fn Add() -> impl IntoView {
    view! {
        <a class="btn btn-primary" href=paths::NEW_SCHEDULE>
            "Add schedule"
        </a>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <div class="empty">
            <h2 class="text-lg font-semibold">"Let a supplier's list come in by itself"</h2>
            <p class="max-w-prose text-muted">
                "A schedule fetches a file from an address at its times, checks it as any upload, and applies it when nothing trips. Whatever looks wrong waits for a person."
            </p>
            {request::is_admin().then(|| view! { <Add /> })}
        </div>
    }
    .into_any()
}

#[component]
fn Found(page: Page<Schedule>) -> impl IntoView {
    let place = Place::from(&page);
    let address = Callback::new(move |page| {
        let mut fields = Vec::new();
        push_page(&mut fields, &page);
        paths::with_query(paths::SCHEDULES, &fields)
    });
    let given_up = page
        .items
        .iter()
        .filter(|schedule| schedule.status == ScheduleStatus::PausedAutomatically);
    let banners: Vec<_> = given_up
        .map(|schedule| view! { <GivenUp schedule=schedule.clone() /> })
        .collect();
    let head = view! {
        <Column title="Name" />
        <Column title="When" />
        <Column title="Status" />
        <Column title="Next run" />
        <Column title="Last run" />
    };
    let body = page.items.into_iter().map(row).collect_view().into_any();
    view! {
        {banners}
        <Table label="Schedules" head=head.into_any() body />
        <Pager place address />
    }
    .into_any()
}

/// What happened, and how to go on.
#[component]
pub fn GivenUp(schedule: Schedule) -> impl IntoView {
    let at = schedule
        .paused_at
        .clone()
        .map(|moment| view! { " on " <Time moment /> });
    view! {
        <Banner tone=Tone::Danger title=format!("{} has paused itself", schedule.name)>
            <p>"Stockroom paused it" {at} ": " {schedule.paused_because.clone().unwrap_or_default()}</p>
            <p>
                "Look at the address, then "
                <a class="link" href=paths::schedule(schedule.id)>
                    "resume the schedule"
                </a> "."
            </p>
        </Banner>
    }
    .into_any()
}

fn row(schedule: Schedule) -> impl IntoView {
    let status = Status::of_schedule(&schedule);
    let next = match schedule.next_run_at.clone() {
        Some(moment) => view! { <Time moment /> }.into_any(),
        None => view! { "–" }.into_any(),
    };
    let times = times(&schedule);
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                <a class="link wrap-anywhere font-semibold" href=paths::schedule(schedule.id)>
                    {schedule.name}
                </a>
                <span class="block font-mono text-sm text-muted wrap-anywhere">{schedule.address}</span>
            </th>
            <Cell label="When">{times}</Cell>
            <Cell label="Status">
                <StatusTag status />
            </Cell>
            <Cell label="Next run">{next}</Cell>
            <Cell label="Last run">{last(schedule.last_run)}</Cell>
        </tr>
    }
}

fn last(run: Option<Run>) -> AnyView {
    let Some(run) = run else {
        return view! { "–" }.into_any();
    };
    let status = Status::of_run(run.status);
    let link = run.import_id.map(|id| {
        view! {
            <a class="link tabular-nums" href=paths::import(id) aria-label=format!("Import #{id}")>
                {format!("#{id}")}
            </a>
        }
    });
    view! {
        <div>
            <StatusTag status />
            " "
            {link}
            <span class="block text-sm text-muted">
                <Time moment=run.created_at />
            </span>
        </div>
    }
    .into_any()
}
