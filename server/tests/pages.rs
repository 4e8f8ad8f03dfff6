//! Pages are complete without any script, and forms lead on or come back with what was typed.

use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::site::{Site, header};

async fn page(site: &Site, session: &str, path: &str) -> (u16, String) {
    let response = site
        .request("GET", path)
        .header("accept", "text/html")
        .header("cookie", session)
        .send()
        .await
        .expect("an answer");
    (response.status().as_u16(), response.text().await.expect("text"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_goes_from_the_form_to_the_table_without_script() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    let form = Form::new().text("kind", "products").part(
        "file",
        Part::bytes(&b"sku,name,price\nM-1,<b>Mug</b>,12.99\n,x,1\n"[..]).file_name("p.csv"),
    );
    let posted = site
        .own_post("/imports")
        .header("accept", "text/html")
        .header("cookie", &session)
        .multipart(form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(posted.status(), 303);
    let address = header(&posted, "location").to_owned();
    let id = address
        .strip_prefix("/imports/")
        .expect("an import")
        .parse()
        .expect("an id");
    site.last_event(id).await;
    let (status, html) = page(&site, &session, &address).await;
    assert!(
        status == 200 && html.contains("SKU is missing") && html.contains("Import 1 product"),
        "{html}"
    );
    // What is confirmed is the review that was seen.
    let review = html
        .split_once("name=\"review\" value=\"")
        .and_then(|(_, rest)| rest.split('"').next())
        .expect("the review's name");
    let applied = site
        .own_post(&format!("{address}/apply"))
        .header("cookie", &session)
        .form(&[("review", review)])
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        (applied.status().as_u16(), header(&applied, "location")),
        (303, address.as_str())
    );
    site.last_event(id).await;
    let (status, html) = page(&site, &session, "/products").await;
    assert_eq!(status, 200);
    assert!(
        html.contains("M-1") && html.contains("&lt;b&gt;Mug") && !html.contains("<b>Mug</b>"),
        "{html}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_forms_come_back_with_what_was_typed_and_why() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    let refused = site
        .own_post("/login")
        .header("accept", "text/html")
        .form(&[
            ("email", "someone@example.com"),
            ("password", "wrong wrong wrong"),
            ("next", "/imports"),
        ])
        .send()
        .await
        .expect("an answer");
    assert_eq!(header(&refused, "location"), "/login?next=%2Fimports");
    let fresh = crate::site::cookie(&refused).expect("a session");
    let (_, html) = page(&site, &fresh, "/login?next=%2Fimports").await;
    assert!(
        html.contains("Email address or password is not correct")
            && html.contains("someone@example.com")
            && !html.contains("wrong wrong wrong")
    );
    let (_, again) = page(&site, &fresh, "/login?next=%2Fimports").await;
    assert!(!again.contains("not correct"), "a draft is shown once");
    let form = Form::new().part("file", Part::bytes(&b""[..]).file_name(""));
    let empty = site
        .own_post("/imports")
        .header("accept", "text/html")
        .header("cookie", &session)
        .multipart(form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        (empty.status().as_u16(), header(&empty, "location")),
        (303, "/imports/new")
    );
    let (_, html) = page(&site, &session, "/imports/new").await;
    assert!(
        html.contains("There is a problem") && html.contains("Select a file"),
        "{html}"
    );
}

/// The tooltip and the text of a moment.
fn time(html: &str, moment: &str) -> (String, String) {
    let (_, rest) = html
        .split_once(&format!("<time datetime=\"{moment}\" title=\""))
        .expect("the moment");
    let (tooltip, rest) = rest.split_once('"').expect("a tooltip");
    let (_, text) = rest.split_once('>').expect("a text");
    let (text, _) = text.split_once('<').expect("its end");
    (tooltip.to_owned(), text.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_show_times_and_numbers_as_the_shop_has_them_and_files_do_not() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    site.import("sku,name,price\nM-1,Mug,1234.5\n").await;
    let product = site.json("/api/v1/products").await["items"][0].clone();
    let updated = product["updated_at"].as_str().expect("a time");
    let utc = format!("{} UTC", updated.trim_end_matches('Z').replace('T', " "));
    let (_, usual) = page(&site, &session, "/products").await;
    assert!(usual.contains("1,234.50 EUR"), "{usual}");
    assert_eq!(time(&usual, updated), (utc.clone(), utc.clone()));
    let save = async |zone: &str, format: &str| {
        let form = [("shop_name", "Ana"), ("time_zone", zone), ("number_format", format)];
        let saved = site.own_post("/settings/shop").header("cookie", &session).form(&form);
        assert_eq!(saved.send().await.expect("an answer").status(), 303);
        page(&site, &session, "/settings").await.1
    };
    for (zone, format, expected) in [
        ("Middle/Earth", "comma", "Choose a time zone from the list"),
        ("Asia/Kolkata", "roman", "Choose one of the formats in the list"),
    ] {
        let html = save(zone, format).await;
        assert!(html.contains("There is a problem") && html.contains(expected), "{html}");
    }
    let saved = save("Asia/Kolkata", "comma").await;
    // What the form does not name stays.
    assert!(
        saved.contains("Settings saved") && saved.contains("value=\"EUR\""),
        "{saved}"
    );
    let (_, html) = page(&site, &session, "/products").await;
    assert!(
        html.contains("1.234,50 EUR") && html.contains("data-numbers=\"comma\""),
        "{html}"
    );
    let (tooltip, text) = time(&html, updated);
    assert!(tooltip == utc && text.ends_with(" +05:30"), "{tooltip}, {text}");
    let (_, form) = page(&site, &session, "/products/1").await;
    assert!(html.contains("value=\"1234,50\"") && form.contains("value=\"1234,50\""));
    let export = site.get("/api/v1/products/export?columns=sku,price").await;
    let plain = export.text().await.expect("a file");
    assert_eq!(
        (plain.lines().last(), &product["price_minor"]),
        (Some("M-1,1234.50"), &123_450.into())
    );
    a_day_is_one_of_the_shops(&site, &session).await;
}

/// In Kolkata it begins half past six in the evening, in UTC.
async fn a_day_is_one_of_the_shops(site: &Site, session: &str) {
    const DAY: &str = "2026-11-20";
    const BEGINS: &str = "2026-11-19T18%3A30%3A00Z";
    for (list, field, said) in [
        ("/products", "updated_after", "Updated since"),
        ("/products", "created_after", "Created since"),
        ("/imports", "from", "From"),
    ] {
        for value in [DAY, BEGINS] {
            let (status, html) = page(site, session, &format!("{list}?{field}={value}&size=25")).await;
            assert_eq!(status, 200, "{list} {field}={value}");
            assert!(
                html.contains(&format!("{said} {DAY}")),
                "{list} {field}={value}: {html}"
            );
            assert!(
                html.contains(&format!("value=\"{DAY}\"")),
                "{list} {field}={value}: {html}"
            );
        }
    }
    for (list, field) in [("/products", "updated_before"), ("/audit", "from")] {
        let (_, html) = page(site, session, &format!("{list}?{field}={DAY}")).await;
        assert!(html.contains(&format!("{field}={BEGINS}")), "{list}: {html}");
    }
    let hook = json!({"url": "https://example.com/", "events": ["product.created"]});
    let made = site.with_key("POST", "/api/v1/webhooks").json(&hook).send().await;
    assert_eq!(made.expect("an answer").status(), 201);
    let (_, html) = page(site, session, &format!("/webhooks/1/deliveries?from={BEGINS}")).await;
    assert!(html.contains(&format!("value=\"{DAY}\"")), "{html}");
    let (_, html) = page(site, session, "/products?updated_after=2026-11-19T19:00:00Z").await;
    assert!(html.contains("Updated since 2026-11-20 00:30:00 +05:30"), "{html}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_was_sent_and_filled_in_anew_adds_nothing_unasked() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    let add = async |once: &str, sku: &str| {
        let form = [("once", once), ("sku", sku), ("name", "Mug")];
        let posted = site.own_post("/products").header("cookie", &session).form(&form);
        header(&posted.send().await.expect("an answer"), "location").to_owned()
    };
    assert_eq!(add("k", "M-1").await, "/products/1");
    assert_eq!(add("k", "M-1").await, "/products/1");
    // Somebody went back, changed the SKU and saved: what was typed is still there, under a key that was not used yet.
    assert_eq!(add("k", "M-2").await, "/products/new");
    let (_, html) = page(&site, &session, "/products/new").await;
    assert!(
        html.contains("Send it once more") && html.contains("value=\"M-2\""),
        "{html}"
    );
    let (_, rest) = html.split_once("name=\"once\" value=\"").expect("a key");
    let once = rest.split('"').next().expect("its end");
    assert_ne!(once, "k");
    assert_eq!(add(once, "M-2").await, "/products/2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_is_what_somebody_else_has_changed() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    site.import("sku,name,price,active\nM-1,Mug,5,no\n").await;
    let changed = site.with_key("PATCH", "/api/v1/products/1");
    let changed = changed.json(&json!({"name": "Cup"})).send().await;
    assert_eq!(changed.expect("an answer").status(), 200);
    let post = async |path: &str, form: &[(&str, &str)]| {
        let posted = site.own_post(path).header("cookie", &session).form(form);
        assert_eq!(posted.send().await.expect("an answer").status(), 303, "{path}");
        page(&site, &session, "/products/1").await.1
    };
    let differs = |html: &str, label: &str| html.contains(&format!("<strong>{label}<"));
    // Seen before the change: the product is neither deleted nor saved, and it is said what somebody else has done.
    let deleted = post("/products/1/delete", &[("version", "1")]).await;
    assert!(deleted.contains("There is a problem"), "{deleted}");
    assert!(!differs(&deleted, "Active") && !differs(&deleted, "Price"), "{deleted}");
    let typed = [
        ("version", "1"),
        ("sku", "M-1"),
        ("name", "Mug"),
        ("price", "5,00"),
        ("description", ""),
    ];
    let saved = post("/products/1", &typed).await;
    assert!(differs(&saved, "Name"), "{saved}");
    assert!(!differs(&saved, "Active") && !differs(&saved, "Price"), "{saved}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_said_with_its_status() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    for path in ["/nowhere", "/products/999", "/imports/999", "/products/abc"] {
        let (status, html) = page(&site, &session, path).await;
        assert_eq!(status, 404, "{path}");
        assert!(html.contains("<html"), "{path}");
    }
}

/// The tag of the element with this id.
fn tag<'a>(html: &'a str, id: &str) -> &'a str {
    let place = html.find(&format!("id=\"{id}\"")).expect("the element");
    let begins = html[..place].rfind('<').expect("its tag");
    let ends = html[place..].find('>').expect("its end");
    &html[begins..place + ends]
}

async fn post(site: &Site, session: &str, path: &str, fields: &[(&str, &str)]) -> String {
    let posted = site.own_post(path).header("cookie", session).form(fields).send().await;
    let posted = posted.expect("an answer");
    assert_eq!(posted.status(), 303, "{path}");
    header(&posted, "location").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_columns_for_one_field_are_both_marked_and_the_title_says_that_there_is_an_error() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    let form = Form::new().part("file", Part::bytes(&b"Nr,Was,Art\nA,Mug,B\n"[..]).file_name("p.csv"));
    let sent = site
        .own_post("/imports")
        .header("accept", "text/html")
        .header("cookie", &session);
    let sent = sent.multipart(form).send().await.expect("an answer");
    let address = header(&sent, "location").to_owned();
    let (_, html) = page(&site, &session, &address).await;
    assert!(html.contains("<title>Match columns (step 2 of 4)"), "{html}");
    let fields = [
        ("do", "check"),
        ("column_0", "sku"),
        ("column_1", "name"),
        ("column_2", "sku"),
    ];
    let back = post(&site, &session, &format!("{address}/match"), &fields).await;
    let (_, html) = page(&site, &session, &back).await;
    assert!(html.contains("<title>Error: Match columns (step 2 of 4)"), "{html}");
    for id in ["column_0", "column_2"] {
        let select = tag(&html, id);
        let is_described = select.contains(&format!("aria-describedby=\"{id}-error\""));
        assert!(select.contains("aria-invalid=\"true\"") && is_described, "{select}");
        assert!(html.contains(&format!("href=\"#{id}\"")), "the summary leads to {id}");
    }
    assert!(!tag(&html, "column_1").contains("aria-invalid"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_that_must_be_ticked_says_so_itself() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    site.import("sku,name\nA,Mug\nB,Cup\n").await;
    let fields = [("do", "delete"), ("scope", "matching")];
    let plan = post(&site, &session, "/products/bulk", &fields).await;
    let (_, html) = page(&site, &session, &format!("{plan}?confirm=true")).await;
    assert!(!tag(&html, "understood").contains("aria-invalid"));
    let back = post(&site, &session, &format!("{plan}/apply"), &[]).await;
    let (_, html) = page(&site, &session, &back).await;
    let tick = tag(&html, "understood");
    assert!(
        tick.contains("aria-invalid=\"true\"") && tick.contains("aria-describedby=\"understood-error\""),
        "{tick}"
    );
    assert!(
        html.contains("id=\"understood-error\"") && html.contains("<title>Error: "),
        "{html}"
    );
}
