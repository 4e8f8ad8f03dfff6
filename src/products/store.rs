//! Queries of products. Products in the bin are never found here.

use sea_orm::sea_query::{Expr, ExprTrait as _, Order, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseBackend, EntityTrait as _, FromQueryResult, JoinType, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Select,
};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Product, ProductQuery, ProductSort};
use crate::database::paging;
use crate::entities::product::{Column, Entity, Model};
use crate::entities::{catalog, counter};
use crate::error::Result;
use crate::fold::fold;
use crate::page::{COUNT_LIMIT, Cursor, Page, PageRequest, Position, Total};
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// One page of the products that `query` asks for, in its order.
///
/// # Errors
/// When the page does not exist or the database fails.
pub async fn list(db: &impl ConnectionTrait, query: &ProductQuery, request: &PageRequest) -> Result<Page<Product>> {
    let (position, size) = request.check()?;
    let rows = positioned(matching(db.get_database_backend(), query), query.sort, &position)?;
    let items = rows.limit(size + 1).into_model::<Row>().all(db).await?;
    let total = total(db, query).await?;
    let cursor = |row: &Row, skipped| Cursor {
        id: row.product.id,
        skipped,
        value: sort_value(&row.product, query.sort),
    };
    Ok(paging::assemble(items, &position, size, total, cursor).map(Product::from))
}

/// # Errors
/// When there is no such product or the database fails.
pub async fn get(db: &impl ConnectionTrait, id: i64) -> Result<Product> {
    let row = with_catalog(Entity::find_by_id(id))
        .filter(Column::DeletedAt.is_null())
        .into_model::<Row>()
        .one(db)
        .await?;
    Ok(row.ok_or_else(|| Problem::not_found("product"))?.into())
}

/// How many products there are, from the counter that every change keeps.
///
/// # Errors
/// When the database fails.
pub async fn count_all(db: &impl ConnectionTrait) -> Result<i64> {
    let counter = counter::Entity::find_by_id("products").one(db).await?;
    Ok(counter.map_or(0, |counter| counter.value))
}

/// Up to `limit` matching products after `last`, for walks over the whole table.
///
/// # Errors
/// When the database fails.
pub(super) async fn next_rows(
    db: &impl ConnectionTrait,
    query: &ProductQuery,
    last: Option<Cursor>,
    limit: u64,
) -> Result<(Vec<Product>, Option<Cursor>)> {
    let position = last.map_or(Position::First, Position::After);
    let rows = positioned(matching(db.get_database_backend(), query), query.sort, &position)?;
    let rows = rows.limit(limit).into_model::<Row>().all(db).await?;
    let last = rows.last().map(|row| Cursor {
        id: row.product.id,
        skipped: None,
        value: sort_value(&row.product, query.sort),
    });
    Ok((rows.into_iter().map(Product::from).collect(), last))
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    product: Model,
    catalog_name: Option<String>,
}

fn with_catalog(rows: Select<Entity>) -> Select<Entity> {
    let relation = Entity::belongs_to(catalog::Entity)
        .from(Column::CatalogId)
        .to(catalog::Column::Id)
        .into();
    rows.join(JoinType::LeftJoin, relation)
        .column_as(catalog::Column::Name, "catalog_name")
}

fn matching(backend: DatabaseBackend, query: &ProductQuery) -> Select<Entity> {
    let text = |text: &Option<String>| {
        text.as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    with_catalog(Entity::find())
        .filter(Column::DeletedAt.is_null())
        .apply_if(query.active, |rows, active| {
            rows.filter(Expr::cust(if active { "active" } else { "NOT active" }))
        })
        .apply_if(query.catalog_id, |rows, id| rows.filter(Column::CatalogId.eq(id)))
        .apply_if(text(&query.sku), |rows, prefix| {
            rows.filter(begins_with(&fold(&prefix)))
        })
        .apply_if(text(&query.q), |rows, words| rows.filter(contains(backend, &words)))
}

/// A range of keys: any index on the key serves it.
fn begins_with(prefix: &str) -> SimpleExpr {
    let from = Column::SkuKey.gte(prefix);
    match after_prefix(prefix) {
        Some(end) => from.and(Column::SkuKey.lt(end)),
        None => from,
    }
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

fn contains(backend: DatabaseBackend, words: &str) -> SimpleExpr {
    let escaped = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = format!("%{escaped}%");
    let sql = match backend {
        DatabaseBackend::Postgres => {
            "(products.sku ILIKE $1 OR products.name ILIKE $2 OR products.description ILIKE $3)"
        }
        _ => {
            "(products.sku LIKE ? ESCAPE '\\' OR products.name LIKE ? ESCAPE '\\' OR products.description LIKE ? ESCAPE '\\')"
        }
    };
    Expr::cust_with_values(sql, [pattern.clone(), pattern.clone(), pattern])
}

/// The expression that an index of `products` is built on.
fn sort_expression(sort: ProductSort) -> SimpleExpr {
    match sort.column() {
        "name" => Expr::cust("lower(products.name)"),
        "price" => Expr::cust("coalesce(products.price_minor, -1)"),
        "updated_at" => Expr::col((Entity, Column::UpdatedAt)),
        "id" => Expr::col((Entity, Column::Id)),
        _ => Expr::col((Entity, Column::SkuKey)),
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
fn cursor_value(cursor: &Cursor, sort: ProductSort) -> Result<SimpleExpr> {
    let forged = || Problem::bad_request("Use the address of a next or previous link as it was given.");
    Ok(match sort.column() {
        "price" => Expr::val(cursor.value.parse::<i64>().map_err(|_| forged())?),
        "updated_at" => Expr::val(OffsetDateTime::parse(&cursor.value, &Rfc3339).map_err(|_| forged())?),
        "id" => Expr::val(cursor.id),
        _ => Expr::val(cursor.value.clone()),
    })
}

fn positioned(rows: Select<Entity>, sort: ProductSort, position: &Position) -> Result<Select<Entity>> {
    let from_the_end = matches!(position, Position::Before(_) | Position::Last);
    let descending = sort.is_descending() != from_the_end;
    let order = if descending { Order::Desc } else { Order::Asc };
    let rows = match position {
        Position::After(cursor) | Position::Before(cursor) => rows.filter(beyond(cursor, sort, descending)?),
        Position::Offset(skipped) => rows.offset(*skipped),
        Position::First | Position::Last => rows,
    };
    let rows = rows.order_by(sort_expression(sort), order.clone());
    Ok(if is_unique(sort) {
        rows
    } else {
        rows.order_by(Column::Id, order)
    })
}

fn beyond(cursor: &Cursor, sort: ProductSort, descending: bool) -> Result<SimpleExpr> {
    let value = cursor_value(cursor, sort)?;
    let (left, right) = if is_unique(sort) {
        (sort_expression(sort), value)
    } else {
        let id = Expr::col((Entity, Column::Id));
        (
            Expr::tuple([sort_expression(sort), id]),
            Expr::tuple([value, Expr::val(cursor.id)]),
        )
    };
    Ok(if descending { left.lt(right) } else { left.gt(right) })
}

async fn total(db: &impl ConnectionTrait, query: &ProductQuery) -> Result<Total> {
    let everything = ProductQuery {
        sort: query.sort,
        ..Default::default()
    } == *query;
    if everything {
        return Ok(Total::exactly(u64::try_from(count_all(db).await?).unwrap_or(0)));
    }
    let rows = matching(db.get_database_backend(), query)
        .select_only()
        .column(Column::Id)
        .limit(COUNT_LIMIT + 1);
    let counted = sea_orm::PaginatorTrait::count(rows, db).await?;
    Ok(Total::capped(counted))
}

impl From<Row> for Product {
    fn from(row: Row) -> Self {
        let product = row.product;
        Self {
            id: product.id,
            sku: product.sku,
            name: product.name,
            description: product.description,
            price_minor: product.price_minor,
            active: product.active,
            catalog_id: product.catalog_id,
            catalog_name: row.catalog_name,
            parent_id: product.parent_id,
            options: product
                .options
                .and_then(|json| serde_json::from_value(json).ok())
                .unwrap_or_default(),
            version: product.version,
            created_at: product.created_at.into(),
            updated_at: product.updated_at.into(),
            deleted_at: product.deleted_at.map(Timestamp::from),
        }
    }
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
