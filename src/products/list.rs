//! Lists of products: pages of what a query asks for, in its order, and how many there are. Which way leads to the rows is said in
//! [`super::way`].

use sea_orm::{ConnectionTrait, DatabaseBackend, FromQueryResult};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::filter::{Filter, judge};
use super::store::{self, Row};
use super::way::Way;
use super::{Product, ProductQuery, ProductSort};
use crate::database::paging;
use crate::database::sql::Sql;
use crate::entities::product::Model;
use crate::error::{Error, Result};
use crate::page::{COUNT_LIMIT, Cursor, Page, PageRequest, Position, Total};
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// Rows that are looked at to say that there are "at least so many" where every filter finds many.
const SAMPLE: u64 = COUNT_LIMIT + 1;

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
    let (position, size) = request.check(query.sort.as_str())?;
    let plan = Plan::of(db, query).await?;
    let rows = plan.rows(db, query.sort, &position, size + 1).await?;
    let total = plan.total(db, &position, rows.len()).await?;
    let cursor = |row: &Row, skipped| Cursor {
        id: row.product.id,
        skipped,
        order: query.sort.as_str().to_owned(),
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
    way: Way,
    backend: DatabaseBackend,
}

impl Plan {
    pub async fn of(db: &impl ConnectionTrait, query: &ProductQuery) -> Result<Self> {
        let filters = Filter::all(db, query).await?;
        Ok(Self {
            way: Way::of(db, &filters).await?,
            filters,
            backend: db.get_database_backend(),
        })
    }

    /// The same for statements that stand by themselves and find all rows.
    pub async fn of_whole(db: &impl ConnectionTrait, query: &ProductQuery) -> Result<Self> {
        Ok(Self::of(db, query).await?.whole())
    }

    fn whole(self) -> Self {
        Self {
            way: self.way.whole(&self.filters),
            ..self
        }
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
        sql.push(&format!("SELECT {list} FROM "));
        // PostgreSQL would follow the index of the order all the same if it thinks little of it. Behind an offset it cannot.
        let is_fenced = sql.is_postgres() && self.finds();
        if is_fenced {
            sql.push("(SELECT * FROM products WHERE ");
            self.found_by(&mut sql);
            sql.push(" OFFSET 0) AS products");
        } else {
            sql.push("products");
        }
        sql.push(" LEFT JOIN catalogs ON catalogs.id = products.catalog_id WHERE ");
        if !is_fenced {
            self.find(&mut sql);
        }
        let leading = (!self.finds()).then(|| sort.column());
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
        match &self.way {
            Way::Known { ids, .. } => return Ok(Total::exactly(ids.len() as u64)),
            Way::Through(_) => return Ok(Total::exactly(self.count_whole(db).await?)),
            Way::Order { is_many: true } => return Ok(Total::capped(COUNT_LIMIT + 1)),
            Way::Order { is_many: false } => {}
        }
        if self.filters.iter().all(Filter::is_vague) {
            return Ok(Total::capped(self.count_walking(db).await?));
        }
        let seen = skipped(position) + shown as u64;
        let counted = self.count_sample(db).await?.max(seen);
        Ok(Total {
            rows: counted.min(COUNT_LIMIT),
            exact: false,
        })
    }

    /// How many rows match, all of them counted.
    pub async fn count(self, db: &impl ConnectionTrait) -> Result<u64> {
        match &self.way {
            Way::Known { ids, .. } => Ok(ids.len() as u64),
            _ => self.whole().count_whole(db).await,
        }
    }

    async fn count_whole(&self, db: &impl ConnectionTrait) -> Result<u64> {
        let mut sql = self.sql();
        sql.push("SELECT count(*) AS number FROM products WHERE ");
        self.find(&mut sql);
        self.judge(&mut sql, None);
        number(db, sql).await
    }

    async fn count_walking(&self, db: &impl ConnectionTrait) -> Result<u64> {
        let mut sql = self.sql();
        sql.push("SELECT count(*) AS number FROM (SELECT 1 FROM products WHERE ");
        self.judge(&mut sql, None);
        sql.push(&format!(" LIMIT {}) AS counted", COUNT_LIMIT + 1));
        number(db, sql).await
    }

    /// How many of the first rows of one filter fulfil the others, and are in the bin or not as is asked for.
    async fn count_sample(&self, db: &impl ConnectionTrait) -> Result<u64> {
        let first = self.filters.iter().position(|filter| !filter.is_vague());
        let mut sql = self.sql();
        sql.push("SELECT count(*) AS number FROM products WHERE products.id IN (SELECT found.id FROM (");
        if let Some(first) = first {
            self.filters[first].ids(&mut sql);
        }
        sql.push(&format!(") AS found LIMIT {SAMPLE}) AND "));
        judge(&mut sql, &self.filters, None, |place, _| Some(place) != first);
        number(db, sql).await
    }

    /// Products that the filter for words cannot find yet.
    pub fn unsearched(&self) -> u64 {
        let words = self.filters.iter().find_map(|filter| match filter {
            Filter::Words(words) => Some(words.unsearched),
            _ => None,
        });
        words.unwrap_or(0)
    }

    /// Whether rows are found by a filter and not by the order.
    fn finds(&self) -> bool {
        !matches!(self.way, Way::Order { .. })
    }

    /// The condition by which rows are found, if they are, with `AND` behind it.
    pub fn find(&self, sql: &mut Sql) {
        if self.finds() {
            self.found_by(sql);
            sql.push(" AND ");
        }
    }

    fn found_by(&self, sql: &mut Sql) {
        match &self.way {
            Way::Order { .. } => {}
            Way::Through(place) => {
                sql.push("products.id IN (SELECT found.id FROM (");
                self.filters[*place].ids(sql);
                // So it is not merged into the query around it.
                let fence = if sql.is_postgres() { "OFFSET 0" } else { "LIMIT -1" };
                sql.push(&format!(") AS found {fence})"));
            }
            Way::Known { ids, .. } => {
                sql.push("products.id").one_of(ids);
            }
        }
    }

    /// All other conditions. What is known is judged again by what stands in the row itself: that may have changed since, in a walk over a long
    /// list. Words and imports are those of the walk's beginning.
    pub fn judge(&self, sql: &mut Sql, leading: Option<&str>) {
        judge(sql, &self.filters, leading, |place, filter| match self.way {
            Way::Order { .. } => true,
            Way::Through(found_by) => place != found_by,
            Way::Known { .. } => !filter.is_elsewhere(),
        });
    }

    fn order(&self, sql: &mut Sql, sort: ProductSort, position: &Position) -> Result<()> {
        let descending = sort.is_descending() != matches!(position, Position::Before(_) | Position::Last);
        // Few rows are sorted; the index of their order would lead over all the others.
        let plus = if self.finds() && !sql.is_postgres() { "+" } else { "" };
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
