//! Queries of products as they stand in an address, in the fields of a form or in JSON: one reader for pages, the API and bulk actions.
//!
//! Names are those of the API; pages also write `catalogue` for `catalog_id` and `status=inactive` for `active=false`.

use std::collections::BTreeMap;
use std::str::FromStr;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcOffset};

use super::{ProductQuery, price};
use crate::problem::Problem;
use crate::timestamp::Timestamp;

/// Bytes of one text.
const TEXT_MAX: usize = 1_000;

/// Numbers of one list.
const LIST_MAX: usize = 10_000;

/// Names and values that nobody has read yet.
pub type Fields = BTreeMap<String, String>;

/// Takes the fields of a query out of `fields`.
///
/// # Errors
/// Names the field that cannot be read.
pub fn query(fields: &mut Fields) -> Result<ProductQuery, Problem> {
    let active = match take(fields, "status")?.as_deref() {
        Some("active") => Some(true),
        Some("inactive") => Some(false),
        Some(_) => return Err(unreadable("status", "Choose active or inactive.")),
        None => truth(fields, "active")?,
    };
    let catalogue = number(fields, "catalogue")?;
    Ok(ProductQuery {
        ids: numbers(fields, "ids")?,
        q: take(fields, "q")?,
        sku: take(fields, "sku")?,
        name: take(fields, "name")?,
        description: take(fields, "description")?,
        active,
        catalog_id: number(fields, "catalog_id")?.or(catalogue),
        price_min: amount(fields, "price_min")?,
        price_max: amount(fields, "price_max")?,
        created_after: moment(fields, "created_after")?,
        created_before: moment(fields, "created_before")?,
        updated_after: moment(fields, "updated_after")?,
        updated_before: moment(fields, "updated_before")?,
        import: number(fields, "import")?,
        deleted: truth(fields, "deleted")?.unwrap_or(false),
        sort: order(fields)?,
    })
}

impl ProductQuery {
    /// The fields that [`query`] reads this from, without those that are not set.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let text = |moment: &Option<Timestamp>| moment.as_ref().map(Timestamp::to_string);
        let listed = |ids: &Vec<i64>| ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let fields = [
            ("ids", self.ids.as_ref().map(listed)),
            ("q", self.q.clone()),
            ("sku", self.sku.clone()),
            ("name", self.name.clone()),
            ("description", self.description.clone()),
            ("catalog_id", self.catalog_id.map(|id| id.to_string())),
            ("active", self.active.map(|active| active.to_string())),
            ("price_min", self.price_min.map(price::plain)),
            ("price_max", self.price_max.map(price::plain)),
            ("created_after", text(&self.created_after)),
            ("created_before", text(&self.created_before)),
            ("updated_after", text(&self.updated_after)),
            ("updated_before", text(&self.updated_before)),
            ("import", self.import.map(|id| id.to_string())),
            ("deleted", self.deleted.then(|| "true".to_owned())),
            (
                "sort",
                (self.sort != super::ProductSort::default()).then(|| self.sort.as_str().to_owned()),
            ),
        ];
        fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// A text; blank, as a form sends what was not filled in, is none.
///
/// # Errors
/// When it is too long to search for, or not text.
pub fn take(fields: &mut Fields, name: &str) -> Result<Option<String>, Problem> {
    let text = fields.remove(name).unwrap_or_default();
    if text.len() > TEXT_MAX {
        return Err(unreadable(name, "Give at most 1,000 characters."));
    }
    if text.contains('\0') {
        return Err(unreadable(name, "Remove the control characters."));
    }
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// # Errors
/// When it is no whole number.
pub fn number<T: FromStr>(fields: &mut Fields, name: &str) -> Result<Option<T>, Problem> {
    take(fields, name)?
        .map(|text| text.parse().map_err(|_| unreadable(name, "Give a whole number.")))
        .transpose()
}

/// Whole numbers with commas between them.
fn numbers(fields: &mut Fields, name: &str) -> Result<Option<Vec<i64>>, Problem> {
    let text = fields.remove(name).unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(None);
    }
    let numbers: Option<Vec<i64>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
    numbers
        .filter(|numbers| numbers.len() <= LIST_MAX)
        .map(Some)
        .ok_or_else(|| unreadable(name, "Give at most 10,000 whole numbers with commas between them."))
}

/// # Errors
/// When it is neither true nor false.
pub fn truth(fields: &mut Fields, name: &str) -> Result<Option<bool>, Problem> {
    match take(fields, name)?.as_deref() {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(_) => Err(unreadable(name, "Give true or false.")),
    }
}

fn amount(fields: &mut Fields, name: &str) -> Result<Option<i64>, Problem> {
    take(fields, name)?
        .map(|text| price::parse(&text).map_err(|_| unreadable(name, "Give an amount such as 12.50.")))
        .transpose()
}

/// A moment, or a day, which stands for its beginning in UTC.
///
/// # Errors
/// When it is neither.
pub fn moment(fields: &mut Fields, name: &str) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = take(fields, name)? else {
        return Ok(None);
    };
    let day = format_description!("[year]-[month]-[day]");
    let moment = OffsetDateTime::parse(&text, &Rfc3339)
        .ok()
        .or_else(|| Some(Date::parse(&text, &day).ok()?.midnight().assume_utc()))
        // Years of more than four digits cannot be written as RFC 3339.
        .and_then(|moment| moment.checked_to_offset(UtcOffset::UTC))
        .filter(|moment| (0..=9_999).contains(&moment.year()));
    let advice = "Give a day such as 2026-11-20, or a moment such as 2026-11-20T08:00:00Z.";
    moment
        .map(|moment| Some(moment.into()))
        .ok_or_else(|| unreadable(name, advice))
}

fn order(fields: &mut Fields) -> Result<super::ProductSort, Problem> {
    let advice = "Sort by sku, name, price, updated_at or id, with - in front for the opposite order.";
    take(fields, "sort")?.map_or(Ok(super::ProductSort::default()), |text| {
        text.parse().map_err(|()| unreadable("sort", advice))
    })
}

/// A refusal that names the field.
#[must_use]
pub fn unreadable(name: &str, advice: &str) -> Problem {
    Problem::bad_request(format!("The value of “{name}” cannot be read. {advice}")).with_field(name, advice)
}

#[cfg(test)]
mod tests {
    use super::{Fields, query};

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_query_survives_its_own_fields() {
        let mut asked = fields(&[
            ("q", " a&b "),
            ("status", "inactive"),
            ("catalogue", "7"),
            ("price_min", "12.5"),
            ("created_after", "2026-11-20"),
            ("updated_before", "2026-11-20T09:00:00+01:00"),
            ("deleted", "true"),
            ("sort", "-price"),
            ("page", "2"),
        ]);
        let read = query(&mut asked).expect("a query");
        assert_eq!(
            asked.keys().collect::<Vec<_>>(),
            ["page"],
            "what is not the query's is left"
        );
        assert_eq!(
            (read.price_min, read.active, read.catalog_id),
            (Some(1250), Some(false), Some(7))
        );
        assert_eq!(
            read.updated_before.as_ref().map(|moment| moment.as_str()),
            Some("2026-11-20T08:00:00Z")
        );
        let mut again = read
            .fields()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        assert_eq!(query(&mut again), Ok(read));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (name, value) in [
            ("price_max", "cheap"),
            ("created_before", "yesterday"),
            ("created_after", "+99999-01-01T00:00:00Z"),
            ("import", "first"),
            ("status", "sold"),
            ("q", "\0"),
        ] {
            let problem = query(&mut fields(&[(name, value)])).expect_err(name);
            assert_eq!((problem.status, problem.errors[0].field.as_str()), (400, name));
        }
    }
}
