//! Corrected rows are checked at once: by the checker of every import, as the file that they would be, and by what the comparison with the shop
//! would refuse.

use std::collections::{BTreeMap, HashSet};
use std::io::Cursor;

use bytes::Bytes;
use csv::ByteRecord;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};

use super::CellProblem;
use super::cells::OwnColumns;
use super::file::CorrectedRow;
use crate::entities::{catalog, product};
use crate::error::Result;
use crate::imports::check::{Checker, KnownFile};
use crate::imports::options::{Duplicates, ImportOptions, Mode, UnknownCatalogs};
use crate::imports::problem::ProblemKind;
use crate::imports::reading::Rows;
use crate::imports::returned::unreadable;
use crate::imports::sheet_pictures::SheetPictures;
use crate::imports::stage::{ProductRow, StagedRow, StoredProblem};
use crate::imports::{FileFormat, Import};
use crate::services::Services;

/// A file of corrections that nobody has stored yet.
pub(super) struct Candidate<'a> {
    pub import: &'a Import,
    /// How the file is read, and how its rows are taken.
    pub format: &'a FileFormat,
    pub options: &'a ImportOptions,
    pub rows: &'a [CorrectedRow],
    pub csv: Bytes,
}

/// What is still wrong, row by row.
pub(super) async fn check(services: &Services, file: Candidate<'_>) -> Result<Vec<CellProblem>> {
    let catalogs = if file.format.uses("catalog_id") {
        crate::catalogs::ids(services.reader()).await?
    } else {
        HashSet::new()
    };
    let (staged, mut problems) = read(&file, catalogs)?;
    problems.extend(compared(services, &file, &staged).await?);
    problems.sort_by_key(|problem| problem.row);
    Ok(problems)
}

/// Rows that have no fault of their own, and the faults of the others.
fn read(file: &Candidate<'_>, catalogs: HashSet<i64>) -> Result<(Vec<ProductRow>, Vec<CellProblem>)> {
    let known = KnownFile {
        import: file.import.job_id,
        kind: file.import.kind,
        format: file.format,
        options: file.options,
        corrects: Some(file.import.job_id),
        // What is said of pictures keeps no row out.
        sheet_pictures: SheetPictures::new(),
    };
    let mut checker = Checker::new(&known, catalogs);
    let mut rows = Rows::open(Cursor::new(file.csv.clone()), file.format).map_err(unreadable)?;
    let (mut staged, mut problems, mut record) = (Vec::new(), Vec::new(), ByteRecord::new());
    for CorrectedRow { row, .. } in file.rows {
        if rows.next(&mut record).map_err(unreadable)?.is_none() {
            break;
        }
        match checker.check(*row, &record) {
            Ok(StagedRow::Product(product)) => staged.push(product),
            Ok(StagedRow::Catalog(_)) => {}
            Err(refused) => problems.extend(refused.problems.into_iter().map(|problem| in_words(file, problem))),
        }
    }
    Ok((staged, problems))
}

fn in_words(file: &Candidate<'_>, problem: StoredProblem) -> CellProblem {
    let columns = OwnColumns::of(&file.import.format);
    CellProblem {
        row: problem.row,
        column: problem
            .column
            .and_then(|header| columns.called(&file.import.format, &header)),
        message: sentence(problem.kind),
    }
}

fn sentence(kind: ProblemKind) -> String {
    format!("{}. {}", kind.title(), kind.advice())
}

/// What the rows alone do not show: names that new products need, catalogues that must be there, SKUs that stand twice.
async fn compared(services: &Services, file: &Candidate<'_>, staged: &[ProductRow]) -> Result<Vec<CellProblem>> {
    let mut problems = Vec::new();
    let mut blame = |row: i64, field: &str, kind: ProblemKind| {
        problems.push(CellProblem {
            row,
            column: file
                .import
                .format
                .columns
                .iter()
                .position(|column| column.field.as_deref() == Some(field)),
            message: sentence(kind),
        });
    };
    if file.options.duplicates == Duplicates::Refuse {
        let mut count = BTreeMap::new();
        for product in staged {
            *count.entry(product.sku_key.as_str()).or_insert(0) += 1;
        }
        for product in staged {
            if count.get(product.sku_key.as_str()) > Some(&1) {
                blame(product.row, "sku", ProblemKind::SkuRepeated);
            }
        }
    }
    if file.options.unknown_catalogs == UnknownCatalogs::Refuse {
        let known = known_catalogs(services, staged).await?;
        for product in staged {
            if product.catalog.as_ref().is_some_and(|(_, key)| !known.contains(key)) {
                blame(product.row, "catalog", ProblemKind::CatalogUnknown);
            }
        }
    }
    if matches!(file.options.mode, Mode::AddAndUpdate | Mode::AddOnly) {
        let known = known_products(services, staged).await?;
        for product in staged {
            if product.name.is_none() && !known.contains(&product.sku_key) {
                blame(product.row, "name", ProblemKind::NameMissing);
            }
        }
    }
    Ok(problems)
}

/// Keys of catalogues that the rows name and the shop has.
async fn known_catalogs(services: &Services, staged: &[ProductRow]) -> Result<HashSet<String>> {
    let named = staged
        .iter()
        .filter_map(|product| Some(product.catalog.as_ref()?.1.clone()));
    let known = catalog::Entity::find()
        .select_only()
        .column(catalog::Column::NameKey)
        .filter(catalog::Column::NameKey.is_in(named));
    let keys: Vec<String> = known.into_tuple().all(services.reader()).await?;
    Ok(keys.into_iter().collect())
}

/// Keys of products without a name in their row that the shop has, in the bin or not.
async fn known_products(services: &Services, staged: &[ProductRow]) -> Result<HashSet<String>> {
    let nameless = staged.iter().filter(|product| product.name.is_none());
    let known = product::Entity::find()
        .select_only()
        .column(product::Column::SkuKey)
        .filter(product::Column::SkuKey.is_in(nameless.map(|product| product.sku_key.clone())));
    let keys: Vec<String> = known.into_tuple().all(services.reader()).await?;
    Ok(keys.into_iter().collect())
}
