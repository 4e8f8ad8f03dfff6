//! Sessions and the first account.

use reqwest::Response;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::Value;
use stockroom::accounts::{self, NewUser, Role};
use time::{Duration, OffsetDateTime};

use crate::site::{EMAIL, PASSWORD, Site, cookie, header};

#[tokio::test]
async fn a_session_gets_a_new_id_at_sign_in_and_ends_at_sign_out() {
    let site = Site::open().await;
    let form = [("email", EMAIL), ("password", "wrong password")];
    let request = site.own_post("/login").header("accept", "text/html");
    let refused = request.form(&form).send().await.expect("an answer");
    let before = cookie(&refused).expect("a session with what was typed");
    site.sign_in().await;
    let form = [
        ("email", "ANA@example.com"),
        ("password", PASSWORD),
        ("next", "https://evil.example"),
    ];
    let response = site
        .own_post("/login")
        .header("cookie", &before)
        .form(&form)
        .send()
        .await
        .expect("an answer");
    assert_eq!((response.status().as_u16(), header(&response, "location")), (303, "/"));
    let set = header(&response, "set-cookie").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    let after = cookie(&response).expect("a session");
    assert_ne!(before, after);
    let with = |cookie: String| site.request("GET", "/api/v1/products").header("cookie", cookie).send();
    assert_eq!(with(before).await.expect("an answer").status(), 401);
    assert_eq!(with(after.clone()).await.expect("an answer").status(), 200);
    site.own_post("/logout")
        .header("cookie", &after)
        .send()
        .await
        .expect("an answer");
    assert_eq!(with(after).await.expect("an answer").status(), 401);
}

#[tokio::test]
async fn the_first_account_needs_the_printed_address_and_is_the_last_of_its_kind() {
    let site = Site::open().await;
    let set_up = |token: String, password: &'static str| {
        site.own_post("/setup")
            .form(&[
                ("token", token),
                ("email", EMAIL.to_owned()),
                ("password", password.to_owned()),
            ])
            .send()
    };
    let wrong = set_up("guess".into(), PASSWORD).await.expect("an answer");
    assert_eq!(header(&wrong, "location"), "/setup?token=guess");
    let short = set_up(site.setup_token.clone(), "short").await.expect("an answer");
    assert!(header(&short, "location").starts_with("/setup?token="));
    let right = set_up(site.setup_token.clone(), PASSWORD).await.expect("an answer");
    assert_eq!(
        (
            right.status().as_u16(),
            header(&right, "location"),
            cookie(&right).is_some()
        ),
        (303, "/", true)
    );
    let again = set_up(site.setup_token.clone(), PASSWORD).await.expect("an answer");
    assert_eq!(again.status(), 404);
}

/// Half an hour without a request, and half a day in any case.
const LIMITS: [&str; 4] = ["--session-idle-minutes", "30", "--session-hours", "12"];

/// Somebody does nothing for so long: every moment that their session knows is that much longer ago.
async fn rest(site: &Site, session: &str, how_long: Duration) {
    let database = &site.shop.services.database;
    let id = session.trim_start_matches("stockroom=");
    let look = "SELECT data, expires_at FROM sessions WHERE id = $1";
    let look = Statement::from_sql_and_values(database.backend(), look, [id.into()]);
    let row = database.writer().query_one_raw(look).await.expect("an answer");
    let row = row.expect("a session");
    let data: Vec<u8> = row.try_get("", "data").expect("what it knows");
    let mut data: Value = serde_json::from_slice(&data).expect("JSON");
    for moment in ["began", "seen"] {
        let before = data["person"][moment].as_i64().expect("seconds");
        data["person"][moment] = (before - how_long.whole_seconds()).into();
    }
    let expires_at: OffsetDateTime = row.try_get("", "expires_at").expect("a moment");
    let age = Statement::from_sql_and_values(
        database.backend(),
        "UPDATE sessions SET data = $1, expires_at = $2 WHERE id = $3",
        [
            data.to_string().into_bytes().into(),
            (expires_at - how_long).into(),
            id.into(),
        ],
    );
    database.writer().execute_raw(age).await.expect("aged");
}

async fn visit(site: &Site, session: &str, path: &str) -> Response {
    let request = site.request("GET", path).header("cookie", session);
    let response = request.header("accept", "text/html").send().await;
    response.expect("an answer")
}

async fn is_known(site: &Site, session: &str) {
    assert_eq!(visit(site, session, "/products").await.status(), 200);
}

/// Somebody is asked to sign in again, is told why, and is led back afterwards. Their session is nobody's from then on.
async fn is_over(site: &Site, session: &str) {
    let asked = visit(site, session, "/products?q=mug").await;
    assert_eq!(
        (asked.status().as_u16(), header(&asked, "location")),
        (303, "/login?next=%2Fproducts%3Fq%3Dmug")
    );
    let words = cookie(&asked).expect("a session with words for them");
    let page = visit(site, &words, "/login").await.text().await.expect("a page");
    assert!(
        page.contains("You were signed out. Sign in to continue where you left off."),
        "{page}"
    );
    for session in [session, words.as_str()] {
        let of_program = site.request("GET", "/api/v1/products").header("cookie", session);
        assert_eq!(of_program.send().await.expect("an answer").status(), 401);
    }
}

#[tokio::test]
async fn who_does_nothing_for_half_an_hour_is_asked_to_sign_in_again() {
    let site = Site::open_told(&LIMITS).await;
    let session = site.sign_in().await;
    // Each request counts anew.
    for _ in 0..3 {
        rest(&site, &session, Duration::minutes(29)).await;
        is_known(&site, &session).await;
    }
    rest(&site, &session, Duration::seconds(30 * 60 + 1)).await;
    is_over(&site, &session).await;
}

#[tokio::test]
async fn after_half_a_day_everybody_signs_in_again_whatever_they_did() {
    let site = Site::open_told(&LIMITS).await;
    let session = site.sign_in().await;
    // 24 minutes are left of the twelve hours after these.
    for _ in 0..24 {
        rest(&site, &session, Duration::minutes(29)).await;
        is_known(&site, &session).await;
    }
    rest(&site, &session, Duration::seconds(24 * 60 + 1)).await;
    is_over(&site, &session).await;
}

#[tokio::test]
async fn who_wants_to_stay_signed_in_is_asked_after_thirty_days() {
    let site = Site::open_told(&LIMITS).await;
    let services = &site.shop.services;
    let new = NewUser {
        email: EMAIL,
        password: PASSWORD,
        role: Role::Viewer,
    };
    let joined = accounts::create_user(&services.database, &services.passwords, new).await;
    joined.expect("a user");
    let form = [("email", EMAIL), ("password", PASSWORD), ("remember", "on")];
    let signed_in = site.own_post("/login").form(&form).send().await.expect("an answer");
    let session = cookie(&signed_in).expect("a session");
    for days in [20, 9] {
        rest(&site, &session, Duration::days(days)).await;
        is_known(&site, &session).await;
    }
    rest(&site, &session, Duration::seconds(24 * 3_600 + 1)).await;
    is_over(&site, &session).await;
}
