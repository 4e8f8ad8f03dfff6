//! The table of products and the pages it leads to: what was typed is kept, and the way back is the one that was come.

use serde_json::json;

use crate::site::{Site, header};

/// A page, or where it leads.
async fn page(site: &Site, session: &str, path: &str) -> String {
    let request = site.request("GET", path).header("accept", "text/html");
    let response = request.header("cookie", session).send().await.expect("an answer");
    if response.status().is_redirection() {
        return header(&response, "location").to_owned();
    }
    assert_eq!(response.status(), 200, "{path}");
    response.text().await.expect("text")
}

/// Where a form leads.
async fn post(site: &Site, session: &str, path: &str, form: &[(&str, &str)]) -> String {
    let posted = site.own_post(path).header("cookie", session).form(form);
    let response = posted.send().await.expect("an answer");
    assert_eq!(response.status(), 303, "{path}");
    header(&response, "location").to_owned()
}

async fn opened(file: &str) -> (Site, String) {
    let site = Site::open().await;
    let session = site.sign_in().await;
    site.import(file).await;
    (site, session)
}

fn typed<'a>(version: &'a str, name: &'a str) -> Vec<(&'a str, &'a str)> {
    let same = [("sku", "A"), ("price", ""), ("description", ""), ("active", "true")];
    [("version", version), ("name", name)].into_iter().chain(same).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_for_a_product_that_somebody_has_deleted_meanwhile_is_kept() {
    let (site, ana) = opened("sku,name\nA,Mug\n").await;
    let deleted = site.with_key("DELETE", "/api/v1/products/1").send().await;
    assert_eq!(deleted.expect("an answer").status(), 204);
    assert_eq!(
        post(&site, &ana, "/products/1", &typed("1", "Mug, hand-made")).await,
        "/products/1"
    );
    let shown = page(&site, &ana, "/products/1").await;
    for words in [
        "was moved to the bin by",
        "value=\"Mug, hand-made\"",
        "Restore and save mine",
        "data-guarded=\"unsaved\"",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let form = [typed("2", "Mug, hand-made"), vec![("restore", "true")]].concat();
    assert_eq!(post(&site, &ana, "/products/1", &form).await, "/products/1");
    let product = site.json("/api/v1/products/1").await;
    assert_eq!(
        (&product["name"], &product["version"]),
        (&json!("Mug, hand-made"), &json!(4))
    );
    // Somebody has had it back and changed it before: their text is not lost either.
    site.with_key("DELETE", "/api/v1/products/1")
        .send()
        .await
        .expect("deleted");
    site.with_key("POST", "/api/v1/products/1/restore")
        .send()
        .await
        .expect("restored");
    let theirs = site
        .with_key("PATCH", "/api/v1/products/1")
        .json(&json!({"name": "Cup"}));
    assert_eq!(theirs.send().await.expect("an answer").status(), 200);
    let form = [typed("5", "Jug"), vec![("restore", "true")]].concat();
    post(&site, &ana, "/products/1", &form).await;
    let shown = page(&site, &ana, "/products/1").await;
    assert!(
        shown.contains("was changed by") && shown.contains("value=\"Jug\"") && shown.contains("Save mine"),
        "{shown}"
    );
    assert_eq!(site.json("/api/v1/products/1").await["name"], "Cup");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_price_that_cannot_be_saved_stays_in_its_row() {
    let (site, ana) = opened("sku,name,price\nA,Mug,5\nB,Cup,6\n").await;
    for (version, price, words) in [("1", "1,234", "B: "), ("7", "6.50", "B: This product was changed by")] {
        let form = [("version", version), ("price", price), ("next", "/products?sort=name")];
        assert_eq!(post(&site, &ana, "/products/2/row", &form).await, "/products?sort=name");
        let table = page(&site, &ana, "/products?sort=name").await;
        let (_, row) = table.split_once("id=\"price_2\"").expect("its field");
        let (field, _) = row.split_once('>').expect("its end");
        assert!(
            field.contains(&format!("value=\"{price}\"")) && field.contains("aria-invalid=\"true\""),
            "{field}"
        );
        assert!(
            table.contains(words) && table.contains("href=\"#price_2\""),
            "{words}: {table}"
        );
        let rows = table.split("<details").filter(|row| row.contains("id=\"price_"));
        let open = rows.map(|row| row.split('>').next().is_some_and(|tag| tag.contains(" open")));
        assert_eq!(
            open.collect::<Vec<_>>(),
            [true, false],
            "B stands before A by name: {table}"
        );
    }
    assert_eq!(site.json("/api/v1/products/2").await["price_minor"], 600);
    // One that has gone meanwhile is named, too.
    site.with_key("DELETE", "/api/v1/products/2")
        .send()
        .await
        .expect("deleted");
    let form = [("version", "1"), ("price", "6.50"), ("next", "/products")];
    post(&site, &ana, "/products/2/row", &form).await;
    let table = page(&site, &ana, "/products").await;
    assert!(
        table.contains("B: This product was moved to the bin by") && table.contains("You typed 6.50."),
        "{table}"
    );
    assert!(!table.contains("price_2"), "it has no row: {table}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_saved_brings_nothing_back_from_the_bin() {
    let (site, ana) = opened("sku,name\nA,Mug\n").await;
    let deleted = site.with_key("DELETE", "/api/v1/products/1").send().await;
    assert_eq!(deleted.expect("an answer").status(), 204);
    // No name; and a version that has never lain in the bin.
    for (version, name, words) in [("2", "", "value=\"9.50\""), ("1", "Jug", "Restore and save mine")] {
        let mut form = [typed(version, name), vec![("restore", "true")]].concat();
        form.retain(|(name, _)| *name != "price");
        form.push(("price", "9.50"));
        assert_eq!(post(&site, &ana, "/products/1", &form).await, "/products/1");
        let shown = page(&site, &ana, "/products/1").await;
        assert!(shown.contains(words) && shown.contains("9.50"), "{shown}");
        assert!(shown.contains("This product is in the bin"), "{shown}");
        assert_eq!(site.get("/api/v1/products/1").await.status(), 404);
        assert_eq!(
            site.json("/api/v1/products/1/history").await["total"],
            2,
            "added, and deleted"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_for_a_product_that_is_gone_for_good_stands_in_the_form_for_a_new_one() {
    let (site, ana) = opened("sku,name\nA,Mug\n").await;
    let deleted = site.with_key("DELETE", "/api/v1/products/1").send().await;
    assert_eq!(deleted.expect("an answer").status(), 204);
    post(&site, &ana, "/products/1/purge", &[]).await;
    assert_eq!(site.get("/api/v1/products/1").await.status(), 404);
    for restore in [false, true] {
        let mut form = typed("1", "Mug, hand-made");
        form.extend(restore.then_some(("restore", "true")));
        assert_eq!(post(&site, &ana, "/products/1", &form).await, "/products/new");
        let shown = page(&site, &ana, "/products/new").await;
        assert!(
            shown.contains("was deleted for good while you were editing it")
                && shown.contains("value=\"Mug, hand-made\""),
            "{shown}"
        );
    }
    let added = post(&site, &ana, "/products", &typed("", "Mug, hand-made")).await;
    assert_eq!(site.json(&format!("/api/v1{added}")).await["name"], "Mug, hand-made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_rows_have_gone_leads_to_the_first_one() {
    let (site, ana) = opened("sku,name\nA,Mug\nB,Cup\n").await;
    for path in [
        "/products?status=active&size=25&page=2",
        "/products?status=active&size=25&after=9~~sku~z",
    ] {
        let form = [("version", "1"), ("price", "1"), ("next", path)];
        let product = if path.ends_with('2') { 1 } else { 2 };
        assert_eq!(
            post(&site, &ana, &format!("/products/{product}/row"), &form).await,
            path
        );
        let first = page(&site, &ana, path).await;
        assert_eq!(first, "/products?status=active&size=25");
        let table = page(&site, &ana, &first).await;
        assert!(
            table.contains("2 products found") && table.contains(" saved"),
            "what was said is not lost: {table}"
        );
    }
    for forged in ["after=forged", "before=1~~name~a", "page=7"] {
        assert_eq!(
            page(&site, &ana, &format!("/products?sort=price&{forged}")).await,
            "/products?sort=price"
        );
    }
    assert!(
        page(&site, &ana, "/products?sku=nothing")
            .await
            .contains("No products match these filters")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_back_is_the_page_of_the_table_that_was_come_from() {
    const TABLE: &str = "/products?sku=A&amp;sort=name";
    const PRODUCT: &str = "/products/1?table=%2Fproducts%3Fsku%3DA%26sort%3Dname";
    let (site, ana) = opened("sku,name\nA,Mug\n").await;
    assert!(
        page(&site, &ana, "/products?sku=A&sort=name")
            .await
            .contains(&format!("href=\"{PRODUCT}\""))
    );
    let product = page(&site, &ana, PRODUCT).await;
    assert!(product.contains(&format!("href=\"{TABLE}\"")), "{product}");
    let plain = page(&site, &ana, "/products/1").await;
    assert!(plain.contains("href=\"/products\""), "{plain}");
    let table = [("table", "/products?sku=A&sort=name")];
    for (name, saved) in [("Cup", "Product saved"), ("", "There is a problem")] {
        let form = [typed(if name.is_empty() { "2" } else { "1" }, name), table.to_vec()].concat();
        assert_eq!(post(&site, &ana, "/products/1", &form).await, PRODUCT);
        let product = page(&site, &ana, PRODUCT).await;
        assert!(
            product.contains(saved) && product.contains(&format!("href=\"{TABLE}\"")),
            "{product}"
        );
    }
    // The dialog says where it stands, and still does so after a refusal.
    let form = [typed("2", ""), vec![("next", "/products?sku=A")]].concat();
    assert_eq!(post(&site, &ana, "/products/1", &form).await, "/products/1");
    let refused = page(&site, &ana, "/products/1").await;
    assert!(refused.contains("name=\"next\" value=\"/products?sku=A\""), "{refused}");
    for elsewhere in ["https://evil.example", "//evil.example", "/evil", "/products?\\evil"] {
        let path = format!("/products/1?table={}", elsewhere.replace('?', "%3F"));
        let product = page(&site, &ana, &path).await;
        assert!(
            !product.contains(&format!("href=\"{elsewhere}")),
            "{elsewhere}: {product}"
        );
    }
    for (path, form) in [
        ("/products/1/delete", vec![("version", "2")]),
        ("/products/1/restore", vec![]),
    ] {
        let form = [form, vec![("next", "/products?sku=A")]].concat();
        assert_eq!(post(&site, &ana, path, &form).await, "/products?sku=A");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_refused_is_still_about_the_version_that_was_seen() {
    let (site, ana) = opened("sku,name\nA,Mug\n").await;
    let theirs = site
        .with_key("PATCH", "/api/v1/products/1")
        .json(&json!({"description": "Blue"}));
    assert_eq!(theirs.send().await.expect("an answer").status(), 200);
    // A catalogue is looked for before the product is.
    let form = [typed("1", "Jug"), vec![("catalogue_name", "Nowhere")]].concat();
    post(&site, &ana, "/products/1", &form).await;
    let shown = page(&site, &ana, "/products/1").await;
    assert!(shown.contains("value=\"Jug\""), "{shown}");
    let version = shown
        .split("name=\"version\"")
        .nth(1)
        .and_then(|rest| rest.split('>').next());
    assert!(version.is_some_and(|tag| tag.contains("value=\"1\"")), "{version:?}");
    post(&site, &ana, "/products/1", &typed("1", "Jug")).await;
    let shown = page(&site, &ana, "/products/1").await;
    assert!(
        shown.contains("was changed by") && shown.contains("value=\"Jug\"") && shown.contains("value=\"2\""),
        "{shown}"
    );
    assert_eq!(site.json("/api/v1/products/1").await["description"], "Blue");
}
