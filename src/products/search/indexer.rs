//! Brings the index of words up to date, a few thousand products at a time, so that nobody waits long for the database.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseBackend, DatabaseTransaction, EntityTrait as _, FromQueryResult as _,
    QueryFilter as _, Statement, TransactionTrait as _,
};
use tokio_util::sync::CancellationToken;

use super::{Behind, CHANGES, Entry, PRODUCTS, Texts, counter_value, of_words, texts_between};
use crate::database::{Database, settled, sql::Sql};
use crate::entities::{counter, import};
use crate::error::Result;
use crate::jobs::{Outcome, Task};
use crate::products::list::number;

/// Products in one transaction: SQLite's other writers wait for it, a tenth of a second at most.
const AT_ONCE: u64 = 2_000;

/// Whether there are twice as many products as when PostgreSQL last looked at their words, which it does by itself within minutes. Until then it
/// takes every word for a rare one, and reads all products that have it for the first page of them.
const OUTGROWN: &str = "SELECT count(*) AS number FROM pg_class WHERE oid = 'product_words'::regclass
    AND 2 * reltuples < (SELECT value FROM counters WHERE name = 'products')";

/// Any number of them may run at the same time, on any number of machines: who comes second with a batch throws it away.
#[derive(Clone, Debug)]
pub struct Indexer {
    pub database: Database,
}

impl Task for Indexer {
    async fn run_next(&self, _stop: &CancellationToken) -> Result<Outcome> {
        let db = self.database.reader();
        // An import would be held up by every batch of this, and brings more to do anyway.
        if Behind::of(db).await?.rows() == 0 || is_import_running(db).await? {
            return Ok(Outcome::Idle);
        }
        let to = self.horizon().await?;
        if self.new_products(to.products_to).await? || self.changed_products(to.changes_to).await? {
            return Ok(Outcome::Worked);
        }
        Ok(Outcome::Idle)
    }
}

impl Indexer {
    /// The last ids before which nothing is going to appear any more.
    async fn horizon(&self) -> Result<Behind> {
        let transaction = self.database.writer().begin().await?;
        settled(&transaction).await?;
        let behind = Behind::of(&transaction).await?;
        transaction.commit().await?;
        Ok(behind)
    }

    /// Adds the next new products. Says whether there were any.
    async fn new_products(&self, to: i64) -> Result<bool> {
        let transaction = self.database.begin().await?;
        let from = counter_value(&transaction, PRODUCTS).await?;
        if from >= to {
            return Ok(false);
        }
        let texts = texts_between(&transaction, from, to, AT_ONCE).await?;
        let is_all = (texts.len() as u64) < AT_ONCE;
        let reached = texts.last().map_or(to, |last| if is_all { to } else { last.id });
        put(&transaction, texts).await?;
        self.advance(transaction, PRODUCTS, from, reached).await?;
        if reached >= to {
            self.sort_in().await?;
        }
        Ok(true)
    }

    /// Writes the next changed products again. Says whether there were any.
    async fn changed_products(&self, to: i64) -> Result<bool> {
        let transaction = self.database.begin().await?;
        let from = counter_value(&transaction, CHANGES).await?;
        if from >= to {
            return Ok(false);
        }
        let reached = to.min(from + AT_ONCE.cast_signed());
        put(&transaction, texts_of_changes(&transaction, from, reached).await?).await?;
        self.advance(transaction, CHANGES, from, reached).await?;
        if reached >= to {
            self.sort_in().await?;
        }
        Ok(true)
    }

    async fn advance(&self, transaction: DatabaseTransaction, name: &str, from: i64, to: i64) -> Result<()> {
        let moved = counter::Entity::update_many()
            .col_expr(counter::Column::Value, Expr::val(to))
            .filter(counter::Column::Name.eq(name))
            .filter(counter::Column::Value.eq(from))
            .exec(&transaction)
            .await?;
        if moved.rows_affected == 1 {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(())
    }

    /// What waits to be sorted into the index is read by each search, so at the end nothing should wait.
    async fn sort_in(&self) -> Result<()> {
        if self.database.backend() != DatabaseBackend::Postgres {
            return Ok(());
        }
        let db = self.database.writer();
        db.execute_unprepared("SELECT gin_clean_pending_list('product_words_by_trigram'::regclass)")
            .await?;
        let mut outgrown = Sql::new(DatabaseBackend::Postgres);
        outgrown.push(OUTGROWN);
        if number(db, outgrown).await? > 0 {
            db.execute_unprepared("ANALYZE product_words").await?;
        }
        Ok(())
    }
}

async fn is_import_running(db: &impl ConnectionTrait) -> Result<bool> {
    let running = import::Column::Status.eq("processing");
    Ok(import::Entity::find().filter(running).one(db).await?.is_some())
}

/// Only changes of words matter here.
async fn texts_of_changes(db: &impl ConnectionTrait, from: i64, to: i64) -> Result<Vec<Texts>> {
    let backend = db.get_database_backend();
    let sql = format!(
        "SELECT id, sku, name, description FROM products WHERE id IN
            (SELECT product_id FROM changes WHERE id > {from} AND id <= {to} AND {})",
        of_words(backend)
    );
    let rows = Texts::find_by_statement(Statement::from_string(backend, sql));
    Ok(rows.all(db).await?)
}

/// Writes entries over those of the same products.
async fn put(db: &impl ConnectionTrait, texts: Vec<Texts>) -> Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new(db.get_database_backend());
    if sql.is_postgres() {
        sql.push("INSERT INTO product_words (product_id, sku, name, description) VALUES ");
    } else {
        sql.push("INSERT OR REPLACE INTO product_words (rowid, sku, name, description) VALUES ");
    }
    for (place, entry) in texts.into_iter().map(Entry::from).enumerate() {
        sql.push(if place == 0 { "(" } else { ", (" });
        sql.bind(entry.id).push(", ").bind(entry.sku).push(", ");
        sql.bind(entry.name).push(", ").bind(entry.description).push(")");
    }
    if sql.is_postgres() {
        sql.push(" ON CONFLICT (product_id) DO UPDATE SET sku = excluded.sku, name = excluded.name, description = excluded.description");
    }
    db.execute_raw(sql.statement()).await?;
    Ok(())
}
