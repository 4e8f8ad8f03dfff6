//! A product as somebody wants it to be, checked: the same rules as for the rows of a file.

use std::collections::BTreeMap;

use super::Product;
use super::fields::{DESCRIPTION_MAX, NAME_MAX, fits};
use super::price::{self, PriceError};
use super::sku::{Sku, SkuError};
use crate::asked;
use crate::problem::{FieldError, Problem};

/// Names of the fields of a form, and of JSON.
pub const FIELDS: [&str; 6] = ["sku", "name", "description", "price", "active", "catalog_id"];

/// All that a person may decide about a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductDraft {
    pub sku: Sku,
    pub name: String,
    pub description: String,
    pub price_minor: Option<i64>,
    pub active: bool,
    pub catalog_id: Option<i64>,
}

/// The same as text, before it is checked. What is `None` is not to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductText {
    pub sku: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    /// Blank: no price.
    pub price: Option<String>,
    pub active: Option<bool>,
    /// Blank: no catalogue.
    pub catalog_id: Option<String>,
}

impl ProductText {
    /// A product made of this alone; what is missing is empty, and the product is active.
    ///
    /// # Errors
    /// Names every field that cannot be used.
    pub fn whole(&self) -> Result<ProductDraft, Problem> {
        self.over(&Self::default())
    }

    /// `product` with these changes.
    ///
    /// # Errors
    /// Names every field that cannot be used.
    pub fn on(&self, product: &Product) -> Result<ProductDraft, Problem> {
        let mut draft = self.over(&Self::of(product))?;
        // What a form cannot show as it is comes back changed without anybody having touched it.
        if draft.name == one_line(&product.name) {
            draft.name.clone_from(&product.name);
        }
        if draft.description == unix_lines(&product.description) {
            draft.description.clone_from(&product.description);
        }
        Ok(draft)
    }

    /// What is missing becomes empty, and the product active.
    #[must_use]
    pub fn or_empty(self) -> Self {
        let or_empty = |text: Option<String>| Some(text.unwrap_or_default());
        Self {
            sku: or_empty(self.sku),
            name: or_empty(self.name),
            description: or_empty(self.description),
            price: or_empty(self.price),
            active: self.active.or(Some(true)),
            catalog_id: or_empty(self.catalog_id),
        }
    }

    /// What a form shows of a product.
    #[must_use]
    pub fn of(product: &Product) -> Self {
        Self {
            sku: Some(product.sku.clone()),
            name: Some(product.name.clone()),
            description: Some(product.description.clone()),
            price: Some(product.price_minor.map(price::plain).unwrap_or_default()),
            active: Some(product.active),
            catalog_id: Some(product.catalog_id.map(|id| id.to_string()).unwrap_or_default()),
        }
    }

    /// Names and values of the fields, as a form sends them.
    #[must_use]
    pub fn values(&self) -> BTreeMap<String, String> {
        let active = self.active.map(|active| active.to_string());
        let texts = [
            &self.sku,
            &self.name,
            &self.description,
            &self.price,
            &active,
            &self.catalog_id,
        ];
        FIELDS
            .iter()
            .zip(texts)
            .filter_map(|(name, text)| Some(((*name).to_owned(), text.clone()?)))
            .collect()
    }

    fn over(&self, before: &Self) -> Result<ProductDraft, Problem> {
        fn text<'a>(new: &'a Option<String>, old: &'a Option<String>) -> &'a str {
            new.as_deref().or(old.as_deref()).unwrap_or_default()
        }
        let mut faults = Vec::new();
        let sku = kept("sku", sku(text(&self.sku, &before.sku)), &mut faults);
        let name = kept("name", name(text(&self.name, &before.name)), &mut faults);
        let description = text(&self.description, &before.description);
        let description = kept("description", described(description), &mut faults);
        let price_minor = kept("price", amount(text(&self.price, &before.price)), &mut faults);
        let catalog_id = kept(
            "catalog_id",
            catalogue(text(&self.catalog_id, &before.catalog_id)),
            &mut faults,
        );
        let active = self.active.or(before.active).unwrap_or(true);
        match (sku, name, description, price_minor, catalog_id) {
            (Some(sku), Some(name), Some(description), Some(price_minor), Some(catalog_id)) => Ok(ProductDraft {
                sku,
                name,
                description,
                price_minor,
                active,
                catalog_id,
            }),
            _ => Err(refusal(faults)),
        }
    }
}

fn refusal(errors: Vec<FieldError>) -> Problem {
    let sentences: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    Problem {
        errors: errors.clone(),
        ..Problem::unprocessable(sentences.join(" "))
    }
}

fn kept<T>(field: &str, checked: Result<T, &'static str>, faults: &mut Vec<FieldError>) -> Option<T> {
    checked
        .map_err(|message| {
            faults.push(FieldError {
                field: field.to_owned(),
                message: message.to_owned(),
            });
        })
        .ok()
}

fn sku(text: &str) -> Result<Sku, &'static str> {
    Sku::parse(text).map_err(|error| match error {
        SkuError::Missing => "Enter a SKU.",
        SkuError::TooLong => "Enter a SKU of at most 200 characters.",
        SkuError::Invisible => "Remove the invisible characters from the SKU, for example by typing it anew.",
    })
}

fn name(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("Enter a name.");
    }
    if !fits(text, NAME_MAX) {
        return Err("Enter a name of at most 500 characters.");
    }
    clean(text)
}

fn described(text: &str) -> Result<String, &'static str> {
    if !fits(text, DESCRIPTION_MAX) {
        return Err("Enter a description of at most 100,000 characters.");
    }
    clean(text)
}

/// As an input of one line gives a text back.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], "").trim().to_owned()
}

/// As an input of several lines gives a text back, once its line breaks are single characters.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// PostgreSQL stores no zero byte.
fn clean(text: &str) -> Result<String, &'static str> {
    if text.contains('\0') {
        return Err("Remove the control characters.");
    }
    Ok(text.to_owned())
}

fn amount(text: &str) -> Result<Option<i64>, &'static str> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    price::parse(text).map(Some).map_err(|error| match error {
        PriceError::NotANumber => "Enter the price as a number, such as 12.50.",
        PriceError::Ambiguous => "Enter the price with two decimals: this could be read in two ways.",
        PriceError::TooPrecise => "Enter a price with at most two decimals.",
        PriceError::Negative => "Enter a price of zero or more.",
        PriceError::TooLarge => "Enter a price below ten thousand million.",
    })
}

fn catalogue(text: &str) -> Result<Option<i64>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| "Choose a catalogue from the list.")
}

/// The fields of a form; unknown ones are refused by the caller.
///
/// # Errors
/// Names the field that cannot be read.
pub fn from_form(fields: &mut asked::Fields) -> Result<ProductText, Problem> {
    Ok(ProductText {
        sku: Some(fields.remove("sku").unwrap_or_default()),
        name: Some(fields.remove("name").unwrap_or_default()),
        // A form sends each line break as two characters.
        description: Some(unix_lines(&fields.remove("description").unwrap_or_default())),
        price: Some(fields.remove("price").unwrap_or_default()),
        // A box that is not ticked is not sent.
        active: Some(asked::truth(fields, "active")?.unwrap_or(false)),
        catalog_id: Some(fields.remove("catalog_id").unwrap_or_default()),
    })
}

#[cfg(test)]
mod tests {
    use super::ProductText;

    #[test]
    fn every_fault_is_named_at_once() {
        let text = ProductText {
            sku: Some("a\u{200b}b".into()),
            price: Some("1,234".into()),
            catalog_id: Some("Garden".into()),
            ..ProductText::default()
        };
        let problem = text.whole().expect_err("faults");
        let fields: Vec<_> = problem.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(
            (problem.status, fields),
            (422, vec!["sku", "name", "price", "catalog_id"])
        );
    }

    #[test]
    fn what_is_not_said_is_usual() {
        let text = ProductText {
            sku: Some(" A ".into()),
            name: Some("Mug".into()),
            price: Some("12,50".into()),
            ..ProductText::default()
        };
        let draft = text.whole().expect("a draft");
        assert_eq!(
            (draft.sku.as_str(), draft.price_minor, draft.active),
            ("A", Some(1250), true)
        );
    }
}
