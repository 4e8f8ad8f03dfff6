//! How often one may try to sign in: from one address whatever the accounts, and for one account wherever from. The narrow limit, for one
//! account from one address, is tested with the domain.

use sea_orm::{ConnectionTrait as _, Statement};
use stockroom::accounts::Role;
use stockroom::database::clock::now;
use stockroom::testing::{Kind, Shop};
use time::{Duration, OffsetDateTime};

use crate::site::{EMAIL, PASSWORD, Site, cookie, header};

const KINDS: [Kind; 2] = [Kind::Sqlite, Kind::Postgres];
const WRONG: &str = "wrong password";

/// A site behind a proxy, so that tests come from wherever they say. Ana may sign in.
async fn open(kind: Kind) -> Site {
    let shop = Shop::open(kind).await;
    let site = Site::over(shop, &["--trusted-proxies", "127.0.0.1/32"]).await;
    site.sign_in().await;
    site
}

/// Writes attempts down as sign-ins do: to bring each about would hash a password.
async fn note(site: &Site, attempts: impl Iterator<Item = (String, String)>, when: OffsetDateTime) {
    let database = &site.shop.services.database;
    for (email, address) in attempts {
        let attempt = Statement::from_sql_and_values(
            database.backend(),
            "INSERT INTO sign_in_attempts (email_key, address, tried_at) VALUES ($1, $2, $3)",
            [email.into(), address.into(), when.into()],
        );
        database.writer().execute_raw(attempt).await.expect("an attempt");
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Told {
    Welcome,
    Wrong,
    TooMany,
}

async fn attempt(site: &Site, email: &str, password: &str, address: &str) -> Told {
    let form = [("email", email), ("password", password), ("next", "/products")];
    let request = site.own_post("/login").header("accept", "text/html");
    let request = request.header("x-forwarded-for", address);
    let answer = request.form(&form).send().await.expect("an answer");
    let (status, location) = (answer.status().as_u16(), header(&answer, "location"));
    if (status, location) == (303, "/products") {
        return Told::Welcome;
    }
    assert!(status == 303 && location.starts_with("/login"), "{status} {location}");
    let session = cookie(&answer).expect("a session with what was typed");
    let request = site.request("GET", location).header("cookie", session);
    let page = request.header("accept", "text/html").send().await.expect("an answer");
    let page = page.text().await.expect("a page");
    if page.contains("Too many attempts. Try again in ") {
        return Told::TooMany;
    }
    assert!(page.contains("is not correct"), "{page}");
    Told::Wrong
}

#[tokio::test]
async fn from_one_address_there_are_fifty_attempts_whatever_the_accounts() {
    for kind in KINDS {
        let site = open(kind).await;
        let (crowded, other) = ("198.51.100.1", "198.51.100.2");
        let noted = (1..50).map(|nth| (format!("nobody-{nth}@example.com"), crowded.to_owned()));
        note(&site, noted, now()).await;
        let fiftieth = attempt(&site, "nobody@example.com", WRONG, crowded).await;
        assert_eq!(fiftieth, Told::Wrong, "{kind:?}");
        let one_more = attempt(&site, EMAIL, PASSWORD, crowded).await;
        assert_eq!(one_more, Told::TooMany, "{kind:?}: also with the right password");
        let elsewhere = attempt(&site, EMAIL, PASSWORD, other).await;
        assert_eq!(elsewhere, Told::Welcome, "{kind:?}: the same account");
    }
}

#[tokio::test]
async fn for_one_account_there_are_a_hundred_attempts_wherever_from() {
    for kind in KINDS {
        let site = open(kind).await;
        site.sign_in_as("ben@example.com", Role::Editor).await;
        let noted = (1..100).map(|nth| (EMAIL.to_owned(), format!("198.51.100.{nth}")));
        note(&site, noted, now()).await;
        let hundredth = attempt(&site, EMAIL, WRONG, "203.0.113.1").await;
        assert_eq!(hundredth, Told::Wrong, "{kind:?}");
        let one_more = attempt(&site, EMAIL, PASSWORD, "203.0.113.2").await;
        assert_eq!(one_more, Told::TooMany, "{kind:?}: also with the right password");
        let another = attempt(&site, "ben@example.com", PASSWORD, "203.0.113.2").await;
        assert_eq!(another, Told::Welcome, "{kind:?}: another account");
    }
}

#[tokio::test]
async fn attempts_of_a_quarter_of_an_hour_ago_no_longer_count() {
    for kind in KINDS {
        let site = open(kind).await;
        let noted = (0..150).map(|_| (EMAIL.to_owned(), "198.51.100.1".to_owned()));
        note(&site, noted, now() - Duration::minutes(15)).await;
        let tried = attempt(&site, EMAIL, PASSWORD, "198.51.100.1").await;
        assert_eq!(tried, Told::Welcome, "{kind:?}");
    }
}
