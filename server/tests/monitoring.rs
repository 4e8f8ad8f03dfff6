//! Those who watch over the shop: metrics for programs, a page for administrators, and the log.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use server::telemetry::{self, LogFormat};
use stockroom::accounts::Role;
use stockroom::testing::Kind;

use crate::site::{Site, header, new_key};

async fn metrics(site: &Site) -> String {
    let response = site.get("/metrics").await;
    assert_eq!(
        (response.status().as_u16(), header(&response, "content-type")),
        (200, "text/plain; version=0.0.4; charset=utf-8")
    );
    response.text().await.expect("text")
}

/// The value of a sample by its whole name.
fn value(text: &str, sample: &str) -> f64 {
    let found = text
        .lines()
        .find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    let found = found.unwrap_or_else(|| panic!("{sample} in\n{text}"));
    found.parse().expect("a number")
}

/// That every sample follows the description of its family, and no family is described twice.
fn check_format(text: &str) {
    let mut described = BTreeSet::new();
    let mut family = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split(' ').next().expect("a name").to_owned();
            assert!(described.insert(family.clone()), "{family} twice");
            let kind = lines
                .next()
                .and_then(|line| line.strip_prefix(&format!("# TYPE {family} ")));
            assert!(
                matches!(kind, Some("counter" | "gauge" | "histogram")),
                "{family}: {kind:?}"
            );
            continue;
        }
        let name = line.split(['{', ' ']).next().expect("a name");
        let end = name.strip_prefix(family.as_str());
        assert!(
            matches!(end, Some("" | "_bucket" | "_sum" | "_count")),
            "{line} after {family}"
        );
        let number = line.rsplit(' ').next().expect("a value");
        assert!(number.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
    }
    assert!(described.len() > 20, "{described:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_tell_what_was_asked_and_what_was_imported() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let site = Site::open_with(kind, |_| ()).await;
        site.import("sku,name\na,Mug\nb,Cup\n").await;
        site.get("/api/v1/products/99").await;
        site.get("/api/v1/nowhere").await;
        let text = metrics(&site).await;
        check_format(&text);
        for (sample, expected) in [
            ("stockroom_import_rows_applied_total", 2.0),
            ("stockroom_database_up", 1.0),
            ("stockroom_imports{status=\"pending\",phase=\"\"}", 0.0),
            ("stockroom_webhooks{status=\"enabled\"}", 0.0),
            ("stockroom_sse_streams", 0.0),
            (
                "stockroom_http_requests_total{method=\"GET\",route=\"/api/v1/products/{id}\",status=\"404\"}",
                1.0,
            ),
            (
                "stockroom_http_request_duration_seconds_count{method=\"GET\",route=\"/api/v1/products/{id}\"}",
                1.0,
            ),
            (
                "stockroom_http_requests_total{method=\"GET\",route=\"other\",status=\"404\"}",
                1.0,
            ),
        ] {
            assert!((value(&text, sample) - expected).abs() < 0.1, "{sample} in\n{text}");
        }
        for sample in [
            "process_resident_memory_bytes",
            "process_open_fds",
            "stockroom_database_bytes",
        ] {
            assert!(value(&text, sample) > 0.0, "{sample}");
        }
        let version = format!("stockroom_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
        assert!((value(&text, &version) - 1.0).abs() < 0.1);
        let has_wal = text.contains("stockroom_database_wal_bytes ");
        assert_eq!(has_wal, kind == Kind::Sqlite);
        let writer = text.contains("stockroom_pool_connections{pool=\"write\",state=\"idle\"}");
        assert_eq!(writer, kind == Kind::Sqlite);
    }
}

#[tokio::test]
async fn metrics_are_for_keys_administrators_and_whoever_has_the_token() {
    let site = Site::open_told(&["--metrics-token", "scrape me"]).await;
    let bearer = async |token: &str| {
        let asked = site.request("GET", "/metrics").bearer_auth(token).send().await;
        asked.expect("an answer").status().as_u16()
    };
    let session = async |email: &str, role: Role| {
        let session = site.sign_in_as(email, role).await;
        let asked = site.request("GET", "/metrics").header("cookie", session).send().await;
        asked.expect("an answer").status().as_u16()
    };
    let nobody = site.request("GET", "/metrics").send().await.expect("an answer");
    assert_eq!(nobody.status(), 401);
    assert_eq!(bearer(&new_key(&site.shop, "viewer", Role::Viewer).await).await, 200);
    assert_eq!(bearer("scrape me").await, 200);
    for wrong in ["scrape mf", "scrape m", "scrape me!", ""] {
        assert_eq!(bearer(wrong).await, 401, "{wrong}");
    }
    assert_eq!(session("editor@example.com", Role::Editor).await, 403);
    assert_eq!(session("admin@example.com", Role::Admin).await, 200);
    let elsewhere = site.request("GET", "/api/v1/products").bearer_auth("scrape me");
    assert_eq!(
        elsewhere.send().await.expect("an answer").status(),
        401,
        "it opens nothing else"
    );
}

#[tokio::test]
async fn metrics_may_be_open_to_everybody_and_an_empty_token_opens_nothing() {
    let open = Site::open_told(&["--metrics-open", "--metrics-token", ""]).await;
    let asked = open.request("GET", "/metrics").send().await.expect("an answer");
    assert_eq!(asked.status(), 200);
    let closed = Site::open_told(&["--metrics-token", ""]).await;
    for request in [
        closed.request("GET", "/metrics"),
        closed.request("GET", "/metrics").header("authorization", "Bearer "),
    ] {
        assert_eq!(request.send().await.expect("an answer").status(), 401);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_and_the_api_show_administrators_the_same() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let site = Site::open_with(kind, |_| ()).await;
        site.import("sku,name\na,Mug\n").await;
        let now = stockroom::database::clock::now();
        site.shop.services.sampler().sample(now).await.expect("a sample");
        // Alerts are told with what to do.
        std::fs::remove_file(&site.shop.services.config.secret_key_file).expect("removed");
        let seen = site.json("/api/v1/monitoring").await;
        assert_eq!(seen["process"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(seen["imports"]["open"], Value::Array(Vec::new()));
        let alerts = seen["alerts"].as_array().expect("alerts");
        assert!(alerts.iter().any(|alert| alert["subject"] == "key_file"), "{alerts:?}");
        let series = seen["history"]["series"].as_array().expect("series");
        let rows = series
            .iter()
            .find(|series| series["measure"] == "rows_applied")
            .expect("rows");
        let rows = rows["values"].as_array().expect("values");
        assert_eq!(
            (rows.len(), rows.iter().filter_map(Value::as_i64).sum::<i64>()),
            (48, 1)
        );

        let admin = site.sign_in().await;
        let page = async |path: &str, session: &str| {
            let request = site.request("GET", path).header("accept", "text/html");
            let response = request.header("cookie", session).send().await.expect("an answer");
            (response.status().as_u16(), response.text().await.expect("a page"))
        };
        let (status, html) = page("/monitoring", &admin).await;
        assert_eq!(status, 200, "{html}");
        for words in [
            "The key file is gone",
            "Bring the file back",
            "role=\"img\"",
            "Rows applied in the last 24 hours: least 1, highest 1, last 1",
            "This process",
        ] {
            assert!(html.contains(words), "{words} in {html}");
        }
        assert!(page("/", &admin).await.1.contains("The key file is gone"));
        let editor = site.sign_in_as("editor@example.com", Role::Editor).await;
        assert_eq!(page("/monitoring", &editor).await.0, 403);
        assert!(!page("/", &editor).await.1.contains("The key file is gone"));
    }
}

/// Where a test keeps the log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).expect("text")
    }
}

/// In one thread, because a test listens to its own only.
#[tokio::test]
async fn a_line_of_the_log_names_its_request_or_import_and_never_a_secret() {
    let lines = Lines::default();
    let writer = lines.clone();
    let log = telemetry::log("server=debug,stockroom=info", LogFormat::Json, move || writer.clone());
    let _listening = tracing::subscriber::set_default(log);
    // While there is only one, whatever the threads of other tests do not listen to is switched off for all.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let site = Site::open().await;
    let asked = site.get("/api/v1/products/1?token=hunter2").await;
    let id = header(&asked, "x-request-id").to_owned();
    site.import("sku,name\na,Mug\n").await;
    let key = site.key.clone();
    site.close().await;
    let text = lines.text();
    assert!(!text.contains("hunter2") && !text.contains(&key), "{text}");
    let all: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let request = all
        .iter()
        .find(|line| line["span"]["id"] == id.as_str())
        .expect("the request");
    assert_eq!(
        (&request["message"], &request["span"]["route"], &request["status"]),
        (&"answered".into(), &"/api/v1/products/{id}".into(), &404.into())
    );
    assert!(
        request["ms"].is_u64() && request["span"]["method"] == "GET",
        "{request}"
    );
    let over = all
        .iter()
        .find(|line| line["message"] == "import is over")
        .expect("the import");
    assert_eq!(
        (&over["span"]["name"], &over["span"]["token"]),
        (&"import".into(), &1.into())
    );
}
