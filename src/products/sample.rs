//! Some products taken at random, judged by all filters at once: tells which of them match many products without asking their indexes.
//!
//! Reading ten thousand entries of a frequent word costs more than the page that is asked for. A thousand products show that it is
//! frequent. Where they leave a doubt the index is asked.

use sea_orm::ConnectionTrait;

use super::filter::Filter;
use super::list::number;
use super::store;
use crate::database::sql::Sql;
use crate::error::Result;
use crate::page::COUNT_LIMIT;

/// Products that are looked at.
const SIZE: u64 = 1_000;
/// So many standard deviations above what is expected of a filter that matches just [`COUNT_LIMIT`] products, and two hits more, are hit in fewer
/// than one sample of ten thousand (Poisson, for means from 2 to 500).
const DEVIATIONS: f64 = 4.0;
const MORE_HITS: f64 = 2.0;
/// Times that [`SIZE`] more products are looked at where the first ones hit none that matches all filters.
const MORE: usize = 4;
/// Of so many products, one must match all filters, or a page is found sooner through one of them. If one in 400 does, five samples hit
/// fewer than that in one of three thousand lists (Poisson with mean 12.5).
const FAR: u64 = 2_000;

/// How many of the products of a sample each filter matched.
pub(super) struct Sample {
    highest: i64,
    looked: u64,
    hits: Vec<u64>,
    together: u64,
    products: u64,
}

impl Sample {
    /// A sample for these filters, if one is worth while: asking them is costly, and there are many products.
    pub async fn of(db: &impl ConnectionTrait, filters: &[Filter]) -> Result<Option<Self>> {
        if !filters.iter().any(Filter::is_costly) {
            return Ok(None);
        }
        let products = u64::try_from(store::count_all(db).await?).unwrap_or(0);
        if products < 2 * COUNT_LIMIT {
            return Ok(None);
        }
        let mut highest = Sql::new(db.get_database_backend());
        highest.push("SELECT coalesce(max(id), 0) AS number FROM products");
        let highest = i64::try_from(number(db, highest).await?).unwrap_or(i64::MAX).max(1);
        let mut sample = Self {
            highest,
            looked: 0,
            hits: vec![0; filters.len()],
            together: 0,
            products,
        };
        sample.look(db, filters).await?;
        Ok(Some(sample))
    }

    /// Looks at [`SIZE`] more products.
    async fn look(&mut self, db: &impl ConnectionTrait, filters: &[Filter]) -> Result<()> {
        let ids: Vec<i64> = (0..SIZE).map(|_| rand::random_range(1..=self.highest)).collect();
        let row = db.query_one_raw(judged(db, filters, &ids).statement()).await?;
        let Some(row) = row else { return Ok(()) };
        let get = |name: &str| -> Result<u64> { Ok(u64::try_from(row.try_get::<i64>("", name)?).unwrap_or(0)) };
        self.looked += get("looked")?;
        self.together += get("together")?;
        for (place, hits) in self.hits.iter_mut().enumerate() {
            *hits += get(&format!("hits_{place}"))?;
        }
        Ok(())
    }

    /// Whether more products match all filters than are counted.
    pub fn are_many(&self) -> bool {
        self.is_many(self.together)
    }

    /// Whether more products match one filter than are counted.
    pub fn has_many(&self, place: usize) -> bool {
        self.hits.get(place).is_some_and(|hits| self.is_many(*hits))
    }

    /// The filter with the fewest hits, where hardly any product is hit by all filters: following an index would pass too many rows before
    /// a page is full. Reading all rows of a filter that finds many takes longer than looking at more products first.
    pub async fn rarest(&mut self, db: &impl ConnectionTrait, filters: &[Filter]) -> Result<Option<usize>> {
        if self.together > 0 {
            return Ok(None);
        }
        for _ in 0..MORE {
            self.look(db, filters).await?;
        }
        let found = self.hits.iter().enumerate().min_by_key(|(_, hits)| **hits);
        let are_far = self.together * FAR < self.looked;
        Ok(found.map(|(place, _)| place).filter(|_| are_far))
    }

    fn is_many(&self, hits: u64) -> bool {
        shows_many(hits, self.looked, self.products)
    }
}

/// Whether so many hits among those that were looked at say that more than [`COUNT_LIMIT`] of all products match.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn shows_many(hits: u64, looked: u64, products: u64) -> bool {
    let expected = looked as f64 * COUNT_LIMIT as f64 / products.max(1) as f64;
    hits as f64 >= expected + DEVIATIONS * expected.sqrt() + MORE_HITS
}

fn judged(db: &impl ConnectionTrait, filters: &[Filter], ids: &[i64]) -> Sql {
    let in_bin = filters.iter().any(|filter| matches!(filter, Filter::Bin));
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT count(*) AS looked");
    for place in 0..filters.len() {
        sql.push(&format!(", count(CASE WHEN f{place} THEN 1 END) AS hits_{place}"));
    }
    sql.push(", count(CASE WHEN is_shown");
    for place in 0..filters.len() {
        sql.push(&format!(" AND f{place}"));
    }
    sql.push(" THEN 1 END) AS together FROM (SELECT deleted_at IS ");
    sql.push(if in_bin { "NOT NULL" } else { "NULL" }).push(" AS is_shown");
    for (place, filter) in filters.iter().enumerate() {
        sql.push(", ");
        filter.probe(&mut sql, None);
        sql.push(&format!(" AS f{place}"));
    }
    sql.push(" FROM products WHERE products.id")
        .one_of(ids)
        .push(") AS judged");
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_hits_are_as_many_as_chance_does_not_explain() {
        let least = |products| (0..=SIZE).find(|hits| shows_many(*hits, SIZE, products));
        assert_eq!(least(5_000_000), Some(10), "2 are expected where there are just 10,000");
        assert_eq!(least(1_000_000), Some(25), "10");
        assert_eq!(least(100_000), Some(142), "100");
        assert_eq!(least(20_000), Some(592), "500");
    }
}
