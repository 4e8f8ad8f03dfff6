//! Problem rows are corrected in the browser, without any script, and by programs.

use reqwest::Response;
use serde_json::{Value, json};
use stockroom::accounts::Role;

use crate::site::{Site, header, new_key};

const FILE: &str =
    "SKU,Name,Price,Description\nA,Mug,1.00,\nB,\"<b>\"\"Cup\"\"</b>\",free,\"two\nlines\"\n,Jug,2.00,\nD,Pot,=1+1,\n";

/// An import of four rows, of which three have problems; its number.
async fn with_problems(site: &Site) -> i64 {
    let import = site.import(FILE).await;
    assert_eq!((&import["status"], &import["failed"]), (&json!("completed"), &json!(3)));
    import["job_id"].as_i64().expect("an id")
}

async fn page(site: &Site, session: &str, path: &str) -> (u16, String) {
    let request = site.request("GET", path).header("accept", "text/html");
    let response = request.header("cookie", session).send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("text"))
}

async fn post(site: &Site, session: &str, id: i64, fields: &[(&str, &str)]) -> Response {
    let request = site.own_post(&format!("/imports/{id}/correct"));
    let request = request.header("accept", "text/html").header("cookie", session);
    request.form(fields).send().await.expect("an answer")
}

/// The tag of the element with this id.
fn tag<'a>(html: &'a str, id: &str) -> &'a str {
    let place = html
        .find(&format!("id=\"{id}\""))
        .unwrap_or_else(|| panic!("no {id} in {html}"));
    let begins = html[..place].rfind('<').expect("its tag");
    let ends = html[place..].find('>').expect("its end");
    &html[begins..=place + ends]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_offers_the_cells_that_are_to_blame_and_folds_the_others_away() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    let id = with_problems(&site).await;
    let (_, report) = page(&site, &session, &format!("/imports/{id}")).await;
    assert!(report.contains(&format!("href=\"/imports/{id}/correct\"")), "{report}");
    let (status, html) = page(&site, &session, &format!("/imports/{id}/correct")).await;
    assert!(
        status == 200 && html.contains(&format!("<title>Correct rows of import #{id} – Stockroom</title>")),
        "{html}"
    );
    let blamed = tag(&html, "cell_3_2");
    assert!(
        blamed.contains("value=\"free\"")
            && blamed.contains("aria-invalid=\"true\"")
            && blamed.contains("aria-describedby=\"cell_3_2-error\""),
        "{blamed}"
    );
    assert!(
        html.contains("<label for=\"cell_3_2\" class=\"label wrap-anywhere\">Price<"),
        "{html}"
    );
    // Row 3 lies between its blamed cell and the next row.
    let row = &html[html.find("id=\"row_3\"").expect("row 3")..html.find("id=\"row_4\"").expect("row 4")];
    let folded = row.find("<details").expect("folded cells");
    assert!(
        row.find("cell_3_2\"").expect("blamed") < folded && row.find("cell_3_1\"").expect("another") > folded,
        "{row}"
    );
    let name = tag(&html, "cell_3_1");
    assert!(
        name.contains("&quot;Cup&quot;") && !name.contains("aria-invalid"),
        "{name}"
    );
    assert!(
        tag(&html, "cell_3_3").starts_with("<textarea") && html.contains(">\ntwo\nlines</textarea>"),
        "{html}"
    );
    assert!(
        html.contains("id=\"leave_3\"") && !html.contains("id=\"row_2\""),
        "the good row is not offered"
    );
    for (path, expected) in [("/imports/4711/correct", 404), ("/imports/x/correct", 404)] {
        assert_eq!(page(&site, &session, path).await.0, expected, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_still_wrong_comes_back_with_all_that_was_typed_and_the_rest_goes_on_to_its_check() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    let id = with_problems(&site).await;
    let mut fields = vec![
        ("cell_3_0", "B"),
        ("cell_3_1", "<i>\"Cup\" \u{202b}כוס</i>"),
        ("cell_3_2", "cheap"),
        ("cell_3_3", "three\r\nnew\r\nlines"),
        ("cell_4_0", "C"),
        ("cell_4_1", "Jug"),
        ("cell_5_2", "nothing"),
        ("leave_5", "true"),
    ];
    let refused = post(&site, &session, id, &fields).await;
    assert_eq!(refused.status(), 422);
    let html = refused.text().await.expect("text");
    assert!(
        html.contains("<title>Error: Correct rows") && html.contains("There is a problem"),
        "{html}"
    );
    assert!(
        html.contains("<a href=\"#cell_3_2\" class=\"underline\">Row 3, Price: Price is not a number."),
        "{html}"
    );
    assert!(tag(&html, "cell_3_2").contains("value=\"cheap\"") && tag(&html, "cell_3_2").contains("aria-invalid"));
    assert!(
        tag(&html, "cell_3_1").contains("&lt;i&gt;&quot;Cup&quot; \u{202b}כוס")
            || tag(&html, "cell_3_1").contains("<i>&quot;Cup&quot; \u{202b}כוס")
    );
    assert!(
        html.contains("three\r\nnew\r\nlines") || html.contains("three\nnew\nlines"),
        "{html}"
    );
    assert!(tag(&html, "cell_4_0").contains("value=\"C\"") && !tag(&html, "cell_4_0").contains("aria-invalid"));
    assert!(tag(&html, "leave_5").contains("checked"));
    assert!(html.contains("value=\"without\""), "the rest can go on: {html}");

    fields.push(("do", "without"));
    let sent = post(&site, &session, id, &fields).await;
    assert_eq!(sent.status(), 303);
    let address = header(&sent, "location").to_owned();
    let correction: i64 = address
        .strip_prefix("/imports/")
        .expect("an import")
        .parse()
        .expect("an id");
    let checked = site.last_event(correction).await;
    assert_eq!(
        (&checked["status"], &checked["corrects"], &checked["check"]["created"]),
        (&json!("awaiting_confirmation"), &json!(id), &json!(1))
    );

    fields.retain(|(name, _)| *name != "do");
    fields[2].1 = "3.50";
    let sent = post(&site, &session, id, &fields).await;
    let address = header(&sent, "location").to_owned();
    assert_eq!(sent.status(), 303);
    let twice = post(&site, &session, id, &fields).await;
    assert_eq!(header(&twice, "location"), address, "a second click adds nothing");
    let correction: i64 = address
        .strip_prefix("/imports/")
        .expect("an import")
        .parse()
        .expect("an id");
    site.last_event(correction).await;
    let late = post(&site, &session, id, &fields).await;
    assert_eq!(header(&late, "location"), address, "also when it is checked already");
    let applied = site
        .with_key("POST", &format!("/api/v1/imports/{correction}/apply"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(applied.status(), 202);
    site.last_event(correction).await;
    let found = site.json("/api/v1/products?sku=B").await;
    let cup = &found["items"][0];
    assert_eq!(
        (&cup["name"], &cup["description"], &cup["price_minor"]),
        (
            &json!("<i>\"Cup\" \u{202b}כוס</i>"),
            &json!("three\nnew\nlines"),
            &json!(350)
        )
    );
    let (_, html) = page(&site, &session, &format!("/imports/{id}/correct")).await;
    assert!(
        html.contains("id=\"row_5\"") && !html.contains("id=\"row_3\""),
        "what is corrected is not offered again"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_that_hold_nothing_too_much_or_nonsense_are_answered_in_words() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    let id = with_problems(&site).await;
    let nul = "a\0b";
    let long = "x".repeat(100_001);
    let huge = "x".repeat(9 * 1024 * 1024);
    for (fields, status, words) in [
        (vec![], 422, "All rows were left out."),
        (
            vec![("cell_3_2", "1"), ("leave_3", "true")],
            422,
            "All rows were left out.",
        ),
        (
            vec![("cell_2_2", "1")],
            422,
            "Row 2 of this import has no open problem.",
        ),
        (vec![("cell_3_99", "1")], 422, "The file has no such column."),
        (
            vec![("cell_3_1", nul), ("cell_3_2", "1")],
            422,
            "Row has characters that are not text.",
        ),
        (vec![("cell_3_1", &long), ("cell_3_2", "1")], 422, "Shorten"),
        (
            vec![("cell_3_1", &huge)],
            413,
            "more text than can be corrected on one page",
        ),
    ] {
        let answer = post(&site, &session, id, &fields).await;
        assert_eq!(answer.status(), status, "{words}");
        let html = answer.text().await.expect("text");
        assert!(html.contains(words), "{words}: {html}");
    }
    assert_eq!(post(&site, &session, 4711, &[("cell_3_2", "1")]).await.status(), 404);
    let foreign = site
        .request("POST", &format!("/imports/{id}/correct"))
        .header("cookie", &session);
    let foreign = foreign
        .header("sec-fetch-site", "cross-site")
        .form(&[("cell_3_2", "1")]);
    assert_eq!(foreign.send().await.expect("an answer").status(), 403);
    let viewer = site.sign_in_as("viewer@example.com", Role::Viewer).await;
    assert_eq!(post(&site, &viewer, id, &[("cell_3_2", "1")]).await.status(), 403);
    assert_eq!(page(&site, &viewer, &format!("/imports/{id}/correct")).await.0, 403);
    let (_, report) = page(&site, &viewer, &format!("/imports/{id}")).await;
    assert!(!report.contains("Correct them here"), "{report}");
    assert_eq!(
        site.json("/api/v1/imports").await["total"],
        1,
        "nothing of all this was imported"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_a_hundred_rows_are_to_be_downloaded() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    let rows: String = (0..101).map(|n| format!("S-{n},Mug,x\n")).collect();
    let import = site.import(format!("sku,name,price\n{rows}")).await;
    let id = import["job_id"].as_i64().expect("an id");
    let (_, report) = page(&site, &session, &format!("/imports/{id}")).await;
    assert!(
        !report.contains("Correct them here") && report.contains("too many to correct here"),
        "{report}"
    );
    let (status, html) = page(&site, &session, &format!("/imports/{id}/correct")).await;
    assert!(
        status == 200 && html.contains("Download rows with problems (CSV)") && !html.contains("cell_2_2"),
        "{html}"
    );
}

async fn correct(site: &Site, path: &str, body: &Value) -> (u16, Value) {
    let response = site.with_key("POST", path).json(body).send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, response.json().await.expect("JSON"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_corrects_rows_by_the_names_of_their_columns() {
    let site = Site::open().await;
    let id = with_problems(&site).await;
    let path = format!("/api/v1/imports/{id}/corrections");
    let rows =
        |price: &str| json!({"rows": [{"row": 3, "cells": {"Price": price}}, {"row": 4, "cells": {"SKU": "C"}}]});
    let (status, problem) = correct(&site, &path, &rows("cheap")).await;
    assert_eq!(
        (status, &problem["status"], &problem["errors"][0]["field"]),
        (422, &json!(422), &json!("rows.3.Price"))
    );
    let message = problem["errors"][0]["message"].as_str().expect("a message");
    assert!(message.starts_with("Row 3, Price: Price is not a number."), "{message}");
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(1));

    let (status, checked) = correct(&site, &format!("{path}?check=true"), &rows("2.75")).await;
    assert_eq!(
        (status, &checked["step"], &checked["corrects"]),
        (202, &json!("check"), &json!(id))
    );
    site.last_event(checked["job_id"].as_i64().expect("an id")).await;
    assert_eq!(site.json("/api/v1/products").await["total"], 1);

    let (status, begun) = correct(&site, &path, &rows("2.50")).await;
    assert_eq!(
        (status, &begun["step"], &begun["corrects"]),
        (202, &json!("apply"), &json!(id))
    );
    let done = site.last_event(begun["job_id"].as_i64().expect("an id")).await;
    assert_eq!(
        (&done["status"], &done["created"], &done["failed"]),
        (&json!("completed"), &json!(2), &json!(0))
    );
    assert_eq!(
        site.json("/api/v1/products?sku=B").await["items"][0]["price_minor"],
        250
    );
    let (status, problem) = correct(&site, &path, &rows("9.00")).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (422, &json!("rows.3")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_corrects_once_and_bad_bodies_are_refused_in_words() {
    let site = Site::open().await;
    let id = with_problems(&site).await;
    let path = format!("/api/v1/imports/{id}/corrections");
    let body = json!({"rows": [{"row": 4, "cells": {"SKU": "C"}}]});
    let mut jobs = Vec::new();
    for _ in 0..2 {
        let request = site
            .with_key("POST", &path)
            .header("idempotency-key", "once")
            .json(&body);
        let import: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        jobs.push(import["job_id"].as_i64().expect("an id"));
        site.last_event(jobs[0]).await;
    }
    assert_eq!(jobs[0], jobs[1]);
    let many: Vec<Value> = (0..101).map(|row| json!({"row": row, "cells": {}})).collect();
    for (body, status, field) in [
        (json!({}), 422, "rows"),
        (json!({"rows": []}), 422, "rows"),
        (json!({"rows": {}}), 422, "rows"),
        (json!({"rows": [17]}), 422, "rows[0]"),
        (json!({"rows": [{"row": "3", "cells": {}}]}), 422, "rows[0].row"),
        (json!({"rows": [{"row": 3}]}), 422, "rows[0].cells"),
        (
            json!({"rows": [{"row": 3, "cells": {"Price": 2.5}}]}),
            422,
            "rows[0].cells.Price",
        ),
        (
            json!({"rows": [{"row": 3, "cells": {"Prize": "1"}}]}),
            422,
            "rows.3.Prize",
        ),
        (json!({"rows": [{"row": 3, "cells": {}, "more": 1}]}), 422, "more"),
        (json!({"rows": [], "more": 1}), 422, "more"),
        (json!({"rows": many}), 422, "rows"),
        (
            json!({"rows": [{"row": 3, "cells": {}}, {"row": 3, "cells": {}}]}),
            422,
            "rows",
        ),
        (
            json!({"rows": [{"row": 3, "cells": {"Name": "a\u{0}b", "Price": "1"}}]}),
            422,
            "rows.3.Name",
        ),
    ] {
        let (told, problem) = correct(&site, &path, &body).await;
        assert_eq!(
            (told, &problem["errors"][0]["field"]),
            (status, &json!(field)),
            "{body}: {problem}"
        );
        let message = problem["errors"][0]["message"].as_str().expect("a message");
        assert!(message.ends_with('.'), "{message}");
    }
    assert_eq!(correct(&site, "/api/v1/imports/4711/corrections", &body).await.0, 404);
    assert_eq!(correct(&site, &format!("{path}?colour=red"), &body).await.0, 400);
    assert_eq!(correct(&site, &path, &json!([1])).await.0, 400);
    let viewer = new_key(&site.shop, "viewer", Role::Viewer).await;
    let refused = site
        .request("POST", &path)
        .bearer_auth(viewer)
        .json(&body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(refused.status(), 403);
    let description = site.json("/openapi.json").await;
    let operation = &description["paths"]["/imports/{id}/corrections"]["post"];
    assert!(
        operation["requestBody"].is_object() && operation["responses"]["422"].is_object(),
        "{operation}"
    );
}
