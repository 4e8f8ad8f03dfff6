//! Pages of tables in the order of their ids, and the assembly of any page.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait, FromQueryResult, ModelTrait, Order, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use crate::error::Result;
use crate::page::{Cursor, Page, PageRequest, Position, Total};

/// One page of `rows` by descending id.
pub(crate) async fn newest_first<E, M>(
    db: &impl ConnectionTrait,
    rows: Select<E>,
    id: E::Column,
    id_of: impl Fn(&M) -> i64,
    request: &PageRequest,
) -> Result<Page<M>>
where
    E: EntityTrait<Model = M>,
    M: FromQueryResult + ModelTrait<Entity = E> + Send + Sync,
{
    by_id(db, rows, id, id_of, request, Order::Desc).await
}

/// One page of `rows` by ascending id.
pub(crate) async fn oldest_first<E, M>(
    db: &impl ConnectionTrait,
    rows: Select<E>,
    id: E::Column,
    id_of: impl Fn(&M) -> i64,
    request: &PageRequest,
) -> Result<Page<M>>
where
    E: EntityTrait<Model = M>,
    M: FromQueryResult + ModelTrait<Entity = E> + Send + Sync,
{
    by_id(db, rows, id, id_of, request, Order::Asc).await
}

async fn by_id<E, M>(
    db: &impl ConnectionTrait,
    rows: Select<E>,
    id: E::Column,
    id_of: impl Fn(&M) -> i64,
    request: &PageRequest,
    order: Order,
) -> Result<Page<M>>
where
    E: EntityTrait<Model = M>,
    M: FromQueryResult + ModelTrait<Entity = E> + Send + Sync,
{
    let entity = E::default();
    let order_of_ids = entity.table_name();
    let (position, size) = request.check(order_of_ids)?;
    let total = rows.clone().count(db).await?;
    let backwards = matches!(position, Position::Before(_) | Position::Last);
    let ascending = (order == Order::Asc) != backwards;
    let rows = match &position {
        Position::After(cursor) | Position::Before(cursor) if ascending => rows.filter(id.gt(cursor.id)),
        Position::After(cursor) | Position::Before(cursor) => rows.filter(id.lt(cursor.id)),
        Position::Offset(skipped) => rows.offset(*skipped),
        Position::First | Position::Last => rows,
    };
    let rows = rows.order_by(id, if ascending { Order::Asc } else { Order::Desc });
    let items = rows.limit(size + 1).all(db).await?;
    let cursor = |row: &M, skipped| Cursor {
        id: id_of(row),
        skipped,
        order: order_of_ids.to_owned(),
        value: String::new(),
    };
    Ok(assemble(items, &position, size, Total::exactly(total), cursor))
}

/// Turns the rows that were found, one more than the page shows, into the page.
pub(crate) fn assemble<M>(
    mut items: Vec<M>,
    position: &Position,
    size: u64,
    total: Total,
    cursor: impl Fn(&M, Option<u64>) -> Cursor,
) -> Page<M> {
    let backwards = matches!(position, Position::Before(_) | Position::Last);
    let more = items.len() as u64 > size;
    items.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    if backwards {
        items.reverse();
    }
    let count = items.len() as u64;
    let skipped = match position {
        Position::First => Some(0),
        Position::Offset(skipped) => Some(*skipped),
        Position::After(after) => after.skipped,
        Position::Before(before) => before.skipped.map(|rows| rows.saturating_sub(count)),
        Position::Last => total.exact.then(|| total.rows.saturating_sub(count)),
    };
    let (has_prev, has_next) = match position {
        Position::First => (false, more),
        Position::Offset(skipped) => (*skipped > 0, more),
        Position::After(_) => (true, more),
        Position::Before(_) => (more, true),
        Position::Last => (more, false),
    };
    let next = items
        .last()
        .filter(|_| has_next)
        .map(|row| cursor(row, skipped.map(|rows| rows + count)).to_string());
    let prev = items
        .first()
        .filter(|_| has_prev)
        .map(|row| cursor(row, skipped).to_string());
    Page {
        items,
        size,
        total,
        skipped,
        next,
        prev,
        unsearched: 0,
    }
}
