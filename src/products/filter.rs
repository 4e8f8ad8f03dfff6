//! The conditions of a query, each in two forms: one that finds rows by an index, and one that judges a row already at hand.
//!
//! Which form is used is decided in [`super::way`]. A unary plus keeps SQLite from finding rows by a condition that only judges.

use sea_orm::{ConnectionTrait, DatabaseBackend};
use time::OffsetDateTime;

use super::ProductQuery;
use super::search::{self, Field, Sought, Words};
use crate::database::sql::Sql;
use crate::error::Result;
use crate::fold::fold;
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// From (inclusive) and to (exclusive).
type Moments = (Option<OffsetDateTime>, Option<OffsetDateTime>);

/// One condition.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    Ids(Vec<i64>),
    /// Folded beginning of the SKU.
    Sku(String),
    /// Beginning of the SKU (folded) or of the name (as its index has it).
    Beginning {
        sku: Option<String>,
        name: String,
    },
    Words(Words),
    Active(bool),
    Catalog(i64),
    /// Minor units, both inclusive.
    Price(i64, Option<i64>),
    Created(Moments),
    Updated(Moments),
    Import(i64),
    Bin,
}

impl Filter {
    /// All conditions of a query.
    ///
    /// # Errors
    /// When one of them cannot be searched for, or the database fails.
    pub async fn all(db: &impl ConnectionTrait, query: &ProductQuery) -> Result<Vec<Self>> {
        let mut filters = Vec::new();
        filters.extend(query.ids.clone().map(Self::Ids));
        filters.extend(text(query.sku.as_deref()).map(|sku| Self::Sku(fold(sku).into_owned())));
        let mut sought = Vec::new();
        for (field, text) in [
            (Field::Any, text(query.q.as_deref())),
            (Field::Name, text(query.name.as_deref())),
            (Field::Description, text(query.description.as_deref())),
        ] {
            let Some(text) = text else { continue };
            let folded = fold(text).into_owned();
            if folded.chars().count() >= search::SHORTEST {
                sought.push(Sought { field, text: folded });
            } else {
                filters.push(Self::of_beginning(field, folded, text)?);
            }
        }
        // All of them at once: one index has them.
        if !sought.is_empty() {
            filters.push(Self::Words(search::words(db, sought).await?));
        }
        filters.extend(query.active.map(Self::Active));
        filters.extend(query.catalog_id.map(Self::Catalog));
        if query.price_min.is_some() || query.price_max.is_some() {
            filters.push(Self::Price(query.price_min.unwrap_or(0), query.price_max));
        }
        filters.extend(between(query.created_after.as_ref(), query.created_before.as_ref())?.map(Self::Created));
        filters.extend(between(query.updated_after.as_ref(), query.updated_before.as_ref())?.map(Self::Updated));
        filters.extend(query.import.map(Self::Import));
        if query.deleted {
            filters.push(Self::Bin);
        }
        Ok(filters)
    }

    /// For text that is too short to be looked for inside words.
    fn of_beginning(field: Field, folded: String, text: &str) -> Result<Self> {
        let name = text.to_ascii_lowercase();
        match field {
            Field::Any => Ok(Self::Beginning {
                sku: Some(folded),
                name,
            }),
            Field::Name => Ok(Self::Beginning { sku: None, name }),
            Field::Description => {
                let advice = "Enter three letters or more.";
                let detail = format!("Fewer than three letters cannot be looked for in descriptions. {advice}");
                Err(Problem::bad_request(detail).with_field("description", advice).into())
            }
        }
    }

    /// Whether nearly every product may fulfil it: such a condition finds nothing, it only judges.
    pub fn is_vague(&self) -> bool {
        matches!(self, Self::Active(true))
    }

    /// Whether counting its rows may cost more than judging a thousand.
    pub fn is_costly(&self) -> bool {
        !matches!(self, Self::Ids(_) | Self::Sku(_) | Self::Active(_) | Self::Bin)
    }

    /// Whether a row is judged by what stands in other tables.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Words(_) | Self::Import(_))
    }

    /// Whether it may find products that have gone for good. SQLite's index of words has none: one connection at a time writes. On PostgreSQL
    /// a product may go just as its words are written there.
    pub fn finds_gone(&self, backend: DatabaseBackend) -> bool {
        match self {
            Self::Words(_) => backend == DatabaseBackend::Postgres,
            _ => self.is_elsewhere(),
        }
    }

    /// A query of the ids of the rows that fulfil it.
    pub fn ids(&self, sql: &mut Sql) {
        match self {
            Self::Words(words) => words.ids(sql),
            Self::Import(id) => {
                sql.push("SELECT s.id FROM products AS s WHERE s.created_import_id = ")
                    .bind(*id)
                    .push(" UNION SELECT c.product_id FROM changes AS c WHERE c.import_id = ")
                    .bind(*id);
            }
            Self::Beginning { sku, name } => {
                if let Some(sku) = sku {
                    sql.push("SELECT s.id FROM products AS s WHERE ");
                    begins_with(sql, "s.sku_key", sku);
                    sql.push(" UNION ");
                }
                sql.push("SELECT s.id FROM products AS s WHERE ");
                begins_with(sql, "lower(s.name)", name);
            }
            _ => {
                sql.push("SELECT s.id FROM products AS s WHERE ");
                self.condition(sql, "s", "");
            }
        }
    }

    /// Judges a row of `products`. `leading` is the column whose index is being followed: a range of that is skipped to.
    pub fn probe(&self, sql: &mut Sql, leading: Option<&str>) {
        let is_led = leading.is_some() && self.column() == leading;
        let plus = if sql.is_postgres() || is_led { "" } else { "+" };
        self.condition(sql, "products", plus);
    }

    /// The order whose index the filter is a range of.
    fn column(&self) -> Option<&'static str> {
        match self {
            // Those that are active have no index, and are nearly all.
            Self::Sku(_) | Self::Catalog(_) | Self::Active(false) => Some("sku"),
            Self::Price(..) => Some("price"),
            Self::Updated(_) => Some("updated_at"),
            _ => None,
        }
    }

    /// `table` is the name of `products` in the query; `plus` stands before each column.
    fn condition(&self, sql: &mut Sql, table: &str, plus: &str) {
        let column = |name: &str| format!("{plus}{table}.{name}");
        match self {
            Self::Ids(ids) if ids.is_empty() => {
                sql.push("1 = 0");
            }
            Self::Ids(ids) => {
                sql.push(&column("id")).push(" IN (").numbers(ids).push(")");
            }
            Self::Sku(prefix) => begins_with(sql, &column("sku_key"), prefix),
            Self::Beginning { sku, name } => {
                sql.push("(");
                if let Some(sku) = sku {
                    begins_with(sql, &column("sku_key"), sku);
                    sql.push(" OR ");
                }
                begins_with(sql, &format!("{plus}lower({table}.name)"), name);
                sql.push(")");
            }
            Self::Words(words) => words.probe(sql, table),
            Self::Active(active) => {
                sql.push(if *active { "" } else { "NOT " }).push(&column("active"));
            }
            Self::Catalog(id) => {
                // With `=` SQLite knows that there is a catalogue, and reads the index of all that have one.
                let is = if plus.is_empty() { " = " } else { " IS " };
                sql.push(&column("catalog_id")).push(is).bind(*id);
            }
            Self::Price(least, most) => {
                let price = format!("{plus}coalesce({table}.price_minor, -1)");
                sql.push(&price).push(" >= ").bind((*least).max(0));
                if let Some(most) = most {
                    sql.push(" AND ").push(&price).push(" <= ").bind(*most);
                }
            }
            Self::Created(moments) => within(sql, &column("created_at"), moments),
            Self::Updated(moments) => within(sql, &column("updated_at"), moments),
            Self::Import(id) => {
                sql.push("(").push(&column("created_import_id")).push(" = ").bind(*id);
                // By the index of the product's own changes, which are few.
                sql.push(&format!(
                    " OR EXISTS (SELECT 1 FROM changes AS c WHERE c.product_id = {table}.id AND {plus}c.import_id = "
                ));
                sql.bind(*id).push("))");
            }
            Self::Bin => {
                sql.push(&format!("{table}.deleted_at IS NOT NULL"));
            }
        }
    }
}

/// What rows of `products` must be: in the bin or not, and as those filters want it that `which` says by their places.
/// `leading` is the column whose index is being followed.
pub(super) fn judge(sql: &mut Sql, filters: &[Filter], leading: Option<&str>, which: impl Fn(usize, &Filter) -> bool) {
    let in_bin = filters.iter().any(|filter| matches!(filter, Filter::Bin));
    sql.push(if in_bin {
        "products.deleted_at IS NOT NULL"
    } else {
        "products.deleted_at IS NULL"
    });
    for (place, filter) in filters.iter().enumerate() {
        if which(place, filter) && !matches!(filter, Filter::Bin) {
            sql.push(" AND ");
            filter.probe(sql, leading);
        }
    }
}

fn text(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn between(from: Option<&Timestamp>, to: Option<&Timestamp>) -> Result<Option<Moments>> {
    let moment = |timestamp: Option<&Timestamp>| timestamp.map(OffsetDateTime::try_from).transpose();
    let moments = (moment(from)?, moment(to)?);
    Ok((moments != (None, None)).then_some(moments))
}

fn within(sql: &mut Sql, column: &str, (from, to): &Moments) {
    let mut and = "";
    for (operator, moment) in [(" >= ", from), (" < ", to)] {
        if let Some(moment) = moment {
            sql.push(and).push(column).push(operator).bind(*moment);
            and = " AND ";
        }
    }
}

/// A range of texts: any index on them serves it.
fn begins_with(sql: &mut Sql, column: &str, prefix: &str) {
    sql.push("(").push(column).push(" >= ").bind(prefix);
    if let Some(end) = after_prefix(prefix) {
        sql.push(" AND ").push(column).push(" < ").bind(end);
    }
    sql.push(")");
}

/// The smallest text that is greater than everything beginning with `prefix`.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::after_prefix;

    #[test]
    fn the_end_of_a_prefix_is_the_next_text() {
        assert_eq!(after_prefix("ab"), Some("ac".into()));
        assert_eq!(after_prefix("a\u{d7ff}"), Some("a\u{e000}".into()));
        assert_eq!(after_prefix("a\u{10ffff}"), Some("b".into()));
        assert_eq!(after_prefix("\u{10ffff}"), None);
    }
}
