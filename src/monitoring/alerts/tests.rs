use super::super::{DatabaseFigures, ImportFigures, OpenImport, PictureFigures, Process};
use super::*;
use crate::imports::{ImportKind, ImportStatus};
use crate::nodes::{Node, NodeRole};
use crate::timestamp::Timestamp;

const GB: i64 = 1 << 30;

fn moment() -> Timestamp {
    Timestamp::from_rfc3339("2026-11-21T08:00:00Z".to_owned())
}

fn figures() -> Figures {
    Figures {
        moment: moment(),
        imports: ImportFigures::default(),
        webhooks: Vec::new(),
        schedules: Vec::new(),
        pictures: PictureFigures::default(),
        search_behind: 0,
        search_was_behind: None,
        database: DatabaseFigures::default(),
        nodes: Vec::new(),
    }
}

fn system() -> System {
    System {
        process: Process {
            version: "1".to_owned(),
            started_at: moment(),
            uptime_seconds: 0,
            memory_bytes: None,
            open_files: None,
        },
        disks: Vec::new(),
        key_file: None,
    }
}

fn import(id: i64, waiting_seconds: Option<i64>) -> OpenImport {
    OpenImport {
        id,
        kind: ImportKind::Products,
        file_name: "a.csv".to_owned(),
        status: ImportStatus::Processing,
        phase: None,
        percent: 0.0,
        rows_per_second: None,
        waiting_seconds,
    }
}

fn hook(status: WebhookStatus, failing: bool) -> WebhookFigures {
    WebhookFigures {
        id: 4,
        url: "https://example.com/".to_owned(),
        status,
        failing_since: failing.then(moment),
        breaker: super::super::Breaker::Closed,
        waiting: 0,
        oldest_due_seconds: None,
    }
}

fn planned(status: ScheduleStatus, failures: i64) -> ScheduleFigures {
    ScheduleFigures {
        id: 5,
        name: "Acme".to_owned(),
        status,
        failures,
        paused_because: (status == ScheduleStatus::PausedAutomatically)
            .then(|| "Its key is no longer right.".to_owned()),
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

fn full(used_for: DiskUse) -> Disk {
    Disk {
        used_for,
        free_bytes: 0,
        total_bytes: GB,
        reserve_bytes: GB,
    }
}

fn subjects(figures: &Figures, system: &System) -> Vec<Subject> {
    alerts(figures, system).into_iter().map(|alert| alert.subject).collect()
}

#[test]
fn where_all_is_well_nobody_is_called() {
    let mut figures = figures();
    figures.imports.open = vec![import(1, None), import(2, Some(7_200))];
    figures.webhooks = vec![hook(WebhookStatus::Enabled, false), hook(WebhookStatus::Disabled, true)];
    figures.search_behind = 90_000;
    assert_eq!(subjects(&figures, &system()), []);
}

#[test]
fn a_disk_is_nearly_full_below_a_tenth_or_the_reserve() {
    let told = |free_bytes, total_bytes| {
        let disk = Disk {
            free_bytes,
            total_bytes,
            ..full(DiskUse::Files)
        };
        nearly_full(&disk, None).map(|alert| alert.severity)
    };
    assert_eq!(told(10 * GB, 100 * GB), None);
    assert_eq!(told(9 * GB, 100 * GB), Some(Severity::Warning));
    assert_eq!(told(GB - 1, 4 * GB), Some(Severity::Danger));
    assert_eq!(told(0, 0), Some(Severity::Danger));
    assert_eq!(told(i64::MAX - 1, i64::MAX), None);
}

#[test]
fn a_disk_of_scratch_is_told_with_how_to_have_another() {
    let names_another = |used_for| {
        let alert = nearly_full(&full(used_for), None).expect("an alert");
        alert.advice.contains("STOCKROOM_SCRATCH_DIR")
    };
    assert_eq!(
        DiskUse::ALL.map(names_another),
        [false, false, false, true],
        "the others move as a whole"
    );
}

#[test]
fn disks_of_several_nodes_are_told_with_their_hosts_and_those_of_a_host_once() {
    let mut seen = system();
    seen.disks = vec![full(DiskUse::Files)];
    let mut figures = figures();
    let titles =
        |figures: &Figures| -> Vec<String> { alerts(figures, &seen).into_iter().map(|alert| alert.title).collect() };
    let on = |host: &str, free: i64, total: i64| {
        let scratch = Disk {
            free_bytes: free * GB,
            total_bytes: total * GB,
            ..full(DiskUse::Scratch)
        };
        Node {
            host: host.to_owned(),
            disks: vec![scratch],
            ..node(NodeRole::All)
        }
    };
    figures.nodes = vec![on("a", 50, 100)];
    assert_eq!(
        titles(&figures),
        ["The disk of files is nearly full"],
        "it is its own node"
    );
    // B has less room on the smaller of its disks, of which that is much.
    figures.nodes = vec![
        on("a", 50, 100),
        on("b", 8, 10),
        on("b", 9, 100),
        on("c", 2, 100),
        on("c", 0, 100),
    ];
    assert_eq!(
        titles(&figures),
        [
            "The disk of temporary files on c is nearly full",
            "The disk of temporary files on b is nearly full"
        ],
        "the worst first"
    );
}

#[test]
fn a_log_of_the_database_is_told_when_it_is_longer_than_all_that_goes_well() {
    let told = |wal_bytes| {
        let mut figures = figures();
        figures.database.wal_bytes = wal_bytes;
        subjects(&figures, &system())
    };
    assert_eq!(told(None), [], "PostgreSQL looks after its own");
    assert_eq!(told(Some(512 << 20)), []);
    assert_eq!(told(Some((512 << 20) + 1)), [Subject::Database]);
}

#[test]
fn an_import_that_waits_while_nothing_runs_is_told() {
    let mut figures = figures();
    figures.imports.open = vec![import(7, Some(301)), import(8, Some(20))];
    assert_eq!(subjects(&figures, &system()), [Subject::Import(7)]);
    figures.imports.open[0].waiting_seconds = Some(300);
    assert_eq!(subjects(&figures, &system()), []);
}

#[test]
fn a_schedule_that_fails_or_has_paused_itself_is_told() {
    let told = |status, failures| {
        let mut figures = figures();
        figures.schedules = vec![planned(status, failures)];
        let mut told = alerts(&figures, &system());
        assert!(told.iter().all(|alert| alert.subject == Subject::Schedule(5)));
        told.pop().map(|alert| (alert.severity, alert.title, alert.happened))
    };
    let sentences = |severity, title: &str, happened: &str| Some((severity, title.to_owned(), happened.to_owned()));
    assert_eq!(told(ScheduleStatus::Enabled, 0), None);
    assert_eq!(told(ScheduleStatus::Paused, 3), None, "somebody knows of it");
    let failing = "Scheduled import Acme is failing";
    assert_eq!(
        told(ScheduleStatus::Enabled, 1),
        sentences(Severity::Warning, failing, "Its last run has failed.")
    );
    assert_eq!(
        told(ScheduleStatus::Enabled, 2),
        sentences(Severity::Warning, failing, "Its last 2 runs have failed.")
    );
    assert_eq!(
        told(ScheduleStatus::PausedAutomatically, 10),
        sentences(
            Severity::Danger,
            "Scheduled import Acme has paused itself",
            "Its key is no longer right."
        )
    );
}

#[test]
fn nodes_of_which_none_works_are_told() {
    let mut figures = figures();
    figures.nodes = vec![node(NodeRole::Web)];
    figures.imports.open = vec![import(7, Some(60))];
    assert_eq!(subjects(&figures, &system()), []);
    figures.imports.open[0].waiting_seconds = Some(61);
    assert_eq!(subjects(&figures, &system()), [Subject::Nodes]);
    figures.nodes.push(node(NodeRole::Worker));
    assert_eq!(subjects(&figures, &system()), []);
}

#[test]
fn webhooks_that_fail_or_were_given_up_are_told_and_so_are_late_deliveries() {
    let mut figures = figures();
    figures.webhooks = vec![
        hook(WebhookStatus::Enabled, true),
        hook(WebhookStatus::DisabledAutomatically, false),
    ];
    figures.webhooks[0].oldest_due_seconds = Some(301);
    let told = alerts(&figures, &system());
    let titles: Vec<&str> = told.iter().map(|alert| alert.title.as_str()).collect();
    let expected = [
        "Webhook 4 was disabled",
        "Deliveries to webhooks are late",
        "Webhook 4 is failing",
    ];
    assert_eq!(titles, expected, "the worst first");
    assert!(
        told.iter()
            .all(|alert| !alert.advice.is_empty() && !alert.happened.is_empty())
    );
}

#[test]
fn the_search_is_behind_only_when_it_stays_so() {
    let mut figures = figures();
    (figures.search_behind, figures.search_was_behind) = (50_000, Some(501));
    assert_eq!(subjects(&figures, &system()), [Subject::Search]);
    figures.search_was_behind = Some(500);
    assert_eq!(subjects(&figures, &system()), []);
}

#[test]
fn a_key_file_that_is_gone_is_worse_than_one_that_others_may_read() {
    let told = |trouble| key_file(&trouble).severity;
    assert_eq!(told(KeyFileTrouble::Gone("k".to_owned())), Severity::Danger);
    assert_eq!(told(KeyFileTrouble::OpenToOthers("k".to_owned())), Severity::Warning);
}

#[test]
fn whatever_is_told_has_its_word_in_the_list() {
    let mut figures = figures();
    figures.imports.open = vec![import(7, Some(301))];
    figures.nodes = vec![node(NodeRole::Web)];
    figures.webhooks = vec![hook(WebhookStatus::Enabled, true)];
    figures.webhooks[0].oldest_due_seconds = Some(301);
    figures.schedules = vec![planned(ScheduleStatus::Enabled, 1)];
    (figures.search_behind, figures.search_was_behind) = (501, Some(501));
    figures.database.wal_bytes = Some(GB);
    let mut system = system();
    system.disks = vec![full(DiskUse::Files)];
    system.key_file = Some(KeyFileTrouble::Gone("k".to_owned()));
    let mut told: Vec<&str> = subjects(&figures, &system).into_iter().map(Subject::as_str).collect();
    let mut known = Subject::ALL.map(Subject::as_str);
    told.sort_unstable();
    known.sort_unstable();
    assert_eq!(told, known);
}
