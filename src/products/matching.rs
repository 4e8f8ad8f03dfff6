//! The rows that a bulk action is about: by their ids, or by a query as it stood at one moment.

use sea_orm::{ConnectionTrait, DatabaseBackend};

use super::ProductQuery;
use super::list::{Plan, number};
use super::store;
use crate::database::sql::Sql;
use crate::database::{Database, settled};
use crate::error::Result;
use crate::problem::Problem;

/// A condition on `products`, to stand after `WHERE`.
pub(crate) struct Matching {
    rows: Rows,
    newest: i64,
    backend: DatabaseBackend,
}

enum Rows {
    Ids(Vec<i64>),
    Query(Plan),
}

impl Matching {
    /// These products, without those in the bin unless the bin is meant.
    pub fn ids(backend: DatabaseBackend, ids: Vec<i64>, newest: i64) -> Self {
        Self {
            rows: Rows::Ids(ids),
            newest,
            backend,
        }
    }

    /// All that `query` asks for and that had come in when `newest` was the highest id.
    ///
    /// # Errors
    /// When the search does not see all products yet, so that it could miss some; or the database fails.
    pub async fn query(db: &impl ConnectionTrait, query: &ProductQuery, newest: i64) -> Result<Self> {
        let plan = Plan::of_whole(db, query).await?;
        if plan.unsearched() > 0 {
            let detail = "The search for words does not see the products yet that came in just now. \
                Nothing was changed. Repeat it in half a minute.";
            return Err(Problem::conflict(detail).into());
        }
        Ok(Self {
            rows: Rows::Query(plan),
            newest,
            backend: db.get_database_backend(),
        })
    }

    /// Adds the condition. `in_bin` counts for ids only: a query says itself where it looks.
    pub fn push(&self, sql: &mut Sql, in_bin: bool) {
        match &self.rows {
            Rows::Ids(ids) if ids.is_empty() => {
                sql.push("1 = 0");
            }
            Rows::Ids(ids) => {
                sql.push("products.id IN (").numbers(ids).push(")");
                sql.push(if in_bin {
                    " AND products.deleted_at IS NOT NULL"
                } else {
                    " AND products.deleted_at IS NULL"
                });
            }
            Rows::Query(plan) => {
                plan.find(sql);
                plan.judge(sql, None);
            }
        }
        // Judged, not found by: the other conditions lead to fewer rows.
        let plus = if sql.is_postgres() { "" } else { "+" };
        sql.push(&format!(" AND {plus}products.id <= ")).bind(self.newest);
    }

    pub fn sql(&self) -> Sql {
        Sql::new(self.backend)
    }

    /// How many rows there are, all of them counted.
    pub async fn count(&self, db: &impl ConnectionTrait, in_bin: bool) -> Result<i64> {
        let mut sql = self.sql();
        sql.push("SELECT count(*) AS number FROM products WHERE ");
        self.push(&mut sql, in_bin);
        Ok(i64::try_from(number(db, sql).await?).unwrap_or(i64::MAX))
    }

    /// A few of the SKUs, in their order, for people to see what they are about to change.
    pub async fn sample(&self, db: &impl ConnectionTrait, in_bin: bool, limit: u64) -> Result<Vec<String>> {
        let mut sql = self.sql();
        sql.push("SELECT products.sku FROM products WHERE ");
        self.push(&mut sql, in_bin);
        sql.push(&format!(" ORDER BY products.sku_key LIMIT {limit}"));
        let rows = db.query_all_raw(sql.statement()).await?;
        rows.iter().map(|row| Ok(row.try_get("", "sku")?)).collect()
    }
}

/// How many products `query` finds, all of them counted.
pub(crate) async fn count(db: &impl ConnectionTrait, query: &ProductQuery) -> Result<u64> {
    if !query.is_filtered() {
        return Ok(u64::try_from(store::count_all(db).await?).unwrap_or(0));
    }
    Plan::of(db, query).await?.count(db).await
}

/// The highest ids that any product and any change have, with all of lower ones there for good.
pub(crate) async fn newest(database: &Database) -> Result<(i64, i64)> {
    let transaction = database.begin().await?;
    settled(&transaction).await?;
    let mut highest = [0; 2];
    for (id, table) in highest.iter_mut().zip(["products", "changes"]) {
        let mut sql = Sql::new(database.backend());
        sql.push(&format!("SELECT coalesce(max(id), 0) AS number FROM {table}"));
        *id = i64::try_from(number(&transaction, sql).await?).unwrap_or(i64::MAX);
    }
    transaction.rollback().await?;
    Ok((highest[0], highest[1]))
}
