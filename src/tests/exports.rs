//! An export that is watched is counted row by row, and forgotten when it has been sent or given up.

use std::time::Duration;

use stockroom::products::export::{self, Layout, Watched};
use stockroom::products::{ExportProgress, ProductQuery};
use stockroom::testing::{CsvFile, Shop};

use crate::on_both;

/// More than are fetched at once, and than wait between two tasks.
const ROWS: usize = 31_000;

async fn fill(shop: &Shop) {
    let file = CsvFile::header(["sku", "name", "active"]);
    let row = |number: usize| [format!("P-{number:05}"), "Mug".into(), (number >= 12_000).to_string()];
    shop.import(file.rows(ROWS, row).bytes()).await;
}

fn progress(shop: &Shop) -> Option<ExportProgress> {
    shop.services.exports.progress("ana", "word")
}

fn watch(shop: &Shop) -> Watched {
    let watched = shop.services.exports.watch("ana", "word");
    assert!(watched.is_some());
    watched
}

async fn layout(shop: &Shop) -> Layout {
    Layout::of(shop.services.reader(), None).await.expect("a layout")
}

/// Waits for what other tasks do.
async fn until<T>(seen: impl Fn() -> Option<T>) -> T {
    let look = async {
        loop {
            if let Some(seen) = seen() {
                return seen;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), look)
        .await
        .expect("within half a minute")
}

on_both! {
    async fn a_csv_file_is_counted_while_it_is_sent(shop: Shop) {
        fill(&shop).await;
        let query = ProductQuery { active: Some(true), ..ProductQuery::default() };
        let mut pieces = export::csv(&shop.services.database, query, layout(&shop).await, watch(&shop));
        pieces.recv().await.expect("a heading").expect("no failure");
        let begun = until(|| progress(&shop).filter(|progress| progress.total.is_some() && progress.rows > 0)).await;
        assert_eq!((begun.total, begun.done), (Some(19_000), false));
        assert!(begun.rows <= 19_000, "{begun:?}");
        let mut lines = 0;
        while let Some(piece) = pieces.recv().await {
            lines += piece.expect("no failure").iter().filter(|byte| **byte == b'\n').count();
        }
        assert_eq!((lines, progress(&shop)), (19_000, None));
    }

    async fn nothing_is_left_of_an_export_that_nobody_waits_for_any_more(shop: Shop) {
        fill(&shop).await;
        let query = ProductQuery::default();
        let mut pieces = export::csv(&shop.services.database, query, layout(&shop).await, watch(&shop));
        pieces.recv().await.expect("a heading").expect("no failure");
        assert!(progress(&shop).is_some(), "31,000 rows do not fit between the tasks");
        drop(pieces);
        until(|| progress(&shop).is_none().then_some(())).await;
    }

    async fn a_workbook_that_nobody_waits_for_is_forgotten(shop: Shop) {
        fill(&shop).await;
        let (watched, folder) = (watch(&shop), shop.folder().join("scratch"));
        let query = ProductQuery::default();
        let mut writing = Box::pin(export::xlsx(&shop.services.database, query, layout(&shop).await, &folder, watched));
        tokio::select! {
            _ = &mut writing => panic!("31,000 rows take longer than the first of them"),
            _ = until(|| progress(&shop).filter(|progress| progress.rows > 0)) => {}
        }
        drop(writing);
        until(|| progress(&shop).is_none().then_some(())).await;
    }

    async fn a_workbook_is_written_before_it_is_sent(shop: Shop) {
        fill(&shop).await;
        let (watched, folder) = (watch(&shop), shop.folder().join("scratch"));
        let query = ProductQuery::default();
        export::xlsx(&shop.services.database, query, layout(&shop).await, &folder, watched.clone()).await.expect("a file");
        let written = until(|| progress(&shop).filter(|progress| progress.total.is_some())).await;
        assert_eq!(written, ExportProgress { rows: ROWS as u64, total: Some(ROWS as u64), done: true });
        drop(watched);
        assert_eq!(progress(&shop), None);
    }
}
