//! What tests look at of an import.

use stockroom::imports::problem::RowProblem;
use stockroom::imports::{self, Import, ImportStatus};
use stockroom::testing::Shop;

/// Rows created, updated, unchanged and failed.
pub fn counts(import: &Import) -> (ImportStatus, i64, i64, i64, i64) {
    let progress = &import.progress;
    (
        progress.status,
        progress.created,
        progress.updated,
        progress.unchanged,
        progress.failed,
    )
}

/// Its problem rows: row, kind and value.
pub async fn problems(shop: &Shop, import: &Import) -> Vec<(i64, &'static str, Option<String>)> {
    let found = imports::problems(shop.services.reader(), import.job_id, &Default::default())
        .await
        .expect("problems");
    let one = |problem: RowProblem| (problem.row, problem.kind.code(), problem.value);
    found.items.into_iter().map(one).collect()
}

/// Names and values, as products have them.
pub fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
