//! What comes over the wire to create or change something, read field by field so that each refusal names the one at fault.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use serde_json::{Map, Value};
use stockroom::problem::Problem;
use stockroom::products::draft::ProductText;
use stockroom::products::price;
use utoipa::ToSchema;

pub type Body = Result<Json<Value>, JsonRejection>;

/// A product to be. `PUT` takes what is missing as empty; `PATCH` leaves it as it is. Fields of an answer that nobody can set
/// (`id`, `catalog_name`, `created_at` …) may stay in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `product` reads")]
pub struct ProductBody {
    /// Unique without regard to case.
    #[schema(example = "MUG-1")]
    sku: String,
    #[schema(example = "Enamel mug")]
    name: String,
    description: Option<String>,
    /// In the shop's currency, as a number or as text; null for none.
    #[schema(value_type = Option<f64>, example = 12.99)]
    price: Option<String>,
    /// The same in hundredths; counts where `price` is missing.
    price_minor: Option<i64>,
    active: Option<bool>,
    catalog_id: Option<i64>,
    /// The version that was read: a product that has changed since is not changed. Also as `If-Match`.
    version: Option<i64>,
}

/// A catalogue to be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `catalog_name` reads")]
pub struct CatalogBody {
    /// Unique without regard to case.
    #[schema(example = "Garden")]
    name: String,
}

/// The fields that stand in the body, and the version in it.
///
/// # Errors
/// Names the field that cannot be read.
pub fn product(body: Body) -> Result<(ProductText, Option<i64>), Problem> {
    const READ_ONLY: [&str; 7] = [
        "id",
        "catalog_name",
        "parent_id",
        "options",
        "created_at",
        "updated_at",
        "deleted_at",
    ];
    let mut fields = object(body)?;
    for name in READ_ONLY {
        fields.remove(name);
    }
    let minor = fields.remove("price_minor");
    let product = ProductText {
        sku: text(&mut fields, "sku")?,
        name: text(&mut fields, "name")?,
        description: text(&mut fields, "description")?,
        price: match fields.remove("price") {
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::Null) => Some(String::new()),
            Some(Value::String(text)) => Some(text),
            Some(_) => return Err(wrong("price", "a number, a text such as “12.50”, or null")),
            None => minor_units(minor)?,
        },
        active: match fields.remove("active") {
            Some(Value::Bool(active)) => Some(active),
            None => None,
            Some(_) => return Err(wrong("active", "true or false")),
        },
        catalog_id: match fields.remove("catalog_id") {
            Some(Value::Null) => Some(String::new()),
            Some(Value::Number(id)) => Some(id.to_string()),
            None => None,
            Some(_) => return Err(wrong("catalog_id", "a number or null")),
        },
    };
    let version = match fields.remove("version") {
        None | Some(Value::Null) => None,
        Some(version) => Some(version.as_i64().ok_or_else(|| wrong("version", "a whole number"))?),
    };
    nothing_left(&fields)?;
    Ok((product, version))
}

/// # Errors
/// When it is missing or no text.
pub fn catalog_name(body: Body) -> Result<String, Problem> {
    let mut fields = object(body)?;
    for name in ["id", "product_count", "created_at", "updated_at"] {
        fields.remove(name);
    }
    let name = text(&mut fields, "name")?;
    nothing_left(&fields)?;
    Ok(name.unwrap_or_default())
}

/// The version that a program has read, as `If-Match` names it; `*` is any.
///
/// # Errors
/// When it is no version of ours.
pub fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text.trim_start_matches("W/").trim_matches('"').parse();
    version.map(Some).map_err(|_| {
        Problem::bad_request("If-Match names no version. Send the ETag of the product as it was answered.")
            .with_field("If-Match", "Send the ETag of the product as it was answered.")
    })
}

fn object(body: Body) -> Result<Map<String, Value>, Problem> {
    match body {
        Ok(Json(Value::Object(fields))) => Ok(fields),
        Ok(_) => Err(Problem::bad_request(
            "Send a JSON object, such as {\"sku\": \"MUG-1\", \"name\": \"Mug\"}.",
        )),
        Err(rejection) => Err(Problem::new(
            rejection.status().as_u16(),
            "The request could not be understood",
            format!("{}.", rejection.body_text()),
        )),
    }
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Problem> {
    match fields.remove(name) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(String::new())),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(name, "a text")),
    }
}

fn minor_units(value: Option<Value>) -> Result<Option<String>, Problem> {
    match value {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(String::new())),
        Some(value) => {
            let minor = value
                .as_i64()
                .filter(|minor| (0..=price::PRICE_MAX_MINOR).contains(minor));
            minor
                .map(|minor| Some(price::plain(minor)))
                .ok_or_else(|| wrong("price_minor", "a whole number of hundredths, zero or more, or null"))
        }
    }
}

fn wrong(field: &str, expected: &str) -> Problem {
    let message = format!("Give {expected}.");
    Problem::unprocessable(format!("The field “{field}” cannot be used. {message}")).with_field(field, message)
}

fn nothing_left(fields: &Map<String, Value>) -> Result<(), Problem> {
    match fields.keys().next() {
        None => Ok(()),
        Some(name) => {
            let advice = "The fields are described at /docs.";
            Err(Problem::unprocessable(format!("There is no field “{name}” here. {advice}")).with_field(name, advice))
        }
    }
}
