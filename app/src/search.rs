//! The state of the products page: what is looked for, in which order, and where in the list one is. All of it is in the address.

use serde::{Deserialize, Serialize};
use stockroom::{
    page::{DEFAULT_SIZE, PageRequest},
    products::{ProductQuery, ProductSort},
};

use crate::{fields::Fields, paths};

/// It travels as the address that it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ProductSearch {
    pub query: ProductQuery,
    pub page: PageRequest,
}

impl From<String> for ProductSearch {
    fn from(address: String) -> Self {
        let (_, query) = address.split_once('?').unwrap_or_default();
        Self::from_fields(&Fields::parse(query))
    }
}

impl From<ProductSearch> for String {
    fn from(search: ProductSearch) -> Self {
        search.address()
    }
}

impl ProductSearch {
    #[must_use]
    pub fn from_fields(fields: &Fields) -> Self {
        Self {
            query: query_from(&|name| fields.get(name)),
            page: page_from(fields),
        }
    }

    /// The search that a filter form describes, from its first page. Order and page size are kept.
    #[must_use]
    pub fn refined(&self, field: &dyn Fn(&str) -> Option<String>) -> Self {
        let query = query_from(field);
        self.with_query(ProductQuery {
            sort: self.query.sort,
            ..query
        })
    }

    /// Another query from its first page.
    #[must_use]
    pub fn with_query(&self, query: ProductQuery) -> Self {
        Self {
            query,
            page: PageRequest {
                size: self.page.size,
                ..PageRequest::default()
            },
        }
    }

    /// Another page of the same query.
    #[must_use]
    pub fn with_page(&self, page: PageRequest) -> Self {
        let page = PageRequest {
            size: page.size.or(self.page.size),
            ..page
        };
        Self {
            query: self.query.clone(),
            page,
        }
    }

    /// The same order and page size without any filter.
    #[must_use]
    pub fn cleared(&self) -> Self {
        self.with_query(ProductQuery {
            sort: self.query.sort,
            ..ProductQuery::default()
        })
    }

    #[must_use]
    pub fn is_filtered(&self) -> bool {
        let query = &self.query;
        query.q.is_some() || query.sku.is_some() || query.active.is_some() || query.catalog_id.is_some()
    }

    #[must_use]
    pub fn page_size(&self) -> u64 {
        self.page.size.unwrap_or(DEFAULT_SIZE)
    }

    /// The page that shows this.
    #[must_use]
    pub fn address(&self) -> String {
        let query = &self.query;
        let status = query
            .active
            .map(|active| if active { "active" } else { "inactive" }.to_owned());
        let mut fields = Vec::new();
        push(&mut fields, "q", query.q.clone());
        push(&mut fields, "sku", query.sku.clone());
        push(&mut fields, "catalogue", query.catalog_id.map(|id| id.to_string()));
        push(&mut fields, "status", status);
        push(&mut fields, "sort", sort_field(query.sort));
        push_page(&mut fields, &self.page);
        paths::with_query(paths::PRODUCTS, &fields)
    }

    /// All that matches, as a file. The names are those of the API.
    #[must_use]
    pub fn export_address(&self) -> String {
        let query = &self.query;
        let mut fields = vec![("format", "csv".to_owned())];
        push(&mut fields, "q", query.q.clone());
        push(&mut fields, "sku", query.sku.clone());
        push(&mut fields, "catalog_id", query.catalog_id.map(|id| id.to_string()));
        push(&mut fields, "active", query.active.map(|active| active.to_string()));
        push(&mut fields, "sort", sort_field(query.sort));
        paths::with_query(paths::PRODUCT_EXPORT, &fields)
    }
}

/// What a table needs to page through any list.
#[must_use]
pub fn page_from(fields: &Fields) -> PageRequest {
    let number = |name: &str| fields.get(name).and_then(|text| text.parse().ok());
    PageRequest {
        after: fields.exact("after").map(str::to_owned),
        before: fields.exact("before").map(str::to_owned),
        page: number("page"),
        size: number("size"),
        last: fields.get("last").is_some_and(|last| last == "true"),
    }
}

/// The same, back into an address.
pub fn push_page(fields: &mut Vec<(&'static str, String)>, page: &PageRequest) {
    push(
        fields,
        "size",
        page.size
            .filter(|size| *size != DEFAULT_SIZE)
            .map(|size| size.to_string()),
    );
    push(fields, "after", page.after.clone());
    push(fields, "before", page.before.clone());
    push(fields, "page", page.page.map(|page| page.to_string()));
    push(fields, "last", page.last.then(|| "true".to_owned()));
}

fn query_from(field: &dyn Fn(&str) -> Option<String>) -> ProductQuery {
    let active = match field("status").as_deref() {
        Some("active") => Some(true),
        Some("inactive") => Some(false),
        _ => None,
    };
    ProductQuery {
        q: field("q"),
        sku: field("sku"),
        active,
        catalog_id: field("catalogue").and_then(|id| id.parse().ok()),
        sort: field("sort").and_then(|sort| sort.parse().ok()).unwrap_or_default(),
    }
}

fn sort_field(sort: ProductSort) -> Option<String> {
    (sort != ProductSort::default()).then(|| sort.as_str().to_owned())
}

fn push(fields: &mut Vec<(&'static str, String)>, name: &'static str, value: Option<String>) {
    fields.extend(value.map(|value| (name, value)));
}

#[cfg(test)]
mod tests {
    use stockroom::{page::PageRequest, products::ProductSort};

    use super::ProductSearch;
    use crate::fields::Fields;

    fn search(query: &str) -> ProductSearch {
        ProductSearch::from_fields(&Fields::parse(query))
    }

    #[test]
    fn blank_fields_of_a_plain_form_ask_for_nothing() {
        let blank = search("q=&sku=++&catalogue=&status=&sort=");
        assert_eq!(blank, ProductSearch::default());
        assert_eq!(blank.address(), "/products");
    }

    #[test]
    fn an_address_brings_back_the_search_that_made_it() {
        let query = "q=blue%20mug&sku=AB&catalogue=7&status=inactive&sort=-price&size=25&after=9~100%25";
        assert_eq!(search(query).address(), format!("/products?{query}"));
        assert_eq!(ProductSearch::from(search(query).address()), search(query));
    }

    #[test]
    fn a_new_filter_begins_at_the_first_page_and_keeps_order_and_size() {
        let before = search("sort=-name&size=100&after=9~x");
        let after = before.refined(&|name| (name == "q").then(|| "mug".to_owned()));
        let first = PageRequest {
            size: Some(100),
            ..PageRequest::default()
        };
        assert_eq!((after.query.sort, &after.page), (ProductSort::NameDescending, &first));
        assert!(after.is_filtered() && !after.cleared().is_filtered());
    }

    #[test]
    fn an_export_has_the_filters_under_the_names_of_the_api() {
        let found = search("status=active&catalogue=7&after=9~x");
        assert_eq!(
            found.export_address(),
            "/api/v1/products/export?format=csv&catalog_id=7&active=true"
        );
    }
}
