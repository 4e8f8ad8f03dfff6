//! The problems of an import in the database: listed, grouped by cause, and in the order of the file.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::problem::{ProblemGroup, ProblemKind, RowProblem, Severity};
use crate::database::paging;
use crate::entities::import_problem;
use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};

/// Problems in the order in which they were found: as the rows stand in the file, those that only the comparison found last.
///
/// # Errors
/// When there is no such import or the database fails.
pub async fn problems(db: &impl ConnectionTrait, id: i64, request: &PageRequest) -> Result<Page<RowProblem>> {
    super::get(db, id).await?;
    let rows = import_problem::Entity::find().filter(import_problem::Column::ImportId.eq(id));
    let id_of = |row: &import_problem::Model| row.id;
    let page = paging::oldest_first(db, rows, import_problem::Column::Id, id_of, request).await?;
    Ok(page.map(row_problem))
}

/// Problems of some rows after `row`, for walking along the file. All problems of a row come together.
pub(super) async fn problems_after(db: &impl ConnectionTrait, id: i64, row: i64) -> Result<Vec<RowProblem>> {
    const AT_ONCE: u64 = 5_000;
    let mut rows = import_problem::Entity::find()
        .filter(
            import_problem::Column::ImportId
                .eq(id)
                .and(import_problem::Column::RowNo.gt(row))
                .and(import_problem::Column::ResolvedBy.is_null()),
        )
        .order_by_asc(import_problem::Column::RowNo)
        .order_by_asc(import_problem::Column::Id)
        .limit(AT_ONCE)
        .all(db)
        .await?;
    if let (true, Some(cut)) = (rows.len() as u64 == AT_ONCE, rows.last().map(|row| row.row_no)) {
        rows.retain(|row| row.row_no != cut);
    }
    Ok(rows.into_iter().map(row_problem).collect())
}

/// Rows whose problems nobody has corrected. Warnings are not among them: those rows were used.
fn open_problems(id: i64) -> Condition {
    use import_problem::Column as C;
    let problems = ProblemKind::ALL
        .into_iter()
        .filter(|kind| kind.severity() == Severity::Problem);
    Condition::all()
        .add(C::ImportId.eq(id))
        .add(C::ResolvedBy.is_null())
        .add(C::Kind.is_in(problems.map(ProblemKind::code)))
        // Products that jobs have left as they are stand in no row.
        .add(C::RowNo.gt(0))
}

/// How many rows of the file have problems that nobody has corrected.
pub(super) async fn count_open_rows(db: &impl ConnectionTrait, id: i64) -> Result<i64> {
    let rows = import_problem::Entity::find()
        .select_only()
        .column_as(Expr::col(import_problem::Column::RowNo).count_distinct(), "rows")
        .filter(open_problems(id));
    Ok(rows.into_tuple().one(db).await?.unwrap_or(0))
}

/// The first of those rows after `after`, at most `most`.
pub(super) async fn open_rows_after(db: &impl ConnectionTrait, id: i64, after: i64, most: u64) -> Result<Vec<i64>> {
    use import_problem::Column as C;
    let rows = import_problem::Entity::find()
        .select_only()
        .column(C::RowNo)
        .filter(open_problems(id).add(C::RowNo.gt(after)))
        .group_by(C::RowNo)
        .order_by_asc(C::RowNo)
        .limit(most);
    Ok(rows.into_tuple().all(db).await?)
}

/// The open problems of some rows, in the order of the file.
pub(super) async fn open_problems_of(db: &impl ConnectionTrait, id: i64, rows: &[i64]) -> Result<Vec<RowProblem>> {
    use import_problem::Column as C;
    let found = import_problem::Entity::find()
        .filter(open_problems(id).add(C::RowNo.is_in(rows.iter().copied())))
        .order_by_asc(C::RowNo)
        .order_by_asc(C::Id)
        .all(db)
        .await?;
    Ok(found.into_iter().map(row_problem).collect())
}

/// Problems grouped by cause, the largest group first and warnings last, each with its first rows.
///
/// # Errors
/// When the database fails.
pub async fn problem_groups(db: &impl ConnectionTrait, id: i64) -> Result<Vec<ProblemGroup>> {
    use import_problem::Column as C;
    let counted: Vec<(String, Option<String>, i64)> = import_problem::Entity::find()
        .select_only()
        .column(C::Kind)
        .column(C::ColumnName)
        .column_as(C::Id.count(), "rows")
        .filter(C::ImportId.eq(id).and(C::ResolvedBy.is_null()))
        .group_by(C::Kind)
        .group_by(C::ColumnName)
        .into_tuple()
        .all(db)
        .await?;
    let mut groups = Vec::with_capacity(counted.len());
    for (code, column, rows) in counted {
        let kind = ProblemKind::from_code(&code).ok_or_else(|| Error::Stored(format!("problem kind {code}")))?;
        let examples = examples(db, id, &code, column.as_deref()).await?;
        groups.push(ProblemGroup {
            kind,
            severity: kind.severity(),
            column,
            rows,
            examples,
        });
    }
    groups.sort_by_key(|group| (group.severity == Severity::Warning, -group.rows));
    Ok(groups)
}

/// How many rows of an import others have brought back corrected, by import.
///
/// # Errors
/// When the database fails.
pub async fn corrections(db: &impl ConnectionTrait, id: i64) -> Result<Vec<(i64, i64)>> {
    use import_problem::Column as C;
    let rows = import_problem::Entity::find()
        .select_only()
        .column(C::ResolvedBy)
        .column_as(Expr::col(C::RowNo).count_distinct(), "rows")
        .filter(C::ImportId.eq(id).and(C::ResolvedBy.is_not_null()))
        .group_by(C::ResolvedBy)
        .order_by_asc(C::ResolvedBy)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows)
}

async fn examples(db: &impl ConnectionTrait, id: i64, code: &str, column: Option<&str>) -> Result<Vec<RowProblem>> {
    use import_problem::Column as C;
    let of_column = column.map_or_else(|| C::ColumnName.is_null(), |name| C::ColumnName.eq(name));
    let rows = import_problem::Entity::find()
        .filter(
            C::ImportId
                .eq(id)
                .and(C::Kind.eq(code))
                .and(of_column)
                .and(C::ResolvedBy.is_null()),
        )
        .order_by_asc(C::RowNo)
        .limit(20)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(row_problem).collect())
}

fn row_problem(row: import_problem::Model) -> RowProblem {
    // A kind that a newer version wrote is shown by its heading alone.
    let kind = ProblemKind::from_code(&row.kind).unwrap_or(ProblemKind::NotText);
    RowProblem {
        row: row.row_no,
        kind,
        severity: kind.severity(),
        column: row.column_name,
        value: row.value,
        message: format!("{}. {}", kind.title(), kind.advice()),
    }
}
