//! The change set of a check is counted, and looked at for what should make people stop.

use serde::Deserialize;

use super::ImportKind;
use super::matching::memory;
use super::review::{Alarm, AlarmKind, CheckedField, Example, Figures, Group, Review};
use super::tripwires::Tripwires;
use super::work::{Stop, Work};
use crate::error::Error;

/// Names of new catalogues that are shown.
const NAMES: usize = 10;

/// `newest`: the highest ids of products and changes before the comparison.
pub(super) async fn review(work: &mut Work, newest: (i64, i64), mut alarms: Vec<Alarm>) -> Result<Review, Stop> {
    work.wish.check()?;
    let groups: Vec<Group> = rows(work, &GROUP, GROUPS).await?;
    let [new_catalogs] = work
        .bulk
        .numbers("SELECT count(*) FROM {scratch:new_catalogs}", &[])
        .await?;
    let named = format!("{{scratch:new_catalogs}} ORDER BY name LIMIT {NAMES}");
    let names: Vec<NewCatalog> = rows(work, &[("name", "name")], &named).await?;
    let missing = count(work, "row_no IS NULL").await?;
    let progress = &work.reporter.progress;
    let review = Review {
        groups,
        missing,
        unchanged: progress.unchanged,
        failed: progress.failed,
        new_catalogs,
        new_catalog_names: names.into_iter().map(|catalog| catalog.name).collect(),
        newest: newest.0,
        newest_change: newest.1,
        scratch: work.bulk.scratch().to_owned(),
        ..Review::default()
    }
    .summed();
    alarms.extend(tripped(work, &review).await?);
    alarms.sort_by_key(|alarm| (!alarm.kind.must_be_answered(), alarm.kind));
    Ok(Review { alarms, ..review })
}

#[derive(Deserialize)]
struct NewCatalog {
    name: String,
}

const GROUP: [(&str, &str); 4] = [
    ("kind", "kind"),
    ("touched", "touched"),
    ("cleared", "cleared"),
    ("rows", "count(*)"),
];
const GROUPS: &str = "{scratch:change_set} GROUP BY kind, touched, cleared";

/// Rows as values, whose fields are these expressions: one text, whatever the database.
async fn rows<T: for<'de> Deserialize<'de>>(
    work: &mut Work,
    fields: &[(&str, &str)],
    from: &str,
) -> Result<Vec<T>, Stop> {
    let (object, array, none, text) = if work.bulk.is_postgres() {
        ("json_build_object", "json_agg", "coalesce({}, '[]')", "::text")
    } else {
        ("json_object", "json_group_array", "{}", "")
    };
    let columns: Vec<String> = fields
        .iter()
        .map(|(name, expression)| format!("{expression} AS {name}"))
        .collect();
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, _)| format!("'{name}', found.{name}"))
        .collect();
    let array = none.replace("{}", &format!("{array}({object}({}))", pairs.join(", ")));
    let query = format!(
        "SELECT {array}{text} FROM (SELECT {} FROM {from}) AS found",
        columns.join(", ")
    );
    let text = work.bulk.text(&query, &[]).await?.unwrap_or_else(|| "[]".to_owned());
    Ok(serde_json::from_str(&text).map_err(Error::from)?)
}

/// Changes that fulfil a condition.
async fn count(work: &mut Work, condition: &str) -> Result<i64, Stop> {
    let query = format!("SELECT count(*) FROM {{scratch:change_set}} WHERE {condition}");
    let [count] = work.bulk.numbers(&query, &[]).await?;
    Ok(count)
}

/// The limits that this import would pass.
async fn tripped(work: &mut Work, review: &Review) -> Result<Vec<Alarm>, Stop> {
    if work.claim.kind == ImportKind::Catalogs {
        return Ok(Vec::new());
    }
    let limits = work.tripwires;
    let mut alarms = prices(work, &limits).await?;
    alarms.extend(lost_zeros(work).await?);
    alarms.extend(deactivated(work, &limits).await?);
    alarms.extend(row_count(work, &limits).await?);
    // What is deleted on purpose is confirmed anyway.
    if review.deleted > 0 {
        alarms.retain(|alarm| alarm.kind != AlarmKind::ManyDeactivated);
    }
    Ok(alarms)
}

/// `$1`: percent. Prices that were zero, or none, have no share that could be exceeded.
const MOVED: &str = "kind IN ('update', 'restore') AND price_minor > 0 AND price_before > 0
    AND abs(price_minor - price_before) * 100 > price_before * $1";
const ZERO: &str = "price_minor = 0 AND coalesce(price_before, -1) <> 0 AND kind <> 'delete'";

async fn prices(work: &mut Work, limits: &Tripwires) -> Result<Vec<Alarm>, Stop> {
    let mut alarms = Vec::new();
    let moved = MOVED.replace("$1", &limits.price_percent.to_string());
    for (kind, condition, limit) in [
        (AlarmKind::PriceMoved, moved.as_str(), limits.price_rows),
        (AlarmKind::PriceZero, ZERO, 0),
    ] {
        let count = count(work, condition).await?;
        if count <= limit {
            continue;
        }
        let figures = (kind == AlarmKind::PriceMoved).then_some(Figures {
            found: count,
            limit: limits.price_percent,
        });
        alarms.push(Alarm {
            kind,
            count,
            column: None,
            examples: examples(work, condition).await?,
            figures,
        });
    }
    Ok(alarms)
}

async fn examples(work: &mut Work, condition: &str) -> Result<Vec<Example>, Stop> {
    let from = format!("{{scratch:change_set}} WHERE {condition} ORDER BY seq LIMIT 5");
    rows(work, &[("row", "coalesce(row_no, 0)"), ("value", "sku")], &from).await
}

/// New SKUs of digits alone, where the shop has the same number with zeros before it.
async fn lost_zeros(work: &mut Work) -> Result<Option<Alarm>, Stop> {
    let postgres = work.bulk.is_postgres();
    let digits = |column: &str| {
        if postgres {
            format!("{column} ~ '^[0-9]+$'")
        } else {
            format!("{column} NOT GLOB '*[^0-9]*'")
        }
    };
    let new = format!("kind = 'create' AND {} AND row_key NOT LIKE '0%'", digits("row_key"));
    if count(work, &new).await? == 0 {
        return Ok(None);
    }
    let condition = format!(
        "{new} AND row_key IN (SELECT ltrim(p.sku_key, '0') FROM products p
            WHERE p.sku_key >= '0' AND p.sku_key < '1' AND {})",
        digits("p.sku_key")
    );
    let count = count(work, &condition).await?;
    if count == 0 {
        return Ok(None);
    }
    let examples = examples(work, &condition).await?;
    Ok(Some(Alarm {
        kind: AlarmKind::LostZeros,
        count,
        column: None,
        examples,
        figures: None,
    }))
}

const ACTIVE: &str = "SELECT CAST(coalesce(sum(CASE name WHEN 'products' THEN value ELSE -value END), 0) AS BIGINT)
    FROM counters WHERE name IN ('products', 'inactive_products')";

async fn deactivated(work: &mut Work, limits: &Tripwires) -> Result<Option<Alarm>, Stop> {
    let condition = format!(
        "kind = 'update' AND touched & {} <> 0 AND NOT active",
        CheckedField::Active.bit()
    );
    let count = count(work, &condition).await?;
    let [active] = work.bulk.numbers(ACTIVE, &[]).await?;
    let percent = if active > 0 { count * 100 / active } else { 0 };
    if count < limits.deactivated_rows || percent <= limits.deactivated_percent {
        return Ok(None);
    }
    let figures = Some(Figures {
        found: percent,
        limit: limits.deactivated_percent,
    });
    let examples = examples(work, &condition).await?;
    Ok(Some(Alarm {
        kind: AlarmKind::ManyDeactivated,
        count,
        column: None,
        examples,
        figures,
    }))
}

/// Against the last file with these headers.
async fn row_count(work: &mut Work, limits: &Tripwires) -> Result<Option<Alarm>, Stop> {
    let Some(last) = memory::rows_of(
        work.database.reader(),
        work.claim.kind,
        &work.claim.format,
        &work.claim.file_name,
    )
    .await?
    else {
        return Ok(None);
    };
    let now = work.reporter.progress.read;
    let is_far = now * 100 > last * (100 + limits.rows_percent) || now * (100 + limits.rows_percent) < last * 100;
    if !is_far || last < limits.rows_least {
        return Ok(None);
    }
    let figures = Some(Figures {
        found: now,
        limit: last,
    });
    Ok(Some(Alarm {
        kind: AlarmKind::RowCount,
        count: now,
        column: None,
        examples: Vec::new(),
        figures,
    }))
}
