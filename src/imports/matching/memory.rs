//! How files were matched before: what this shop chose for a supplier's columns is chosen again.

use std::collections::BTreeSet;

use sea_orm::sea_query::{ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use sha2::{Digest as _, Sha256};

use super::plain;
use crate::database::clock::now;
use crate::entities::remembered_file::{ActiveModel, Column, Entity, Model};
use crate::error::Result;
use crate::fold::fold;
use crate::imports::{FileFormat, ImportKind};

/// Files that are remembered, the last used first.
const FILES: u64 = 200;
/// Of a hundred headers of two files, so many in both make one the successor of the other.
const ALIKE: usize = 60;

/// A file that was imported to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::imports) struct Remembered {
    /// As they are compared, from left to right.
    pub headers: Vec<String>,
    /// The field of each.
    pub fields: Vec<Option<String>>,
    pub rows: i64,
}

impl Remembered {
    /// Where a column with this header went.
    pub fn field_of(&self, header: &str) -> Option<&str> {
        let place = self.headers.iter().position(|known| known == header)?;
        self.fields.get(place)?.as_deref()
    }
}

/// Columns that a file has more and fewer than the one before it that it resembles most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::imports) struct Differences {
    pub new: Vec<String>,
    pub gone: Vec<String>,
}

/// # Errors
/// When the database fails.
pub(in crate::imports) async fn recall(db: &impl ConnectionTrait, kind: ImportKind) -> Result<Vec<Remembered>> {
    let rows = Entity::find()
        .filter(Column::Kind.eq(kind.as_str()))
        .order_by_desc(Column::UsedAt)
        .order_by_desc(Column::Id)
        .limit(FILES)
        .all(db)
        .await?;
    rows.iter().map(remembered).collect()
}

fn remembered(row: &Model) -> Result<Remembered> {
    Ok(Remembered {
        headers: serde_json::from_str(&row.headers)?,
        fields: serde_json::from_str(&row.fields)?,
        rows: row.row_count,
    })
}

/// Keeps how a file was matched, in place of an earlier one with the same headers.
///
/// # Errors
/// When the database fails.
pub(in crate::imports) async fn remember(
    db: &impl ConnectionTrait,
    kind: ImportKind,
    format: &FileFormat,
    file_name: &str,
    rows: i64,
) -> Result<()> {
    let headers = key(format)?;
    let fields: Vec<Option<&str>> = format.columns.iter().map(|column| column.field.as_deref()).collect();
    let row = ActiveModel {
        kind: Set(kind.as_str().to_owned()),
        headers_hash: Set(hash(&headers)),
        headers: Set(headers),
        fields: Set(serde_json::to_string(&fields)?),
        file_stem: Set(stem(file_name)),
        row_count: Set(rows),
        used_at: Set(now()),
        ..Default::default()
    };
    let newer = OnConflict::columns([Column::Kind, Column::HeadersHash])
        .update_columns([Column::Fields, Column::FileStem, Column::RowCount, Column::UsedAt])
        .to_owned();
    Entity::insert(row)
        .on_conflict(newer)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// How many rows the last file with these headers had, if it was another edition of this one: called the same but for dates and numbers.
///
/// # Errors
/// When the database fails.
pub(in crate::imports) async fn rows_of(
    db: &impl ConnectionTrait,
    kind: ImportKind,
    format: &FileFormat,
    file_name: &str,
) -> Result<Option<i64>> {
    let same = Column::Kind
        .eq(kind.as_str())
        .and(Column::HeadersHash.eq(hash(&key(format)?)))
        .and(Column::FileStem.eq(stem(file_name)));
    Ok(Entity::find().filter(same).one(db).await?.map(|row| row.row_count))
}

/// The letters of a file's name without its ending: `Prices 2026-11.csv` and `prices_2026-12 (1).csv` are editions of one file.
fn stem(file_name: &str) -> String {
    let name = file_name.rsplit_once('.').map_or(file_name, |(name, _)| name);
    fold(name).chars().filter(|c| c.is_alphabetic()).collect()
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn key(format: &FileFormat) -> Result<String> {
    let headers: Vec<String> = format.columns.iter().map(|column| plain(&column.header)).collect();
    Ok(serde_json::to_string(&headers)?)
}

/// What has changed since a file like this one, if there was one and it was another.
pub(in crate::imports) fn differences(format: &FileFormat, remembered: &[Remembered]) -> Option<Differences> {
    let now: BTreeSet<String> = format.columns.iter().map(|column| plain(&column.header)).collect();
    let alike = |before: &&Remembered| {
        let then: BTreeSet<&String> = before.headers.iter().collect();
        let both = now.iter().filter(|header| then.contains(header)).count();
        let all = now.len() + then.len() - both;
        both * 100 / all.max(1)
    };
    let before = remembered
        .iter()
        .rev()
        .max_by_key(alike)
        .filter(|before| alike(before) >= ALIKE)?;
    let differences = Differences {
        new: format
            .columns
            .iter()
            .filter(|column| !before.headers.contains(&plain(&column.header)))
            .map(|column| column.header.trim().to_owned())
            .collect(),
        gone: before
            .headers
            .iter()
            .filter(|header| !now.contains(*header))
            .cloned()
            .collect(),
    };
    (differences != Differences::default()).then_some(differences)
}

#[cfg(test)]
mod tests {
    use super::{Differences, Remembered, differences, stem};
    use crate::imports::{FileFormat, MatchedColumn};

    fn format(headers: &[&str]) -> FileFormat {
        let columns = headers.iter().map(|header| MatchedColumn {
            header: (*header).to_owned(),
            ..Default::default()
        });
        FileFormat {
            columns: columns.collect(),
            ..FileFormat::default()
        }
    }

    fn file(headers: &[&str]) -> Remembered {
        Remembered {
            headers: headers.iter().map(|header| (*header).to_owned()).collect(),
            fields: vec![None; headers.len()],
            rows: 1,
        }
    }

    #[test]
    fn editions_of_a_file_are_told_by_its_name() {
        assert_eq!(stem("Prices 2026-11.csv"), stem("prices_2026-12 (1).CSV"));
        assert_ne!(stem("prices.csv"), stem("stock.csv"));
    }

    #[test]
    fn columns_that_came_and_went_are_named() {
        let before = [file(&["other", "file"]), file(&["sku", "name", "price", "colour"])];
        let now = format(&["SKU", "Name", "Price", "Size"]);
        assert_eq!(
            differences(&now, &before),
            Some(Differences {
                new: vec!["Size".into()],
                gone: vec!["colour".into()]
            })
        );
        assert_eq!(differences(&format(&["sku", "name", "price", "colour"]), &before), None);
        assert_eq!(differences(&format(&["a", "b"]), &before), None);
    }
}
