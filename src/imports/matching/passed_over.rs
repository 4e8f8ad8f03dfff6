//! Columns that are known and of no use here, so that nobody need be asked about them.

/// Columns of this shop's own exports and files of problem rows.
const OWN: &[&str] = &[
    "id",
    "version",
    "created at",
    "updated at",
    "import row",
    "import problem",
    "import number",
];

/// Whether only this shop's own files have such a column.
pub(super) fn is_own(header: &str) -> bool {
    OWN.contains(&header)
}

/// Columns of the usual exports that mean nothing to this shop: nobody need be asked about them.
const PASSED_OVER: &[&str] = &[
    // Shopify, current and former.
    "vendor",
    "tags",
    "barcode",
    "charge tax",
    "tax code",
    "compare at price",
    "cost per item",
    "inventory tracker",
    "inventory quantity",
    "continue selling when out of stock",
    "weight value (grams)",
    "weight unit for display",
    "requires shipping",
    "fulfillment service",
    "image alt text",
    "gift card",
    "seo title",
    "seo description",
    "unit price total measure",
    "unit price total measure unit",
    "unit price base measure",
    "unit price base measure unit",
    // WooCommerce.
    "gtin, upc, ean, or isbn",
    "is featured?",
    "visibility in catalog",
    "date sale price starts",
    "date sale price ends",
    "tax status",
    "tax class",
    "in stock?",
    "stock",
    "low stock amount",
    "backorders allowed?",
    "sold individually?",
    "allow customer reviews?",
    "purchase note",
    "shipping class",
    "download limit",
    "download expiry days",
    "grouped products",
    "upsells",
    "cross sells",
    "external url",
    "button text",
    "position",
    "cost of goods",
];

/// Beginnings and endings of such columns, of which there may be any number.
const PASSED_OVER_BEGINNINGS: &[&str] = &[
    "option1 ",
    "option2 ",
    "option3 ",
    "option4 ",
    "option5 ",
    "option6 ",
    "variant ",
    "google shopping / ",
    "included / ",
    "price / ",
    "compare at price / ",
    "attribute ",
    "download ",
    "meta: ",
    "weight (",
    "length (",
    "width (",
    "height (",
];
const PASSED_OVER_PART: &str = "(product metafields ";

/// Whether a column is known to be of no use here.
pub(super) fn is_passed_over(header: &str) -> bool {
    header.is_empty()
        || is_own(header)
        || PASSED_OVER.contains(&header)
        || PASSED_OVER_BEGINNINGS
            .iter()
            .any(|beginning| header.starts_with(beginning))
        || header.contains(PASSED_OVER_PART)
}
