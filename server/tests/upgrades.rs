//! A program on a database that a newer version has been at: what happens to the nodes of the old version during an upgrade, and to whoever
//! goes back to it after one.

use std::process::Output;

use sea_orm::{ConnectionTrait as _, Statement};
use stockroom::testing::{Kind, Shop};

use crate::program::{Running, program};
use crate::site::Site;

const KINDS: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];
const LATER: &str = "m99991231_000001_what_only_the_next_version_knows";

/// A shop whose schema has one change more than this program knows.
async fn newer_shop(kind: Kind) -> Shop {
    let shop = Shop::open(kind).await;
    let made = format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{LATER}', 1)");
    let db = shop.services.database.writer();
    db.execute_unprepared(&made).await.expect("a later change");
    shop
}

async fn knows_later(shop: &Shop) -> bool {
    let db = shop.services.database.reader();
    let asked = format!("SELECT version FROM seaql_migrations WHERE version = '{LATER}'");
    let asked = Statement::from_string(db.get_database_backend(), asked);
    db.query_one_raw(asked).await.expect("an answer").is_some()
}

/// Runs the program on it; gives the exit status, what it answers and what it complains of.
async fn run(shop: &Shop, word: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = program(word);
    command
        .args(arguments)
        .env("DATABASE_URL", &shop.services.config.database_url);
    let ended = tokio::task::spawn_blocking(move || command.output());
    let Output { status, stdout, stderr } = ended.await.expect("a thread").expect("the program ends");
    let [answer, complaint] = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    (status.code(), answer, complaint)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_older_than_its_database_serves() {
    for kind in KINDS {
        let shop = newer_shop(kind).await;
        let (status, key, complaint) = run(&shop, "api-key", &["create", "till"]).await;
        assert_eq!(status, Some(0), "{kind:?}: {complaint}");
        let running = Running::serve(&shop, []);
        let client = reqwest::Client::new();
        let ready = client.get(format!("{}/health/ready", running.address)).send().await;
        assert_eq!(ready.expect("an answer").status(), 200, "{kind:?}");
        let added = client
            .post(format!("{}/api/v1/products", running.address))
            .bearer_auth(key.trim())
            .json(&serde_json::json!({"sku": "A", "name": "Mug", "price": "1.00"}))
            .send()
            .await
            .expect("an answer");
        assert_eq!(added.status(), 201, "{kind:?}: {added:?}");
        assert!(knows_later(&shop).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_older_than_its_database_changes_nothing_of_its_schema() {
    for kind in KINDS {
        let shop = newer_shop(kind).await;
        for action in ["down", "status"] {
            let (status, answer, complaint) = run(&shop, "migrate", &[action]).await;
            assert_eq!((status, answer.as_str()), (Some(1), ""), "{kind:?}: migrate {action}");
            assert!(
                complaint.contains("run this command with the newer program"),
                "{complaint}"
            );
        }
        // Nodes do that whenever they start.
        let (status, _, complaint) = run(&shop, "migrate", &["up"]).await;
        assert_eq!(status, Some(0), "{kind:?}: {complaint}");
        assert!(knows_later(&shop).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_newer_version_has_recorded_stands_in_the_log_of_an_older_one() {
    for kind in KINDS {
        let site = Site::on(kind).await;
        let session = site.sign_in().await;
        let recorded = "INSERT INTO audit_log (made_at, actor, action, object_kind, object_id, object_name)
            VALUES ('2026-11-22 08:00:00+00:00', 'ben@example.com', 'warehouse_moved', 'warehouse', 7, 'North')";
        let db = site.shop.services.database.writer();
        db.execute_unprepared(recorded).await.expect("a line");
        for path in ["/audit", "/audit/export"] {
            let asked = site.request("GET", path).header("cookie", &session);
            let answer = asked.send().await.expect("an answer");
            assert_eq!(answer.status(), 200, "{kind:?}: {path}");
            let text = answer.text().await.expect("text");
            assert!(
                text.contains("ben@example.com") && text.contains("North"),
                "{kind:?}: {text}"
            );
        }
    }
}
