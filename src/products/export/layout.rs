//! Which columns the file of an export has: some stand for several, and how many that are depends on the products.

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

use super::ExportColumn;
use crate::error::Result;

/// Options of a product for which a file has columns, at least.
const OPTIONS: usize = 3;
/// What only some products have.
const RARE: [(ExportColumn, &str); 4] = [
    (ExportColumn::ParentSku, "parent_id"),
    (ExportColumn::Options, "options"),
    (ExportColumn::Pictures, "pictures"),
    (ExportColumn::Attributes, "attributes"),
];

/// Cloning copies some names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub(super) columns: Vec<ExportColumn>,
    /// Options for which there are columns.
    pub(super) options: usize,
    /// Names of the extra attributes.
    pub(super) attributes: Vec<String>,
}

impl Layout {
    /// The layout of these columns, or of the usual ones and whatever else any product has: all that makes the same products of the file
    /// again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(db: &impl ConnectionTrait, columns: Option<Vec<ExportColumn>>) -> Result<Self> {
        let columns = match columns {
            Some(columns) => columns,
            None => all(db).await?,
        };
        let options = if columns.contains(&ExportColumn::Options) {
            most_options(db).await?.max(OPTIONS)
        } else {
            0
        };
        let attributes = if columns.contains(&ExportColumn::Attributes) {
            attribute_names(db).await?
        } else {
            Vec::new()
        };
        Ok(Self {
            columns,
            options,
            attributes,
        })
    }

    /// What the file names its columns, and which column of the export each belongs to.
    pub(super) fn headers(&self) -> Vec<(String, ExportColumn)> {
        let of = |column: &ExportColumn| -> Vec<String> {
            match column {
                ExportColumn::Options => (1..=self.options)
                    .flat_map(|number| [format!("option{number}_name"), format!("option{number}_value")])
                    .collect(),
                ExportColumn::Attributes => self.attributes.clone(),
                other => vec![other.name().to_owned()],
            }
        };
        let with_column = |column: &ExportColumn| {
            of(column)
                .into_iter()
                .map(|header| (header, *column))
                .collect::<Vec<_>>()
        };
        self.columns.iter().flat_map(with_column).collect()
    }
}

async fn all(db: &impl ConnectionTrait) -> Result<Vec<ExportColumn>> {
    let mut columns = ExportColumn::USUAL.to_vec();
    for (column, field) in RARE {
        let query = format!("SELECT id FROM products WHERE {field} IS NOT NULL LIMIT 1");
        if db.query_one_raw(statement(db, query)).await?.is_some() {
            columns.push(column);
        }
    }
    Ok(columns)
}

async fn most_options(db: &impl ConnectionTrait) -> Result<usize> {
    let keys = if is_postgres(db) {
        "jsonb_object_keys"
    } else {
        "json_each"
    };
    let query = format!(
        "SELECT coalesce(max((SELECT count(*) FROM {keys}(products.options))), 0) FROM products WHERE options IS NOT NULL"
    );
    let most = match db.query_one_raw(statement(db, query)).await? {
        Some(row) => row.try_get_by_index::<i64>(0)?,
        None => 0,
    };
    Ok(usize::try_from(most).unwrap_or(0))
}

/// A name stays known when no product has it any more.
async fn attribute_names(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let has = if is_postgres(db) {
        "jsonb_exists(p.attributes, n.name)"
    } else {
        "EXISTS (SELECT 1 FROM json_each(p.attributes) AS a WHERE a.key = n.name)"
    };
    let query = format!(
        "SELECT n.name FROM attribute_names n
        WHERE EXISTS (SELECT 1 FROM products p WHERE p.attributes IS NOT NULL AND {has}) ORDER BY n.id"
    );
    let rows = db.query_all_raw(statement(db, query)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

fn is_postgres(db: &impl ConnectionTrait) -> bool {
    matches!(db.get_database_backend(), DatabaseBackend::Postgres)
}

fn statement(db: &impl ConnectionTrait, query: String) -> Statement {
    Statement::from_string(db.get_database_backend(), query)
}
