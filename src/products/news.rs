//! How many products have changed since somebody has looked at them.

use serde::{Deserialize, Serialize};

use crate::page::Total;

/// How far the shop had come when it was looked at: the highest ids of a product and of a change. What PostgreSQL has given ids to and not
/// committed at that moment is before the mark when somebody else has committed after it, and is not told: this is a hint, not a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub product: i64,
    pub change: i64,
}

/// What has happened since a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// How far the shop has come now.
    pub mark: Mark,
    /// Products that came in or changed since.
    pub products: Total,
    /// Whether a job is changing products right now.
    pub goes_on: bool,
}

#[cfg(feature = "ssr")]
mod read {
    use sea_orm::ConnectionTrait;

    use super::{Mark, News};
    use crate::database::sql::Sql;
    use crate::error::Result;
    use crate::imports;
    use crate::page::{COUNT_LIMIT, Total};

    /// What has happened since `since`; nothing, if that is now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn news(db: &impl ConnectionTrait, since: Option<Mark>) -> Result<News> {
        let mark = Mark {
            product: number(db, newest_of(db, "products")).await?,
            change: number(db, newest_of(db, "changes")).await?,
        };
        let changed = match since {
            Some(since) if since != mark => number(db, changed_since(db, since)).await?,
            _ => 0,
        };
        Ok(News {
            mark,
            products: Total::capped(changed.unsigned_abs()),
            goes_on: imports::any_at_work(db).await?,
        })
    }

    fn newest_of(db: &impl ConnectionTrait, table: &str) -> Sql {
        let mut sql = Sql::new(db.get_database_backend());
        sql.push(&format!("SELECT coalesce(max(id), 0) AS number FROM {table}"));
        sql
    }

    /// A product that an import has created has no change of its own.
    fn changed_since(db: &impl ConnectionTrait, since: Mark) -> Sql {
        let most = COUNT_LIMIT + 1;
        let mut sql = Sql::new(db.get_database_backend());
        sql.push("SELECT count(*) AS number FROM (SELECT product FROM (SELECT product_id AS product FROM changes WHERE id > ");
        sql.bind(since.change);
        sql.push(&format!(" ORDER BY id LIMIT {most}) AS changed"));
        sql.push(" UNION SELECT product FROM (SELECT id AS product FROM products WHERE id > ");
        sql.bind(since.product);
        sql.push(&format!(
            " ORDER BY id LIMIT {most}) AS created LIMIT {most}) AS touched"
        ));
        sql
    }

    async fn number(db: &impl ConnectionTrait, sql: Sql) -> Result<i64> {
        let row = db.query_one_raw(sql.statement()).await?;
        Ok(row.map(|row| row.try_get("", "number")).transpose()?.unwrap_or(0))
    }
}

#[cfg(feature = "ssr")]
pub use read::news;
