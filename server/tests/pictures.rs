//! Pictures over HTTP: their bytes with the headers that keep them harmless, and what a page says of them.

use sea_orm::ConnectionTrait as _;
use stockroom::accounts::Role;
use stockroom::pictures;

use crate::site::{Site, header};

fn png(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [
        &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
        &size,
        &[8, 6, 0, 0, 0, 1, 2, 3, 4],
    ]
    .concat()
}

/// A product with three pictures: one that is there, one that waits, and one that cannot be had. Gives the digest of the first.
async fn with_pictures(site: &Site) -> String {
    let services = &site.shop.services;
    assert_eq!(site.import("sku,name\na,\"Mug <b>\"\n").await["created"], 1);
    let kept = pictures::keep(&services.database, &services.storage, png(640, 480).into()).await;
    let reference = kept.expect("the shop works").expect("a picture").as_str().to_owned();
    let insert = "INSERT INTO pictures (id, reference, state, problem, next_attempt_at, created_at) VALUES
        (71, 'https://host/waits.png', 'waiting', NULL, '2999-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00'),
        (72, 'https://host/gone.png', 'failed', 'Nothing is at this address.', NULL, '2026-01-01 00:00:00+00:00')";
    let list = format!(
        "UPDATE products SET pictures = '[\"https://host/waits.png\",\"{reference}\",\"https://host/gone.png\"]'"
    );
    for statement in [insert, &list] {
        let done = services.database.writer().execute_unprepared(statement).await;
        done.expect("a statement");
    }
    reference.trim_start_matches("sha256:").to_owned()
}

#[tokio::test]
async fn the_bytes_of_a_picture_come_with_headers_that_keep_them_harmless() {
    let site = Site::open().await;
    let sha256 = with_pictures(&site).await;
    let cookie = site.sign_in_as("viewer@example.com", Role::Viewer).await;
    let api = format!("/api/v1/pictures/{sha256}");
    let page = format!("/pictures/{sha256}");
    for response in [
        site.get(&api).await,
        site.request("GET", &page)
            .header("cookie", &cookie)
            .send()
            .await
            .expect("an answer"),
    ] {
        assert_eq!(response.status(), 200);
        for (name, value) in [
            ("content-type", "image/png"),
            ("content-length", "33"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("cache-control", "private, max-age=31536000, immutable"),
        ] {
            assert_eq!(header(&response, name), value, "{name}");
        }
        let tag = header(&response, "etag").to_owned();
        assert_eq!(response.bytes().await.expect("bytes"), png(640, 480));
        let again = site
            .with_key("GET", &api)
            .header("if-none-match", format!("\"x\", W/{tag}"));
        let again = again.send().await.expect("an answer");
        assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, tag.as_str()));
        assert!(again.bytes().await.expect("bytes").is_empty());
    }
    for none in [
        "0".repeat(64),
        "x".to_owned(),
        "..%2f..%2fstockroom.db".to_owned(),
        sha256.to_uppercase(),
    ] {
        let response = site.get(&format!("/api/v1/pictures/{none}")).await;
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-type")),
            (404, "application/problem+json"),
            "{none}"
        );
    }
    assert_eq!(
        site.request("GET", &page).send().await.expect("an answer").status(),
        401
    );
}

#[tokio::test]
async fn programs_see_what_is_known_of_a_products_pictures() {
    let site = Site::open().await;
    let sha256 = with_pictures(&site).await;
    let found = site.json("/api/v1/products/1/pictures").await;
    let states: Vec<_> = found
        .as_array()
        .expect("a list")
        .iter()
        .map(|picture| picture["state"].as_str())
        .collect();
    assert_eq!(
        states,
        [Some("waiting"), Some("stored"), Some("failed")],
        "in the product's order"
    );
    assert_eq!(found[1]["url"], format!("/api/v1/pictures/{sha256}"));
    assert_eq!(
        (&found[1]["width"], &found[1]["media_type"]),
        (&640.into(), &"image/png".into())
    );
    assert_eq!(
        (&found[2]["problem"], &found[2]["url"]),
        (&"Nothing is at this address.".into(), &serde_json::Value::Null)
    );
    assert_eq!(site.get("/api/v1/products/9/pictures").await.status(), 404);
}

#[tokio::test]
async fn a_page_shows_pictures_and_lets_editors_ask_again() {
    let site = Site::open().await;
    let sha256 = with_pictures(&site).await;
    let editor = site.sign_in_as("editor@example.com", Role::Editor).await;
    let viewer = site.sign_in_as("viewer@example.com", Role::Viewer).await;
    let page = async |cookie: &str| {
        let response = site
            .request("GET", "/products/1")
            .header("cookie", cookie)
            .send()
            .await
            .expect("an answer");
        assert!(header(&response, "content-security-policy").contains("img-src 'self'"));
        response.text().await.expect("a page")
    };
    let seen = page(&viewer).await;
    for part in [
        &format!("src=\"/pictures/{sha256}\""),
        "width=\"640\"",
        "height=\"480\"",
        "loading=\"lazy\"",
        "Waiting to be fetched",
        "From a workbook",
        "Nothing is at this address.",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    assert!(
        seen.contains("Mug &lt;b&gt;, picture 2") && !seen.contains("Mug <b>"),
        "{seen}"
    );
    assert!(!seen.contains("Fetch again"));
    assert!(page(&editor).await.contains("action=\"/pictures/72/fetch\""));
    let ask = async |cookie: &str, picture: i64| {
        let form = [("next", "/products/1")];
        let post = site
            .own_post(&format!("/pictures/{picture}/fetch"))
            .header("cookie", cookie)
            .form(&form);
        post.send().await.expect("an answer")
    };
    assert_eq!(ask(&viewer, 72).await.status(), 403);
    assert_eq!(ask(&editor, 99).await.status(), 404);
    let response = ask(&editor, 72).await;
    assert_eq!(
        (response.status().as_u16(), header(&response, "location")),
        (303, "/products/1")
    );
    // The host does not exist, so that it waits for its second attempt, or already does so.
    assert_eq!(site.json("/api/v1/products/1/pictures").await[2]["state"], "waiting");
}
