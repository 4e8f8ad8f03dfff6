//! What somebody does stands in the audit log with their name, and whoever adds an address says what of it stands there.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use stockroom::accounts::Role;
use stockroom::audit::{self, Action, AuditQuery, Entry};
use stockroom::page::PageRequest;
use stockroom::testing::{Kind, Receiver};

use crate::access::{EXCUSED, PAGES, numbered, only_reads, operations};
use crate::site::{EMAIL, Site, ask};

const BEN: &str = "ben@example.com";
const KEY: &str = "API key tests";
const LOST: &str = "https://host/gone.png";

/// What somebody does, and what the log says of it.
struct Deed<'a> {
    who: &'a str,
    /// Method and address.
    request: &'a str,
    form: &'a [(&'a str, &'a str)],
    action: Action,
    object: Option<&'a str>,
    fields: Value,
}

/// A webhook that nothing is sent to but tests.
async fn webhook(site: &Site, receiver: &Receiver) -> i64 {
    let body = json!({"url": receiver.url(), "events": ["webhook.disabled"]});
    let (status, webhook) = ask(site, "POST", "/webhooks", Some(body)).await;
    assert_eq!(status, 201, "{webhook}");
    webhook["id"].as_i64().expect("an id")
}

/// A picture, number 72, that could not be had.
async fn lose_picture(site: &Site) {
    let insert = format!(
        "INSERT INTO pictures (id, reference, state, problem, next_attempt_at, created_at) VALUES
        (72, '{LOST}', 'failed', 'Nothing is at this address.', NULL, '2026-01-01 00:00:00+00:00')"
    );
    let db = site.shop.services.database.writer();
    db.execute_unprepared(&insert).await.expect("a picture");
}

/// The newest first.
async fn lines(site: &Site, action: Action) -> Vec<Entry> {
    let query = AuditQuery {
        action: Some(action),
        ..AuditQuery::default()
    };
    let page = audit::list(site.shop.services.reader(), &query, &PageRequest::default()).await;
    page.expect("the log").items
}

async fn newest(site: &Site, action: Action) -> Entry {
    let newest = lines(site, action).await.into_iter().next();
    newest.unwrap_or_else(|| panic!("{action:?} is not in the log"))
}

async fn expect_line(site: &Site, deed: &Deed<'_>) {
    let line = newest(site, deed.action).await;
    assert_eq!(line.actor.name, deed.who, "{}", deed.request);
    assert_eq!(line.actor.address.as_deref(), Some("127.0.0.1"), "{}", deed.request);
    let object = line.object.map(|object| object.name);
    assert_eq!(object.as_deref(), deed.object, "{}", deed.request);
    assert_eq!(line.fields.unwrap_or(Value::Null), deed.fields, "{}", deed.request);
}

/// The file with the filters of the log has the line, too.
async fn expect_in_file(site: &Site, deed: &Deed<'_>) {
    let (action, who) = (deed.action.code(), deed.who);
    let response = site.get(&format!("/audit/export?action={action}&who={who}")).await;
    let file = response.text().await.expect("a file");
    let line = file.lines().nth(1).unwrap_or_default();
    assert!(line.contains(action) && line.contains(who), "{}: {file}", deed.request);
}

async fn what_people_do_is_told(kind: Kind) {
    let site = Site::on(kind).await;
    let (ana, ben) = (site.sign_in().await, site.sign_in_as(BEN, Role::Editor).await);
    let receiver = Receiver::start().await;
    let webhook = webhook(&site, &receiver).await;
    lose_picture(&site).await;
    let (address, test) = (receiver.url(), format!("POST /webhooks/{webhook}/test"));
    let deeds = [
        Deed {
            who: BEN,
            request: "POST /views",
            form: &[("view", "Mugs"), ("sku", "mug"), ("shared", "true")],
            action: Action::ViewSaved,
            object: Some("Mugs"),
            fields: json!({"shared": true, "sku": "mug"}),
        },
        Deed {
            who: BEN,
            request: "POST /views",
            form: &[("view", "Mine")],
            action: Action::ViewSaved,
            object: Some("Mine"),
            fields: json!({"shared": false}),
        },
        Deed {
            who: EMAIL,
            request: "POST /views/1/delete",
            form: &[],
            action: Action::ViewDeleted,
            object: Some("Mugs"),
            fields: json!({"shared": true, "owner": BEN}),
        },
        Deed {
            who: BEN,
            request: "POST /views/2/delete",
            form: &[],
            action: Action::ViewDeleted,
            object: Some("Mine"),
            fields: json!({"shared": false}),
        },
        Deed {
            who: BEN,
            request: "POST /pictures/72/fetch",
            form: &[("next", "/products")],
            action: Action::PictureRequested,
            object: Some(LOST),
            fields: Value::Null,
        },
        Deed {
            who: EMAIL,
            request: &test,
            form: &[("event", "ping")],
            action: Action::WebhookTested,
            object: Some(address.as_str()),
            fields: json!({"event": "ping", "delivery": 1}),
        },
        Deed {
            who: BEN,
            request: "GET /api/v1/products/export?format=xlsx&sku=mug",
            form: &[],
            action: Action::ProductsExported,
            object: None,
            fields: json!({"format": "xlsx", "sku": "mug"}),
        },
        Deed {
            who: BEN,
            request: "GET /api/v1/products/export?ids=1,2",
            form: &[],
            action: Action::ProductsExported,
            object: None,
            fields: json!({"format": "csv", "selected": 2}),
        },
        Deed {
            who: EMAIL,
            request: "GET /audit/export?action=signed_in&who=ana@example.com",
            form: &[],
            action: Action::AuditExported,
            object: None,
            fields: json!({"action": "signed_in", "who": EMAIL}),
        },
        Deed {
            who: BEN,
            request: "POST /logout",
            form: &[],
            action: Action::SignedOut,
            object: Some(BEN),
            fields: Value::Null,
        },
    ];
    for deed in &deeds {
        let session = if deed.who == EMAIL { &ana } else { &ben };
        let (method, path) = deed.request.split_once(' ').expect("a method and an address");
        let request = site.request(method, path).header("cookie", session);
        let request = request.header("sec-fetch-site", "same-origin");
        let request = if only_reads(method) {
            request
        } else {
            request.form(deed.form)
        };
        let status = request.send().await.expect("an answer").status().as_u16();
        assert!(status < 400, "{}: {status}", deed.request);
        expect_line(&site, deed).await;
        expect_in_file(&site, deed).await;
    }
    nothing_is_told_of_what_was_not_done(&site, &ben).await;
    programs_are_told_of(&site, webhook).await;
}

async fn nothing_is_told_of_what_was_not_done(site: &Site, gone: &str) {
    let again = site.own_post("/logout").header("cookie", gone);
    assert_eq!(again.send().await.expect("an answer").status(), 303);
    assert_eq!(lines(site, Action::SignedOut).await.len(), 1);
    let before = lines(site, Action::ProductsExported).await.len();
    assert_eq!(site.get("/api/v1/products/export?format=pdf").await.status(), 400);
    let looked = site.with_key("HEAD", "/api/v1/products/export").send().await;
    assert_eq!(looked.expect("an answer").status(), 200);
    assert_eq!(lines(site, Action::ProductsExported).await.len(), before);
    assert_eq!(ask(site, "POST", "/webhooks/99/test", None).await.0, 404);
    assert_eq!(lines(site, Action::WebhookTested).await.len(), 1);
}

async fn programs_are_told_of(site: &Site, webhook: i64) {
    let (status, _) = ask(site, "POST", &format!("/webhooks/{webhook}/test"), None).await;
    assert_eq!(status, 200);
    assert_eq!(site.get("/api/v1/products/export").await.status(), 200);
    for action in [Action::WebhookTested, Action::ProductsExported] {
        assert_eq!(newest(site, action).await.actor.name, KEY);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_do_is_told_on_sqlite() {
    what_people_do_is_told(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_do_is_told_on_postgres() {
    what_people_do_is_told(Kind::Postgres).await;
}

#[tokio::test]
async fn whoever_is_kept_out_is_told_of_once() {
    let site = Site::open().await;
    for _ in 0..9 {
        let form = [("email", "carl@example.com"), ("password", "wrong password")];
        let request = site.own_post("/login").header("accept", "text/html").form(&form);
        assert_eq!(request.send().await.expect("an answer").status(), 303);
    }
    assert_eq!(lines(&site, Action::SignInRefused).await.len(), 5);
    let locked = lines(&site, Action::SignInLocked).await;
    assert_eq!(locked.len(), 1);
    assert_eq!(locked[0].actor.name, "carl@example.com");
    assert_eq!(locked[0].actor.address.as_deref(), Some("127.0.0.1"));
}

/// Addresses by which something is changed, and the line that the log has of it.
const TOLD: [(&str, &str, Action); 87] = [
    ("POST", "/login", Action::SignedIn),
    ("POST", "/logout", Action::SignedOut),
    ("POST", "/setup", Action::UserJoined),
    ("POST", "/invite", Action::UserJoined),
    ("POST", "/products", Action::ProductAdded),
    ("POST", "/products/1", Action::ProductChanged),
    ("POST", "/products/1/row", Action::ProductChanged),
    ("POST", "/products/1/delete", Action::ProductDeleted),
    ("POST", "/products/1/restore", Action::ProductRestored),
    ("POST", "/products/1/purge", Action::ProductPurged),
    // Of what is reviewed first, when it is confirmed.
    ("POST", "/products/bulk", Action::JobConfirmed),
    ("POST", "/pictures/1/fetch", Action::PictureRequested),
    ("POST", "/views", Action::ViewSaved),
    ("POST", "/views/1/delete", Action::ViewDeleted),
    ("POST", "/catalogues", Action::CatalogueAdded),
    ("POST", "/catalogues/1", Action::CatalogueRenamed),
    ("POST", "/catalogues/1/delete", Action::CatalogueDeleted),
    ("POST", "/imports", Action::ImportUploaded),
    ("POST", "/ingest", Action::ImportUploaded),
    ("POST", "/imports/1/cancel", Action::JobCancelled),
    ("POST", "/imports/1/apply", Action::JobConfirmed),
    ("POST", "/imports/1/repeat", Action::ImportRepeated),
    ("POST", "/imports/1/correct", Action::ImportUploaded),
    ("POST", "/webhooks", Action::WebhookAdded),
    ("POST", "/webhooks/1", Action::WebhookChanged),
    ("POST", "/webhooks/1/enable", Action::WebhookEnabled),
    ("POST", "/webhooks/1/disable", Action::WebhookDisabled),
    ("POST", "/webhooks/1/delete", Action::WebhookDeleted),
    ("POST", "/webhooks/1/reveal", Action::WebhookSecretShown),
    ("POST", "/webhooks/1/secret", Action::WebhookSecretRotated),
    ("POST", "/webhooks/1/test", Action::WebhookTested),
    ("POST", "/webhooks/1/replay", Action::WebhookReplayed),
    ("POST", "/webhooks/1/replays/1/cancel", Action::WebhookReplayCancelled),
    ("POST", "/webhooks/1/deliveries/1/replay", Action::WebhookReplayed),
    ("POST", "/imports/schedules", Action::ScheduleAdded),
    ("POST", "/imports/schedules/1", Action::ScheduleChanged),
    ("POST", "/imports/schedules/1/run", Action::ScheduleRun),
    ("POST", "/imports/schedules/1/pause", Action::SchedulePaused),
    ("POST", "/imports/schedules/1/resume", Action::ScheduleResumed),
    ("POST", "/imports/schedules/1/delete", Action::ScheduleDeleted),
    ("POST", "/settings/password", Action::PasswordChanged),
    ("POST", "/settings/shop", Action::SettingsChanged),
    ("POST", "/settings/users", Action::UserInvited),
    ("POST", "/settings/users/1", Action::UserChanged),
    ("POST", "/settings/users/1/link", Action::UserInvited),
    ("POST", "/settings/users/1/disable", Action::UserDisabled),
    ("POST", "/settings/users/1/enable", Action::UserEnabled),
    ("POST", "/settings/api-keys", Action::ApiKeyCreated),
    ("POST", "/settings/api-keys/1/revoke", Action::ApiKeyRevoked),
    ("POST", "/api/v1/products", Action::ProductAdded),
    ("PUT", "/api/v1/products/1", Action::ProductChanged),
    ("PATCH", "/api/v1/products/1", Action::ProductChanged),
    ("DELETE", "/api/v1/products/1", Action::ProductDeleted),
    ("POST", "/api/v1/products/1/restore", Action::ProductRestored),
    ("DELETE", "/api/v1/products", Action::JobConfirmed),
    ("DELETE", "/api/v1/products/bulk", Action::JobConfirmed),
    ("POST", "/api/v1/products/bulk-delete", Action::JobConfirmed),
    ("POST", "/api/v1/products/bulk", Action::JobConfirmed),
    ("POST", "/api/v1/catalogs", Action::CatalogueAdded),
    ("PUT", "/api/v1/catalogs/1", Action::CatalogueRenamed),
    ("PATCH", "/api/v1/catalogs/1", Action::CatalogueRenamed),
    ("DELETE", "/api/v1/catalogs/1", Action::CatalogueDeleted),
    ("POST", "/api/v1/imports", Action::ImportUploaded),
    ("POST", "/api/v1/upload", Action::ImportUploaded),
    ("POST", "/api/v1/etl/products", Action::ImportUploaded),
    ("POST", "/api/v1/etl/catalogs", Action::ImportUploaded),
    ("POST", "/api/v1/ingest", Action::ImportUploaded),
    ("POST", "/api/v1/imports/1/corrections", Action::ImportUploaded),
    ("POST", "/api/v1/imports/1/cancel", Action::JobCancelled),
    ("POST", "/api/v1/jobs/1/cancel", Action::JobCancelled),
    ("POST", "/api/v1/imports/1/apply", Action::JobConfirmed),
    ("POST", "/api/v1/imports/1/undo", Action::JobConfirmed),
    ("POST", "/api/v1/jobs/1/undo", Action::JobConfirmed),
    ("POST", "/api/v1/imports/1/repeat", Action::ImportRepeated),
    ("POST", "/api/v1/schedules", Action::ScheduleAdded),
    ("PUT", "/api/v1/schedules/1", Action::ScheduleChanged),
    ("PATCH", "/api/v1/schedules/1", Action::ScheduleChanged),
    ("DELETE", "/api/v1/schedules/1", Action::ScheduleDeleted),
    ("POST", "/api/v1/schedules/1/run", Action::ScheduleRun),
    ("POST", "/api/v1/webhooks", Action::WebhookAdded),
    ("PUT", "/api/v1/webhooks/1", Action::WebhookChanged),
    ("PATCH", "/api/v1/webhooks/1", Action::WebhookChanged),
    ("DELETE", "/api/v1/webhooks/1", Action::WebhookDeleted),
    ("POST", "/api/v1/webhooks/1/test", Action::WebhookTested),
    ("POST", "/api/v1/webhooks/1/replay", Action::WebhookReplayed),
    (
        "POST",
        "/api/v1/webhooks/1/deliveries/1/replay",
        Action::WebhookReplayed,
    ),
    ("POST", "/api/v1/webhooks/1/rotate-secret", Action::WebhookSecretRotated),
];

/// Those of which the log has no line, and why.
const UNTOLD: [(&str, &str, &str); 9] = [
    ("POST", "/preferences/theme", "a setting of one's own"),
    ("POST", "/settings/preferences", "a setting of one's own"),
    ("POST", "/settings/preferences/columns", "a setting of one's own"),
    (
        "POST",
        "/imports/1/match",
        "how a file is read, which has its line; it does nothing before it is confirmed",
    ),
    (
        "POST",
        "/imports/1/undo",
        "a plan, which has its line once it is confirmed",
    ),
    (
        "POST",
        "/api/v1/uploads",
        "a file that has its line once it is an import",
    ),
    ("PATCH", "/api/v1/uploads/1", "bytes of such a file"),
    ("POST", "/api/v1/uploads/1", "bytes of such a file"),
    ("DELETE", "/api/v1/uploads/1", "a file that is no import"),
];

/// What is told of without such an address.
const OTHERWISE: [Action; 5] = [
    Action::ProductsExported,
    Action::AuditExported,
    Action::JobFinished,
    Action::SignInRefused,
    Action::SignInLocked,
];

/// Whoever adds an address by which something is changed writes a line, or says why there is none.
#[tokio::test]
async fn whatever_changes_something_is_told_or_excused() {
    let site = Site::open().await;
    let owned = |method: &str, path: &str| (method.to_owned(), numbered(path));
    let described = operations(&site.json("/openapi.json").await);
    let of_api = described
        .iter()
        .map(|(method, path)| owned(method, &format!("/api/v1{path}")));
    let of_pages = PAGES.iter().map(|(method, path, _)| owned(method, path));
    let of_strangers = EXCUSED.iter().map(|(method, path, _)| owned(method, path));
    let changing: BTreeSet<_> = of_api
        .chain(of_pages)
        .chain(of_strangers)
        .filter(|(method, _)| !only_reads(method))
        .collect();

    let told: BTreeSet<_> = TOLD.iter().map(|(method, path, _)| owned(method, path)).collect();
    let untold: BTreeSet<_> = UNTOLD.iter().map(|(method, path, _)| owned(method, path)).collect();
    assert!(told.is_disjoint(&untold));
    let known: BTreeSet<_> = told.union(&untold).cloned().collect();
    let missing: Vec<_> = changing.difference(&known).collect();
    assert!(missing.is_empty(), "say what the log has of these: {missing:?}");
    let invented: Vec<_> = known.difference(&changing).collect();
    assert!(invented.is_empty(), "at no address: {invented:?}");

    for action in Action::ALL {
        let is_told = TOLD.iter().any(|(_, _, known)| *known == action);
        assert!(
            is_told != OTHERWISE.contains(&action),
            "{action:?}: how does it come about?"
        );
    }
}
