//! What somebody must look after, the worst first.

use leptos::prelude::*;
use stockroom::monitoring::{Alert, Severity, Subject};

use crate::{
    components::banner::{Banner, Tone},
    paths,
};

#[component]
pub fn Alerts(alerts: Vec<Alert>) -> impl IntoView {
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
