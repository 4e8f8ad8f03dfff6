//! The whole history of a product, page by page.

use sea_orm::{ConnectionTrait, EntityTrait as _, FromQueryResult as _};
use time::OffsetDateTime;

use super::{Change, FieldChanges};
use crate::database::paging;
use crate::database::sql::Sql;
use crate::entities::product;
use crate::error::Result;
use crate::page::{Cursor, Page, PageRequest, Position, Total};
use crate::problem::Problem;

/// What the ids in its cursors are.
const ORDER: &str = "versions";

#[derive(sea_orm::FromQueryResult)]
struct Row {
    version: i64,
    kind: String,
    fields: Option<serde_json::Value>,
    made_at: OffsetDateTime,
    made_by: Option<String>,
    import_id: Option<i64>,
    row_no: Option<i64>,
}

/// The changes of a product, in the bin or not, the newest first.
///
/// # Errors
/// When there is no such product, the page does not exist or the database fails.
pub async fn history_page(db: &impl ConnectionTrait, product: i64, request: &PageRequest) -> Result<Page<Change>> {
    let (position, size) = request.check(ORDER)?;
    if product::Entity::find_by_id(product).one(db).await?.is_none() {
        return Err(Problem::not_found("product").into());
    }
    let backwards = matches!(position, Position::Before(_) | Position::Last);
    let mut sql = changes_of(
        db,
        product,
        "version, kind, fields, made_at, made_by, import_id, row_no",
    );
    if let Position::After(cursor) | Position::Before(cursor) = &position {
        sql.push(if backwards {
            " WHERE version > "
        } else {
            " WHERE version < "
        })
        .bind(cursor.id);
    }
    sql.push(if backwards {
        " ORDER BY version ASC"
    } else {
        " ORDER BY version DESC"
    });
    sql.push(&format!(" LIMIT {}", size + 1));
    if let Position::Offset(skipped) = position {
        sql.push(&format!(" OFFSET {skipped}"));
    }
    let rows = Row::find_by_statement(sql.statement()).all(db).await?;
    let total = count(db, product).await?;
    let cursor = |row: &Row, skipped| Cursor {
        id: row.version,
        skipped,
        order: ORDER.to_owned(),
        value: String::new(),
    };
    paging::assemble(rows, &position, size, total, cursor).try_map(change)
}

/// Those that are written down, and that an import has created it, which the product itself says.
fn changes_of(db: &impl ConnectionTrait, product: i64, columns: &str) -> Sql {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT ").push(columns);
    sql.push(
        " FROM (SELECT version, kind, fields, made_at, made_by, import_id, row_no FROM changes WHERE product_id = ",
    );
    sql.bind(product);
    sql.push(
        " UNION ALL SELECT 1, 'create', NULL, created_at, NULL, created_import_id, created_row
        FROM products WHERE created_import_id IS NOT NULL AND id = ",
    );
    sql.bind(product).push(") AS history");
    sql
}

async fn count(db: &impl ConnectionTrait, product: i64) -> Result<Total> {
    let row = db
        .query_one_raw(changes_of(db, product, "count(*) AS number").statement())
        .await?;
    let number: i64 = row.map(|row| row.try_get("", "number")).transpose()?.unwrap_or(0);
    Ok(Total::exactly(u64::try_from(number).unwrap_or(0)))
}

fn change(row: Row) -> Result<Change> {
    let fields = row.fields.map(serde_json::from_value::<FieldChanges>);
    Ok(Change {
        version: row.version,
        kind: serde_json::from_value(row.kind.into())?,
        fields: fields.transpose()?.unwrap_or_default(),
        made_at: row.made_at.into(),
        made_by: row.made_by,
        import_id: row.import_id,
        row: row.row_no,
    })
}
