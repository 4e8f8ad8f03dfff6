//! What is no longer kept is said, by the page and by the API; and what there is no room for is not taken in.

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::Value;
use stockroom::database::clock::now;
use stockroom::testing::Kind;
use time::Duration;

use crate::site::{Site, header};

async fn page(site: &Site, path: &str, session: &str) -> String {
    let shown = site.request("GET", path).header("cookie", session).send().await;
    shown.expect("an answer").text().await.expect("a page")
}

#[tokio::test]
async fn an_import_says_that_its_file_and_its_problem_rows_are_gone() {
    let site = Site::open().await;
    let import = site.import("sku,name\nA,Mug\n,Cup\n").await;
    let address = format!("/api/v1/imports/{}", import["job_id"]);
    let session = site.sign_in().await;
    let own = format!("/imports/{}", import["job_id"]);
    let offers = [
        "Download the file as it was uploaded",
        "Import again with the same matching",
        "Download rows with problems (CSV)",
        "Correct them here",
    ];
    let before = page(&site, &own, &session).await;
    for offer in offers {
        assert!(before.contains(offer), "{offer} is missing");
    }
    assert_eq!(
        (&import["file_removed_at"], &import["problems_removed_at"]),
        (&Value::Null, &Value::Null)
    );

    let database = &site.shop.services.database;
    let aged = Statement::from_sql_and_values(
        database.backend(),
        "UPDATE imports SET finished_at = $1",
        [(now() - Duration::days(100)).into()],
    );
    database.writer().execute_raw(aged).await.expect("older");
    site.shop.services.retention().sweep(now()).await.expect("swept");
    let after = page(&site, &own, &session).await;
    for offer in offers {
        assert!(!after.contains(offer), "{offer} would lead nowhere");
    }
    assert!(
        after.contains("The file itself is no longer kept") && after.contains("Rows with problems"),
        "{after}"
    );
    let found = site.json(&address).await;
    assert!(
        found["file_removed_at"].is_string() && found["problems_removed_at"].is_null(),
        "{found}"
    );
    for below in ["file", "problems.csv", "problems.xlsx"] {
        let gone = site.get(&format!("{address}/{below}")).await;
        assert_eq!(
            (gone.status().as_u16(), header(&gone, "content-type")),
            (404, "application/problem+json"),
            "{below}"
        );
    }
    let repeat = site.with_key("POST", &format!("{address}/repeat")).send().await;
    assert_eq!(repeat.expect("an answer").status(), 404);
    let correct = site
        .request("GET", &format!("{own}/correct"))
        .header("cookie", &session)
        .send()
        .await;
    let correct = correct.expect("an answer").text().await.expect("a page");
    assert!(
        correct.contains("The file of this import is no longer kept"),
        "{correct}"
    );

    site.shop
        .services
        .retention()
        .sweep(now() + Duration::days(300))
        .await
        .expect("swept");
    let later = page(&site, &own, &session).await;
    assert!(later.contains("Its rows with problems are no longer listed"), "{later}");
    assert!(site.json(&address).await["problems_removed_at"].is_string());
}

#[tokio::test]
async fn an_upload_for_which_there_is_no_room_is_refused_at_once() {
    let site = Site::open_with(Kind::Sqlite, |config| config.disk_reserve = u64::MAX).await;
    let refused = site.upload("/api/v1/imports", "a.csv", "sku,name\nA,Mug\n").await;
    assert_eq!(
        (refused.status().as_u16(), header(&refused, "content-type")),
        (507, "application/problem+json")
    );
    let problem: Value = refused.json().await.expect("JSON");
    assert_eq!(
        (&problem["title"], &problem["errors"][0]["field"]),
        (&"The disk is full".into(), &"file".into())
    );
    let begun = site
        .with_key("POST", "/api/v1/uploads")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", "5");
    assert_eq!(begun.send().await.expect("an answer").status(), 507);
    assert_eq!(site.get("/api/v1/products").await.status(), 200, "the rest goes on");
}
