//! Sessions and the first account.

use crate::site::{EMAIL, PASSWORD, Site, cookie, header};

#[tokio::test]
async fn a_session_gets_a_new_id_at_sign_in_and_ends_at_sign_out() {
    let site = Site::open().await;
    let form = [("email", EMAIL), ("password", "wrong password")];
    let refused = site.own_post("/login").form(&form).send().await.expect("an answer");
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
