//! What waits to be sent, fetched or indexed.

use leptos::prelude::*;
use stockroom::monitoring::{Breaker, Figures};
use stockroom::webhooks::WebhookStatus;

use super::at_most;
use crate::{
    components::{
        card::Card,
        key_value::{KeyValue, KeyValueList},
    },
    wording::{duration, grouped},
};

#[component]
pub fn Queues(figures: Figures) -> impl IntoView {
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
fn webhooks(figures: &Figures) -> (String, String) {
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
