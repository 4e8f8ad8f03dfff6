//! What somebody must look after: from figures to sentences that say what happened and what to do. Pure.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Figures, KeyFileTrouble, ScheduleFigures, System, WebhookFigures};
use crate::disk::{Disk, DiskUse};
use crate::schedules::ScheduleStatus;
use crate::webhooks::WebhookStatus;

/// Less than this share of a disk is little.
const FREE_PERCENT: i64 = 10;
/// A wait that is longer than anything that goes well.
const PATIENCE: i64 = 300;
/// A wait that is longer than it takes to start a node.
const RESTART: i64 = 60;
/// New products that a search reads by itself.
const READ_BY_SEARCHES: i64 = 500;
/// More of SQLite's log than there is when all goes well: even commits that nobody helps put it back at 400 MB.
const LONG_LOG: i64 = 512 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something does not work, or will stop working soon.
    Danger,
    Warning,
}

impl Severity {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Danger => "danger",
            Self::Warning => "warning",
        }
    }
}

/// What an alert is about; where there are several of a kind, with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Disk,
    Database,
    KeyFile,
    Import(i64),
    Deliveries,
    Webhook(i64),
    Schedule(i64),
    Search,
    Nodes,
}

impl Subject {
    /// One of each kind. The numbers are nobody's.
    pub const ALL: [Self; 9] = [
        Self::Disk,
        Self::Database,
        Self::KeyFile,
        Self::Import(0),
        Self::Deliveries,
        Self::Webhook(0),
        Self::Schedule(0),
        Self::Search,
        Self::Nodes,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Database => "database",
            Self::KeyFile => "key_file",
            Self::Import(_) => "import",
            Self::Deliveries => "deliveries",
            Self::Webhook(_) => "webhook",
            Self::Schedule(_) => "schedule",
            Self::Search => "search",
            Self::Nodes => "nodes",
        }
    }

    #[must_use]
    pub fn id(self) -> Option<i64> {
        match self {
            Self::Import(id) | Self::Webhook(id) | Self::Schedule(id) => Some(id),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub severity: Severity,
    pub subject: Subject,
    /// A few words.
    pub title: String,
    /// What happened, as a sentence or two.
    pub happened: String,
    /// What to do.
    pub advice: String,
}

/// What somebody must look after, the worst first.
#[must_use]
pub fn alerts(figures: &Figures, system: &System) -> Vec<Alert> {
    let mut alerts = full_disks(figures, system);
    alerts.extend(log_is_long(figures));
    alerts.extend(system.key_file.as_ref().map(key_file));
    alerts.extend(nobody_works(figures));
    alerts.extend(import_waits(figures));
    alerts.extend(deliveries_late(figures));
    alerts.extend(figures.webhooks.iter().filter_map(webhook));
    alerts.extend(figures.schedules.iter().filter_map(schedule));
    alerts.extend(search_behind(figures));
    alerts.sort_by_key(|alert| alert.severity);
    alerts
}

/// Of each host the worst for each use: its nodes mostly share their disks.
fn full_disks(figures: &Figures, system: &System) -> Vec<Alert> {
    let disks = figures.disks(system).into_iter();
    let mut full: Vec<_> = disks
        .filter_map(|(host, disk)| Some((host, disk, nearly_full(disk, host)?)))
        .collect();
    full.sort_by_key(|(_, disk, alert)| (alert.severity, disk.free_bytes));
    let mut told = HashSet::new();
    full.retain(|(host, disk, _)| told.insert((*host, disk.used_for.as_str())));
    full.into_iter().map(|(_, _, alert)| alert).collect()
}

fn nearly_full(disk: &Disk, host: Option<&str>) -> Option<Alert> {
    // Some stores of the network say that they have room without end.
    let percent = disk.free_bytes / (disk.total_bytes / 100).max(1);
    let is_short = disk.free_bytes < disk.reserve_bytes;
    if percent >= FREE_PERCENT && !is_short {
        return None;
    }
    let on_host = host.map_or_else(String::new, |host| format!(" on {host}"));
    Some(Alert {
        severity: if is_short { Severity::Danger } else { Severity::Warning },
        subject: Subject::Disk,
        title: format!("The disk of {}{on_host} is nearly full", disk.used_for.label()),
        happened: format!(
            "{} of {} are free, that is {percent} %.",
            rough(disk.free_bytes),
            rough(disk.total_bytes)
        ),
        advice: match disk.used_for {
            DiskUse::Scratch => {
                "Free some space, or name a folder on a larger disk in STOCKROOM_SCRATCH_DIR. Once it is full, imports stop, and workbooks can \
                 be neither read nor written."
            }
            _ => {
                "Free some space, or move to a larger disk. Once it is full, files cannot be uploaded and changes cannot be saved."
            }
        }
        .to_owned(),
    })
}

/// Whole numbers, which every shop writes alike.
fn rough(bytes: i64) -> String {
    const MB: i64 = 1 << 20;
    const GB: i64 = 1 << 30;
    if bytes >= 10 * GB {
        format!("{} GB", bytes / GB)
    } else {
        format!("{} MB", bytes / MB)
    }
}

/// It goes back into the file within seconds, unless somebody holds on to what stood there before.
fn log_is_long(figures: &Figures) -> Option<Alert> {
    let bytes = figures.database.wal_bytes.filter(|bytes| *bytes > LONG_LOG)?;
    Some(Alert {
        severity: Severity::Warning,
        subject: Subject::Database,
        title: "The database's log has become very long".to_owned(),
        happened: format!(
            "SQLite's log of changes has grown to {}, because they do not get into the file of the database. It takes room on the disk, and \
             slows all reading down.",
            rough(bytes)
        ),
        advice: "If a large import is running, wait for its end. If not, look whether another program, such as a backup, has the file of the \
                 database open, and end it; then restart Stockroom."
            .to_owned(),
    })
}

fn key_file(trouble: &KeyFileTrouble) -> Alert {
    let (severity, title, happened, advice) = match trouble {
        KeyFileTrouble::Gone(path) => (
            Severity::Danger,
            "The key file is gone",
            format!("{path} held the key that seals the secrets of webhooks. Only this process still has it, and loses it when it ends."),
            "Bring the file back from your copy before you restart Stockroom. Without it, webhooks cannot sign, and need new secrets."
                .to_owned(),
        ),
        KeyFileTrouble::OpenToOthers(path) => (
            Severity::Warning,
            "Others can read the key file",
            format!("{path} holds the key that seals the secrets of webhooks, and other users of this machine may read it."),
            format!("Run `chmod 600 {path}`."),
        ),
    };
    Alert {
        severity,
        subject: Subject::KeyFile,
        title: title.to_owned(),
        happened,
        advice,
    }
}

/// A worker that is started anew is away for a moment, and nothing waits for long.
fn nobody_works(figures: &Figures) -> Option<Alert> {
    let nodes = &figures.nodes;
    let waited = figures
        .imports
        .oldest_waiting_seconds()
        .max(figures.oldest_due_seconds());
    let has_waited = waited.is_some_and(|waited| waited > RESTART);
    if !has_waited || nodes.is_empty() || nodes.iter().any(|node| node.role.works()) {
        return None;
    }
    Some(Alert {
        severity: Severity::Danger,
        subject: Subject::Nodes,
        title: "No node works in the background".to_owned(),
        happened: "All nodes that live only serve pages. Imports, bulk actions, webhooks, pictures and schedules wait."
            .to_owned(),
        advice: "Start a node with the role worker or all, or look why the one that was there has ended. What waits then goes on by itself."
            .to_owned(),
    })
}

fn import_waits(figures: &Figures) -> Option<Alert> {
    let imports = &figures.imports;
    let first = imports
        .open
        .iter()
        .max_by_key(|import| import.waiting_seconds.unwrap_or(0))?;
    let waited = first.waiting_seconds.filter(|waited| *waited > PATIENCE)?;
    if imports.running().next().is_some() {
        return None;
    }
    Some(Alert {
        severity: Severity::Danger,
        subject: Subject::Import(first.id),
        title: format!("Import #{} waits and nobody works on it", first.id),
        happened: format!(
            "It has waited for {} minutes, and no import is running meanwhile.",
            waited / 60
        ),
        advice: "Look whether a process that runs imports is up, and what the log says. Restart it if it hangs; the import then goes on by itself."
            .to_owned(),
    })
}

fn deliveries_late(figures: &Figures) -> Option<Alert> {
    let late = figures.oldest_due_seconds().filter(|late| *late > PATIENCE)?;
    Some(Alert {
        severity: Severity::Warning,
        subject: Subject::Deliveries,
        title: "Deliveries to webhooks are late".to_owned(),
        happened: format!("The oldest that is due has waited for {} minutes.", late / 60),
        advice: "If a webhook has a backlog, raise its rate or its calls at a time, or ask for batches. If none is sent at all, look whether \
                 a process that sends is up, and what the log says."
            .to_owned(),
    })
}

fn webhook(webhook: &WebhookFigures) -> Option<Alert> {
    let (severity, what, happened, advice) = match (webhook.status, &webhook.failing_since) {
        (WebhookStatus::DisabledAutomatically, _) => (
            Severity::Danger,
            "was disabled",
            "Nothing arrived there for days, or the receiver said that it is gone. Events are kept meanwhile."
                .to_owned(),
            "Mend the receiver or correct the address, enable the webhook, and send what is kept.",
        ),
        (WebhookStatus::Enabled, Some(since)) => (
            Severity::Warning,
            "is failing",
            format!("Nothing has arrived there since {}.", since.in_utc()),
            "Look at its log for the receiver's answers. Deliveries are attempted again by themselves, for five days.",
        ),
        _ => return None,
    };
    Some(Alert {
        severity,
        subject: Subject::Webhook(webhook.id),
        title: format!("Webhook {} {what}", webhook.id),
        happened: format!("{happened} Its address is {}.", webhook.url),
        advice: advice.to_owned(),
    })
}

fn schedule(schedule: &ScheduleFigures) -> Option<Alert> {
    let (severity, what, advice) = match (schedule.status, schedule.failures) {
        (ScheduleStatus::PausedAutomatically, _) => (
            Severity::Danger,
            "has paused itself",
            "Nothing is fetched any more. Put that right, then resume it.",
        ),
        (ScheduleStatus::Enabled, 1..) => (
            Severity::Warning,
            "is failing",
            "Look at its runs for why. It is fetched again by itself at its next time.",
        ),
        _ => return None,
    };
    let happened = match (&schedule.paused_because, schedule.failures) {
        (Some(because), _) => because.clone(),
        (None, 1) => "Its last run has failed.".to_owned(),
        (None, failures) => format!("Its last {failures} runs have failed."),
    };
    Some(Alert {
        severity,
        subject: Subject::Schedule(schedule.id),
        title: format!("Scheduled import {} {what}", schedule.name),
        happened,
        advice: advice.to_owned(),
    })
}

/// An import brings more than the index follows, and is no reason to worry.
fn search_behind(figures: &Figures) -> Option<Alert> {
    let behind = figures.search_behind.min(figures.search_was_behind?);
    if behind <= READ_BY_SEARCHES || figures.imports.running().next().is_some() {
        return None;
    }
    Some(Alert {
        severity: Severity::Warning,
        subject: Subject::Search,
        title: "The search does not know the newest products".to_owned(),
        happened: format!(
            "{behind} new or changed products have been missing from searches for words for twenty minutes."
        ),
        advice: "Look in the log for why the index is not brought up to date. Lists and other filters are complete."
            .to_owned(),
    })
}

#[cfg(test)]
mod tests;
