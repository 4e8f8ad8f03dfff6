//! Which column of a file goes to which field, found by the names that shops and their systems use.
//!
//! Source of the names: the exports of Shopify (current and former headers) and WooCommerce, and plain spellings. Names are
//! compared folded, so order, case, `_`, `-` and a trailing `*` do not matter. For each field the first name in its list wins;
//! a column that loses is not used, and the import's page says so.

use super::{ImportKind, MatchedColumn};
use crate::fold::fold;
use crate::problem::Problem;

/// A field and the names of its columns, the best first.
struct Field {
    name: &'static str,
    headers: &'static [&'static str],
    /// Used together with the best name: fills the cells that are blank there.
    fallback: &'static [(&'static str, &'static str)],
}

const PRODUCT_FIELDS: &[Field] = &[
    Field {
        name: "sku",
        headers: &[
            "sku",
            "variant sku",
            "sku id",
            "product sku",
            "item sku",
            "item no",
            "item number",
            "article",
            "article number",
            "artikelnummer",
            "product code",
            "code",
            "ref",
            "reference",
            "mpn",
        ],
        fallback: &[],
    },
    Field {
        name: "name",
        headers: &["name", "title", "product name", "item name", "product title", "product"],
        fallback: &[],
    },
    Field {
        name: "description",
        headers: &[
            "description",
            "body (html)",
            "long description",
            "desc",
            "body",
            "short description",
        ],
        fallback: &[("description", "short description")],
    },
    Field {
        name: "price",
        headers: &[
            "price",
            "variant price",
            "sale price",
            "regular price",
            "unit price",
            "vk",
            "rrp",
        ],
        fallback: &[("sale price", "regular price")],
    },
    Field {
        name: "active",
        headers: &[
            "active",
            "is active",
            "enabled",
            "status",
            "published",
            "published on online store",
            "visible",
        ],
        fallback: &[("status", "published"), ("status", "published on online store")],
    },
    Field {
        name: "catalog",
        headers: &[
            "catalog",
            "catalogue",
            "catalog name",
            "catalogue name",
            "category",
            "categories",
            "collection",
            "product category",
            "type",
        ],
        fallback: &[],
    },
    Field {
        name: "catalog_id",
        headers: &["catalog id", "catalogue id"],
        fallback: &[],
    },
];

const CATALOG_FIELDS: &[Field] = &[
    Field {
        name: "name",
        headers: &[
            "name",
            "catalog name",
            "catalogue name",
            "catalog",
            "catalogue",
            "title",
            "category",
            "collection",
        ],
        fallback: &[],
    },
    Field {
        name: "catalog_id",
        headers: &["catalog id", "catalogue id", "id"],
        fallback: &[],
    },
];

impl ImportKind {
    fn fields(self) -> &'static [Field] {
        match self {
            Self::Catalogs => CATALOG_FIELDS,
            _ => PRODUCT_FIELDS,
        }
    }

    /// The field that names a row.
    pub(super) fn key_field(self) -> &'static str {
        match self {
            Self::Catalogs => "name",
            _ => "sku",
        }
    }
}

/// How many headers are known; tells a right delimiter from a wrong one.
pub(super) fn known_headers(kind: ImportKind, headers: &[String]) -> usize {
    let known = |header: &String| {
        kind.fields()
            .iter()
            .any(|field| field.headers.contains(&plain(header).as_str()))
    };
    headers.iter().filter(|header| known(header)).count()
}

/// Where each column goes.
///
/// # Errors
/// When the column that names the rows is missing, or two columns have the same name and would go to the same field.
pub(super) fn match_columns(kind: ImportKind, headers: &[String]) -> Result<Vec<MatchedColumn>, Problem> {
    let names: Vec<String> = headers.iter().map(|header| plain(header)).collect();
    let mut columns: Vec<MatchedColumn> = headers
        .iter()
        .map(|header| MatchedColumn {
            header: header.clone(),
            field: None,
        })
        .collect();
    for field in kind.fields() {
        for index in columns_of(field, &names, headers)? {
            columns[index].field = Some(field.name.to_owned());
        }
    }
    if columns
        .iter()
        .any(|column| column.field.as_deref() == Some(kind.key_field()))
    {
        Ok(columns)
    } else {
        Err(key_missing(kind, headers))
    }
}

/// The columns of a field, the most important first.
fn columns_of(field: &Field, names: &[String], headers: &[String]) -> Result<Vec<usize>, Problem> {
    let position = |wanted: &str| names.iter().position(|name| name == wanted);
    let Some(best) = field.headers.iter().find(|wanted| position(wanted).is_some()) else {
        return Ok(Vec::new());
    };
    let same: Vec<&str> = names
        .iter()
        .zip(headers)
        .filter(|(name, _)| name == best)
        .map(|(_, header)| header.trim())
        .collect();
    if same.len() > 1 {
        return Err(twice(field.name, &same));
    }
    let fallback = field
        .fallback
        .iter()
        .find(|(first, second)| first == best && position(second).is_some());
    Ok([Some(*best), fallback.map(|(_, second)| *second)]
        .into_iter()
        .flatten()
        .filter_map(position)
        .collect())
}

/// Positions of a field's columns, the most important first: the order in which [`PRODUCT_FIELDS`] ranks their names.
pub(super) fn positions(kind: ImportKind, columns: &[MatchedColumn], field: &str) -> Vec<usize> {
    let rank = |index: &usize| {
        let name = plain(&columns[*index].header);
        let names = kind
            .fields()
            .iter()
            .find(|known| known.name == field)
            .map_or(&[][..], |known| known.headers);
        names.iter().position(|known| *known == name)
    };
    let mut found: Vec<usize> = (0..columns.len())
        .filter(|at| columns[*at].field.as_deref() == Some(field))
        .collect();
    found.sort_by_key(rank);
    found
}

/// A header as it is compared: folded, `_` and `-` as blanks, single blanks, no asterisk of a required column.
fn plain(header: &str) -> String {
    let folded = fold(header).replace(['_', '-', '\u{a0}'], " ");
    folded
        .trim_end_matches(['*', ':'])
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn key_missing(kind: ImportKind, headers: &[String]) -> Problem {
    let wanted = match kind {
        ImportKind::Catalogs => "a column called name",
        _ => "a column called SKU",
    };
    let found = headers
        .iter()
        .map(|header| format!("“{}”", shortened(header)))
        .collect::<Vec<_>>()
        .join(", ");
    let message = format!(
        "The file needs {wanted} in its first row. Its columns are: {}.",
        shortened_list(&found)
    );
    Problem::new(422, "A column is missing", message.clone()).with_field("file", message)
}

fn twice(field: &str, headers: &[&str]) -> Problem {
    let names = headers
        .iter()
        .map(|header| format!("“{}”", shortened(header)))
        .collect::<Vec<_>>()
        .join(" and ");
    let message = format!("Two columns could be the {field}: {names}. Rename or remove one of them.");
    Problem::new(422, "Two columns have the same name", message.clone()).with_field("file", message)
}

fn shortened(text: &str) -> String {
    text.trim().chars().take(60).collect()
}

fn shortened_list(text: &str) -> String {
    const MOST: usize = 1_000;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        format!("{} …", text.chars().take(MOST).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::{match_columns, positions};
    use crate::imports::ImportKind;

    fn matched(headers: &[&str]) -> Vec<Option<String>> {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        let columns = match_columns(ImportKind::Products, &headers).expect("columns");
        columns.into_iter().map(|column| column.field).collect()
    }

    fn fields<'a>(names: &[&'a str]) -> Vec<Option<&'a str>> {
        names.iter().map(|name| (!name.is_empty()).then_some(*name)).collect()
    }

    #[test]
    fn headers_are_found_in_any_order_case_and_spelling() {
        let found = matched(&["PRICE", " Sku* ", "item-name", "Beschreibung", "is_active"]);
        let found: Vec<Option<&str>> = found.iter().map(Option::as_deref).collect();
        assert_eq!(found, fields(&["price", "sku", "name", "", "active"]));
    }

    #[test]
    fn wide_letters_in_a_header_are_the_same_letters() {
        assert_eq!(matched(&["ＳＫＵ"]), [Some("sku".to_owned())]);
    }

    #[test]
    fn shopify_and_woocommerce_exports_need_no_help() {
        let shopify = matched(&[
            "Handle",
            "Title",
            "Body (HTML)",
            "Variant SKU",
            "Variant Price",
            "Published",
            "Status",
        ]);
        let shopify: Vec<Option<&str>> = shopify.iter().map(Option::as_deref).collect();
        assert_eq!(
            shopify,
            fields(&["", "name", "description", "sku", "price", "active", "active"])
        );
        let woo = matched(&[
            "SKU",
            "Name",
            "Short description",
            "Description",
            "Sale price",
            "Regular price",
            "Categories",
        ]);
        let woo: Vec<Option<&str>> = woo.iter().map(Option::as_deref).collect();
        assert_eq!(
            woo,
            fields(&["sku", "name", "description", "description", "price", "price", "catalog"])
        );
    }

    #[test]
    fn of_two_columns_for_a_field_the_better_name_comes_first() {
        let headers: Vec<String> = ["SKU", "Regular price", "Sale price"].map(str::to_owned).to_vec();
        let columns = match_columns(ImportKind::Products, &headers).expect("columns");
        assert_eq!(positions(ImportKind::Products, &columns, "price"), [2, 1]);
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        let headers = ["sku".to_owned(), "SKU".to_owned()];
        let refused = match_columns(ImportKind::Products, &headers).expect_err("twice");
        assert_eq!(
            (refused.status, refused.detail.contains("“sku” and “SKU”")),
            (422, true)
        );
    }

    #[test]
    fn a_file_without_skus_is_told_what_was_found() {
        let headers = ["Name".to_owned(), "Preis".to_owned()];
        let refused = match_columns(ImportKind::Products, &headers).expect_err("no SKU");
        assert!(refused.detail.contains("“Name”, “Preis”"), "{}", refused.detail);
    }
}
