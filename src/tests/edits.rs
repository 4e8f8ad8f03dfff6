//! Products and catalogues changed one by one: nothing is lost, nothing happens twice, and everything stands in the history.

use stockroom::audit::Actor;
use stockroom::changes::{self, ChangeKind};
use stockroom::error::Error;
use stockroom::problem::Problem;
use stockroom::products::draft::{ProductText, from_form};
use stockroom::products::{self, Product, ProductQuery};
use stockroom::testing::Shop;
use stockroom::{catalogs, page::PageRequest};

use crate::on_both;

fn text(sku: &str, name: &str, price: &str) -> ProductText {
    ProductText {
        sku: Some(sku.into()),
        name: Some(name.into()),
        price: Some(price.into()),
        ..ProductText::default()
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Problem {
    match result.expect_err("a refusal") {
        Error::Refused(problem) => problem,
        other => panic!("{other:?}"),
    }
}

async fn count(shop: &Shop) -> (u64, i64) {
    let page = products::list(
        shop.services.reader(),
        &ProductQuery::default(),
        &PageRequest::default(),
    )
    .await
    .expect("a page");
    (
        page.items.len() as u64,
        products::count_all(shop.services.reader()).await.expect("a count"),
    )
}

async fn add(shop: &Shop, sku: &str) -> Product {
    products::create(&shop.services.database, &text(sku, "Mug", "12.50"), &"ana".into())
        .await
        .expect("a product")
}

on_both! {
    async fn a_product_is_added_changed_deleted_and_restored_and_its_history_says_so(shop: Shop) {
        let database = &shop.services.database;
        let garden = catalogs::create(database, "Garden", &"ana".into()).await.expect("a catalogue");
        let added = add(&shop, "MUG-1").await;
        assert_eq!((added.version, added.price_minor, added.active, count(&shop).await), (1, Some(1250), true, (1, 1)));
        let change = ProductText { price: Some("13".into()), catalog_id: Some(garden.id.to_string()), ..ProductText::default() };
        let changed = products::update(database, added.id, Some(1), &change, &"ben".into()).await.expect("changed");
        assert_eq!((changed.version, changed.price_minor, changed.catalog_name.as_deref()), (2, Some(1300), Some("Garden")));
        let again = products::update(database, added.id, Some(2), &change, &"ben".into()).await.expect("nothing to do");
        assert_eq!(again, changed, "a change that changes nothing is none");
        let of_garden = || async { catalogs::get(shop.services.reader(), garden.id).await.expect("a catalogue").product_count };
        assert_eq!(of_garden().await, 1);
        products::delete(database, added.id, Some(2), &"ben".into()).await.expect("deleted");
        assert_eq!((of_garden().await, count(&shop).await), (0, (0, 0)));
        assert_eq!(refused(products::update(database, added.id, None, &change, &"ben".into()).await).status, 404);
        let restored = products::restore(database, added.id, &"ana".into()).await.expect("restored");
        assert_eq!((restored.version, restored.name.as_str(), of_garden().await, count(&shop).await), (4, "Mug", 1, (1, 1)));
        let history = changes::history(shop.services.reader(), added.id).await.expect("a history");
        let told: Vec<_> = history.iter().map(|change| (change.version, change.kind, change.by())).collect();
        assert_eq!(told, [
            (4, ChangeKind::Restore, "ana".into()), (3, ChangeKind::Delete, "ben".into()),
            (2, ChangeKind::Update, "ben".into()), (1, ChangeKind::Create, "ana".into()),
        ]);
        assert_eq!(history[2].fields["price_minor"], (1250.into(), 1300.into()));
    }

    async fn whoever_is_second_is_told_and_nothing_of_the_first_is_lost(shop: Shop) {
        let database = &shop.services.database;
        let product = add(&shop, "A").await;
        let first = ProductText { name: Some("First".into()), ..ProductText::default() };
        products::update(database, product.id, Some(1), &first, &"ana".into()).await.expect("the first");
        let second = ProductText { description: Some("Second".into()), ..ProductText::default() };
        let problem = refused(products::update(database, product.id, Some(1), &second, &"ben".into()).await);
        assert_eq!((problem.status, problem.errors[0].field.as_str()), (409, "version"));
        assert!(problem.detail.contains("ana"), "{}", problem.detail);
        assert_eq!(refused(products::delete(database, product.id, Some(1), &"ben".into()).await).status, 409);
        let both = products::update(database, product.id, Some(2), &second, &"ben".into()).await.expect("the second, knowing of the first");
        assert_eq!((both.name.as_str(), both.description.as_str()), ("First", "Second"));
    }

    async fn of_two_who_add_one_sku_at_once_one_is_told_who_has_it(shop: Shop) {
        let database = &shop.services.database;
        let (upper, lower) = (text("DUP-1", "Upper", ""), text("dup-1", "Lower", ""));
        let (ana, ben) = (Actor::from("ana"), Actor::from("ben"));
        let (one, other) = tokio::join!(products::create(database, &upper, &ana), products::create(database, &lower, &ben));
        let problem = match (one, other) {
            (Ok(_), Err(Error::Refused(problem))) | (Err(Error::Refused(problem)), Ok(_)) => problem,
            both => panic!("{both:?}"),
        };
        assert_eq!((problem.status, problem.errors[0].field.as_str()), (409, "sku"));
        assert_eq!(count(&shop).await, (1, 1));
        let problem = refused(products::create(database, &text("Dup-1", "Third", ""), &"ana".into()).await);
        assert!(problem.detail.contains("is already used by"), "{}", problem.detail);
        let kept = shop.product("dup-1").await.expect("a product");
        products::delete(database, kept.id, None, &"ana".into()).await.expect("deleted");
        let problem = refused(products::create(database, &text("DUP-1", "Fourth", ""), &"ana".into()).await);
        assert!(problem.detail.contains("in the bin"), "{}", problem.detail);
    }

    async fn the_same_request_adds_one_product_however_often_it_comes(shop: Shop) {
        let database = &shop.services.database;
        let wanted = text("ONCE", "Mug", "1");
        let ana = Actor::from("ana");
        let (one, other) = tokio::join!(
            products::create_once(database, &wanted, &ana, "key"),
            products::create_once(database, &wanted, &ana, "key"),
        );
        let ids: Vec<i64> = [one, other].into_iter().flatten().map(|product| product.id).collect();
        assert!(!ids.is_empty() && ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
        let third = products::create_once(database, &wanted, &"ana".into(), "key").await.expect("the same product");
        assert_eq!((third.id, count(&shop).await), (ids[0], (1, 1)));
    }

    async fn what_a_form_cannot_show_survives_it(shop: Shop) {
        shop.import("sku,name,description\na,\"Two\nlines\",\"one\r\ntwo\"\n").await;
        let product = shop.product("a").await.expect("a product");
        assert_eq!((product.name.as_str(), product.description.as_str()), ("Two\nlines", "one\r\ntwo"));
        let mut sent: std::collections::BTreeMap<_, _> = ProductText::of(&product).values();
        sent.insert("name".into(), "Twolines".into());
        sent.insert("price".into(), "5".into());
        let text = from_form(&mut sent).expect("a form");
        let saved = products::update(&shop.services.database, product.id, Some(1), &text, &"ana".into()).await.expect("saved");
        assert_eq!((saved.name, saved.description, saved.price_minor), (product.name, product.description, Some(500)));
    }

    async fn faults_of_every_field_are_named_at_once_and_nothing_is_stored(shop: Shop) {
        let database = &shop.services.database;
        let wrong = ProductText { sku: Some("  ".into()), name: Some(String::new()), price: Some("-1".into()), catalog_id: Some("x".into()), ..ProductText::default() };
        let problem = refused(products::create(database, &wrong, &"ana".into()).await);
        let fields: Vec<_> = problem.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!((problem.status, fields), (422, vec!["sku", "name", "price", "catalog_id"]));
        let gone = ProductText { catalog_id: Some("999".into()), ..text("A", "Mug", "") };
        assert_eq!(refused(products::create(database, &gone, &"ana".into()).await).errors[0].field, "catalog_id");
        assert_eq!(count(&shop).await, (0, 0));
    }

    async fn an_import_and_an_edit_share_one_history(shop: Shop) {
        let import = shop.import("sku,name,price\nA,Mug,1.00\n").await.job_id;
        let product = shop.product("A").await.expect("a product");
        let change = ProductText { name: Some("Cup".into()), ..ProductText::default() };
        products::update(&shop.services.database, product.id, Some(1), &change, &"ana".into()).await.expect("changed");
        let second = shop.import("sku,name\na,Bowl\n").await.job_id;
        let history = changes::history(shop.services.reader(), product.id).await.expect("a history");
        let told: Vec<_> = history.iter().map(|change| (change.version, change.by())).collect();
        assert_eq!(told, [(3, format!("Import #{second}")), (2, "ana".into()), (1, format!("Import #{import}"))]);
        assert_eq!(history[0].fields["name"], ("Cup".into(), "Bowl".into()));
    }

    async fn a_catalogue_is_renamed_and_deleted_only_when_it_is_empty(shop: Shop) {
        let database = &shop.services.database;
        let garden = catalogs::create(database, "Garden", &"ana".into()).await.expect("a catalogue");
        catalogs::create(database, "Kitchen", &"ana".into()).await.expect("another");
        assert_eq!(refused(catalogs::create(database, " GARDEN ", &"ana".into()).await).status, 409);
        assert_eq!(refused(catalogs::rename(database, garden.id, "kitchen", &"ana".into()).await).status, 409);
        assert_eq!(refused(catalogs::create(database, " ", &"ana".into()).await).status, 422);
        assert_eq!(catalogs::rename(database, garden.id, "Yard", &"ana".into()).await.expect("renamed").name, "Yard");
        let in_it = ProductText { catalog_id: Some(garden.id.to_string()), ..text("A", "Rake", "") };
        let product = products::create(database, &in_it, &"ana".into()).await.expect("a product");
        assert_eq!(refused(catalogs::delete(database, garden.id, &"ana".into()).await).status, 409);
        products::delete(database, product.id, None, &"ana".into()).await.expect("deleted");
        catalogs::delete(database, garden.id, &"ana".into()).await.expect("empty now");
        let restored = products::restore(database, product.id, &"ana".into()).await.expect("restored");
        assert_eq!(restored.catalog_id, None);
    }
}
