//! Scheduled imports over HTTP: what programs and forms may ask for, what is refused, and that keys are shown nowhere.

use serde_json::{Value, json};
use stockroom::testing::{Kind, Receiver, Reply};

use crate::site::{Site, header};

async fn ask(site: &Site, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = site.with_key(method, &format!("/api/v1{path}"));
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

fn supplier(address: &str) -> Value {
    json!({"name": "Supplier", "address": address, "when": {"at": "03:00"},
        "header": {"name": "Authorization", "value": "Bearer open-sesame"}})
}

async fn added(site: &Site, address: &str) -> Value {
    let (status, schedule) = ask(site, "POST", "/schedules", Some(supplier(address))).await;
    assert_eq!(status, 201, "{schedule}");
    schedule
}

async fn list() -> Receiver {
    let body = "sku,name,price\na,Mug,5.00\n";
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    Receiver::answering(move |_, _| Reply::Raw(head.clone().into_bytes())).await
}

fn address(receiver: &Receiver) -> String {
    format!("http://127.0.0.1:{}/prices.csv", receiver.port())
}

/// Waits until the last run of a schedule is as it should be.
async fn until(site: &Site, id: i64, status: &str) -> Value {
    let waited = async {
        loop {
            let (_, schedule) = ask(site, "GET", &format!("/schedules/{id}"), None).await;
            if schedule["last_run"]["status"] == status {
                return schedule;
            }
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(30), waited).await;
    waited.expect("it comes to that")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_is_made_read_replaced_changed_and_deleted() {
    let site = Site::open().await;
    let schedule = added(&site, "http://127.0.0.1:8080/prices.csv?sig=hidden-key").await;
    let path = format!("/schedules/{}", schedule["id"]);
    assert_eq!(schedule["address"], "http://127.0.0.1:8080/prices.csv?…");
    assert_eq!(schedule["header"], json!({"name": "Authorization", "value": null}));
    assert_eq!(schedule["when"], json!({"every": null, "at": "03:00", "days": null}));
    assert_eq!(
        (schedule["status"].as_str(), schedule["problem_percent"].as_i64()),
        (Some("enabled"), Some(1))
    );
    let (status, same) = ask(&site, "PUT", &path, Some(schedule.clone())).await;
    assert_eq!((status, &same), (200, &schedule), "an answer may be sent back as it is");
    let changes = json!({"when": {"at": "4:30", "days": ["thu", "mon"]}, "enabled": false, "after_check": "wait",
        "options": {"mode": "update_only", "clear": ["price"]}});
    let (status, changed) = ask(&site, "PATCH", &path, Some(changes)).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!(
        changed["when"],
        json!({"every": null, "at": "04:30", "days": ["mon", "thu"]})
    );
    assert_eq!(
        (changed["status"].as_str(), changed["next_run_at"].as_str()),
        (Some("paused"), None)
    );
    assert_eq!(
        (changed["options"]["mode"].as_str(), &changed["options"]["clear"]),
        (Some("update_only"), &json!(["price"]))
    );
    let (status, replaced) = ask(
        &site,
        "PUT",
        &path,
        Some(json!({"name": "B", "address": "http://127.0.0.1:8080/b.csv", "when": {"every": 90}})),
    )
    .await;
    assert_eq!(
        (status, &replaced["header"], replaced["enabled"].as_bool()),
        (200, &Value::Null, Some(true))
    );
    assert_eq!(replaced["options"]["mode"], "add_and_update");
    let (_, all) = ask(&site, "GET", "/schedules?size=1", None).await;
    assert_eq!(
        (all["total"].as_i64(), all["items"][0]["name"].as_str()),
        (Some(1), Some("B"))
    );
    assert_eq!(ask(&site, "DELETE", &path, None).await.0, 204);
    for gone in [path.clone(), format!("{path}/runs")] {
        assert_eq!(ask(&site, "GET", &gone, None).await.0, 404);
    }
    assert_eq!(ask(&site, "PATCH", "/schedules/x", Some(json!({}))).await.0, 404);
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_by_name() {
    let site = Site::open_with(Kind::Sqlite, |config| config.schedule_policy = Default::default()).await;
    let good = || json!({"name": "S", "address": "https://93.184.216.34/a.csv", "when": {"at": "03:00"}});
    for (field, value, named) in [
        ("name", json!(" "), "name"),
        ("address", json!("http://93.184.216.34/a.csv"), "address"),
        ("address", json!("https://127.0.0.1/a.csv"), "address"),
        ("address", json!("s3://bucket"), "address"),
        ("address", json!(7), "address"),
        ("header", json!({"name": "Host", "value": "a"}), "header"),
        ("header", json!("X-Key: 1"), "header"),
        ("header", json!({"name": "X-Key"}), "header"),
        ("kind", json!("undo"), "kind"),
        ("options", json!({"mode": "guess"}), "mode"),
        ("options", json!({"clear": ["sku"]}), "clear"),
        ("options", json!({"missing": "deactivate"}), "catalog_id"),
        ("options", json!({"catalog_id": 99}), "catalog_id"),
        ("options", json!({"colour": "red"}), "colour"),
        ("when", json!({}), "when"),
        ("when", json!({"every": 60, "at": "03:00"}), "when"),
        ("when", json!({"every": 5}), "every"),
        ("when", json!({"at": "25:00"}), "at"),
        ("when", json!({"at": "03:00", "days": []}), "days"),
        ("when", json!({"at": "03:00", "days": ["never"]}), "days"),
        ("after_check", json!("perhaps"), "after_check"),
        ("problem_percent", json!(101), "problem_percent"),
        ("problem_percent", json!("many"), "problem_percent"),
        ("enabled", json!("yes"), "enabled"),
        ("cron", json!("* * * * *"), "cron"),
    ] {
        let mut body = good();
        body[field] = value.clone();
        let (status, problem) = ask(&site, "POST", "/schedules", Some(body)).await;
        assert_eq!(
            (status, problem["errors"][0]["field"].as_str()),
            (422, Some(named)),
            "{field} {value}: {problem}"
        );
    }
    assert_eq!(ask(&site, "GET", "/schedules", None).await.1["total"], 0);
    assert_eq!(ask(&site, "GET", "/schedules?page=0", None).await.0, 400);
    assert_eq!(ask(&site, "POST", "/schedules/7/run", None).await.0, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_the_request_makes_one_schedule_and_one_run() {
    let site = Site::open().await;
    let receiver = list().await;
    let post = |path: &'static str| site.with_key("POST", path).header("idempotency-key", "k1");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let body = supplier(&address(&receiver));
        let response = post("/api/v1/schedules").json(&body).send().await.expect("an answer");
        assert_eq!(
            (response.status().as_u16(), header(&response, "location")),
            (201, "/api/v1/schedules/1")
        );
        let run = post("/api/v1/schedules/1/run").send().await.expect("an answer");
        assert_eq!(run.status(), 202);
        ids.push(run.json::<Value>().await.expect("JSON")["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    // Under that key there is neither another schedule nor a run of another one.
    let mut others = supplier(&address(&receiver));
    others["name"] = "Another supplier".into();
    let refused = post("/api/v1/schedules").json(&others).send().await.expect("an answer");
    assert_eq!(refused.status(), 422);
    assert_eq!(ask(&site, "POST", "/schedules", Some(others)).await.0, 201);
    let refused = post("/api/v1/schedules/2/run").send().await.expect("an answer");
    assert_eq!(refused.status(), 422);
    assert_eq!(ask(&site, "GET", "/schedules/2/runs", None).await.1["total"], 0);
    let schedule = until(&site, 1, "completed").await;
    assert_eq!(receiver.calls()[0].header("authorization"), "Bearer open-sesame");
    let (_, runs) = ask(&site, "GET", "/schedules/1/runs", None).await;
    assert_eq!(
        (runs["total"].as_i64(), runs["items"][0]["cause"].as_str()),
        (Some(1), Some("by_hand"))
    );
    let import = schedule["last_run"]["import_id"].as_i64().expect("an import");
    let (_, import) = ask(&site, "GET", &format!("/imports/{import}"), None).await;
    assert_eq!(
        (import["status"].as_str(), import["created"].as_i64()),
        (Some("completed"), Some(1))
    );
    assert!(!format!("{schedule} {runs} {import}").contains("sesame"));
    assert_eq!(ask(&site, "DELETE", "/schedules/1", None).await.0, 204);
    let again = post("/api/v1/schedules").json(&supplier(&address(&receiver)));
    assert_eq!(again.send().await.expect("an answer").status(), 409);
}

/// What a person sees at an address.
async fn page(site: &Site, session: &str, path: &str) -> (u16, String) {
    let request = site.request("GET", path).header("accept", "text/html");
    let response = request.header("cookie", session).send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("text"))
}

async fn post(site: &Site, session: &str, path: &str, form: &[(&str, &str)]) -> String {
    let request = site
        .own_post(path)
        .header("accept", "text/html")
        .header("cookie", session);
    let response = request.form(form).send().await.expect("an answer");
    assert_eq!(response.status(), 303, "{path}");
    header(&response, "location").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_work_without_script_from_the_form_to_the_import() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    let receiver = list().await;
    let (_, empty) = page(&site, &session, "/imports/schedules").await;
    assert!(
        empty.contains("Let a supplier") && empty.contains("Add schedule"),
        "{empty}"
    );
    let address = format!("{}?sig=hidden-key", address(&receiver));
    let form = [
        ("name", "Supplier <b>A</b>"),
        ("address", address.as_str()),
        ("header", "Authorization"),
        ("header_value", "Bearer open-sesame"),
        ("kind", "products"),
        ("repeat", "weekly"),
        ("at", "03:00"),
        ("days", "mon"),
        ("days", "fri"),
        ("every", "6"),
        ("unit", "hours"),
        ("after_check", "apply"),
        ("problem_percent", "1"),
        ("mode", "add_only"),
    ];
    let at = post(&site, &session, "/imports/schedules", &form).await;
    assert_eq!(at, "/imports/schedules/1");
    let (status, html) = page(&site, &session, &at).await;
    assert!(
        status == 200 && html.contains("Schedule added") && html.contains("on Monday and Friday at 03:00"),
        "{html}"
    );
    assert!(
        html.contains("Supplier &lt;b&gt;A&lt;/b&gt;") && html.contains("It has not run yet"),
        "{html}"
    );
    post(&site, &session, "/imports/schedules/1/run", &[]).await;
    let schedule = until(&site, 1, "completed").await;
    let import = format!("/imports/{}", schedule["last_run"]["import_id"]);
    let (_, shown) = page(&site, &session, &at).await;
    let (_, all) = page(&site, &session, "/imports/schedules").await;
    let (_, of_import) = page(&site, &session, &import).await;
    assert!(shown.contains(&import) && all.contains(&import), "{shown}");
    assert!(
        of_import.contains("begun by schedule") && of_import.contains("href=\"/imports/schedules/1\""),
        "{of_import}"
    );
    for html in [&html, &shown, &all, &of_import] {
        assert!(!html.contains("sesame") && !html.contains("hidden-key"), "{html}");
    }
    // The form as it is shown changes nothing, and keeps the key.
    let mut again = form.to_vec();
    again[1].1 = schedule["address"].as_str().expect("an address");
    again[3].1 = "••••••";
    assert_eq!(post(&site, &session, &at, &again).await, at);
    post(&site, &session, "/imports/schedules/1/run", &[]).await;
    until(&site, 1, "unchanged").await;
    assert_eq!(receiver.calls()[1].header("authorization"), "Bearer open-sesame");
    post(&site, &session, "/imports/schedules/1/pause", &[]).await;
    assert!(page(&site, &session, &at).await.1.contains("This schedule is paused"));
    post(&site, &session, "/imports/schedules/1/resume", &[]).await;
    assert!(page(&site, &session, &at).await.1.contains("Schedule resumed"));
    assert_eq!(
        post(&site, &session, "/imports/schedules/1/delete", &[]).await,
        "/imports/schedules"
    );
    assert_eq!(page(&site, &session, &at).await.0, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_form_comes_back_with_what_was_typed_but_for_the_key() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    let form = [
        ("name", "Supplier"),
        ("address", "http://169.254.169.254/latest"),
        ("header", "X-Key"),
        ("header_value", "open-sesame"),
        ("kind", "products"),
        ("repeat", "every"),
        ("every", "5"),
        ("unit", "minutes"),
        ("after_check", "wait"),
        ("problem_percent", "7"),
    ];
    let at = post(&site, &session, "/imports/schedules", &form).await;
    assert_eq!(at, "/imports/schedules/new");
    let (_, html) = page(&site, &session, &at).await;
    for said in [
        "There is a problem",
        "169.254.169.254 is not a public address",
        "at least 15 minutes",
        "value=\"X-Key\"",
        "value=\"7\"",
        "href=\"#every\"",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(!html.contains("open-sesame"));
    let viewer = site
        .sign_in_as("viewer@example.com", stockroom::accounts::Role::Viewer)
        .await;
    let (status, html) = page(&site, &viewer, "/imports/schedules/new").await;
    assert!(
        status == 403 && html.contains("You need the role Administrator"),
        "{html}"
    );
}
