//! The state of a thing: a word, an icon and a colour, never the colour alone.

use leptos::prelude::*;
use stockroom::{
    accounts::{AccountStatus, ApiKeyInfo},
    imports::{ImportStatus, Progress},
    schedules::{RunStatus, Schedule, ScheduleStatus},
    webhooks::{DeliveryStatus, Webhook, WebhookStatus},
};

use super::icon::{ARROW, CLOCK, CROSS, DASH, Icon, TICK, WARNING};

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub word: &'static str,
    icon: &'static str,
    class: &'static str,
}

impl Status {
    #[must_use]
    pub fn of_product(active: bool) -> Self {
        if active {
            Self {
                word: "Active",
                icon: TICK,
                class: "tag tone-success",
            }
        } else {
            Self {
                word: "Inactive",
                icon: DASH,
                class: "tag tone-quiet",
            }
        }
    }

    #[must_use]
    pub fn of_account(status: AccountStatus) -> Self {
        match status {
            AccountStatus::Active => Self::of_product(true),
            AccountStatus::Invited => Self {
                word: "Invited",
                icon: CLOCK,
                class: "tag tone-info",
            },
            AccountStatus::Disabled => Self {
                word: "Disabled",
                icon: DASH,
                class: "tag tone-quiet",
            },
        }
    }

    #[must_use]
    pub fn of_api_key(key: &ApiKeyInfo) -> Self {
        let ended = |word| Self {
            word,
            icon: DASH,
            class: "tag tone-quiet",
        };
        match (&key.revoked_at, key.is_expired) {
            (Some(_), _) => ended("Revoked"),
            (None, true) => ended("Expired"),
            (None, false) => Self::of_product(true),
        }
    }

    #[must_use]
    pub fn of_webhook(webhook: &Webhook) -> Self {
        match (webhook.status, &webhook.failing_since) {
            (WebhookStatus::Disabled, _) => Self {
                word: "Disabled",
                icon: DASH,
                class: "tag tone-quiet",
            },
            (WebhookStatus::DisabledAutomatically, _) => Self {
                word: "Disabled automatically",
                icon: CROSS,
                class: "tag tone-danger",
            },
            (WebhookStatus::Enabled, Some(_)) => Self {
                word: "Failing",
                icon: WARNING,
                class: "tag tone-warn",
            },
            (WebhookStatus::Enabled, None) => Self {
                word: "Enabled",
                icon: TICK,
                class: "tag tone-success",
            },
        }
    }

    #[must_use]
    pub fn of_schedule(schedule: &Schedule) -> Self {
        match schedule.status {
            ScheduleStatus::Paused => Self {
                word: "Paused",
                icon: DASH,
                class: "tag tone-quiet",
            },
            ScheduleStatus::PausedAutomatically => Self {
                word: "Paused automatically",
                icon: CROSS,
                class: "tag tone-danger",
            },
            ScheduleStatus::Enabled if schedule.failures > 0 => Self {
                word: "Failing",
                icon: WARNING,
                class: "tag tone-warn",
            },
            ScheduleStatus::Enabled => Self {
                word: "Enabled",
                icon: TICK,
                class: "tag tone-success",
            },
        }
    }

    #[must_use]
    pub fn of_run(status: RunStatus) -> Self {
        let (word, icon, class) = match status {
            RunStatus::Asked => ("To begin", CLOCK, "tag tone-quiet"),
            RunStatus::Fetching => ("Fetching", ARROW, "tag tone-info"),
            RunStatus::Checking => ("Checking", ARROW, "tag tone-info"),
            RunStatus::Applying => ("Applying", ARROW, "tag tone-info"),
            RunStatus::Waiting => ("Waits for a person", WARNING, "tag tone-warn"),
            RunStatus::Completed => ("Imported", TICK, "tag tone-success"),
            RunStatus::Unchanged => ("Unchanged", DASH, "tag tone-quiet"),
            RunStatus::Failed => ("Failed", CROSS, "tag tone-danger"),
            RunStatus::Cancelled => ("Cancelled", DASH, "tag tone-quiet"),
        };
        Self { word, icon, class }
    }

    #[must_use]
    pub fn of_delivery(status: DeliveryStatus) -> Self {
        match status {
            DeliveryStatus::Pending => Self {
                word: "Pending",
                icon: CLOCK,
                class: "tag tone-quiet",
            },
            DeliveryStatus::Retrying => Self {
                word: "Retrying",
                icon: ARROW,
                class: "tag tone-warn",
            },
            DeliveryStatus::Delivered => Self {
                word: "Delivered",
                icon: TICK,
                class: "tag tone-success",
            },
            DeliveryStatus::Failed => Self {
                word: "Failed",
                icon: CROSS,
                class: "tag tone-danger",
            },
            DeliveryStatus::Held => Self {
                word: "Kept",
                icon: DASH,
                class: "tag tone-quiet",
            },
        }
    }

    #[must_use]
    pub fn of_import(progress: &Progress) -> Self {
        match progress.status {
            ImportStatus::AwaitingConfirmation => Self {
                word: "To be confirmed",
                icon: WARNING,
                class: "tag tone-warn",
            },
            ImportStatus::Undone => Self {
                word: "Undone",
                icon: DASH,
                class: "tag tone-quiet",
            },
            ImportStatus::Pending => Self {
                word: "Waiting",
                icon: CLOCK,
                class: "tag tone-quiet",
            },
            ImportStatus::Processing => Self {
                word: "Running",
                icon: ARROW,
                class: "tag tone-info",
            },
            ImportStatus::Completed if progress.failed > 0 => Self {
                word: "Finished with problems",
                icon: WARNING,
                class: "tag tone-warn",
            },
            ImportStatus::Completed => Self {
                word: "Finished",
                icon: TICK,
                class: "tag tone-success",
            },
            ImportStatus::Failed => Self {
                word: "Failed",
                icon: CROSS,
                class: "tag tone-danger",
            },
            ImportStatus::Cancelled => Self {
                word: "Cancelled",
                icon: DASH,
                class: "tag tone-quiet",
            },
        }
    }
}

#[component]
pub fn StatusTag(status: Status) -> impl IntoView {
    view! {
        <span class=status.class>
            <Icon path=status.icon />
            {status.word}
        </span>
    }
    .into_any()
}
