//! What goes over the wire.

use std::collections::BTreeMap;

use serde::Serialize;
use stockroom::catalogs::Catalog;
use stockroom::changes::{Change, FieldOrigin};
use stockroom::imports::problem::RowProblem;
use stockroom::page::Page;
use stockroom::pictures::Picture;
use stockroom::products::Product;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageView<T> {
    pub items: Vec<T>,
    /// Number of this page, where it is known.
    pub page: Option<u64>,
    /// Rows that were asked for.
    pub size: u64,
    /// Rows in all; counted up to 10,000 when filters are set.
    pub total: u64,
    /// Whether `total` is all there are.
    pub total_is_exact: bool,
    /// Cursor for `after`, when there is a next page.
    pub next: Option<String>,
    /// Cursor for `before`, when there is a previous page.
    pub prev: Option<String>,
    /// Products that a search for words does not see yet, because they came in just now. Only said where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsearched: Option<u64>,
}

impl<T, V: From<T>> From<Page<T>> for PageView<V> {
    fn from(page: Page<T>) -> Self {
        Self {
            page: page.skipped.map(|skipped| skipped.div_ceil(page.size) + 1),
            size: page.size,
            total: page.total.rows,
            total_is_exact: page.total.exact,
            next: page.next,
            prev: page.prev,
            unsearched: (page.unsearched > 0).then_some(page.unsearched),
            items: page.items.into_iter().map(V::from).collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ProductView {
    pub id: i64,
    /// As staff typed it; unique without regard to case.
    #[schema(example = "MUG-1")]
    pub sku: String,
    pub name: String,
    pub description: String,
    /// In the shop's currency. `price_minor` is the exact value.
    #[schema(example = 12.99)]
    pub price: Option<f64>,
    /// In hundredths of the shop's currency.
    #[schema(example = 1299)]
    pub price_minor: Option<i64>,
    pub active: bool,
    pub catalog_id: Option<i64>,
    pub catalog_name: Option<String>,
    /// The product of which this one is a variant.
    pub parent_id: Option<i64>,
    /// How a variant differs: colour, size …
    pub options: BTreeMap<String, String>,
    /// What else the files of suppliers say of it, under the names of their columns.
    pub attributes: BTreeMap<String, String>,
    /// Addresses in order, or `sha256:` and the digest of a picture that came in a file.
    pub pictures: Vec<String>,
    /// Goes up by one with each change.
    pub version: i64,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

impl From<Product> for ProductView {
    fn from(product: Product) -> Self {
        Self {
            id: product.id,
            sku: product.sku,
            name: product.name,
            description: product.description,
            // Both the number and its hundredth are written exactly up to 2^53 hundredths, far above the highest price.
            #[expect(clippy::cast_precision_loss, reason = "see above")]
            price: product.price_minor.map(|minor| minor as f64 / 100.0),
            price_minor: product.price_minor,
            active: product.active,
            catalog_id: product.catalog_id,
            catalog_name: product.catalog_name,
            parent_id: product.parent_id,
            options: product.options,
            attributes: product.attributes,
            pictures: product.pictures,
            version: product.version,
            created_at: product.created_at.to_string(),
            updated_at: product.updated_at.to_string(),
        }
    }
}

/// One change of a product.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeView {
    /// The version that it made.
    pub version: i64,
    /// `create`, `update`, `delete` or `restore`.
    #[schema(value_type = String, example = "update")]
    pub kind: stockroom::changes::ChangeKind,
    /// Each field that changed, with its value before and after.
    #[schema(value_type = BTreeMap<String, Vec<serde_json::Value>>)]
    pub fields: stockroom::changes::FieldChanges,
    /// RFC 3339, UTC.
    pub made_at: String,
    /// A person, or an API key.
    pub made_by: Option<String>,
    pub import_id: Option<i64>,
    /// Row of the import's file, as a spreadsheet shows it, where it was a file.
    pub row: Option<i64>,
}

impl From<Change> for ChangeView {
    fn from(change: Change) -> Self {
        Self {
            version: change.version,
            kind: change.kind,
            fields: change.fields,
            made_at: change.made_at.to_string(),
            made_by: change.made_by,
            import_id: change.import_id,
            row: change.row,
        }
    }
}

/// Who or what set a field of a product to the value that it has now.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldView {
    /// `sku`, `name`, `description`, `price_minor`, `active` or `catalog_id`.
    #[schema(example = "price_minor")]
    pub field: String,
    /// The product's version that came with it.
    pub version: i64,
    /// RFC 3339, UTC.
    pub made_at: String,
    /// A person, or an API key; none where it was a job.
    pub made_by: Option<String>,
    pub import_id: Option<i64>,
    /// The import's file, or what the job was about.
    pub file_name: Option<String>,
    /// Row of that file, as a spreadsheet shows it.
    pub row: Option<i64>,
    /// Whether the product has had another value before.
    pub was_changed: bool,
    /// The value before; null also where there was none.
    #[schema(value_type = serde_json::Value)]
    pub before: Option<serde_json::Value>,
}

impl From<FieldOrigin> for FieldView {
    fn from(origin: FieldOrigin) -> Self {
        Self {
            field: origin.field,
            version: origin.version,
            made_at: origin.made_at.to_string(),
            made_by: origin.made_by,
            import_id: origin.job.as_ref().map(|job| job.id),
            file_name: origin.job.map(|job| job.name).filter(|name| !name.is_empty()),
            row: origin.row,
            was_changed: origin.before.is_some(),
            before: origin.before,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogView {
    pub id: i64,
    pub name: String,
    pub product_count: i64,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

impl From<Catalog> for CatalogView {
    fn from(catalog: Catalog) -> Self {
        Self {
            id: catalog.id,
            name: catalog.name,
            product_count: catalog.product_count,
            created_at: catalog.created_at.to_string(),
            updated_at: catalog.updated_at.to_string(),
        }
    }
}

/// A row that could not be used, or a warning about one that was.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemView {
    /// As a spreadsheet shows it: the header is row 1.
    pub row: i64,
    /// A word for programs.
    #[schema(example = "price_not_a_number")]
    pub kind: &'static str,
    /// `problem` (the row was left out) or `warning`.
    #[schema(value_type = String, example = "problem")]
    pub severity: stockroom::imports::problem::Severity,
    pub column: Option<String>,
    /// What was found there.
    pub value: Option<String>,
    /// What happened and what to do.
    pub message: String,
}

impl From<RowProblem> for ProblemView {
    fn from(problem: RowProblem) -> Self {
        Self {
            row: problem.row,
            kind: problem.kind.code(),
            severity: problem.severity,
            column: problem.column,
            value: problem.value,
            message: problem.message,
        }
    }
}

/// RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// A few words, the same for every occurrence of its kind.
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened, and what to do.
    pub detail: String,
    /// The fields, parameters or headers at fault.
    #[schema(nullable = false)]
    pub errors: Option<Vec<FieldErrorBody>>,
    /// Finds the log line of a failure that was ours.
    #[schema(nullable = false)]
    pub reference: Option<String>,
}

/// One field of the input that must change.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldErrorBody {
    pub field: String,
    pub message: String,
}

/// A picture of a product.
#[derive(Debug, Serialize, ToSchema)]
pub struct PictureView {
    /// As products list it: the address, or `sha256:` and the digest of a picture that came in a workbook.
    #[schema(example = "https://example.com/mug.jpg")]
    pub reference: String,
    /// `waiting`, `stored` or `failed`.
    #[schema(example = "stored")]
    pub state: &'static str,
    /// Where its bytes are, once it is stored.
    pub url: Option<String>,
    #[schema(example = "image/jpeg")]
    pub media_type: Option<String>,
    /// In pixels.
    pub width: Option<i64>,
    pub height: Option<i64>,
    /// In bytes.
    pub size: Option<i64>,
    /// Why it cannot be had, or could not be had the last time.
    pub problem: Option<String>,
}

impl From<Picture> for PictureView {
    fn from(picture: Picture) -> Self {
        Self {
            url: picture.sha256.map(|sha256| format!("/api/v1/pictures/{sha256}")),
            reference: picture.reference,
            state: picture.state.as_str(),
            media_type: picture.media_type,
            width: picture.width,
            height: picture.height,
            size: picture.size,
            problem: picture.problem,
        }
    }
}
