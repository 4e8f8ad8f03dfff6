//! What is filtered by, each with a link that removes it.

use leptos::prelude::*;
use stockroom::products::ProductQuery;

use crate::{
    components::chips::Chips,
    search::{ProductSearch, filter_in_words},
};

#[component]
pub fn Applied(search: ProductSearch, catalogs: Vec<(i64, String)>) -> impl IntoView {
    let chips = applied(&search.query, &catalogs)
        .into_iter()
        .map(|(label, query)| (label, search.with_query(query).address()))
        .collect();
    view! { <Chips chips clear=search.cleared().address() /> }
}

/// Each filter in words, and the query without it.
fn applied(query: &ProductQuery, catalogs: &[(i64, String)]) -> Vec<(String, ProductQuery)> {
    let fields = query.fields();
    let filters = fields.into_iter().filter(|(name, _)| *name != "sort");
    filters
        .map(|(name, value)| (filter_in_words(name, &value, catalogs), without(query, name)))
        .collect()
}

fn without(query: &ProductQuery, name: &str) -> ProductQuery {
    let mut query = query.clone();
    match name {
        "ids" => query.ids = None,
        "q" => query.q = None,
        "sku" => query.sku = None,
        "name" => query.name = None,
        "description" => query.description = None,
        "active" => query.active = None,
        "catalog_id" => query.catalog_id = None,
        "price_min" => query.price_min = None,
        "price_max" => query.price_max = None,
        "created_after" => query.created_after = None,
        "created_before" => query.created_before = None,
        "updated_after" => query.updated_after = None,
        "updated_before" => query.updated_before = None,
        "import" => query.import = None,
        _ => query.deleted = false,
    }
    query
}

#[cfg(test)]
mod tests {
    use stockroom::{products::ProductQuery, timestamp::Timestamp};

    use super::{applied, without};

    #[test]
    fn each_chip_takes_away_its_own_filter_only() {
        let query = ProductQuery {
            q: Some("mug".into()),
            active: Some(false),
            catalog_id: Some(7),
            price_min: Some(1250),
            ..ProductQuery::default()
        };
        let chips = applied(&query, &[(7, "Garden".to_owned())]);
        let labels: Vec<_> = chips.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(
            labels,
            ["Search: mug", "Catalogue: Garden", "Inactive", "Price from 12.50"]
        );
        assert_eq!(chips[2].1, ProductQuery { active: None, ..query });
    }

    #[test]
    fn every_filter_has_a_chip_that_takes_it_away() {
        let text = || Some("x".to_owned());
        let moment = || Some(Timestamp::from_rfc3339("2026-11-20T00:00:00Z".into()));
        let mut query = ProductQuery {
            q: text(),
            sku: text(),
            name: text(),
            description: text(),
            active: Some(true),
            catalog_id: Some(1),
            price_min: Some(1),
            price_max: Some(2),
            created_after: moment(),
            created_before: moment(),
            updated_after: moment(),
            updated_before: moment(),
            import: Some(3),
            deleted: true,
            ..ProductQuery::default()
        };
        for (name, _) in query.clone().fields() {
            query = without(&query, name);
        }
        assert!(!query.is_filtered());
    }
}
