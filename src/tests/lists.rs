//! Lists of many products, compared with what a loop over all of them finds: whatever the filters, the order and the page.
//! There are so many that filters are judged by samples, and that some find more than are ever counted.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait as _, Statement};
use stockroom::imports::plan::{BulkAction, Plan, Selection};
use stockroom::imports::{self, Confirmation, Import};
use stockroom::page::{Page, PageRequest};
use stockroom::products::{self, Product, ProductQuery};
use stockroom::testing::{CsvFile, Shop};

use crate::on_both;

const MANY: usize = 25_000;
/// Products on a page.
const SIZE: usize = 20;
const ORDERS: [&str; 6] = ["sku", "-sku", "name", "-price", "-updated_at", "id"];

/// One condition: how it is asked for, and which products fulfil it.
struct Condition {
    /// Two of one field cannot be asked for together.
    field: &'static str,
    name: &'static str,
    set: fn(&mut ProductQuery),
    fulfils: fn(usize) -> bool,
}

const fn condition(
    field: &'static str,
    name: &'static str,
    set: fn(&mut ProductQuery),
    fulfils: fn(usize) -> bool,
) -> Condition {
    Condition {
        field,
        name,
        set,
        fulfils,
    }
}

#[rustfmt::skip]
const CONDITIONS: [Condition; 13] = [
    condition("sku", "a few SKUs", |query| query.sku = Some("s00".into()), |n| n < 1_000),
    condition("sku", "many SKUs", |query| query.sku = Some("S0".into()), |n| n < 10_000),
    condition("q", "a frequent word", |query| query.q = Some("steel".into()), |n| n % 3 == 0),
    condition("q", "a word", |query| query.q = Some("bras".into()), |n| n % 50 == 0),
    condition("q", "a rare word", |query| query.q = Some("quetzal".into()), |n| n % 4_000 == 7),
    condition("q", "an absent word", |query| query.q = Some("xylotomous".into()), |_| false),
    condition("name", "a name", |query| query.name = Some("brass".into()), |n| n % 50 == 0),
    condition("description", "all descriptions", |query| query.description = Some("thing".into()), |_| true),
    condition("active", "active", |query| query.active = Some(true), |n| n % 10 != 0),
    condition("active", "inactive", |query| query.active = Some(false), |n| n % 10 == 0),
    condition("price", "a price", |query| (query.price_min, query.price_max) = (Some(1_000), Some(2_000)), |n| (10..=20).contains(&(n % 1_000))),
    condition("price", "most prices", |query| query.price_min = Some(20_000), |n| n % 1_000 >= 200),
    condition("import", "an import", |query| query.import = Some(2), |n| n >= MANY - 300),
];

fn name(n: usize) -> String {
    let steel = if n.is_multiple_of(3) { "Steel " } else { "" };
    let brass = if n.is_multiple_of(50) { "Brass " } else { "" };
    let rare = if n % 4_000 == 7 { "Quetzal " } else { "" };
    format!("{rare}{brass}{steel}Mug {}", n % 700)
}

/// Every 97th is in the bin, so that each list has gaps.
fn is_in_bin(n: usize) -> bool {
    n.is_multiple_of(97)
}

fn sku(n: usize) -> String {
    format!("S{n:05}")
}

/// Two imports, and some products in the bin.
async fn filled(shop: &Shop) {
    let file = |rows: std::ops::Range<usize>| {
        let first = rows.start;
        CsvFile::header(["sku", "name", "description", "price", "active"]).rows(rows.len(), move |row| {
            let n = first + row;
            [
                sku(n),
                name(n),
                "thing".into(),
                format!("{}.00", n % 1_000),
                (!n.is_multiple_of(10)).to_string(),
            ]
        })
    };
    shop.import(file(0..MANY - 300).bytes()).await;
    shop.import(file(MANY - 300..MANY).bytes()).await;
    shop.index().await;
    let into_bin = "UPDATE products SET deleted_at = updated_at WHERE CAST(substr(sku, 2) AS BIGINT) % 97 = 0";
    shop.services
        .database
        .writer()
        .execute_unprepared(into_bin)
        .await
        .expect("some in the bin");
}

/// Ids and moments of change, as the database has given them, by the number of the product.
async fn rows(shop: &Shop) -> HashMap<usize, (i64, String)> {
    let db = shop.services.reader();
    let all = "SELECT id, sku, CAST(updated_at AS TEXT) AS moment FROM products";
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), all))
        .await
        .expect("rows");
    let of = |row: &sea_orm::QueryResult| {
        let sku: String = row.try_get("", "sku").expect("a SKU");
        let place = (
            row.try_get("", "id").expect("an id"),
            row.try_get("", "moment").expect("a moment"),
        );
        (sku[1..].parse().expect("a number"), place)
    };
    rows.iter().map(of).collect()
}

/// The numbers of the products, in their order.
fn sorted(rows: &HashMap<usize, (i64, String)>, mut found: Vec<usize>, order: &str) -> Vec<usize> {
    let id = |n: &usize| rows[n].0;
    match order.trim_start_matches('-') {
        "name" => found.sort_by_cached_key(|n| (name(*n).to_lowercase(), id(n))),
        "price" => found.sort_by_cached_key(|n| (n % 1_000, id(n))),
        "updated_at" => found.sort_by_cached_key(|n| (rows[n].1.clone(), id(n))),
        "id" => found.sort_by_key(id),
        _ => found.sort_unstable(),
    }
    if order.starts_with('-') {
        found.reverse();
    }
    found
}

async fn page(shop: &Shop, query: &ProductQuery, request: PageRequest) -> Page<Product> {
    let request = PageRequest {
        size: Some(SIZE as u64),
        ..request
    };
    products::list(shop.services.reader(), query, &request)
        .await
        .expect("a page")
}

fn numbers(page: &Page<Product>) -> Vec<usize> {
    page.items
        .iter()
        .map(|product| product.sku[1..].parse().expect("a number"))
        .collect()
}

/// The first pages there and back, one by its number, the last one, and how many there are.
async fn assert_pages(shop: &Shop, what: &str, query: &ProductQuery, expected: &[usize]) {
    let at = |from: usize| &expected[from.min(expected.len())..(from + SIZE).min(expected.len())];
    let first = page(shop, query, PageRequest::default()).await;
    assert_eq!(numbers(&first), at(0), "{what}");
    let all = expected.len() as u64;
    if first.total.exact {
        assert_eq!(first.total.rows, all, "{what}");
    } else {
        let least = all.min(SIZE as u64);
        assert!(
            (least..=all).contains(&first.total.rows),
            "{what}: {:?} of {all}",
            first.total
        );
    }
    let last = page(
        shop,
        query,
        PageRequest {
            last: true,
            ..Default::default()
        },
    )
    .await;
    assert_eq!(
        numbers(&last),
        expected[expected.len().saturating_sub(SIZE)..],
        "{what}, from the end"
    );
    let third = page(
        shop,
        query,
        PageRequest {
            page: Some(3),
            ..Default::default()
        },
    )
    .await;
    assert_eq!(numbers(&third), at(2 * SIZE), "{what}, the third page");
    let Some(next) = first.next else {
        return assert!(expected.len() <= SIZE, "{what}: there are more");
    };
    let second = page(
        shop,
        query,
        PageRequest {
            after: Some(next),
            ..Default::default()
        },
    )
    .await;
    assert_eq!(numbers(&second), at(SIZE), "{what}, after the first page");
    let back = page(
        shop,
        query,
        PageRequest {
            before: second.prev,
            ..Default::default()
        },
    )
    .await;
    assert_eq!(numbers(&back), at(0), "{what}, and back");
}

async fn planned(shop: &Shop, action: BulkAction, selection: Selection) -> Import {
    let wish = Confirmation {
        by: "ana".into(),
        is_given: false,
        idempotency_key: None,
    };
    imports::plan_bulk(&shop.services.database, action, selection, None, wish)
        .await
        .expect("a plan")
}

fn reviewed(import: &Import) -> Option<i64> {
    match &import.plan {
        Some(Plan::Bulk(plan)) => plan.reviewed,
        _ => None,
    }
}

/// The numbers of the products that are not in the bin.
async fn rows_left(shop: &Shop) -> BTreeSet<usize> {
    let all = shop.export().await;
    all.lines()
        .skip(1)
        .map(|line| line[1..6].parse().expect("a number"))
        .collect()
}

/// A query of those conditions, and the numbers of the products that fulfil them all.
fn asked(names: &[&str], order: &str) -> (ProductQuery, Vec<usize>) {
    let wanted: Vec<_> = CONDITIONS.iter().filter(|one| names.contains(&one.name)).collect();
    assert_eq!(wanted.len(), names.len(), "{names:?}");
    let mut query = ProductQuery {
        sort: order.parse().expect("an order"),
        ..Default::default()
    };
    wanted.iter().for_each(|one| (one.set)(&mut query));
    let fulfils = |n: &usize| !is_in_bin(*n) && wanted.iter().all(|one| (one.fulfils)(*n));
    (query, (0..MANY).filter(fulfils).collect())
}

on_both! {
    async fn what_a_list_has_is_what_is_exported_and_acted_on(shop: Shop) {
        filled(&shop).await;
        let rows = rows(&shop).await;
        let lists: [(&[&str], &str); 7] = [
            (&["a frequent word"], "-price"),
            (&["most prices", "active"], "name"),
            (&["a price"], "-updated_at"),
            (&["a frequent word", "a price"], "sku"),
            (&["all descriptions", "an import"], "price"),
            (&["many SKUs", "most prices"], "-sku"),
            (&["a rare word"], "id"),
        ];
        for (names, order) in lists {
            let (query, expected) = asked(names, order);
            let found = shop.export_of(query.clone()).await;
            let found: Vec<usize> = found.lines().skip(1).map(|line| line[1..6].parse().expect("a number")).collect();
            assert_eq!(found, sorted(&rows, expected.clone(), order), "{names:?} by {order}");
            let selection = Selection::Matching(Box::new(query));
            let plan = planned(&shop, BulkAction::Deactivate, selection).await;
            assert_eq!(reviewed(&plan), i64::try_from(expected.len()).ok(), "{names:?}");
        }
        for names in [&["a frequent word", "a price"][..], &["many SKUs", "a name"], &["an import", "inactive"]] {
            let before = rows_left(&shop).await;
            let (query, expected) = asked(names, "sku");
            let expected: Vec<usize> = expected.into_iter().filter(|n| before.contains(n)).collect();
            let plan = planned(&shop, BulkAction::Delete, Selection::Matching(Box::new(query))).await;
            imports::apply(&shop.services.database, plan.job_id, &"ana".into(), imports::Answer::default()).await.expect("confirmed");
            shop.work().await;
            let after = rows_left(&shop).await;
            assert!(!expected.is_empty());
            assert_eq!(before.difference(&after).copied().collect::<Vec<_>>(), expected, "{names:?}");
        }
    }

    async fn any_two_filters_in_any_order_find_what_a_loop_finds(shop: Shop) {
        filled(&shop).await;
        let rows = rows(&shop).await;
        assert_eq!(rows.len(), MANY);
        let pairs = CONDITIONS.iter().enumerate().flat_map(|(place, one)| CONDITIONS[place..].iter().map(move |other| (one, other)));
        for (turn, (one, other)) in pairs.enumerate() {
            let is_single = std::ptr::eq(one, other);
            if one.field == other.field && !is_single {
                continue;
            }
            for order in if is_single { &ORDERS[..] } else { &ORDERS[turn % ORDERS.len()..][..1] } {
                // Singles in both places, pairs in turn.
                for deleted in if is_single { vec![false, true] } else { vec![turn.is_multiple_of(2)] } {
                    let mut query = ProductQuery { deleted, sort: order.parse().expect("an order"), ..Default::default() };
                    (one.set)(&mut query);
                    (other.set)(&mut query);
                    let found = (0..MANY).filter(|n| is_in_bin(*n) == deleted && (one.fulfils)(*n) && (other.fulfils)(*n));
                    let expected = sorted(&rows, found.collect(), order);
                    let what = format!("{} and {} by {order}{}", one.name, other.name, if deleted { " in the bin" } else { "" });
                    assert_pages(&shop, &what, &query, &expected).await;
                }
            }
        }
    }
}
