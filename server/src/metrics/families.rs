//! What is told, family by family. Names and labels stay as they are: dashboards of others name them.

use std::collections::BTreeMap;

use stockroom::monitoring::{self, Breaker, Figures, Measure, System};
use stockroom::nodes::NodeRole;
use stockroom::schedules::ScheduleStatus;
use stockroom::webhooks::WebhookStatus;

use super::exposition::{Exposition, Kind};
use crate::state::AppState;

/// Everything. A database that does not answer is told as such, with what is known without it.
pub async fn exposition(state: &AppState) -> String {
    let services = &state.services;
    let mut text = Exposition::default();
    let system = monitoring::system(&services.config, &services.disks, &services.tally).await;
    process(&mut text, state, &system);
    counted(&mut text, state);
    pools(&mut text, state);
    let figures = monitoring::figures(&services.database).await;
    const UP: &str = "Whether the database answers.";
    text.single("stockroom_database_up", Kind::Gauge, UP, u8::from(figures.is_ok()));
    match figures {
        Ok(figures) => from_database(&mut text, &figures),
        Err(error) => tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the database has no figures for those who watch"
        ),
    }
    state.requests.expose(&mut text);
    text.into_text()
}

fn process(text: &mut Exposition, state: &AppState, system: &System) {
    let process = &system.process;
    text.family("stockroom_build_info", Kind::Gauge, "The version, as a label.")
        .sample("stockroom_build_info", &[("version", process.version.as_str())], 1);
    text.single(
        "process_start_time_seconds",
        Kind::Gauge,
        "When the process began, in seconds since 1970.",
        state.services.tally.began().unix_timestamp(),
    )
    .known(
        "process_resident_memory_bytes",
        Kind::Gauge,
        "Memory that is in use.",
        process.memory_bytes,
    )
    .known(
        "process_open_fds",
        Kind::Gauge,
        "Open file descriptors.",
        process.open_files,
    )
    .single(
        "stockroom_sse_streams",
        Kind::Gauge,
        "Streams of events that are open.",
        state.streams.count(),
    );
    disks(text, system);
}

fn disks(text: &mut Exposition, system: &System) {
    const FREE: &str = "stockroom_disk_free_bytes";
    const TOTAL: &str = "stockroom_disk_size_bytes";
    text.family(
        FREE,
        Kind::Gauge,
        "Free space of the disks of the file store, of SQLite and of scratch, each once.",
    );
    for disk in &system.disks {
        text.sample(FREE, &[("disk", disk.used_for.as_str())], disk.free_bytes);
    }
    text.family(TOTAL, Kind::Gauge, "Size of these disks.");
    for disk in &system.disks {
        text.sample(TOTAL, &[("disk", disk.used_for.as_str())], disk.total_bytes);
    }
}

/// By this process, since it began.
fn counted(text: &mut Exposition, state: &AppState) {
    const IMPORTS: &str = "stockroom_imports_finished_total";
    const ATTEMPTS: &str = "stockroom_webhook_attempts_total";
    let total = |measure| state.services.tally.total(measure);
    text.single(
        "stockroom_import_rows_applied_total",
        Kind::Counter,
        "Products and catalogues that imports and bulk actions have written.",
        total(Measure::RowsApplied),
    )
    .family(IMPORTS, Kind::Counter, "Imports, bulk actions and undos that are over.")
    .sample(IMPORTS, &[("outcome", "completed")], total(Measure::ImportsCompleted))
    .sample(IMPORTS, &[("outcome", "failed")], total(Measure::ImportsFailed))
    .family(ATTEMPTS, Kind::Counter, "Calls to webhooks.")
    .sample(ATTEMPTS, &[("result", "arrived")], total(Measure::CallsArrived))
    .sample(ATTEMPTS, &[("result", "failed")], total(Measure::CallsFailed));
}

fn pools(text: &mut Exposition, state: &AppState) {
    const CONNECTIONS: &str = "stockroom_pool_connections";
    text.family(
        CONNECTIONS,
        Kind::Gauge,
        "Connections to the database. SQLite has a pool for readers and one writer.",
    );
    for pool in state.services.database.pools() {
        let in_state = |state: &'static str| [("pool", pool.name), ("state", state)];
        text.sample(CONNECTIONS, &in_state("idle"), pool.idle);
        text.sample(CONNECTIONS, &in_state("used"), pool.open - pool.idle);
    }
}

fn from_database(text: &mut Exposition, figures: &Figures) {
    imports(text, figures);
    webhooks(text, figures);
    schedules(text, figures);
    nodes(text, figures);
    const PICTURES: &str = "stockroom_pictures";
    text.family(
        PICTURES,
        Kind::Gauge,
        "Pictures that are not there, 10000 at most of each.",
    )
    .sample(PICTURES, &[("state", "waiting")], figures.pictures.waiting)
    .sample(PICTURES, &[("state", "failed")], figures.pictures.failed)
    .single(
        "stockroom_search_behind_rows",
        Kind::Gauge,
        "New products and changes that searches for words do not see yet.",
        figures.search_behind,
    )
    .single(
        "stockroom_database_bytes",
        Kind::Gauge,
        "Size of the database.",
        figures.database.bytes,
    )
    .known(
        "stockroom_database_wal_bytes",
        Kind::Gauge,
        "Size of SQLite's write-ahead log.",
        figures.database.wal_bytes,
    );
}

fn schedules(text: &mut Exposition, figures: &Figures) {
    const SCHEDULES: &str = "stockroom_schedules";
    let all = &figures.schedules;
    text.family(SCHEDULES, Kind::Gauge, "Scheduled imports.");
    for status in ScheduleStatus::ALL {
        let count = all.iter().filter(|schedule| schedule.status == status).count();
        text.sample(SCHEDULES, &[("status", status.as_str())], count);
    }
    text.single(
        "stockroom_schedules_failing",
        Kind::Gauge,
        "Scheduled imports that are enabled and whose last run has failed.",
        all.iter()
            .filter(|schedule| schedule.status == ScheduleStatus::Enabled && schedule.failures > 0)
            .count(),
    );
}

/// A database that is a file has no nodes: its one process is told by being scraped.
fn nodes(text: &mut Exposition, figures: &Figures) {
    const NODES: &str = "stockroom_nodes";
    if figures.nodes.is_empty() {
        return;
    }
    text.family(
        NODES,
        Kind::Gauge,
        "Nodes that share the database and live, by what they do.",
    );
    for role in NodeRole::ALL {
        let count = figures.nodes.iter().filter(|node| node.role == role).count();
        text.sample(NODES, &[("role", role.as_str())], count);
    }
}

fn imports(text: &mut Exposition, figures: &Figures) {
    const OPEN: &str = "stockroom_imports";
    let imports = &figures.imports;
    let mut counts: BTreeMap<(&str, &str), i64> = BTreeMap::from([
        (("awaiting_confirmation", ""), imports.to_be_confirmed),
        (("pending", ""), 0),
    ]);
    for import in &imports.open {
        let phase = import.phase.map_or("", |phase| phase.as_str());
        *counts.entry((import.status.as_str(), phase)).or_default() += 1;
    }
    text.family(
        OPEN,
        Kind::Gauge,
        "Imports that are not over, by status and by what is being done.",
    );
    for ((status, phase), count) in counts {
        text.sample(OPEN, &[("status", status), ("phase", phase)], count);
    }
    let rate: f64 = imports.running().filter_map(|import| import.rows_per_second).sum();
    text.single(
        "stockroom_import_rows_per_second",
        Kind::Gauge,
        "Rows that running imports handle in a second.",
        // The sum of no numbers is a negative zero.
        rate.abs(),
    )
    .single(
        "stockroom_import_oldest_waiting_seconds",
        Kind::Gauge,
        "For how long the oldest import that waits for a worker has done so.",
        imports.oldest_waiting_seconds().unwrap_or(0),
    );
}

fn webhooks(text: &mut Exposition, figures: &Figures) {
    const BY_STATUS: &str = "stockroom_webhooks";
    const BREAKERS: &str = "stockroom_webhook_breakers";
    let of_status = |status| {
        figures
            .webhooks
            .iter()
            .filter(|webhook| webhook.status == status)
            .count()
    };
    text.family(BY_STATUS, Kind::Gauge, "Webhooks.");
    for status in [
        WebhookStatus::Enabled,
        WebhookStatus::Disabled,
        WebhookStatus::DisabledAutomatically,
    ] {
        text.sample(BY_STATUS, &[("status", status.as_str())], of_status(status));
    }
    text.family(
        BREAKERS,
        Kind::Gauge,
        "Breakers of enabled webhooks: one that is open leaves its receiver alone for a while.",
    );
    for state in Breaker::ALL {
        let enabled = figures
            .webhooks
            .iter()
            .filter(|webhook| webhook.status == WebhookStatus::Enabled);
        let count = enabled.filter(|webhook| webhook.breaker == state).count();
        text.sample(BREAKERS, &[("state", state.as_str())], count);
    }
    text.single(
        "stockroom_webhook_deliveries_waiting",
        Kind::Gauge,
        "Deliveries that are still to be made, 10000 at most of each webhook.",
        figures.waiting_deliveries(),
    )
    .single(
        "stockroom_webhook_oldest_due_seconds",
        Kind::Gauge,
        "For how long the oldest delivery that is due has been so; without those whose breaker is open.",
        figures.oldest_due_seconds().unwrap_or(0),
    );
}

#[cfg(test)]
mod tests;
