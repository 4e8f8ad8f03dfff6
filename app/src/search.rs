//! The state of the products page: what is looked for, in which order, and where in the list one is. All of it is in the address.

use stockroom::{
    page::{DEFAULT_SIZE, PageRequest},
    problem::Problem,
    products::{ProductQuery, ProductSort},
};

use crate::{fields::Fields, paths, request, wording};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductSearch {
    pub query: ProductQuery,
    pub page: PageRequest,
}

/// Columns of the table that can be left out, and their headings. The SKU is always there.
pub const COLUMNS: [(&str, &str); 5] = [
    ("name", "Name"),
    ("catalogue", "Catalogue"),
    ("price", "Price"),
    ("status", "Status"),
    ("updated", "Updated"),
];

impl ProductSearch {
    /// The first page of a query.
    #[must_use]
    pub fn of(query: ProductQuery) -> Self {
        Self::default().with_query(query)
    }

    /// Only these, in the same order.
    #[must_use]
    pub fn of_ids(&self, ids: &[i64]) -> Self {
        self.with_query(ProductQuery {
            ids: Some(ids.to_vec()),
            sort: self.query.sort,
            deleted: self.query.deleted,
            ..ProductQuery::default()
        })
    }

    /// # Errors
    /// Names the filter that cannot be read.
    pub fn from_fields(fields: &Fields) -> Result<Self, Problem> {
        Ok(Self {
            query: ProductQuery::take(&mut fields.asked())?,
            page: page_from(fields),
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

    /// Names the filter: whatever the order and the page, the same rows can be chosen from.
    #[must_use]
    pub fn filter_address(&self) -> String {
        let query = ProductQuery {
            sort: ProductSort::default(),
            ..self.query.clone()
        };
        Self::of(query).address()
    }

    /// The page that shows this.
    #[must_use]
    pub fn address(&self) -> String {
        let mut fields = self.query.fields();
        for (name, value) in &mut fields {
            (*name, *value) = as_pages_write_it(name, value);
        }
        push_page(&mut fields, &self.page);
        paths::with_query(paths::PRODUCTS, &fields)
    }

    /// All that matches, as a file: `csv` or `xlsx`. The names are those of the API.
    #[must_use]
    pub fn export_address(&self, format: &str) -> String {
        let mut fields = vec![("format", format.to_owned())];
        fields.extend(self.query.fields());
        paths::with_query(paths::PRODUCT_EXPORT, &fields)
    }
}

/// A page's address is read by people.
fn as_pages_write_it(name: &'static str, value: &str) -> (&'static str, String) {
    match (name, value) {
        ("catalog_id", id) => ("catalogue", id.to_owned()),
        ("active", "true") => ("status", "active".to_owned()),
        ("active", _) => ("status", "inactive".to_owned()),
        _ => (name, value.to_owned()),
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

fn push(fields: &mut Vec<(&'static str, String)>, name: &'static str, value: Option<String>) {
    fields.extend(value.map(|value| (name, value)));
}

/// One filter in words, by its name in [`ProductQuery::fields`].
#[must_use]
pub fn filter_in_words(name: &str, value: &str, catalogs: &[(i64, String)]) -> String {
    let day = || request::day_or_moment(value);
    match name {
        "ids" => format!("{} chosen products", value.split(',').count()),
        "q" => format!("Search: {value}"),
        "sku" => format!("SKU begins with: {value}"),
        "name" => format!("Name contains: {value}"),
        "description" => format!("Description contains: {value}"),
        "active" if value == "true" => "Active".to_owned(),
        "active" => "Inactive".to_owned(),
        "catalog_id" => catalogs.iter().find(|(id, _)| id.to_string() == value).map_or_else(
            || format!("Catalogue {value}"),
            |(_, name)| format!("Catalogue: {name}"),
        ),
        "price_min" => format!("Price from {}", wording::typed_amount(value)),
        "price_max" => format!("Price to {}", wording::typed_amount(value)),
        "created_after" => format!("Created since {}", day()),
        "created_before" => format!("Created before {}", day()),
        "updated_after" => format!("Updated since {}", day()),
        "updated_before" => format!("Updated before {}", day()),
        "import" => format!("Touched by import #{value}"),
        "deleted" => "In the bin".to_owned(),
        _ => format!("{name}: {value}"),
    }
}

/// All filters of a query in words.
#[must_use]
pub fn filters_in_words(query: &ProductQuery, catalogs: &[(i64, String)]) -> Vec<String> {
    let fields = query.fields();
    let filters = fields.iter().filter(|(name, _)| *name != "sort");
    filters
        .map(|(name, value)| filter_in_words(name, value, catalogs))
        .collect()
}

#[cfg(test)]
mod tests {
    use stockroom::{page::PageRequest, products::ProductSort};

    use super::ProductSearch;
    use crate::fields::Fields;

    fn search(query: &str) -> ProductSearch {
        ProductSearch::from_fields(&Fields::parse(query)).expect("a search")
    }

    #[test]
    fn blank_fields_of_a_plain_form_ask_for_nothing() {
        let blank = search("q=&sku=++&catalogue=&status=&price_min=&sort=");
        assert_eq!(blank, ProductSearch::default());
        assert_eq!(blank.address(), "/products");
    }

    #[test]
    fn an_address_brings_back_the_search_that_made_it() {
        let query = "q=blue%20mug&sku=AB&catalogue=7&status=inactive&price_min=1.50&sort=-price&size=25&after=9~100%25";
        assert_eq!(search(query).address(), format!("/products?{query}"));
    }

    #[test]
    fn another_query_begins_at_the_first_page_and_keeps_the_size() {
        let before = search("sort=-name&size=100&q=mug&after=9~x");
        let after = before.cleared();
        let first = PageRequest {
            size: Some(100),
            ..PageRequest::default()
        };
        assert_eq!((after.query.sort, &after.page), (ProductSort::NameDescending, &first));
        assert!(before.query.is_filtered() && !after.query.is_filtered());
    }

    #[test]
    fn an_export_has_the_filters_under_the_names_of_the_api() {
        let found = search("status=active&catalogue=7&after=9~x");
        assert_eq!(
            found.export_address("csv"),
            "/api/v1/products/export?format=csv&catalog_id=7&active=true"
        );
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_no_silent_guess() {
        assert!(ProductSearch::from_fields(&Fields::parse("price_min=cheap")).is_err());
    }
}
