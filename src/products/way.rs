//! Which way leads to the rows of a list.
//!
//! A database chooses its way by averages, and is wrong by a factor of thousands where a filter is much rarer or more frequent than that.
//! So each filter is asked first for the rows that it finds, up to [`COUNT_LIMIT`]. What several find few of is what all of them have; those
//! products are judged by the other filters, once, and then known. If all find many, the index of the order is followed and its rows
//! are judged until the page is full.
//! Where asking is costly and there are many products, some of them taken at random tell first which filters need not be asked.

use std::collections::HashSet;

use sea_orm::ConnectionTrait;

use super::filter::{Filter, judge};
use super::list::number;
use super::sample::Sample;
use crate::database::sql::Sql;
use crate::error::{Error, Result};
use crate::page::COUNT_LIMIT;

/// With fewer products in the bin, counting so many more finds says without a look at each that there are enough beside them.
const BIN_LIMIT: u64 = 1_000;
/// So many products are judged sooner than another index is asked.
const FEW: usize = 500;

#[derive(Clone, Debug)]
pub(super) enum Way {
    /// The index of the order is followed. `is_many`: more rows are known to match than are counted.
    Order { is_many: bool },
    /// All rows of the filter at this place are judged by the others.
    Through(usize),
    /// These products matched, and no others did. `narrowest` is the place of the filter that found fewest.
    Known { ids: Vec<i64>, narrowest: usize },
}

impl Way {
    pub async fn of(db: &impl ConnectionTrait, filters: &[Filter]) -> Result<Self> {
        let mut sample = Sample::of(db, filters).await?;
        if sample.as_ref().is_some_and(Sample::are_many) {
            return Ok(Self::Order { is_many: true });
        }
        let in_bin = if filters.len() == 1 { count_bin(db).await? } else { 0 };
        let finds = Finds::of(db, filters, sample.as_ref(), in_bin).await?;
        if let Some(narrowest) = finds.narrowest {
            let is_done =
                filters.len() == 1 && in_bin == 0 && !filters[narrowest].finds_gone(db.get_database_backend());
            let ids = if is_done {
                finds.ids
            } else {
                judged(db, filters, &finds).await?
            };
            return Ok(Self::Known { ids, narrowest });
        }
        if let Some(sample) = &mut sample
            && let Some(rarest) = sample.rarest(db, filters).await?
        {
            return Ok(Self::Through(rarest));
        }
        // Those in the bin are among them, and are no more than that.
        let is_many = filters.len() == 1 && in_bin < BIN_LIMIT && finds.is_beyond_bin;
        Ok(Self::Order { is_many })
    }

    /// The same for statements that stand by themselves and find all rows. Words are found by their index, however many they are in:
    /// judging each product by them would look into the index once for each product of the shop.
    pub fn whole(self, filters: &[Filter]) -> Self {
        let words = || filters.iter().position(|filter| matches!(filter, Filter::Words(_)));
        match self {
            Self::Known { narrowest, .. } => Self::Through(narrowest),
            Self::Order { .. } => words().map_or(self, Self::Through),
            Self::Through(_) => self,
        }
    }
}

/// What those filters find that find few.
#[derive(Default)]
struct Finds {
    /// What all of them find.
    ids: Vec<i64>,
    /// Their places: they need not judge what they have found.
    asked: Vec<usize>,
    narrowest: Option<usize>,
    /// Whether one finds more than are counted, even without those that may be in the bin.
    is_beyond_bin: bool,
}

impl Finds {
    async fn of(db: &impl ConnectionTrait, filters: &[Filter], sample: Option<&Sample>, in_bin: u64) -> Result<Self> {
        let mut finds = Self::default();
        let mut fewest = usize::MAX;
        let (costly, cheap): (Vec<_>, Vec<_>) = (0..filters.len())
            .filter(|place| !filters[*place].is_vague())
            .partition(|place| filters[*place].is_costly());
        for place in cheap.into_iter().chain(costly) {
            if sample.is_some_and(|sample| sample.has_many(place)) {
                finds.is_beyond_bin = true;
                continue;
            }
            if finds.narrowest.is_some() && finds.ids.len() <= FEW {
                break;
            }
            let found = found_by(db, &filters[place], COUNT_LIMIT + 1 + in_bin).await?;
            let many = found.len() as u64;
            finds.is_beyond_bin |= many > COUNT_LIMIT + in_bin;
            if many > COUNT_LIMIT {
                continue;
            }
            if found.len() < fewest {
                (finds.narrowest, fewest) = (Some(place), found.len());
            }
            finds.add(place, found);
        }
        Ok(finds)
    }

    fn add(&mut self, place: usize, found: Vec<i64>) {
        if self.asked.is_empty() {
            self.ids = found;
        } else {
            let found: HashSet<i64> = found.into_iter().collect();
            self.ids.retain(|id| found.contains(id));
        }
        self.asked.push(place);
    }
}

/// Up to `limit` ids of what the filter finds by itself, in the bin or not.
async fn found_by(db: &impl ConnectionTrait, filter: &Filter, limit: u64) -> Result<Vec<i64>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT found.id FROM (");
    filter.ids(&mut sql);
    sql.push(&format!(") AS found LIMIT {limit}"));
    ids(db, sql).await
}

/// Those of the products found that all filters let through.
async fn judged(db: &impl ConnectionTrait, filters: &[Filter], finds: &Finds) -> Result<Vec<i64>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT products.id FROM products WHERE products.id");
    sql.one_of(&finds.ids).push(" AND ");
    judge(&mut sql, filters, None, |place, _| !finds.asked.contains(&place));
    ids(db, sql).await
}

/// What a query of ids finds, in one value: ten thousand rows take longer to come than to be found.
async fn ids(db: &impl ConnectionTrait, query: Sql) -> Result<Vec<i64>> {
    let all = if query.is_postgres() {
        "string_agg(CAST(found.id AS text), ',')"
    } else {
        "group_concat(found.id)"
    };
    let sql = query.within(&format!("SELECT {all} AS ids FROM ("), ") AS found");
    let row = db.query_one_raw(sql.statement()).await?;
    let text: Option<String> = row.map(|row| row.try_get("", "ids")).transpose()?.flatten();
    let text = text.unwrap_or_default();
    text.split_terminator(',')
        .map(|id| {
            id.parse()
                .map_err(|_| Error::Stored(format!("“{id}” among ids of products")))
        })
        .collect()
}

/// How many products are in the bin, up to a limit.
async fn count_bin(db: &impl ConnectionTrait) -> Result<u64> {
    let mut sql = Sql::new(db.get_database_backend());
    // For the order PostgreSQL takes the index of the bin, whatever it believes about a table that has just been filled.
    sql.push(&format!(
        "SELECT count(*) AS number FROM
            (SELECT 1 FROM products WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT {BIN_LIMIT}) AS counted"
    ));
    number(db, sql).await
}
