//! One schedule: what it does, how its runs went, and all that can be done about it.

use leptos::prelude::*;
use stockroom::{
    imports::ImportKind,
    problem::Problem,
    schedules::{RunStatus, Schedule, ScheduleStatus},
};

use super::{
    form::{FIELDS, ScheduleForm, values_of},
    list::GivenUp,
    runs::Runs,
    times,
};
use crate::{
    components::{
        banner::{Banner, Tone},
        card::Card,
        error_summary::ErrorSummary,
        key_value::{KeyValue, KeyValueList},
        page_header::{BackLink, PageHeader},
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
        time::Time,
    },
    draft::Form,
    error::AppError,
    fields::use_fields,
    pages::{awaited, id_in_address, named},
    paths, request,
    search::page_from,
    server_fns::schedules::{ScheduleReport, get_schedule},
    title::PageTitle,
};

#[component]
pub fn SchedulePage() -> impl IntoView {
    let id = id_in_address();
    let page = page_from(&use_fields());
    awaited(async move {
        match named(id, "schedule", |id| get_schedule(id, page)).await {
            Ok(report) => view! { <Report report /> }.into_any(),
            Err(AppError(problem)) => view! { <Missing problem /> }.into_any(),
        }
    })
}

#[component]
fn Missing(problem: Problem) -> impl IntoView {
    view! {
        <PageTitle text="Schedule not shown" />
        <BackLink href=paths::SCHEDULES label="Schedules" />
        <PageHeader title="Schedule" />
        <ProblemView heading="This schedule could not be shown." problem />
    }
    .into_any()
}

#[component]
fn Report(report: ScheduleReport) -> impl IntoView {
    let ScheduleReport { schedule, runs } = report;
    let draft = request::current().ok().and_then(|request| request.draft);
    let form = Form::of(draft, values_of(&schedule));
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    let status = Status::of_schedule(&schedule);
    let buttons = request::is_admin().then(|| view! { <Buttons schedule=schedule.clone() /> });
    view! {
        <PageTitle text=format!("{mark}{}", schedule.name) />
        {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&FIELDS /> })}
        <BackLink href=paths::SCHEDULES label="Schedules" />
        <PageHeader title=schedule.name.clone()>{buttons}</PageHeader>
        <p class="-mt-1 mb-4 flex flex-wrap items-center gap-2">
            <StatusTag status />
            <code class="min-w-0 font-mono text-sm text-muted wrap-anywhere">{schedule.address.clone()}</code>
        </p>
        <State schedule=schedule.clone() />
        <Waiting schedule=schedule.clone() />
        <Facts schedule=schedule.clone() />
        <Runs schedule=schedule.id runs />
        {request::is_admin().then(|| view! { <Change schedule form /> })}
    }
    .into_any()
}

#[component]
fn Buttons(schedule: Schedule) -> impl IntoView {
    let id = schedule.id;
    let (action, label) = match schedule.status {
        ScheduleStatus::Enabled => ("pause", "Pause"),
        ScheduleStatus::Paused | ScheduleStatus::PausedAutomatically => ("resume", "Resume"),
    };
    view! {
        <form method="post" action=paths::schedule_action(id, "run")>
            <button class="btn btn-primary">"Run now"</button>
        </form>
        <form method="post" action=paths::schedule_action(id, action)>
            <button class="btn btn-secondary">{label}</button>
        </form>
    }
    .into_any()
}

/// What somebody should know before anything else.
#[component]
fn State(schedule: Schedule) -> impl IntoView {
    match schedule.status {
        ScheduleStatus::PausedAutomatically => view! { <GivenUp schedule /> }.into_any(),
        ScheduleStatus::Paused => view! {
            <Banner tone=Tone::Info title="This schedule is paused">
                <p>"Nothing is fetched until somebody resumes it, or runs it by hand."</p>
            </Banner>
        }
        .into_any(),
        ScheduleStatus::Enabled if schedule.failures > 0 => {
            let times = crate::wording::counted(schedule.failures, "run", "runs");
            view! {
                <Banner tone=Tone::Warning title="It has failed lately">
                    <p>{format!("{times} in a row failed. After ten the schedule pauses itself.")}</p>
                </Banner>
            }
            .into_any()
        }
        ScheduleStatus::Enabled => ().into_any(),
    }
}

/// The file that waits for somebody, and why.
#[component]
fn Waiting(schedule: Schedule) -> impl IntoView {
    let run = schedule.last_run.filter(|run| run.status == RunStatus::Waiting);
    let waiting = run.and_then(|run| Some((run.import_id?, run.detail.unwrap_or_default())));
    waiting.map(|(import, because)| {
        view! {
            <Banner tone=Tone::Warning title="The last file waits for a person">
                <p>{because}</p>
                <p class="mt-2">
                    <a class="link" href=paths::import(import)>
                        {format!("Look at import #{import}")}
                    </a>
                </p>
            </Banner>
        }
        .into_any()
    })
}

#[component]
fn Facts(schedule: Schedule) -> impl IntoView {
    let times = times(&schedule);
    let next = match schedule.next_run_at {
        Some(moment) => view! { <Time moment /> }.into_any(),
        None => view! { "–" }.into_any(),
    };
    let kind = if schedule.kind == ImportKind::Catalogs {
        "Catalogues"
    } else {
        "Products"
    };
    let header = schedule.header_name.map(|name| format!("{name}: ••••••"));
    view! {
        <Card title="What it does">
            <KeyValueList>
                <KeyValue name="When">{times}</KeyValue>
                <KeyValue name="Next run">{next}</KeyValue>
                <KeyValue name="File of">{kind}</KeyValue>
                <KeyValue name="After the check">{schedule.after_check.label()}</KeyValue>
                <KeyValue name="Header">{header.unwrap_or_else(|| "None".to_owned())}</KeyValue>
                <KeyValue name="Added by">
                    <span class="wrap-anywhere">{schedule.created_by}</span>
                </KeyValue>
                <KeyValue name="Last changed">
                    <Time moment=schedule.updated_at />
                    " by "
                    <span class="wrap-anywhere">{schedule.updated_by}</span>
                </KeyValue>
            </KeyValueList>
        </Card>
    }
    .into_any()
}

/// The form, and the end of the schedule.
#[component]
fn Change(schedule: Schedule, form: Form) -> impl IntoView {
    let id = schedule.id;
    view! {
        <div class="mt-6 flex max-w-[45rem] flex-col gap-4">
            <Card title="Settings">
                <ScheduleForm action=paths::schedule(id) button="Save" form />
            </Card>
            <Card title="Delete">
                <details class="menu">
                    <summary class="btn btn-secondary">"Delete…"</summary>
                    <form method="post" action=paths::schedule_action(id, "delete") class="mt-2 flex flex-col gap-2">
                        <p>"The schedule goes for good, with the list of its runs. The imports that it began stay."</p>
                        <div>
                            <button class="btn btn-danger">"Delete schedule"</button>
                        </div>
                    </form>
                </details>
            </Card>
        </div>
    }
    .into_any()
}
