//! Parameters as they stand in an address, checked one by one, so that each refusal names the one at fault.

use serde::Deserialize;
use stockroom::page::PageRequest;
use stockroom::problem::Problem;
use stockroom::products::{ProductQuery, ProductSort};
use utoipa::IntoParams;

/// Bytes of one text parameter.
const TEXT_MAX: usize = 1_000;

/// A number in a path. Whatever is none is the address of nothing.
///
/// # Errors
/// 404.
pub fn id(text: &str, what: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::not_found(what))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Cursor of the row after which the page begins: `next` of the page before.
    after: Option<String>,
    /// Cursor of the row before which the page ends: `prev` of the page after.
    before: Option<String>,
    /// Number of the page, from 1. Use cursors to go far.
    #[param(value_type = Option<u64>)]
    page: Option<String>,
    /// Rows of a page, 1 to 100, 50 if not given.
    #[param(value_type = Option<u64>)]
    size: Option<String>,
    /// The last page.
    #[param(value_type = Option<bool>)]
    last: Option<String>,
}

impl PageParams {
    /// # Errors
    /// Names the parameter that cannot be read.
    pub fn request(self) -> Result<PageRequest, Problem> {
        Ok(PageRequest {
            after: self.after,
            before: self.before,
            page: number(self.page.as_deref(), "page")?,
            size: number(self.size.as_deref(), "size")?,
            last: truth(self.last.as_deref(), "last")?.unwrap_or(false),
        })
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ProductParams {
    /// Found anywhere in SKU, name or description.
    q: Option<String>,
    /// Beginning of the SKU, in any case.
    sku: Option<String>,
    /// Only products that are for sale, or only those that are not.
    #[param(value_type = Option<bool>)]
    active: Option<String>,
    /// Only products of this catalogue.
    #[param(value_type = Option<i64>)]
    catalog_id: Option<String>,
    /// `sku`, `name`, `price`, `updated_at` or `id`, with `-` in front for the opposite order.
    sort: Option<String>,
    /// Cursor of the row after which the page begins: `next` of the page before.
    after: Option<String>,
    /// Cursor of the row before which the page ends: `prev` of the page after.
    before: Option<String>,
    /// Number of the page, from 1. Use cursors to go far.
    #[param(value_type = Option<u64>)]
    page: Option<String>,
    /// Rows of a page, 1 to 100, 50 if not given.
    #[param(value_type = Option<u64>)]
    size: Option<String>,
    /// The last page.
    #[param(value_type = Option<bool>)]
    last: Option<String>,
}

impl ProductParams {
    /// # Errors
    /// Names the parameter that cannot be read.
    pub fn parts(self) -> Result<(ProductQuery, PageRequest), Problem> {
        let query = query(
            self.q,
            self.sku,
            self.active.as_deref(),
            self.catalog_id.as_deref(),
            self.sort.as_deref(),
        )?;
        let page = PageParams {
            after: self.after,
            before: self.before,
            page: self.page,
            size: self.size,
            last: self.last,
        };
        Ok((query, page.request()?))
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ExportParams {
    /// `csv`.
    format: Option<String>,
    /// Columns from left to right, for example `sku,name,price`.
    pub columns: Option<String>,
    /// Found anywhere in SKU, name or description.
    q: Option<String>,
    /// Beginning of the SKU, in any case.
    sku: Option<String>,
    /// Only products that are for sale, or only those that are not.
    #[param(value_type = Option<bool>)]
    active: Option<String>,
    /// Only products of this catalogue.
    #[param(value_type = Option<i64>)]
    catalog_id: Option<String>,
    /// `sku`, `name`, `price`, `updated_at` or `id`, with `-` in front for the opposite order.
    sort: Option<String>,
}

impl ExportParams {
    /// # Errors
    /// Names the parameter that cannot be read.
    pub fn query(self) -> Result<ProductQuery, Problem> {
        if !matches!(self.format.as_deref(), None | Some("csv")) {
            return Err(unreadable("format", "Exports are written as csv."));
        }
        query(
            self.q,
            self.sku,
            self.active.as_deref(),
            self.catalog_id.as_deref(),
            self.sort.as_deref(),
        )
    }
}

fn query(
    q: Option<String>,
    sku: Option<String>,
    active: Option<&str>,
    catalog_id: Option<&str>,
    sort: Option<&str>,
) -> Result<ProductQuery, Problem> {
    Ok(ProductQuery {
        q: short(q, "q")?,
        sku: short(sku, "sku")?,
        active: truth(active, "active")?,
        catalog_id: number(catalog_id, "catalog_id")?,
        sort: order(sort)?,
    })
}

fn order(text: Option<&str>) -> Result<ProductSort, Problem> {
    let Some(text) = given(text) else {
        return Ok(ProductSort::default());
    };
    text.parse().map_err(|()| {
        unreadable(
            "sort",
            "Sort by sku, name, price, updated_at or id, with - in front for the opposite order.",
        )
    })
}

fn short(text: Option<String>, name: &str) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if text.len() > TEXT_MAX => Err(unreadable(name, "Search for at most 1,000 characters.")),
        Some(text) if text.contains('\0') => Err(unreadable(name, "Remove the control characters.")),
        text => Ok(text),
    }
}

fn number<T: std::str::FromStr>(text: Option<&str>, name: &str) -> Result<Option<T>, Problem> {
    given(text)
        .map(|text| text.parse().map_err(|_| unreadable(name, "Give a whole number.")))
        .transpose()
}

fn truth(text: Option<&str>, name: &str) -> Result<Option<bool>, Problem> {
    match given(text) {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(_) => Err(unreadable(name, "Give true or false.")),
    }
}

/// An empty parameter, as a form sends it, is none.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn unreadable(name: &str, advice: &str) -> Problem {
    Problem::bad_request(format!("The value of “{name}” cannot be read. {advice}")).with_field(name, advice)
}
