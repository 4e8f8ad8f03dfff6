//! Queries of products as they stand in an address, in the fields of a form or in JSON: one reader for pages, the API and bulk actions.
//!
//! Names are those of the API; pages also write `catalogue` for `catalog_id` and `status=inactive` for `active=false`.

use serde_json::{Map, Value};

use super::{ProductQuery, ProductSort, price};
use crate::asked::{Fields, id, moment, numbers, take, truth, unreadable};
use crate::problem::Problem;
use crate::timestamp::Timestamp;

impl ProductQuery {
    /// Takes the fields of a query out of `fields`.
    ///
    /// # Errors
    /// Names the field that cannot be read.
    pub fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let active = match take(fields, "status")?.as_deref() {
            Some("active") => Some(true),
            Some("inactive") => Some(false),
            Some(_) => return Err(unreadable("status", "Choose active or inactive.")),
            None => truth(fields, "active")?,
        };
        let catalogue = id(fields, "catalogue")?;
        Ok(Self {
            ids: numbers(fields, "ids")?,
            q: take(fields, "q")?,
            sku: take(fields, "sku")?,
            name: take(fields, "name")?,
            description: take(fields, "description")?,
            active,
            catalog_id: id(fields, "catalog_id")?.or(catalogue),
            price_min: amount(fields, "price_min")?,
            price_max: amount(fields, "price_max")?,
            created_after: moment(fields, "created_after")?,
            created_before: moment(fields, "created_before")?,
            updated_after: moment(fields, "updated_after")?,
            updated_before: moment(fields, "updated_before")?,
            import: id(fields, "import")?,
            deleted: truth(fields, "deleted")?.unwrap_or(false),
            sort: order(fields)?,
        })
    }

    /// The fields that [`Self::take`] reads this from, without those that are not set.
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
                (self.sort != ProductSort::default()).then(|| self.sort.as_str().to_owned()),
            ),
        ];
        fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// The same as particulars of a line of the audit log: of products that were chosen one by one, only how many they are.
    pub(crate) fn in_log(&self) -> Map<String, Value> {
        let said = |(name, value): (&str, String)| match &self.ids {
            Some(ids) if name == "ids" => ("selected".to_owned(), Value::from(ids.len())),
            _ => (name.to_owned(), Value::from(value)),
        };
        self.fields().into_iter().map(said).collect()
    }
}

fn amount(fields: &mut Fields, name: &str) -> Result<Option<i64>, Problem> {
    take(fields, name)?
        .map(|text| price::parse(&text).map_err(|_| unreadable(name, "Give an amount such as 12.50.")))
        .transpose()
}

fn order(fields: &mut Fields) -> Result<ProductSort, Problem> {
    let advice = "Sort by sku, name, price, updated_at or id, with - in front for the opposite order.";
    take(fields, "sort")?.map_or(Ok(ProductSort::default()), |text| {
        text.parse().map_err(|()| unreadable("sort", advice))
    })
}

#[cfg(test)]
mod tests {
    use super::super::ProductQuery;
    use crate::asked::Fields;

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
        let read = ProductQuery::take(&mut asked).expect("a query");
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
        assert_eq!(ProductQuery::take(&mut again), Ok(read));
    }

    #[test]
    fn the_log_counts_what_was_chosen_one_by_one() {
        let query = ProductQuery {
            ids: Some((1..=10_000).collect()),
            sku: Some("mug".to_owned()),
            ..ProductQuery::default()
        };
        let said = serde_json::Value::from(query.in_log());
        assert_eq!(said, serde_json::json!({"selected": 10_000, "sku": "mug"}));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (name, value) in [
            ("price_max", "cheap"),
            ("created_before", "yesterday"),
            ("created_after", "+99999-01-01T00:00:00Z"),
            ("import", "first"),
            ("catalogue", "-1"),
            ("status", "sold"),
            ("q", "\0"),
        ] {
            let problem = ProductQuery::take(&mut fields(&[(name, value)])).expect_err(name);
            assert_eq!((problem.status, problem.errors[0].field.as_str()), (400, name));
        }
    }
}
