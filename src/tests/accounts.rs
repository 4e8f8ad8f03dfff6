//! Who may sign in, how often they may try, and what stands in the audit log afterwards.

use sea_orm::{ConnectionTrait as _, Statement};
use stockroom::accounts::{self, AccountStatus, NewApiKey, NewUser, Role, Secret, SignIn, SignedIn};
use stockroom::audit::{self, Action, Actor, AuditQuery, Entry};
use stockroom::error::Error;
use stockroom::problem::Problem;
use stockroom::products::{self, ProductQuery};
use stockroom::settings::{self, NumberFormat, ShopSettings};
use stockroom::testing::Shop;

use crate::on_both;

const PASSWORD: &str = "correct horse battery";

fn ana() -> Actor {
    Actor {
        name: "ana@example.com".into(),
        address: Some("192.0.2.7".into()),
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Problem {
    match result.expect_err("a refusal") {
        Error::Refused(problem) => problem,
        other => panic!("{other:?}"),
    }
}

async fn join(shop: &Shop, email: &str, role: Role) -> SignedIn {
    let new = NewUser {
        email,
        password: PASSWORD,
        role,
    };
    let services = &shop.services;
    accounts::create_user(&services.database, &services.passwords, new)
        .await
        .expect("an account")
}

async fn sign_in(shop: &Shop, email: &str, password: &str, from: &str) -> Result<Option<SignedIn>, Error> {
    let who = SignIn {
        email,
        password,
        from: Some(from),
    };
    accounts::authenticate(&shop.services.database, &shop.services.passwords, &who).await
}

async fn accept(shop: &Shop, secret: &Secret) -> Result<SignedIn, Error> {
    accounts::accept(
        &shop.services.database,
        &shop.services.passwords,
        secret.as_str(),
        PASSWORD,
        None,
    )
    .await
}

async fn log(shop: &Shop) -> Vec<(Action, String, Option<String>)> {
    let page = audit::list(shop.services.reader(), &AuditQuery::default(), &Default::default())
        .await
        .expect("the log");
    page.items
        .into_iter()
        .map(|entry| (entry.action, entry.actor.name, entry.object.map(|object| object.name)))
        .collect()
}

async fn lock_outs(shop: &Shop) -> Vec<Entry> {
    let query = AuditQuery {
        action: Some(Action::SignInLocked),
        ..AuditQuery::default()
    };
    let page = audit::list(shop.services.reader(), &query, &Default::default()).await;
    page.expect("the log").items
}

on_both! {
    async fn five_wrong_passwords_are_enough_from_one_address_and_keep_nobody_else_out(shop: Shop) {
        join(&shop, "ana@example.com", Role::Admin).await;
        for _ in 0..5 {
            assert_eq!(sign_in(&shop, "ANA@example.com", "wrong password", "192.0.2.1").await.expect("an answer"), None);
        }
        let problem = refused(sign_in(&shop, "ana@example.com", PASSWORD, "192.0.2.1").await);
        assert_eq!((problem.status, problem.detail.as_str()), (429, "Too many attempts. Try again in 15 minutes."));
        assert!(sign_in(&shop, "ana@example.com", PASSWORD, "192.0.2.2").await.expect("an answer").is_some());
        assert_eq!(sign_in(&shop, "nobody@example.com", PASSWORD, "192.0.2.1").await.expect("an answer"), None);
    }

    async fn many_attempts_at_once_are_no_way_around_the_limit(shop: Shop) {
        join(&shop, "ana@example.com", Role::Admin).await;
        let attempts = (0..20).map(|_| sign_in(&shop, "ana@example.com", "wrong password", "192.0.2.1"));
        let answers = futures::future::join_all(attempts).await;
        let told = answers.iter().filter(|answer| matches!(answer, Ok(None))).count();
        assert!(told <= 5, "{told} passwords were looked at");
        assert!(answers.iter().all(|answer| !matches!(answer, Ok(Some(_)))));
    }

    async fn a_lock_out_is_told_of_once_however_often_somebody_tries(shop: Shop) {
        let attempts = (0..20).map(|_| sign_in(&shop, "Ana@example.com", "wrong password", "192.0.2.1"));
        futures::future::join_all(attempts).await;
        let told = lock_outs(&shop).await;
        assert_eq!(told.len(), 1, "{told:?}");
        let by = Actor { name: "ana@example.com".into(), address: Some("192.0.2.1".into()) };
        assert_eq!((&told[0].actor, &told[0].object), (&by, &None));
        assert_eq!(told[0].fields, Some(serde_json::json!({"limit": 5, "of": "one account from one address"})));
        // Somebody else tries one account and goes from one to the next then: 64 attempts, and those that follow.
        sign_in(&shop, "p@example.com", "wrong password", "192.0.2.9").await.expect("an answer");
        for _ in 0..7 {
            drop(sign_in(&shop, "o@example.com", "wrong password", "192.0.2.9").await);
        }
        assert_eq!(lock_outs(&shop).await.len(), 2);
        let double = "INSERT INTO sign_in_attempts (email_key, address, tried_at)
            SELECT email_key || 'x', address, tried_at FROM sign_in_attempts WHERE address = '192.0.2.9'";
        for _ in 0..3 {
            shop.services.database.writer().execute_unprepared(double).await.expect("attempts");
        }
        for email in ["q@example.com", "r@example.com", "s@example.com"] {
            assert_eq!(refused(sign_in(&shop, email, "wrong password", "192.0.2.9").await).status, 429);
        }
        let told = lock_outs(&shop).await;
        assert_eq!((told.len(), told[0].actor.name.as_str()), (3, "q@example.com"), "{told:?}");
        assert_eq!(told[0].fields, Some(serde_json::json!({"limit": 50, "of": "one address"})));
    }

    async fn whoever_must_wait_is_told_how_long(shop: Shop) {
        // Ten in ten minutes and the one that is refused: when the seventh of them, of four minutes ago, is over, four are left.
        shop.services.database.writer().execute_unprepared("DELETE FROM sign_in_attempts").await.expect("none");
        for minutes in (1..=10).rev() {
            let moment = time::OffsetDateTime::now_utc() - time::Duration::minutes(minutes);
            let attempt = Statement::from_sql_and_values(
                shop.services.database.backend(),
                "INSERT INTO sign_in_attempts (email_key, address, tried_at) VALUES ('ana@example.com', '192.0.2.1', $1)",
                [moment.into()],
            );
            shop.services.database.writer().execute_raw(attempt).await.expect("an attempt");
        }
        let problem = refused(sign_in(&shop, "ana@example.com", "wrong password", "192.0.2.1").await);
        assert_eq!(problem.detail, "Too many attempts. Try again in 11 minutes.");
        assert!(problem.retry_after.is_some_and(|seconds| (600..=660).contains(&seconds)), "{problem:?}");
    }

    async fn an_invitation_makes_an_account_once(shop: Shop) {
        let services = &shop.services;
        join(&shop, "ana@example.com", Role::Admin).await;
        let first = accounts::invite(&services.database, "Ben", "ben@example.com", Role::Editor, &ana()).await.expect("a link");
        assert_eq!(refused(accounts::invite(&services.database, "", "BEN@example.com", Role::Viewer, &ana()).await).status, 409);
        assert_eq!(sign_in(&shop, "ben@example.com", "", "192.0.2.1").await.expect("an answer"), None, "no password yet");
        let ben = accounts::staff(services.reader()).await.expect("the staff").remove(1);
        assert_eq!((ben.name.as_str(), ben.status, ben.role), ("Ben", AccountStatus::Invited, Role::Editor));
        let (_, second) = accounts::renew_invitation(&services.database, ben.id, &ana()).await.expect("another link");
        assert_eq!(refused(accept(&shop, &first).await).status, 404, "the newer link counts");
        assert_eq!(accounts::invited(services.reader(), second.as_str()).await.expect("whose it is"), "ben@example.com");
        let joined = accept(&shop, &second).await.expect("joined");
        assert_eq!((joined.user.email.as_str(), joined.user.role), ("ben@example.com", Role::Editor));
        assert_eq!(refused(accept(&shop, &second).await).status, 404);
        assert!(sign_in(&shop, "ben@example.com", PASSWORD, "192.0.2.1").await.expect("an answer").is_some());
    }

    async fn somebody_can_always_look_after_the_others(shop: Shop) {
        let database = &shop.services.database;
        let (ana_id, ben) = (join(&shop, "ana@example.com", Role::Admin).await.user.id, join(&shop, "ben@example.com", Role::Admin).await);
        assert_eq!(refused(accounts::disable(database, ana_id, &ana()).await).status, 409, "not oneself");
        accounts::disable(database, ben.user.id, &ana()).await.expect("disabled");
        assert_eq!(accounts::find_user(shop.services.reader(), ben.user.id, ben.epoch).await.expect("an answer"), None);
        assert_eq!(sign_in(&shop, "ben@example.com", PASSWORD, "192.0.2.1").await.expect("an answer"), None);
        assert_eq!(refused(accounts::change(database, ana_id, "Ana", Role::Editor, &ana()).await).status, 409, "the last one");
        accounts::enable(database, ben.user.id, &ana()).await.expect("enabled");
        let (one, other) = tokio::join!(
            async { accounts::change(database, ana_id, "Ana", Role::Editor, &ana()).await },
            async { accounts::change(database, ben.user.id, "Ben", Role::Editor, &ana()).await },
        );
        assert!(one.is_ok() != other.is_ok(), "two cannot remove each other: {one:?} {other:?}");
    }

    async fn a_new_password_ends_the_other_sessions(shop: Shop) {
        let services = &shop.services;
        let signed_in = join(&shop, "ana@example.com", Role::Admin).await;
        let id = signed_in.user.id;
        let change = |present: &'static str, new: &'static str| async move {
            accounts::change_password(&services.database, &services.passwords, id, (present, new), &ana()).await
        };
        assert_eq!(refused(change("wrong password", "another password").await).errors[0].field, "present");
        assert_eq!(refused(change(PASSWORD, "short").await).errors[0].field, "password");
        let epoch = change(PASSWORD, "another password").await.expect("changed");
        let found = |epoch: i64| async move { accounts::find_user(services.reader(), id, epoch).await.expect("an answer").is_some() };
        assert_eq!((found(signed_in.epoch).await, found(epoch).await), (false, true));
        assert!(sign_in(&shop, "ana@example.com", "another password", "192.0.2.1").await.expect("an answer").is_some());
    }

    async fn keys_are_used_noticed_and_revoked(shop: Shop) {
        let database = &shop.services.database;
        let new = |days: Option<i64>| NewApiKey { name: "till", role: Role::Viewer, days };
        assert_eq!(refused(accounts::create_api_key(database, new(Some(0)), &ana()).await).errors[0].field, "days");
        let key = accounts::create_api_key(database, new(Some(30)), &ana()).await.expect("a key");
        let using = || async { accounts::use_api_key(database, key.as_str(), Some("192.0.2.9")).await.expect("an answer") };
        let known = using().await.expect("a key");
        let info = accounts::api_keys(shop.services.reader()).await.expect("keys").remove(0);
        assert_eq!((known.id, known.name.as_str(), known.role), (info.id, "till", Role::Viewer));
        assert!(key.as_str().starts_with(&info.prefix) && info.prefix.len() < 20);
        assert_eq!((info.last_used_from.as_deref(), info.created_by.as_str(), info.is_expired), (Some("192.0.2.9"), "ana@example.com", false));
        accounts::revoke_api_key(database, info.id, &ana()).await.expect("revoked");
        accounts::revoke_api_key(database, info.id, &ana()).await.expect("as before");
        assert_eq!(using().await, None);
        let expected = [(Action::ApiKeyRevoked, "ana@example.com".into(), Some("till".into())), (Action::ApiKeyCreated, "ana@example.com".into(), Some("till".into()))];
        assert_eq!(log(&shop).await, expected);
    }

    async fn one_line_of_the_log_for_each_action_and_none_for_what_was_refused(shop: Shop) {
        let database = &shop.services.database;
        let text = products::draft::ProductText { sku: Some("A".into()), name: Some("Mug".into()), ..Default::default() };
        let mug = products::create(database, &text, &ana()).await.expect("a product");
        refused(products::create(database, &text, &ana()).await);
        let dearer = products::draft::ProductText { price: Some("2".into()), ..Default::default() };
        products::update(database, mug.id, None, &dearer, &ana()).await.expect("changed");
        products::update(database, mug.id, None, &dearer, &ana()).await.expect("unchanged");
        let page = audit::list(shop.services.reader(), &AuditQuery::default(), &Default::default()).await.expect("the log");
        assert_eq!(page.items.len(), 2);
        let changed = &page.items[0];
        assert_eq!((changed.action, changed.actor.address.as_deref()), (Action::ProductChanged, Some("192.0.2.7")));
        assert_eq!(changed.fields, Some(serde_json::json!({"price_minor": [null, 200]})));
        shop.import("sku,name\nA,Cup\nB,Jug\n").await;
        let told: Vec<_> = log(&shop).await.into_iter().take(2).map(|(action, by, _)| (action, by)).collect();
        assert_eq!(told, [(Action::JobFinished, "test".to_owned()), (Action::ImportUploaded, "test".to_owned())]);
        let of_ana = AuditQuery { actor: Some("ANA@example.com".into()), action: Some(Action::ProductAdded), ..Default::default() };
        assert_eq!(audit::list(shop.services.reader(), &of_ana, &Default::default()).await.expect("the log").items.len(), 1);
        let about_mug = AuditQuery { object: Some("a".into()), ..Default::default() };
        assert_eq!(audit::list(shop.services.reader(), &about_mug, &Default::default()).await.expect("the log").items.len(), 2);
        let about_nothing = AuditQuery { object: Some("A%".into()), ..Default::default() };
        assert_eq!(audit::list(shop.services.reader(), &about_nothing, &Default::default()).await.expect("the log").items.len(), 0);
        assert_eq!(audit::export(shop.services.reader(), &AuditQuery::default(), Some(page.items[0].id), 10).await.expect("older ones").len(), 1);
    }

    async fn settings_are_checked_and_remembered(shop: Shop) {
        let services = &shop.services;
        let save_all = |settings: ShopSettings| async move { settings::save(&services.database, &services.config, &settings, &ana()).await };
        let save = |name: &'static str, currency: &'static str| save_all(ShopSettings { name: name.into(), ..ShopSettings::of_currency(currency) });
        let in_zone = |zone: &str| ShopSettings { name: "Ana's shop".into(), time_zone: zone.into(), number_format: NumberFormat::Comma, ..ShopSettings::of_currency("CHF") };
        for zone in ["Berlin", "", "Europe/Berlin; DROP TABLE settings"] {
            assert_eq!(refused(save_all(in_zone(zone)).await).errors[0].field, "time_zone");
        }
        for (currency, field) in [("JPY", "currency"), ("euro", "currency")] {
            assert_eq!(refused(save("Shop", currency).await).errors[0].field, field);
        }
        save("Ana's shop", "chf").await.expect("saved");
        save("Ana's shop", "CHF").await.expect("as before");
        let loaded = settings::load(services.reader(), &services.config).await.expect("settings");
        assert_eq!((loaded.name.as_str(), loaded.currency.as_str()), ("Ana's shop", "CHF"));
        assert_eq!((loaded.time_zone.as_str(), loaded.number_format), ("UTC", NumberFormat::Point));
        assert_eq!(log(&shop).await.len(), 1);
        save_all(in_zone("europe/zurich")).await.expect("saved");
        assert_eq!(settings::load(services.reader(), &services.config).await.expect("settings"), in_zone("Europe/Zurich"));
        let page = audit::list(services.reader(), &AuditQuery::default(), &Default::default()).await.expect("the log");
        let expected = serde_json::json!({"time_zone": ["UTC", "Europe/Zurich"], "number_format": ["point", "comma"]});
        assert_eq!((page.items.len(), page.items[0].fields.clone()), (2, Some(expected)));
    }

    async fn views_are_ones_own_unless_they_are_shared(shop: Shop) {
        let (database, by) = (&shop.services.database, ana());
        let (ana, ben) = (join(&shop, "ana@example.com", Role::Admin).await.user, join(&shop, "ben@example.com", Role::Editor).await.user);
        let query = ProductQuery { active: Some(false), price_min: Some(1250), sort: products::ProductSort::PriceDescending, ..Default::default() };
        products::views::save(database, &ana, "Dear", &query, false, &by).await.expect("saved");
        products::views::save(database, &ben, "For all", &ProductQuery::default(), true, &by).await.expect("saved");
        products::views::save(database, &ana, "Dear", &query, false, &by).await.expect("replaced");
        let names = |user| async move {
            let views = products::views::list(database.writer(), user).await.expect("views");
            views.into_iter().map(|view| (view.name, view.is_own)).collect::<Vec<_>>()
        };
        assert_eq!(names(&ana).await, [("Dear".to_owned(), true), ("For all".to_owned(), false)]);
        assert_eq!(names(&ben).await, [("For all".to_owned(), true)]);
        let dear = products::views::list(database.writer(), &ana).await.expect("views").remove(0);
        assert_eq!(dear.query, query);
        assert_eq!(refused(products::views::delete(database, &ben, dear.id, &by).await).status, 404);
        products::views::delete(database, &ana, dear.id, &by).await.expect("deleted");
        assert_eq!(refused(products::views::save(database, &ana, " ", &query, false, &by).await).status, 422);
    }
}
