//! How the shop is doing: what somebody must look after, figures of this moment, and the last day in pictures.

mod alerts;
mod imports;
mod machines;
mod queues;

use leptos::prelude::*;
use stockroom::monitoring::{COUNTED_AT_MOST, Figures as Numbers, History, Measure, Monitoring};

use self::{
    alerts::Alerts,
    imports::Imports,
    machines::{Nodes, Storage, ThisProcess},
    queues::Queues,
};
use super::{awaited, settings::Tabs};
use crate::{
    components::{
        card::Card,
        chart::Chart,
        figures::{Figures, LinkedFigure},
        page_header::PageHeader,
        problem_view::ProblemView,
    },
    error::AppError,
    islands::refreshed::Refreshed,
    paths,
    server_fns::monitoring::get_monitoring,
    title::PageTitle,
    wording::grouped,
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
    let disks = if nodes.is_empty() {
        system.disks.clone()
    } else {
        Vec::new()
    };
    let now = view! {
        <Alerts alerts />
        <Now figures=figures.clone() history=history.clone() />
        <div class="mt-4 grid items-start gap-4 lg:grid-cols-2">
            <Imports imports=figures.imports.open.clone() />
            <Queues figures=figures.clone() />
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
