//! Whoever watches an import sees where it is now, then what is new, and always how it ended.

use std::fmt::Write as _;

use serde_json::Value;
use stockroom::testing::Kind;

use crate::site::Site;

fn many(rows: usize) -> String {
    let mut file = "sku,name,price\n".to_owned();
    for n in 0..rows {
        writeln!(file, "SKU-{n:07},Thing {n},{}.50", n % 500).expect("memory takes every row");
    }
    file
}

async fn events(site: &Site, path: &str) -> Vec<Value> {
    let stream = site.get(path).await.text().await.expect("a stream that ends");
    stream
        .lines()
        .filter_map(|line| line.strip_prefix("data:"))
        .map(|data| serde_json::from_str(data).expect("JSON"))
        .collect()
}

async fn the_stream_tells_the_whole_story(kind: Kind) {
    let site = Site::open_with(kind, |_| ()).await;
    let import: Value = site
        .upload("/api/v1/imports", "many.csv", many(40_000))
        .await
        .json()
        .await
        .expect("JSON");
    let id = &import["job_id"];
    let seen = events(&site, &format!("/api/v1/progress/{id}")).await;
    let percents: Vec<f64> = seen
        .iter()
        .map(|event| event["percent"].as_f64().expect("a number"))
        .collect();
    assert!(
        percents.windows(2).all(|pair| pair[0] <= pair[1]),
        "the bar never goes back: {percents:?}"
    );
    let last = seen.last().expect("an event");
    assert_eq!(
        (
            last["status"].as_str(),
            last["percent"].as_f64(),
            last["created"].as_i64()
        ),
        (Some("completed"), Some(100.0), Some(40_000))
    );
    assert_eq!(
        (last["processed"].as_i64(), last["total"].as_i64()),
        (Some(40_000), Some(40_000))
    );
    assert!(last["finished_at"].is_string());
    // Whoever comes later, also after a restart, sees the same end at once.
    let later = events(&site, &format!("/api/v1/imports/{id}/events")).await;
    assert_eq!((later.len(), &later[0]), (1, last));
    assert_eq!(&site.json(&format!("/api/v1/jobs/{id}")).await, last);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stream_tells_the_whole_story_on_sqlite() {
    the_stream_tells_the_whole_story(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stream_tells_the_whole_story_on_postgres() {
    the_stream_tells_the_whole_story(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_thousands_who_watch_hears_it_all_in_turn() {
    let mut others = Vec::new();
    let site = Site::open_limited(|state| {
        let open = |n: usize| state.streams.open(&n.to_string()).expect("a place");
        others.extend((0..5_000).map(open));
    })
    .await;
    let import: Value = site
        .upload("/api/v1/imports", "many.csv", many(40_000))
        .await
        .json()
        .await
        .expect("JSON");
    let seen = events(&site, &format!("/api/v1/progress/{}", import["job_id"])).await;
    let [first, .., last] = seen.as_slice() else {
        panic!("it was over before anybody could watch: {seen:?}");
    };
    assert_ne!(first["status"], "completed");
    assert_eq!(
        (last["status"].as_str(), last["created"].as_i64()),
        (Some("completed"), Some(40_000))
    );
    drop(others);
}

async fn a_running_import_stops_soon_after_it_is_cancelled(kind: Kind) {
    let site = Site::open_with(kind, |_| ()).await;
    let import: Value = site
        .upload("/api/v1/imports", "many.csv", many(300_000))
        .await
        .json()
        .await
        .expect("JSON");
    let id = import["job_id"].as_i64().expect("an id");
    let began = std::time::Instant::now();
    let asked = site
        .with_key("POST", &format!("/api/v1/jobs/{id}/cancel"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(asked.status(), 202);
    let last = site.last_event(id).await;
    assert_eq!(last["status"], "cancelled");
    assert!(
        began.elapsed() < std::time::Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    let products = site.json("/api/v1/products?size=1").await["total"].clone();
    assert_eq!(products, last["created"], "what was applied stays and is counted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_import_stops_soon_after_it_is_cancelled_on_sqlite() {
    a_running_import_stops_soon_after_it_is_cancelled(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_import_stops_soon_after_it_is_cancelled_on_postgres() {
    a_running_import_stops_soon_after_it_is_cancelled(Kind::Postgres).await;
}
