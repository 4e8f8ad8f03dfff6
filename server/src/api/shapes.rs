//! The shapes of what is sent to create or change something, for the description alone: `bodies` and `uploads` read it field by field. What a
//! type cannot say of them stands in `description`.

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// A product to be. What is missing is empty. Fields of an answer that nobody can set may stay in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `bodies::product` reads")]
pub struct ProductBody {
    /// Unique without regard to case. No invisible characters.
    #[schema(min_length = 1, max_length = 200, pattern = r"[^\s]")]
    sku: String,
    #[schema(min_length = 1, max_length = 500, pattern = r"[^\s]")]
    name: String,
    #[schema(max_length = 100000)]
    description: Option<String>,
    /// In the shop's currency, as a number or as text, with at most two decimals; null for none.
    price: Option<String>,
    /// The same in hundredths; counts where `price` is missing.
    #[schema(minimum = 0, maximum = 999_999_999_999i64)]
    price_minor: Option<i64>,
    /// Whether it is for sale. True if not given.
    #[schema(nullable = false)]
    active: Option<bool>,
    catalog_id: Option<i64>,
    /// The version that was read: a product that has changed since is not changed. Also as `If-Match`.
    version: Option<i64>,
}

/// What changes of a product. What is missing stays as it is, and what nobody can set is refused.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `bodies::product_changes` reads")]
pub struct ProductChangesBody {
    /// Unique without regard to case. No invisible characters.
    #[schema(min_length = 1, max_length = 200, pattern = r"[^\s]", nullable = false)]
    sku: Option<String>,
    #[schema(min_length = 1, max_length = 500, pattern = r"[^\s]", nullable = false)]
    name: Option<String>,
    #[schema(max_length = 100000)]
    description: Option<String>,
    /// In the shop's currency, as a number or as text, with at most two decimals; null for none.
    price: Option<String>,
    /// The same in hundredths; counts where `price` is missing.
    #[schema(minimum = 0, maximum = 999_999_999_999i64)]
    price_minor: Option<i64>,
    /// Whether it is for sale.
    #[schema(nullable = false)]
    active: Option<bool>,
    catalog_id: Option<i64>,
    /// The version that was read: a product that has changed since is not changed. Also as `If-Match`.
    version: Option<i64>,
}

/// A catalogue to be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `bodies::catalog_name` reads")]
pub struct CatalogBody {
    /// Unique without regard to case.
    #[schema(min_length = 1, max_length = 200, pattern = r"[^\s]")]
    name: String,
}

/// Which products, and that it is meant.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `bodies::bulk_delete` reads")]
pub struct BulkDeleteBody {
    /// Must be true. Without it nothing happens and the answer is 400.
    confirm: bool,
    /// Up to 10,000 products by their ids …
    #[schema(min_items = 1, max_items = 10000, nullable = false)]
    ids: Option<Vec<i64>>,
    /// … or all that match: the filters of `GET /products` …
    #[schema(nullable = false)]
    filter: Option<BTreeMap<String, String>>,
    /// … or all there are.
    #[schema(nullable = false)]
    all: Option<bool>,
}

/// The same with what is to be done. What deletes needs `confirm`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `bodies::bulk` reads")]
pub struct BulkBody {
    /// What is done. `purge` deletes products for good that are in the bin, `restore` takes them out of it.
    action: String,
    /// For `move`: into which catalogue, null for none.
    catalog_id: Option<i64>,
    /// Must be true for `delete` and `purge`. Without it nothing happens and the answer is 400.
    #[schema(nullable = false)]
    confirm: Option<bool>,
    /// Up to 10,000 products by their ids …
    #[schema(min_items = 1, max_items = 10000, nullable = false)]
    ids: Option<Vec<i64>>,
    /// … or all that match: the filters of `GET /products` …
    #[schema(nullable = false)]
    filter: Option<BTreeMap<String, String>>,
    /// … or all there are.
    #[schema(nullable = false)]
    all: Option<bool>,
}

/// A form with a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `uploads::take_in` reads")]
pub struct UploadForm {
    /// CSV (comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252) or an Excel workbook (.xlsx). The first row names the columns.
    #[schema(value_type = Option<String>, format = Binary, nullable = false)]
    file: Option<Vec<u8>>,
    /// In place of the file: the id of a resumable upload that is complete, the last part of its address.
    #[schema(nullable = false)]
    upload: Option<String>,
    /// What the rows are. `products` if not given.
    #[schema(nullable = false)]
    kind: Option<String>,
    /// The sheet of a workbook. Needed when several of its sheets could be meant.
    #[schema(max_length = 250, nullable = false)]
    sheet: Option<String>,
    /// `true`: find out what the file would do and wait for `POST /imports/{id}/apply`. Also as a parameter of the address.
    #[schema(nullable = false)]
    check: Option<bool>,
    /// Which products the rows may touch. `add_and_update` if not given.
    #[schema(nullable = false)]
    mode: Option<String>,
    /// Must be `true` with the mode `delete`, unless the file is checked first.
    #[schema(nullable = false)]
    confirm: Option<bool>,
    /// What becomes of the good rows when others have problems. `skip` if not given: they go in; `stop`: nothing does.
    #[schema(nullable = false)]
    on_problems: Option<String>,
    /// A SKU in several rows. `last_wins` if not given.
    #[schema(nullable = false)]
    duplicates: Option<String>,
    /// Names of catalogues that do not exist. `create` if not given.
    #[schema(nullable = false)]
    unknown_catalogs: Option<String>,
    /// The catalogue of products for which the file names none, by its id …
    #[schema(minimum = 1, nullable = false)]
    catalog_id: Option<i64>,
    /// … or by its name.
    #[schema(max_length = 200, nullable = false)]
    catalogue_name: Option<String>,
    /// Products of that catalogue that the file does not list. `ignore` if not given.
    #[schema(nullable = false)]
    missing: Option<String>,
    /// Columns that go to no field. `ignore` if not given; `keep`: as extra attributes.
    #[schema(nullable = false)]
    other_columns: Option<String>,
    /// What blank cells mean for descriptions. `keep` if not given.
    #[schema(nullable = false)]
    blank_description: Option<String>,
    /// The same for prices.
    #[schema(nullable = false)]
    blank_price: Option<String>,
    /// The same for catalogues.
    #[schema(nullable = false)]
    blank_catalog: Option<String>,
    /// The same for extra attributes.
    #[schema(nullable = false)]
    blank_attributes: Option<String>,
    /// The same for pictures.
    #[schema(nullable = false)]
    blank_pictures: Option<String>,
}
