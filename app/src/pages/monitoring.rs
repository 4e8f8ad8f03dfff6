//! How the shop is doing: what somebody must look after, figures of this moment, and the last day in pictures.

use leptos::prelude::*;
use stockroom::disk::Disk;
use stockroom::monitoring::{
    Alert, Breaker, COUNTED_AT_MOST, Figures as Numbers, History, Measure, Monitoring, OpenImport, Process, Severity,
    Subject, System,
};
use stockroom::nodes::{Node, NodeRole};
use stockroom::webhooks::WebhookStatus;

use super::{awaited, settings::Tabs};
use crate::{
    components::{
        banner::{Banner, Tone},
        card::Card,
        chart::Chart,
        figures::{Figures, LinkedFigure},
        key_value::{KeyValue, KeyValueList},
        page_header::PageHeader,
        problem_view::ProblemView,
        time::Time,
    },
    error::AppError,
    islands::refreshed::Refreshed,
    paths,
    server_fns::monitoring::get_monitoring,
    title::PageTitle,
    wording::{duration, grouped, job_of, percent, size, whole_percent},
};

#[component]
pub fn MonitoringPage() -> impl IntoView {
    view! {
        <PageTitle text="Monitoring" />
        <PageHeader title="Monitoring">
            <a class="btn btn-secondary" href=paths::MONITORING>
                "Refresh"
            </a>
        </PageHeader>
        <Tabs />
        {awaited(async move {
            match get_monitoring().await {
                Ok(seen) => view! { <Board seen /> }.into_any(),
                Err(AppError(problem)) => {
                    view! { <ProblemView heading="The figures could not be loaded." problem /> }.into_any()
                }
            }
        })}
    }
    .into_any()
}

#[component]
fn Board(seen: Monitoring) -> impl IntoView {
    let Monitoring {
        figures,
        system,
        alerts,
        history,
    } = seen;
    let is_moving = !figures.imports.open.is_empty();
    let nodes = figures.nodes.clone();
    // Where there are several, each is told with its own.
    let disks = if nodes.len() > 1 {
        Vec::new()
    } else {
        system.disks.clone()
    };
    let now = view! {
        <Alerts alerts />
        <Now figures=figures.clone() history=history.clone() />
        <div class="mt-4 grid items-start gap-4 lg:grid-cols-2">
            <Imports imports=figures.imports.open.clone() />
            <Deliveries figures=figures.clone() />
            <Storage figures disks />
            <ThisProcess system />
            {(!nodes.is_empty()).then(|| view! { <Nodes nodes /> })}
        </div>
    };
    view! {
        <Refreshed is_moving>{now}</Refreshed>
        <LastDay history />
    }
    .into_any()
}

#[component]
fn Alerts(alerts: Vec<Alert>) -> impl IntoView {
    if alerts.is_empty() {
        return view! {
            <Banner tone=Tone::Success title="Nothing needs you">
                <p>"Disks, the database, imports, schedules, webhooks and search are as they should be."</p>
            </Banner>
        }
        .into_any();
    }
    alerts
        .into_iter()
        .map(|alert| view! { <OneAlert alert /> })
        .collect_view()
        .into_any()
}

#[component]
fn OneAlert(alert: Alert) -> impl IntoView {
    let tone = match alert.severity {
        Severity::Danger => Tone::Danger,
        Severity::Warning => Tone::Warning,
    };
    let way = match alert.subject {
        Subject::Import(id) => Some((paths::import(id), "Open import")),
        Subject::Webhook(id) => Some((paths::webhook(id), "Open webhook")),
        Subject::Schedule(id) => Some((paths::schedule(id), "Open schedule")),
        Subject::Deliveries => Some((paths::WEBHOOKS.to_owned(), "Open webhooks")),
        Subject::Disk | Subject::Database | Subject::KeyFile | Subject::Search | Subject::Nodes => None,
    };
    let link = way.map(|(href, label)| {
        view! {
            <p class="mt-2">
                <a class="link" href=href>
                    {label}
                </a>
            </p>
        }
    });
    view! {
        <Banner tone title=alert.title>
            <p class="wrap-anywhere">{alert.happened}</p>
            <p class="wrap-anywhere">{alert.advice}</p>
            {link}
        </Banner>
    }
    .into_any()
}

#[component]
fn Now(figures: Numbers, history: History) -> impl IntoView {
    let running = figures.imports.running().count();
    let waiting = grouped(figures.imports.waiting());
    let to_be_confirmed = grouped(figures.imports.to_be_confirmed);
    let deliveries = at_most(figures.waiting_deliveries());
    let failed = grouped(history.sum(Measure::CallsFailed));
    let errors = grouped(history.sum(Measure::ServerErrors));
    view! {
        <Figures>
            <LinkedFigure label="Imports running" value=running.to_string() href=paths::IMPORTS.to_owned() />
            <LinkedFigure label="Imports waiting" value=waiting href=paths::IMPORTS.to_owned() />
            <LinkedFigure label="To be confirmed" value=to_be_confirmed href=paths::IMPORTS.to_owned() />
            <LinkedFigure label="Deliveries waiting" value=deliveries href=paths::WEBHOOKS.to_owned() />
            <LinkedFigure label="Failed calls in 24 h" value=failed href=paths::WEBHOOKS.to_owned() />
            <LinkedFigure label="Server errors in 24 h" value=errors href="#last-day".to_owned() />
        </Figures>
    }
    .into_any()
}

/// `10,000+` where counting stopped.
fn at_most(count: i64) -> String {
    let more = if count >= COUNTED_AT_MOST { "+" } else { "" };
    format!("{}{more}", grouped(count))
}

#[component]
fn Imports(imports: Vec<OpenImport>) -> impl IntoView {
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

#[component]
fn Deliveries(figures: Numbers) -> impl IntoView {
    let pictures = figures.pictures;
    let pictures = format!(
        "{} waiting, {} could not be fetched",
        at_most(pictures.waiting),
        at_most(pictures.failed)
    );
    let oldest = match figures.oldest_due_seconds() {
        Some(seconds) => format!("Due for {}", duration(seconds)),
        None => "Nothing is due".to_owned(),
    };
    let search = match figures.search_behind {
        0 => "Up to date".to_owned(),
        behind => format!("{} new or changed products to come", grouped(behind)),
    };
    let (webhooks, left_alone) = webhooks(&figures);
    view! {
        <Card title="Queues">
            <KeyValueList>
                <KeyValue name="Webhooks">{webhooks}</KeyValue>
                <KeyValue name="Left alone">{left_alone}</KeyValue>
                <KeyValue name="Oldest delivery">{oldest}</KeyValue>
                <KeyValue name="Pictures">{pictures}</KeyValue>
                <KeyValue name="Search">{search}</KeyValue>
            </KeyValueList>
        </Card>
    }
    .into_any()
}

/// How many there are of which kind, and how many are not called for a while.
fn webhooks(figures: &Numbers) -> (String, String) {
    let (mut enabled, mut failing, mut resting) = (0, 0, 0);
    for webhook in &figures.webhooks {
        if webhook.status == WebhookStatus::Enabled {
            enabled += 1;
            failing += i64::from(webhook.failing_since.is_some());
            resting += i64::from(webhook.breaker != Breaker::Closed);
        }
    }
    let disabled = figures.webhooks.len() - enabled;
    let resting = match resting {
        0 => "None".to_owned(),
        _ => format!("{resting}, because most calls there failed"),
    };
    (
        format!("{enabled} enabled, {failing} failing, {disabled} disabled"),
        resting,
    )
}

fn bytes(bytes: i64) -> String {
    size(u64::try_from(bytes).unwrap_or(0))
}

/// `Disk of files`
fn disk_of(disk: Disk) -> String {
    format!("Disk of {}", disk.used_for.label())
}

fn room(disk: Disk) -> String {
    format!("{} of {} are free", bytes(disk.free_bytes), bytes(disk.total_bytes))
}

#[component]
fn Storage(figures: Numbers, disks: Vec<Disk>) -> impl IntoView {
    let database = figures.database;
    let wal = database.wal_bytes.map(|wal| {
        view! { <KeyValue name="Its log">{format!("{} of changes that are not in the file yet", bytes(wal))}</KeyValue> }
    });
    let disks: Vec<_> = disks
        .into_iter()
        .map(|disk| view! { <KeyValue name=disk_of(disk)>{room(disk)}</KeyValue> })
        .collect();
    view! {
        <Card title="Storage">
            <KeyValueList>
                <KeyValue name="Database">{format!("{}, {}", database.engine, bytes(database.bytes))}</KeyValue>
                {wal}
                {disks}
            </KeyValueList>
        </Card>
    }
    .into_any()
}

#[component]
fn ThisProcess(system: System) -> impl IntoView {
    let Process {
        version,
        started_at,
        uptime_seconds,
        memory_bytes,
        open_files,
    } = system.process;
    let memory = memory_bytes.map(|memory| view! { <KeyValue name="Memory">{bytes(memory)}</KeyValue> });
    let files = open_files.map(|files| view! { <KeyValue name="Open files">{grouped(files)}</KeyValue> });
    view! {
        <Card title="This process">
            <KeyValueList>
                <KeyValue name="Version">{version}</KeyValue>
                <KeyValue name="Running since">
                    <Time moment=started_at />
                    {format!(" ({})", duration(uptime_seconds))}
                </KeyValue>
                {memory}
                {files}
            </KeyValueList>
        </Card>
    }
    .into_any()
}

#[component]
fn Nodes(nodes: Vec<Node>) -> impl IntoView {
    let is_alone = nodes.len() == 1;
    let lines: Vec<_> = nodes
        .into_iter()
        .map(|node| {
            let work = match node.role {
                NodeRole::All => "serves pages, and works in the background",
                NodeRole::Web => "serves pages",
                NodeRole::Worker => "works in the background",
            };
            let told = if is_alone { Vec::new() } else { node.disks };
            let disks: Vec<_> = told
                .into_iter()
                .map(|disk| {
                    view! { <p class="text-sm text-muted tabular-nums">{format!("{}: {}", disk_of(disk), room(disk))}</p> }
                })
                .collect();
            view! {
                <li class="py-2">
                    <p class="wrap-anywhere">
                        <span class="font-medium">{node.host}</span>
                        {format!(" {work}")}
                    </p>
                    <p class="text-sm text-muted">
                        {format!("Version {}, since ", node.version)} <Time moment=node.started_at />
                    </p>
                    {disks}
                </li>
            }
        })
        .collect();
    view! {
        <Card title="Nodes">
            <ul class="divide-y divide-line">{lines}</ul>
        </Card>
    }
    .into_any()
}

#[component]
fn LastDay(history: History) -> impl IntoView {
    let charts: Vec<_> = history
        .series
        .into_iter()
        .map(|series| {
            let starts = history.starts.clone();
            view! {
                <Card title=series.measure.label()>
                    <Chart series starts />
                </Card>
            }
        })
        .collect();
    view! {
        <h2 id="last-day" class="mt-6 mb-3 text-lg font-semibold">
            "The last 24 hours"
        </h2>
        <div class="grid items-start gap-4 md:grid-cols-2 xl:grid-cols-3">{charts}</div>
    }
    .into_any()
}
