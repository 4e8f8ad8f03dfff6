//! What is filtered by, each with a link that removes it.

use leptos::prelude::*;
use stockroom::products::ProductQuery;

use crate::{
    components::icon::{CROSS, Icon},
    search::ProductSearch,
};

#[component]
pub fn Chips(search: ProductSearch, catalogs: Vec<(i64, String)>) -> impl IntoView {
    let chips: Vec<_> = applied(&search.query, &catalogs)
        .into_iter()
        .map(|(label, query)| view! { <Chip label href=search.with_query(query).address() /> })
        .collect();
    let clear = search.cleared().address();

    view! {
        <ul class="chips" aria-label="Filters">
            {chips}
            <li>
                <a class="link text-sm" href=clear>
                    "Clear all"
                </a>
            </li>
        </ul>
    }
    .into_any()
}

#[component]
fn Chip(label: String, href: String) -> impl IntoView {
    view! {
        <li>
            <a class="chip" href=href>
                <span class="sr-only">"Remove filter: "</span>
                <span class="truncate">{label}</span>
                <Icon path=CROSS />
            </a>
        </li>
    }
    .into_any()
}

/// Each filter in words, and the query without it.
fn applied(query: &ProductQuery, catalogs: &[(i64, String)]) -> Vec<(String, ProductQuery)> {
    let mut filters = Vec::new();
    if let Some(text) = &query.q {
        filters.push((
            format!("Search: {text}"),
            ProductQuery {
                q: None,
                ..query.clone()
            },
        ));
    }
    if let Some(prefix) = &query.sku {
        filters.push((
            format!("SKU begins with: {prefix}"),
            ProductQuery {
                sku: None,
                ..query.clone()
            },
        ));
    }
    if let Some(id) = query.catalog_id {
        let name = catalogs
            .iter()
            .find(|(other, _)| *other == id)
            .map_or_else(|| id.to_string(), |(_, name)| name.clone());
        filters.push((
            format!("Catalogue: {name}"),
            ProductQuery {
                catalog_id: None,
                ..query.clone()
            },
        ));
    }
    if let Some(active) = query.active {
        let word = if active { "Active" } else { "Inactive" };
        filters.push((
            word.to_owned(),
            ProductQuery {
                active: None,
                ..query.clone()
            },
        ));
    }
    filters
}

#[cfg(test)]
mod tests {
    use stockroom::products::ProductQuery;

    use super::applied;

    #[test]
    fn each_chip_takes_away_its_own_filter_only() {
        let query = ProductQuery {
            q: Some("mug".into()),
            active: Some(false),
            catalog_id: Some(7),
            ..ProductQuery::default()
        };
        let chips = applied(&query, &[(7, "Garden".to_owned())]);
        let labels: Vec<_> = chips.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(labels, ["Search: mug", "Catalogue: Garden", "Inactive"]);
        assert_eq!(chips[2].1, ProductQuery { active: None, ..query });
    }
}
