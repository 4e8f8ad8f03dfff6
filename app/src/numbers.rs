//! How the shop writes numbers, on either side: the server knows its settings, and tells the browser with the document.

use stockroom::settings::NumberFormat;

/// The format of the page that is being written.
#[cfg(feature = "ssr")]
#[must_use]
pub fn format() -> NumberFormat {
    crate::request::number_format()
}

/// The format of the page that stands in the browser; the document says it in `data-numbers`.
#[cfg(not(feature = "ssr"))]
#[must_use]
pub fn format() -> NumberFormat {
    let document = leptos::prelude::document().document_element();
    let name = document.and_then(|document| document.get_attribute("data-numbers"));
    name.and_then(|name| NumberFormat::parse(&name)).unwrap_or_default()
}
