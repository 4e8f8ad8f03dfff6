//! Tests of the domain against real databases, one binary. Each test of a [`on_both`] block runs on SQLite and on PostgreSQL.

mod accounts;
mod bulk;
mod catalogs;
mod checks;
mod corrections;
mod edits;
mod exports;
mod extras;
mod fuzzing;
mod history;
mod imports;
mod leftovers;
mod limits;
mod lists;
mod migrations;
mod monitoring;
mod nodes;
mod pictures;
mod products;
mod retention;
mod samples;
mod schedules;
mod seen;
mod storage;
mod uploads;
mod variants;
mod webhooks;
mod workbook_pictures;
mod workbooks;

/// Writes each test twice, once for each database.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($shop:ident: Shop) $body:block)*) => {
        mod sqlite {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] $(#[$meta])* async fn $name() {
                let $shop = stockroom::testing::Shop::open(stockroom::testing::Kind::Sqlite).await;
                $body
            })*
        }
        mod postgres {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] $(#[$meta])* async fn $name() {
                let $shop = stockroom::testing::Shop::open(stockroom::testing::Kind::Postgres).await;
                $body
            })*
        }
    };
}
use on_both;
