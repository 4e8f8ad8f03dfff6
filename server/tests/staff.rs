//! Accounts over HTTP: roles, invitations, keys and sessions, as people use them without the script.

use crate::site::{EMAIL, PASSWORD, Site, cookie, header};

async fn post(site: &Site, session: &str, path: &str, form: &[(&str, &str)]) -> (u16, String) {
    let request = site
        .own_post(path)
        .header("cookie", session)
        .header("accept", "text/html");
    let response = request.form(form).send().await.expect("an answer");
    (response.status().as_u16(), header(&response, "location").to_owned())
}

async fn page(site: &Site, session: &str, path: &str) -> (u16, String) {
    let request = site
        .request("GET", path)
        .header("cookie", session)
        .header("accept", "text/html");
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("a page"))
}

/// The value of the field that shows a secret.
fn revealed(page: &str) -> String {
    let field = page.split("id=\"revealed\"").nth(1).expect("a secret is shown");
    let value = field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next());
    value.expect("a value").replace("&amp;", "&")
}

#[tokio::test]
async fn somebody_is_invited_joins_changes_role_and_is_kept_out() {
    let site = Site::open().await;
    let ana = site.sign_in().await;
    let form = [("email", "ben@example.com"), ("name", "Ben"), ("role", "viewer")];
    assert_eq!(
        post(&site, &ana, "/settings/users", &form).await,
        (303, "/settings/users".into())
    );
    let link = revealed(&page(&site, &ana, "/settings/users").await.1);
    let path = link
        .strip_prefix(&site.url(""))
        .expect("a link to this site")
        .to_owned();
    assert!(
        !page(&site, &ana, "/settings/users").await.1.contains(&path),
        "it is shown once"
    );
    let token = path.split("token=").nth(1).expect("a token").to_owned();
    assert!(page(&site, "", &path).await.1.contains("ben@example.com"));
    let joined = site
        .own_post("/invite")
        .form(&[("token", token.as_str()), ("password", "blue enamel mug")])
        .send()
        .await
        .expect("an answer");
    let ben = cookie(&joined).expect("a session");
    assert_eq!(page(&site, &ben, "/products").await.0, 200);
    let (status, denied) = page(&site, &ben, "/settings/users").await;
    assert!(
        status == 403 && denied.contains("You need the role Administrator"),
        "{status}"
    );
    assert_eq!(
        post(&site, &ben, "/products", &[("sku", "A"), ("name", "Mug")]).await.0,
        403
    );
    assert_eq!(
        post(&site, &ana, "/settings/users/2", &[("name", "Ben"), ("role", "editor")])
            .await
            .0,
        303
    );
    assert_eq!(
        post(&site, &ben, "/products", &[("sku", "A"), ("name", "Mug")]).await.0,
        303
    );
    assert_eq!(post(&site, &ana, "/settings/users/1/disable", &[]).await.0, 303);
    assert!(
        page(&site, &ana, "/settings/users")
            .await
            .1
            .contains("You cannot disable your own account")
    );
    post(&site, &ana, "/settings/users/2/disable", &[]).await;
    assert_eq!(page(&site, &ben, "/products").await.0, 303, "signed out");
}

#[tokio::test]
async fn a_key_is_shown_once_and_ends_when_it_is_revoked() {
    let site = Site::open().await;
    let ana = site.sign_in().await;
    let form = [("name", "Till"), ("role", "viewer"), ("days", "30")];
    post(&site, &ana, "/settings/api-keys", &form).await;
    let key = revealed(&page(&site, &ana, "/settings/api-keys").await.1);
    let (_, list) = page(&site, &ana, "/settings/api-keys").await;
    assert!(list.contains("Till") && !list.contains(&key));
    let using = || async {
        site.request("GET", "/api/v1/products")
            .bearer_auth(&key)
            .send()
            .await
            .expect("an answer")
            .status()
    };
    assert_eq!(using().await, 200);
    assert!(
        page(&site, &ana, "/settings/api-keys").await.1.contains("127.0.0.1"),
        "its last use is shown"
    );
    post(&site, &ana, "/settings/api-keys/2/revoke", &[]).await;
    assert_eq!(using().await, 401);
    let (_, log) = page(&site, &ana, "/audit").await;
    assert!(log.contains("Revoked API key") && log.contains("127.0.0.1"));
    let file = site
        .request("GET", "/audit/export?action=api_key_revoked")
        .header("cookie", &ana)
        .send()
        .await
        .expect("an answer");
    let file = file.text().await.expect("a file");
    assert_eq!(file.lines().count(), 2, "{file}");
    assert!(!file.contains(&key));
}

#[tokio::test]
async fn a_new_password_signs_the_others_out_and_keeps_what_they_typed() {
    let site = Site::open().await;
    let here = site.sign_in().await;
    let form = [("email", EMAIL), ("password", PASSWORD), ("remember", "true")];
    let elsewhere = site.own_post("/login").form(&form).send().await.expect("an answer");
    let elsewhere = cookie(&elsewhere).expect("a session");
    let change = [("present", PASSWORD), ("password", "another password")];
    let changed = site
        .own_post("/settings/password")
        .header("cookie", &here)
        .form(&change)
        .send()
        .await
        .expect("an answer");
    let here = cookie(&changed).expect("the session goes on under another id");
    assert_eq!(page(&site, &here, "/products").await.0, 200);
    let typed = site
        .own_post("/products")
        .header("cookie", &elsewhere)
        .header("accept", "text/html")
        .header("referer", site.url("/products/new"))
        .form(&[("sku", "KEEP-ME"), ("name", "Half a form"), ("password", "secret text")])
        .send()
        .await
        .expect("an answer");
    assert_eq!(header(&typed, "location"), "/login?next=%2Fproducts%2Fnew");
    let session = cookie(&typed).unwrap_or(elsewhere);
    let form = [
        ("email", EMAIL),
        ("password", "another password"),
        ("next", "/products/new"),
    ];
    let again = site
        .own_post("/login")
        .header("cookie", session)
        .form(&form)
        .send()
        .await
        .expect("an answer");
    let again = cookie(&again).expect("a session");
    let (_, form) = page(&site, &again, "/products/new").await;
    assert!(
        form.contains("KEEP-ME") && form.contains("Half a form") && form.contains("Not saved yet")
            || form.contains("What you typed is kept")
    );
    assert!(!form.contains("secret text"));
}

#[tokio::test]
async fn n57_n58_trying_passwords_ends_soon_whoever_one_claims_to_be() {
    let site = Site::open().await;
    site.sign_in().await;
    let mut told = Vec::new();
    for n in 0..7 {
        let form = [
            ("email", EMAIL),
            ("password", if n == 0 { "with\0nul" } else { "wrong password" }),
        ];
        let request = site
            .own_post("/login")
            .header("accept", "text/html")
            .header("x-forwarded-for", format!("198.51.100.{n}"));
        let refused = request.form(&form).send().await.expect("an answer");
        let session = cookie(&refused).expect("a session with what was typed");
        told.push(page(&site, &session, "/login").await.1);
    }
    assert!(told[0].contains("is not correct") && told[4].contains("is not correct"));
    assert!(told[6].contains("Too many attempts. Try again in 15 minutes."));
    let nul = site
        .own_post("/login")
        .form(&[("email", "a\0b@example.com"), ("password", "x")])
        .send()
        .await
        .expect("an answer");
    assert_eq!(nul.status(), 422);
    let long = "x".repeat(10_000);
    let form = [("email", "nobody@example.com"), ("password", long.as_str())];
    let refused = site.own_post("/login").form(&form).send().await.expect("an answer");
    assert_eq!(refused.status(), 422);
}

#[tokio::test]
async fn the_review_of_a_deletion_wants_its_number_typed() {
    let site = Site::open().await;
    let ana = site.sign_in().await;
    let rows: String = (0..12).map(|n| format!("mug-{n},Mug\n")).collect();
    site.import(format!("sku,name\n{rows}")).await;
    let (status, plan) = post(
        &site,
        &ana,
        "/products/bulk",
        &[("do", "delete"), ("scope", "matching"), ("sku", "mug")],
    )
    .await;
    assert_eq!(status, 303);
    let (_, review) = page(&site, &ana, &plan).await;
    assert!(
        review.contains("12 products") && review.contains("SKU begins with: mug"),
        "{review}"
    );
    let apply = format!("{plan}/apply");
    for typed in ["", "11", "twelve"] {
        assert_eq!(
            post(&site, &ana, &apply, &[("number", typed)]).await,
            (303, format!("{plan}?confirm=true"))
        );
    }
    assert_eq!(site.json("/api/v1/products").await["total"], 12);
    assert_eq!(
        post(&site, &ana, &apply, &[("number", " 1 2 ")]).await,
        (303, plan.clone())
    );
    let id: i64 = plan.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
    assert_eq!(site.last_event(id).await["updated"], 12);
    let (_, undo) = post(&site, &ana, &format!("{plan}/undo"), &[]).await;
    assert!(page(&site, &ana, &undo).await.1.contains("12 products"));
    post(&site, &ana, &format!("{undo}/apply"), &[]).await;
    let id: i64 = undo.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
    assert_eq!(site.last_event(id).await["updated"], 12);
    assert_eq!(site.json("/api/v1/products").await["total"], 12);
}

#[tokio::test]
async fn what_one_decides_for_oneself_is_remembered() {
    let site = Site::open().await;
    let ana = site.sign_in().await;
    site.import("sku,name,price\nMUG,Mug,5\n").await;
    assert!(page(&site, &ana, "/products").await.1.contains("data-shortcuts=\"on\""));
    post(&site, &ana, "/settings/preferences", &[("density", "compact")]).await;
    post(
        &site,
        &ana,
        "/settings/preferences/columns",
        &[("column", "name"), ("next", "/products?sku=m")],
    )
    .await;
    let (_, table) = page(&site, &ana, "/products").await;
    assert!(!table.contains("data-shortcuts") && table.contains("data-density=\"compact\""));
    assert!(!table.contains("data-label=\"Price\"") && table.contains("data-label=\"Name\""));
    post(
        &site,
        &ana,
        "/views",
        &[("view", "Mugs"), ("sku", "mug"), ("shared", "true")],
    )
    .await;
    assert!(
        page(&site, &ana, "/products")
            .await
            .1
            .contains("href=\"/products?sku=mug\"")
    );
    let (_, moved) = post(
        &site,
        &ana,
        "/products/1/row",
        &[("price", "6,50"), ("version", "1"), ("next", "/products?sku=m")],
    )
    .await;
    assert_eq!(
        (moved.as_str(), &site.json("/api/v1/products/1").await["price_minor"]),
        ("/products?sku=m", &serde_json::json!(650))
    );
    let stale = [("active", "false"), ("version", "1"), ("next", "/products")];
    post(&site, &ana, "/products/1/row", &stale).await;
    assert!(page(&site, &ana, "/products").await.1.contains("was changed by"));
}
