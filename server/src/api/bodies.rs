//! What comes over the wire to create or change something, read field by field so that each refusal names the one at fault.

use std::collections::BTreeMap;
use std::fmt;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use stockroom::asked;
use stockroom::imports::plan::{BulkAction, Selection};
use stockroom::problem::Problem;
use stockroom::products::draft::ProductText;
use stockroom::products::{ProductQuery, price};
use utoipa::ToSchema;

use super::params;

pub type Body = Result<Json<Object>, JsonRejection>;

/// A JSON object whose names are all different: of two values under one name nobody can say which was meant.
pub struct Object(Map<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields).map(Self)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        while let Some((name, value)) = access.next_entry::<String, Value>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("the field “{name}” is there twice")));
            }
            fields.insert(name, value);
        }
        Ok(fields)
    }
}

/// A product to be. `PUT` takes what is missing as empty, and fields of an answer that nobody can set (`id`, `catalog_name`,
/// `created_at` …) may stay in; `PATCH` leaves as it is what is missing, and refuses those.
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

/// A whole product, as an answer has it: fields that nobody can set may stay in.
///
/// # Errors
/// Names the field that cannot be read.
pub fn product(body: Body) -> Result<(ProductText, Option<i64>), Problem> {
    const READ_ONLY: [&str; 9] = [
        "id",
        "catalog_name",
        "parent_id",
        "options",
        "attributes",
        "pictures",
        "created_at",
        "updated_at",
        "deleted_at",
    ];
    let mut fields = object(body)?;
    for name in READ_ONLY {
        fields.remove(name);
    }
    product_fields(fields)
}

/// Only what changes. A field that nobody can set is refused: whoever sends it expects that it has an effect.
///
/// # Errors
/// Names the field that cannot be read.
pub fn product_changes(body: Body) -> Result<(ProductText, Option<i64>), Problem> {
    product_fields(object(body)?)
}

/// The fields that stand in the body, and the version in it.
fn product_fields(mut fields: Map<String, Value>) -> Result<(ProductText, Option<i64>), Problem> {
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

/// Which products, and that it is meant.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `bulk_delete` reads")]
pub struct BulkDeleteBody {
    /// Must be true. Without it nothing happens and the answer is 400.
    confirm: bool,
    /// Up to 10,000 products by their ids …
    ids: Option<Vec<i64>>,
    /// … or all that match: the parameters of `GET /products` as texts …
    #[schema(value_type = Option<BTreeMap<String, String>>, example = json!({"active": "false"}))]
    filter: Option<BTreeMap<String, String>>,
    /// … or all there are.
    all: Option<bool>,
}

/// The same with what is to be done. What deletes needs `confirm`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what `bulk` reads")]
pub struct BulkBody {
    /// `delete`, `restore`, `purge`, `activate`, `deactivate` or `move`.
    #[schema(example = "deactivate")]
    action: String,
    /// For `move`: into which catalogue, null for none.
    catalog_id: Option<i64>,
    confirm: Option<bool>,
    ids: Option<Vec<i64>>,
    #[schema(value_type = Option<BTreeMap<String, String>>, example = json!({"sku": "MUG-"}))]
    filter: Option<BTreeMap<String, String>>,
    all: Option<bool>,
}

/// # Errors
/// 400 when it is not confirmed or says of no product, or of several sets of products, that it is meant.
pub fn bulk_delete(body: Body) -> Result<Selection, Problem> {
    let mut fields = object(body)?;
    require_confirmation(&mut fields)?;
    let selection = selection(&mut fields)?;
    nothing_left(&fields)?;
    Ok(selection)
}

/// # Errors
/// As [`bulk_delete`], and when there is no such action.
pub fn bulk(body: Body) -> Result<(BulkAction, Selection), Problem> {
    let mut fields = object(body)?;
    let catalog = fields.remove("catalog_id");
    let action = match text(&mut fields, "action")?.as_deref() {
        Some("delete") => BulkAction::Delete,
        Some("restore") => BulkAction::Restore,
        Some("purge") => BulkAction::Purge,
        Some("activate") => BulkAction::Activate,
        Some("deactivate") => BulkAction::Deactivate,
        Some("move") => BulkAction::Move {
            catalog_id: match &catalog {
                Some(Value::Null) => None,
                Some(id) => Some(
                    id.as_i64()
                        .ok_or_else(|| wrong("catalog_id", "the id of a catalogue, or null"))?,
                ),
                None => return Err(wrong("catalog_id", "the id of a catalogue, or null")),
            },
        },
        _ => return Err(wrong("action", "delete, restore, purge, activate, deactivate or move")),
    };
    if action.is_destructive() {
        require_confirmation(&mut fields)?;
    }
    fields.remove("confirm");
    let selection = selection(&mut fields)?;
    nothing_left(&fields)?;
    Ok((action, selection))
}

fn require_confirmation(fields: &mut Map<String, Value>) -> Result<(), Problem> {
    match fields.remove("confirm") {
        Some(Value::Bool(true)) => Ok(()),
        _ => Err(params::unconfirmed()),
    }
}

fn selection(fields: &mut Map<String, Value>) -> Result<Selection, Problem> {
    let all = match fields.remove("all") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(_) => return Err(wrong("all", "true or false")),
    };
    match (fields.remove("ids"), fields.remove("filter"), all) {
        (Some(Value::Array(ids)), None, false) => {
            let ids: Option<Vec<i64>> = ids.iter().map(Value::as_i64).collect();
            Ok(Selection::Ids(
                ids.ok_or_else(|| wrong("ids", "a list of whole numbers"))?,
            ))
        }
        (Some(_), None, false) => Err(wrong("ids", "a list of whole numbers")),
        (None, Some(filter), false) => filtered(filter),
        (None, None, true) => Ok(Selection::Matching(Box::default())),
        _ => Err(Problem::bad_request(
            "Say which products are meant: give exactly one of ids, filter, or all: true. Nothing was done.",
        )),
    }
}

fn filtered(filter: Value) -> Result<Selection, Problem> {
    let Value::Object(filter) = filter else {
        return Err(wrong("filter", "an object such as {\"active\": false}"));
    };
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    let fields: Option<asked::Fields> = filter
        .into_iter()
        .map(|(name, value)| Some((name, text(value)?)))
        .collect();
    let mut fields = fields.ok_or_else(|| wrong("filter", "texts, numbers, true or false as its values"))?;
    let query = ProductQuery::take(&mut fields)?;
    match fields.keys().next() {
        // What was meant as a narrower filter must not become a wider one.
        Some(name) => Err(wrong(&format!("filter.{name}"), "a parameter that GET /products knows")),
        None if !query.is_filtered() => Err(Problem::bad_request(
            "The filter is empty. To mean all products, send all: true. Nothing was done.",
        )),
        None => Ok(Selection::Matching(Box::new(query))),
    }
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

pub(super) fn object(body: Body) -> Result<Map<String, Value>, Problem> {
    match body {
        Ok(Json(Object(fields))) => Ok(fields),
        Err(JsonRejection::JsonDataError(error)) => Err(Problem::bad_request(format!(
            "{}. Send a JSON object, such as {{\"sku\": \"MUG-1\", \"name\": \"Mug\"}}.",
            error.body_text()
        ))),
        Err(rejection) => Err(Problem::new(
            rejection.status().as_u16(),
            "The request could not be understood",
            format!("{}.", rejection.body_text()),
        )),
    }
}

/// The object of a request that may come without one.
pub(super) fn optional(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    let Object(fields) = serde_json::from_slice(body)
        .map_err(|error| Problem::bad_request(format!("The body is no JSON object: {error}.")))?;
    Ok(fields)
}

pub(super) fn text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Problem> {
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

pub(super) fn wrong(field: &str, expected: &str) -> Problem {
    let message = format!("Give {expected}.");
    Problem::unprocessable(format!("The field “{field}” cannot be used. {message}")).with_field(field, message)
}

pub(super) fn nothing_left(fields: &Map<String, Value>) -> Result<(), Problem> {
    match fields.keys().next() {
        None => Ok(()),
        Some(name) => {
            let advice = "The fields are described at /docs.";
            Err(Problem::unprocessable(format!("There is no field “{name}” here. {advice}")).with_field(name, advice))
        }
    }
}
