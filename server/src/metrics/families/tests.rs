use stockroom::imports::{ImportKind, ImportStatus, Phase};
use stockroom::monitoring::{
    DatabaseFigures, ImportFigures, OpenImport, PictureFigures, ScheduleFigures, WebhookFigures,
};
use stockroom::nodes::Node;
use stockroom::timestamp::Timestamp;

use super::*;

fn moment() -> Timestamp {
    Timestamp::from_rfc3339("2026-11-23T08:00:00Z".to_owned())
}

fn import(id: i64, status: ImportStatus, phase: Option<Phase>, waiting_seconds: Option<i64>) -> OpenImport {
    OpenImport {
        id,
        kind: ImportKind::Products,
        file_name: "a.csv".to_owned(),
        status,
        phase,
        percent: 0.0,
        rows_per_second: phase.map(|_| 1_200.5),
        waiting_seconds,
    }
}

fn webhook(status: WebhookStatus, breaker: Breaker, waiting: i64, oldest_due_seconds: Option<i64>) -> WebhookFigures {
    WebhookFigures {
        id: 1,
        url: "https://example.com/".to_owned(),
        status,
        failing_since: None,
        breaker,
        waiting,
        oldest_due_seconds,
    }
}

fn schedule(status: ScheduleStatus, failures: i64) -> ScheduleFigures {
    ScheduleFigures {
        id: 1,
        name: "Acme".to_owned(),
        status,
        failures,
        paused_because: None,
    }
}

fn node(role: NodeRole) -> Node {
    Node {
        id: String::new(),
        role,
        host: "a".to_owned(),
        version: "1".to_owned(),
        started_at: moment(),
        disks: Vec::new(),
    }
}

/// Each kind as often as no other, so that one that is told under another's name is noticed.
fn busy() -> Figures {
    use Breaker::{Closed, Open, Trying};
    use WebhookStatus::{Disabled, DisabledAutomatically, Enabled};
    let reading = |id| import(id, ImportStatus::Processing, Some(Phase::Reading), None);
    let applying = import(3, ImportStatus::Processing, Some(Phase::Applying), None);
    let pending = |id, seconds| import(id, ImportStatus::Pending, None, Some(seconds));
    let webhooks = [
        (Enabled, Closed, 3, Some(70)),
        (Enabled, Open, 10_000, None),
        (Enabled, Open, 0, None),
        (Enabled, Trying, 0, None),
        (Enabled, Trying, 0, None),
        (Enabled, Trying, 0, None),
        (Disabled, Open, 0, None),
        (DisabledAutomatically, Open, 0, None),
        (DisabledAutomatically, Closed, 5, None),
    ];
    Figures {
        moment: moment(),
        imports: ImportFigures {
            open: vec![
                reading(1),
                reading(2),
                applying,
                pending(4, 40),
                pending(5, 30),
                pending(6, 20),
            ],
            to_be_confirmed: 4,
        },
        webhooks: webhooks
            .map(|(status, breaker, waiting, due)| webhook(status, breaker, waiting, due))
            .to_vec(),
        schedules: [
            (ScheduleStatus::Enabled, 0),
            (ScheduleStatus::Enabled, 2),
            (ScheduleStatus::Enabled, 1),
            (ScheduleStatus::Paused, 7),
            (ScheduleStatus::PausedAutomatically, 10),
            (ScheduleStatus::PausedAutomatically, 10),
        ]
        .map(|(status, failures)| schedule(status, failures))
        .to_vec(),
        pictures: PictureFigures { waiting: 8, failed: 9 },
        search_behind: 11,
        search_was_behind: None,
        database: DatabaseFigures {
            engine: "SQLite".to_owned(),
            bytes: 4_096,
            wal_bytes: Some(512),
        },
        nodes: [NodeRole::Web, NodeRole::Web, NodeRole::Worker].map(node).to_vec(),
    }
}

#[test]
fn every_figure_stands_under_its_own_name() {
    let mut text = Exposition::default();
    from_database(&mut text, &busy());
    let text = text.into_text();
    let told: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        told,
        [
            "stockroom_imports{status=\"awaiting_confirmation\",phase=\"\"} 4",
            "stockroom_imports{status=\"pending\",phase=\"\"} 3",
            "stockroom_imports{status=\"processing\",phase=\"applying\"} 1",
            "stockroom_imports{status=\"processing\",phase=\"reading\"} 2",
            "stockroom_import_rows_per_second 3601.5",
            "stockroom_import_oldest_waiting_seconds 40",
            "stockroom_webhooks{status=\"enabled\"} 6",
            "stockroom_webhooks{status=\"disabled\"} 1",
            "stockroom_webhooks{status=\"disabled_automatically\"} 2",
            "stockroom_webhook_breakers{state=\"closed\"} 1",
            "stockroom_webhook_breakers{state=\"open\"} 2",
            "stockroom_webhook_breakers{state=\"trying\"} 3",
            "stockroom_webhook_deliveries_waiting 10008",
            "stockroom_webhook_oldest_due_seconds 70",
            "stockroom_schedules{status=\"enabled\"} 3",
            "stockroom_schedules{status=\"paused\"} 1",
            "stockroom_schedules{status=\"paused_automatically\"} 2",
            "stockroom_schedules_failing 2",
            "stockroom_nodes{role=\"all\"} 0",
            "stockroom_nodes{role=\"web\"} 2",
            "stockroom_nodes{role=\"worker\"} 1",
            "stockroom_pictures{state=\"waiting\"} 8",
            "stockroom_pictures{state=\"failed\"} 9",
            "stockroom_search_behind_rows 11",
            "stockroom_database_bytes 4096",
            "stockroom_database_wal_bytes 512",
        ]
    );
}
