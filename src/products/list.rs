//! Lists of products: which way to the rows is short, whatever the filters and the order.
//!
//! A database chooses its way by averages, and is wrong by a factor of thousands where a filter is much rarer or more frequent than that.
//! So each filter is asked first how many rows it finds, up to [`COUNT_LIMIT`]. If one finds few, they are fetched, judged by the
//! other filters and sorted. If all find many, the index of the order is followed and its rows are judged until the page is full.
//! Where asking is costly and there are many products, some of them taken at random tell first which filters need not be asked.

use sea_orm::{ConnectionTrait, DatabaseBackend, FromQueryResult};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::filter::Filter;
use super::sample::Sample;
use super::store::{self, Row};
use super::{Product, ProductQuery, ProductSort};
use crate::database::paging;
use crate::database::sql::Sql;
use crate::entities::product::Model;
use crate::error::{Error, Result};
use crate::page::{COUNT_LIMIT, Cursor, Page, PageRequest, Position, Total};
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// Rows that are looked at to say that there are "at least so many" where every filter finds many.
const SAMPLE: u64 = 20_000;
/// With fewer products in the bin, counting so many more finds says without a look at each that there are enough beside them.
const BIN_LIMIT: u64 = 1_000;

/// Whether a query can be answered, for whoever must know before the answer begins.
///
/// # Errors
/// When one of its conditions cannot be searched for, or the database fails.
pub async fn check(db: &impl ConnectionTrait, query: &ProductQuery) -> Result<()> {
    Filter::all(db, query).await.map(drop)
}

/// One page of the products that `query` asks for, in its order.
///
/// # Errors
/// When the page does not exist or the database fails.
pub async fn list(db: &impl ConnectionTrait, query: &ProductQuery, request: &PageRequest) -> Result<Page<Product>> {
    let (position, size) = request.check()?;
    let plan = Plan::of(db, query).await?;
    let rows = plan.rows(db, query.sort, &position, size + 1).await?;
    let total = plan.total(db, &position, rows.len()).await?;
    let cursor = |row: &Row, skipped| Cursor {
        id: row.product.id,
        skipped,
        value: sort_value(&row.product, query.sort),
    };
    let page = paging::assemble(rows, &position, size, total, cursor).map(Product::from);
    Ok(Page {
        unsearched: plan.unsearched(),
        ..page
    })
}

/// How the rows of one query are found; made once and used for many pages by walks over the whole list.
pub(super) struct Plan {
    filters: Vec<Filter>,
    /// The filter that finds few rows, if one does.
    narrow: Option<usize>,
    /// Whether all rows of that filter are wanted, not only so many as are counted.
    is_whole: bool,
    /// Whether more rows are known to match than are counted.
    is_many: bool,
    backend: DatabaseBackend,
}

impl Plan {
    pub async fn of(db: &impl ConnectionTrait, query: &ProductQuery) -> Result<Self> {
        let filters = Filter::all(db, query).await?;
        let sample = Sample::of(db, &filters).await?;
        let mut plan = Self {
            filters,
            narrow: None,
            is_whole: false,
            is_many: false,
            backend: db.get_database_backend(),
        };
        match sample {
            Some(sample) if sample.are_many() => plan.is_many = true,
            sample => plan.choose(db, sample.as_ref()).await?,
        }
        Ok(plan)
    }

    /// Asks the filters for their rows and takes the narrowest, if it is narrow.
    async fn choose(&mut self, db: &impl ConnectionTrait, sample: Option<&Sample>) -> Result<()> {
        let in_bin = self.count_bin(db).await?;
        let (mut fewest, mut most) = (COUNT_LIMIT + 1, 0);
        for (place, filter) in self.filters.iter().enumerate() {
            if filter.is_vague() {
                continue;
            }
            let found = match sample {
                Some(sample) if sample.has_many(place) => COUNT_LIMIT + 1 + in_bin,
                _ => self.count_found(db, filter, in_bin).await?,
            };
            if found < fewest {
                (self.narrow, fewest) = (Some(place), found);
            }
            most = most.max(found);
        }
        // Those in the bin are among them, and are no more than that.
        self.is_many = self.filters.len() == 1 && in_bin < BIN_LIMIT && most > COUNT_LIMIT + in_bin;
        if let (None, Some(rarest)) = (self.narrow, sample.and_then(Sample::rarest)) {
            (self.narrow, self.is_whole) = (Some(rarest), true);
        }
        Ok(())
    }

    /// The same for all rows at once. Words are found by their index, however many they are in: judging each product by them would
    /// look into the index once for each product of the shop.
    pub async fn of_whole(db: &impl ConnectionTrait, query: &ProductQuery) -> Result<Self> {
        let mut plan = Self::of(db, query).await?;
        if plan.narrow.is_none() {
            plan.narrow = plan
                .filters
                .iter()
                .position(|filter| matches!(filter, Filter::Words(_)));
            plan.is_whole = true;
        }
        Ok(plan)
    }

    /// How many rows the filter finds by itself, in the bin or not.
    async fn count_found(&self, db: &impl ConnectionTrait, filter: &Filter, in_bin: u64) -> Result<u64> {
        let mut sql = self.sql();
        sql.push("SELECT count(*) AS number FROM (SELECT 1 FROM (");
        filter.ids(&mut sql);
        sql.push(&format!(") AS found LIMIT {}) AS counted", COUNT_LIMIT + 1 + in_bin));
        number(db, sql).await
    }

    /// How many products are in the bin, up to a limit.
    async fn count_bin(&self, db: &impl ConnectionTrait) -> Result<u64> {
        if self.filters.len() != 1 {
            return Ok(0);
        }
        let mut sql = self.sql();
        // For the order PostgreSQL takes the index of the bin, whatever it believes about a table that has just been filled.
        sql.push(&format!(
            "SELECT count(*) AS number FROM
                (SELECT 1 FROM products WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT {BIN_LIMIT}) AS counted"
        ));
        number(db, sql).await
    }

    async fn count_walking(&self, db: &impl ConnectionTrait) -> Result<u64> {
        let mut sql = self.sql();
        sql.push("SELECT count(*) AS number FROM (SELECT 1 FROM products WHERE ");
        self.judge(&mut sql, None);
        sql.push(&format!(" LIMIT {}) AS counted", COUNT_LIMIT + 1));
        number(db, sql).await
    }

    /// Up to `limit` rows from `position` on, in the order of `sort`, or in the opposite one if the position is counted from the end.
    pub async fn rows(
        &self,
        db: &impl ConnectionTrait,
        sort: ProductSort,
        position: &Position,
        limit: u64,
    ) -> Result<Vec<Row>> {
        let list = "products.*, catalogs.name AS catalog_name";
        let page = self.page(list, sort, position, limit)?;
        Ok(Row::find_by_statement(page.statement()).all(db).await?)
    }

    /// The query of such a page, with the columns of `list`.
    pub fn page(&self, list: &str, sort: ProductSort, position: &Position, limit: u64) -> Result<Sql> {
        let mut sql = self.sql();
        sql.push(&format!(
            "SELECT {list} FROM products LEFT JOIN catalogs ON catalogs.id = products.catalog_id WHERE "
        ));
        self.find(&mut sql);
        let leading = self.narrow.is_none().then(|| sort.column());
        self.judge(&mut sql, leading);
        self.order(&mut sql, sort, position)?;
        sql.push(&format!(" LIMIT {limit}"));
        if let Position::Offset(skipped) = position {
            sql.push(&format!(" OFFSET {skipped}"));
        }
        Ok(sql)
    }

    /// How many rows match; exact up to [`COUNT_LIMIT`] wherever that can be found out without reading the whole table.
    async fn total(&self, db: &impl ConnectionTrait, position: &Position, shown: usize) -> Result<Total> {
        if self.filters.is_empty() {
            let all = store::count_all(db).await?;
            return Ok(Total::exactly(u64::try_from(all).unwrap_or(0)));
        }
        if self.narrow.is_some() {
            let mut sql = self.sql();
            sql.push("SELECT count(*) AS number FROM products WHERE ");
            self.find(&mut sql);
            self.judge(&mut sql, None);
            return Ok(Total::exactly(number(db, sql).await?));
        }
        if self.filters.iter().all(Filter::is_vague) {
            return Ok(Total::capped(self.count_walking(db).await?));
        }
        if self.is_many {
            return Ok(Total {
                rows: COUNT_LIMIT,
                exact: false,
            });
        }
        let seen = skipped(position) + shown as u64;
        let counted = self.count_sample(db).await?.max(seen);
        Ok(Total {
            rows: counted.min(COUNT_LIMIT),
            exact: false,
        })
    }

    /// How many of the first rows of one filter fulfil the others, and are in the bin or not as is asked for.
    async fn count_sample(&self, db: &impl ConnectionTrait) -> Result<u64> {
        let mut sql = self.sql();
        sql.push("SELECT count(*) AS number FROM products WHERE products.id IN (SELECT found.id FROM (");
        if let Some(filter) = self.filters.iter().find(|filter| !filter.is_vague()) {
            filter.ids(&mut sql);
        }
        sql.push(&format!(") AS found LIMIT {SAMPLE}) AND "));
        self.judge(&mut sql, None);
        number(db, sql).await
    }

    /// Products that the filters for words cannot find yet.
    pub fn unsearched(&self) -> u64 {
        let words = self.filters.iter().filter_map(|filter| match filter {
            Filter::Words(words) => Some(words.unsearched),
            _ => None,
        });
        words.max().unwrap_or(0)
    }

    /// The narrow filter's rows. With a limit the database cannot merge the query into the one around it.
    pub fn find(&self, sql: &mut Sql) {
        if let Some(filter) = self.narrow.and_then(|place| self.filters.get(place)) {
            sql.push("products.id IN (SELECT found.id FROM (");
            filter.ids(sql);
            sql.push(") AS found");
            if !self.is_whole {
                sql.push(&format!(" LIMIT {}", COUNT_LIMIT + 1));
            }
            sql.push(") AND ");
        }
    }

    /// All other conditions.
    pub fn judge(&self, sql: &mut Sql, leading: Option<&str>) {
        let in_bin = self.filters.iter().any(|filter| matches!(filter, Filter::Bin));
        sql.push(if in_bin {
            "products.deleted_at IS NOT NULL"
        } else {
            "products.deleted_at IS NULL"
        });
        for (place, filter) in self.filters.iter().enumerate() {
            if self.narrow != Some(place) && !matches!(filter, Filter::Bin) {
                sql.push(" AND ");
                filter.probe(sql, leading);
            }
        }
    }

    fn order(&self, sql: &mut Sql, sort: ProductSort, position: &Position) -> Result<()> {
        let descending = sort.is_descending() != matches!(position, Position::Before(_) | Position::Last);
        // Few rows are sorted; the index of their order would lead over all the others.
        let plus = if self.narrow.is_some() && !sql.is_postgres() {
            "+"
        } else {
            ""
        };
        let key = format!("{plus}{}", sort_expression(sort));
        if let Position::After(cursor) | Position::Before(cursor) = position {
            let beyond = if descending { "<" } else { ">" };
            if is_unique(sort) {
                sql.push(&format!(" AND {key} {beyond} "));
                push_cursor(sql, cursor, sort)?;
            } else {
                sql.push(&format!(" AND ({key}, {plus}products.id) {beyond} ("));
                push_cursor(sql, cursor, sort)?;
                sql.push(", ").bind(cursor.id).push(")");
            }
        }
        let direction = if descending { "DESC" } else { "ASC" };
        sql.push(&format!(" ORDER BY {key} {direction}"));
        if !is_unique(sort) {
            sql.push(&format!(", {plus}products.id {direction}"));
        }
        Ok(())
    }

    fn sql(&self) -> Sql {
        Sql::new(self.backend)
    }
}

fn skipped(position: &Position) -> u64 {
    match position {
        Position::Offset(skipped) => *skipped,
        Position::After(cursor) | Position::Before(cursor) => cursor.skipped.unwrap_or(0),
        Position::First | Position::Last => 0,
    }
}

pub(super) async fn number(db: &impl ConnectionTrait, sql: Sql) -> Result<u64> {
    let row = db.query_one_raw(sql.statement()).await?;
    let row = row.ok_or_else(|| Error::Stored("a count has no row".into()))?;
    let number: i64 = row.try_get("", "number")?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// The expression that an index of `products` is built on.
pub(super) fn sort_expression(sort: ProductSort) -> &'static str {
    match sort.column() {
        "name" => "lower(products.name)",
        "price" => "coalesce(products.price_minor, -1)",
        "updated_at" => "products.updated_at",
        "id" => "products.id",
        _ => "products.sku_key",
    }
}

/// SKUs and ids name one row each; other values need the id to tell equal ones apart.
fn is_unique(sort: ProductSort) -> bool {
    matches!(sort.column(), "sku" | "id")
}

fn sort_value(row: &Model, sort: ProductSort) -> String {
    match sort.column() {
        "name" => row.name.to_ascii_lowercase(),
        "price" => row.price_minor.unwrap_or(-1).to_string(),
        "updated_at" => Timestamp::from(row.updated_at).to_string(),
        "id" => row.id.to_string(),
        _ => row.sku_key.clone(),
    }
}

/// The cursor's text as a value of the column's type.
fn push_cursor(sql: &mut Sql, cursor: &Cursor, sort: ProductSort) -> Result<()> {
    let forged = || Problem::bad_request("Use the address of a next or previous link as it was given.");
    match sort.column() {
        "price" => sql.bind(cursor.value.parse::<i64>().map_err(|_| forged())?),
        "updated_at" => sql.bind(OffsetDateTime::parse(&cursor.value, &Rfc3339).map_err(|_| forged())?),
        "id" => sql.bind(cursor.id),
        _ => sql.bind(cursor.value.clone()),
    };
    Ok(())
}
