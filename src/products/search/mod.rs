//! Words in products: text is found anywhere in SKU, name or description, inside words too.
//!
//! The index (`product_words`) has the folded text of each product and knows every three letters that follow each other. It follows
//! the products in the background (see [`Indexer`]), so that imports do not wait for it. What has changed since is few rows most of the
//! time, and a search reads the newest of those itself. After a large import that is not all, and it says how many it does not see yet.
//!
//! Source of the technique: PostgreSQL documentation, "pg_trgm"; SQLite documentation, "The Trigram Tokenizer".

mod indexer;

use std::ops::Range;

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseBackend, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QuerySelect as _, Statement,
};

pub use indexer::Indexer;

use crate::database::sql::Sql;
use crate::entities::{counter, product};
use crate::error::Result;
use crate::fold::fold;

/// Letters that are looked for inside words; fewer are in every other product.
pub const SHORTEST: usize = 3;
/// New products, and as many changes, that a search reads by itself because the index does not have them yet: the newest, because
/// whoever has just added something looks for that.
const READ_AT_MOST: i64 = 500;
/// Three letters each. More of them would make a search no narrower, only longer.
const TRIGRAMS_AT_MOST: usize = 12;
/// Counters: the last product and the last change that are in the index.
const PRODUCTS: &str = "searchable_products";
const CHANGES: &str = "searchable_changes";

/// Where text is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Any,
    Name,
    Description,
}

impl Field {
    const COLUMNS: [&str; 3] = ["sku", "name", "description"];

    /// Which of the columns have it.
    fn places(self) -> Range<usize> {
        match self {
            Self::Any => 0..3,
            Self::Name => 1..2,
            Self::Description => 2..3,
        }
    }
}

/// Folded text, and where it is looked for.
#[derive(Clone, Debug)]
pub(super) struct Sought {
    pub field: Field,
    pub text: String,
}

/// Texts to look for, which a product must all have, with what has changed too recently to be in the index.
#[derive(Clone, Debug)]
pub(super) struct Words {
    sought: Vec<Sought>,
    /// Products whose entry in the index is not to be believed …
    recent: Vec<i64>,
    /// … and those of them that have the texts.
    hits: Vec<i64>,
    /// Products that are in the index in no state at all, or in an old one.
    pub unsearched: u64,
}

/// Takes a product out of the index that is going for good.
pub(super) async fn forget(db: &impl ConnectionTrait, product: i64) -> Result<()> {
    let mut sql = Sql::new(db.get_database_backend());
    let id = if sql.is_postgres() { "product_id" } else { "rowid" };
    sql.push(&format!("DELETE FROM product_words WHERE {id} = "))
        .bind(product);
    db.execute_raw(sql.statement()).await?;
    Ok(())
}

/// New products and changes that the index does not have yet, at most: ids have gaps.
pub(crate) async fn behind(db: &impl ConnectionTrait) -> Result<i64> {
    Ok(Behind::of(db).await?.rows())
}

/// Prepares a search for all of these.
pub(super) async fn words(db: &impl ConnectionTrait, sought: Vec<Sought>) -> Result<Words> {
    let behind = Behind::of(db).await?;
    let mut words = Words {
        sought,
        recent: Vec::new(),
        hits: Vec::new(),
        unsearched: 0,
    };
    let newest = behind.newest();
    words.unsearched = (behind.rows() - newest.rows()).unsigned_abs();
    if newest.rows() > 0 {
        for entry in newest.entries(db).await? {
            words.recent.push(entry.id);
            if words.sought.iter().all(|sought| entry.has(sought)) {
                words.hits.push(entry.id);
            }
        }
    }
    Ok(words)
}

impl Words {
    /// A query of the ids of products that have the texts.
    pub fn ids(&self, sql: &mut Sql) {
        let id = if sql.is_postgres() { "w.product_id" } else { "w.rowid" };
        sql.push(&format!("SELECT {id} AS id FROM product_words AS w WHERE "));
        if !sql.is_postgres() {
            let all: Vec<_> = self.sought.iter().map(|sought| trigrams(&sought.text)).collect();
            sql.push("w.product_words MATCH ").bind(all.join(" AND ")).push(" AND ");
        }
        self.contain(sql, Field::COLUMNS);
        if !self.recent.is_empty() {
            sql.push(&format!(" AND {id} NOT IN (")).numbers(&self.recent).push(")");
        }
        if !self.hits.is_empty() {
            sql.push(" UNION ALL SELECT s.id FROM products AS s WHERE s.id IN (")
                .numbers(&self.hits)
                .push(")");
        }
    }

    /// Judges one product by its own entry. SQLite's are in a table of their own, which is read faster than through the index (SQLite
    /// documentation, "FTS5 Data Structures").
    pub fn probe(&self, sql: &mut Sql, table: &str) {
        if sql.is_postgres() {
            sql.push(&format!(
                "(EXISTS (SELECT 1 FROM product_words AS w WHERE w.product_id = {table}.id AND "
            ));
            self.contain(sql, Field::COLUMNS);
            sql.push(")");
        } else {
            // A value: where it stood as EXISTS, SQLite might make a join of it and begin there.
            sql.push("((SELECT ");
            self.contain(sql, ["c0", "c1", "c2"]);
            sql.push(&format!(" FROM product_words_content AS w WHERE w.id = {table}.id)"));
        }
        if !self.recent.is_empty() {
            sql.push(&format!(" AND {table}.id NOT IN ("))
                .numbers(&self.recent)
                .push(")");
        }
        if !self.hits.is_empty() {
            sql.push(&format!(" OR {table}.id IN (")).numbers(&self.hits).push(")");
        }
        sql.push(")");
    }

    /// The letters of the index may stand in another order or in another field; the text itself decides.
    /// `columns`: the names of those that have SKU, name and description.
    fn contain(&self, sql: &mut Sql, columns: [&str; 3]) {
        for (place, Sought { field, text }) in self.sought.iter().enumerate() {
            let mut before = if place == 0 { "(" } else { " AND (" };
            for column in &columns[field.places()] {
                sql.push(before);
                if sql.is_postgres() {
                    sql.push(&format!("w.{column} LIKE ")).bind(like_pattern(text));
                } else {
                    sql.push(&format!("instr(w.{column}, "))
                        .bind(text.clone())
                        .push(") > 0");
                }
                before = " OR ";
            }
            sql.push(")");
        }
    }
}

fn like_pattern(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// A query of SQLite's index: all these letters, three at a time. Those between, which share letters with their neighbours, would find
/// hardly fewer products, and each of them is read to its end.
fn trigrams(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let last = chars.len().saturating_sub(SHORTEST);
    let step = SHORTEST.max(last.div_ceil(TRIGRAMS_AT_MOST - 1));
    let quoted = |place: usize| {
        let three: String = chars[place..place + SHORTEST].iter().collect();
        format!("\"{}\"", three.replace('"', "\"\""))
    };
    let places = (0..last).step_by(step).chain([last]);
    places.map(quoted).collect::<Vec<_>>().join(" AND ")
}

/// How far the index is behind the products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
struct Behind {
    products_from: i64,
    products_to: i64,
    changes_from: i64,
    changes_to: i64,
}

impl Behind {
    async fn of(db: &impl ConnectionTrait) -> Result<Self> {
        let counter = |name: &str| format!("(SELECT value FROM counters WHERE name = '{name}')");
        let sql = format!(
            "SELECT {} AS products_from, {} AS changes_from,
                (SELECT coalesce(max(id), 0) FROM products) AS products_to,
                (SELECT coalesce(max(id), 0) FROM changes) AS changes_to",
            counter(PRODUCTS),
            counter(CHANGES)
        );
        let found = Self::find_by_statement(Statement::from_string(db.get_database_backend(), sql));
        Ok(found.one(db).await?.unwrap_or(Self {
            products_from: 0,
            products_to: 0,
            changes_from: 0,
            changes_to: 0,
        }))
    }

    /// At most so many products; ids have gaps.
    fn rows(self) -> i64 {
        (self.products_to - self.products_from).max(0) + (self.changes_to - self.changes_from).max(0)
    }

    /// As much of it as a search reads by itself.
    fn newest(self) -> Self {
        Self {
            products_from: self.products_from.max(self.products_to - READ_AT_MOST),
            changes_from: self.changes_from.max(self.changes_to - READ_AT_MOST),
            ..self
        }
    }

    /// All products that are new or whose words have changed.
    async fn entries(self, db: &impl ConnectionTrait) -> Result<Vec<Entry>> {
        // With OR, or without limits, PostgreSQL reads the whole table: it does not know how few they are.
        let sql = format!(
            "SELECT id, sku, name, description FROM products WHERE id IN (
                SELECT id FROM (SELECT id FROM products WHERE id > {} ORDER BY id LIMIT {READ_AT_MOST}) AS new
                UNION SELECT product_id FROM
                    (SELECT product_id, fields FROM changes WHERE id > {} ORDER BY id LIMIT {READ_AT_MOST}) AS changed WHERE {})",
            self.products_from,
            self.changes_from,
            of_words(db.get_database_backend())
        );
        let rows = Texts::find_by_statement(Statement::from_string(db.get_database_backend(), sql));
        Ok(rows.all(db).await?.into_iter().map(Entry::from).collect())
    }
}

#[derive(FromQueryResult)]
struct Texts {
    id: i64,
    sku: String,
    name: String,
    description: String,
}

/// A product as it stands in the index.
struct Entry {
    id: i64,
    sku: String,
    name: String,
    description: String,
}

impl Entry {
    fn has(&self, Sought { field, text }: &Sought) -> bool {
        match field {
            Field::Any => [&self.sku, &self.name, &self.description]
                .iter()
                .any(|words| words.contains(text)),
            Field::Name => self.name.contains(text),
            Field::Description => self.description.contains(text),
        }
    }
}

impl From<Texts> for Entry {
    fn from(texts: Texts) -> Self {
        Self {
            id: texts.id,
            sku: fold(&texts.sku).into_owned(),
            name: fold(&texts.name).into_owned(),
            description: fold(&texts.description).into_owned(),
        }
    }
}

/// The texts of products with ids from one (exclusive) to another (inclusive), in order.
async fn texts_between(db: &impl ConnectionTrait, from: i64, to: i64, limit: u64) -> Result<Vec<Texts>> {
    use product::{Column, Entity};
    use sea_orm::QueryOrder as _;
    let rows = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Sku, Column::Name, Column::Description])
        .filter(Column::Id.gt(from))
        .filter(Column::Id.lte(to))
        .order_by_asc(Column::Id)
        .limit(limit);
    Ok(rows.into_model::<Texts>().all(db).await?)
}

/// The condition that a change has changed words.
fn of_words(backend: DatabaseBackend) -> &'static str {
    match backend {
        DatabaseBackend::Postgres => "fields ?| ARRAY['sku', 'name', 'description']",
        _ => {
            "(fields -> '$.sku' IS NOT NULL OR fields -> '$.name' IS NOT NULL OR fields -> '$.description' IS NOT NULL)"
        }
    }
}

async fn counter_value(db: &impl ConnectionTrait, name: &str) -> Result<i64> {
    let counter = counter::Entity::find_by_id(name).one(db).await?;
    Ok(counter.map_or(0, |counter| counter.value))
}

#[cfg(test)]
mod tests {
    use super::{like_pattern, trigrams};

    #[test]
    fn all_letters_are_asked_for_and_quotes_are_text() {
        for (text, asked) in [
            ("abc", "\"abc\""),
            ("abcd", "\"abc\" AND \"bcd\""),
            ("abcdef", "\"abc\" AND \"def\""),
            ("abcdefg", "\"abc\" AND \"def\" AND \"efg\""),
            ("a\"b", "\"a\"\"b\""),
            ("größe", "\"grö\" AND \"öße\""),
        ] {
            assert_eq!(trigrams(text), asked);
        }
        for length in [30, 36, 37, 500, 501, 502] {
            let asked = trigrams(&"x".repeat(length)).matches("xxx").count();
            assert!((10..=12).contains(&asked), "{asked} of {length}");
        }
    }

    #[test]
    fn signs_of_patterns_are_text() {
        assert_eq!(like_pattern("50%_\\"), "%50\\%\\_\\\\%");
    }
}
