//! What comes over the wire to create or change something, read field by field so that each refusal names the one at fault.

use std::fmt;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::http::header::IF_MATCH;
use axum::http::{HeaderMap, StatusCode};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use stockroom::asked;
use stockroom::imports::plan::{BulkAction, Selection};
use stockroom::problem::Problem;
use stockroom::products::draft::ProductText;
use stockroom::products::{ProductQuery, price};

use super::params;

pub type Body = Result<Json<Object>, JsonRejection>;
/// The body of a request that may come without one.
pub type OptionalBody = Result<Bytes, BytesRejection>;

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

/// Fields of answers that nobody can set. Whoever sends a whole product, catalogue or webhook back may leave them in.
pub const READ_ONLY_OF_PRODUCTS: [&str; 9] = [
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
pub const READ_ONLY_OF_CATALOGS: [&str; 4] = ["id", "product_count", "created_at", "updated_at"];

/// A whole product, as an answer has it: fields that nobody can set may stay in.
///
/// # Errors
/// Names the field that cannot be read.
pub fn product(body: Body) -> Result<(ProductText, Option<i64>), Problem> {
    let mut fields = object(body)?;
    for name in READ_ONLY_OF_PRODUCTS {
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
    for name in READ_ONLY_OF_CATALOGS {
        fields.remove(name);
    }
    let name = text(&mut fields, "name")?;
    nothing_left(&fields)?;
    Ok(name.unwrap_or_default())
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
    let target = || wrong("catalog_id", "the id of a catalogue, or null");
    let catalog = match fields.remove("catalog_id") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(id) => Some(Some(id.as_i64().filter(|id| *id > 0).ok_or_else(target)?)),
    };
    let action = match text(&mut fields, "action")?.as_deref() {
        Some("delete") => BulkAction::Delete,
        Some("restore") => BulkAction::Restore,
        Some("purge") => BulkAction::Purge,
        Some("activate") => BulkAction::Activate,
        Some("deactivate") => BulkAction::Deactivate,
        Some("move") => BulkAction::Move {
            catalog_id: catalog.ok_or_else(target)?,
        },
        _ => return Err(wrong("action", "delete, restore, purge, activate, deactivate or move")),
    };
    // It may have been meant as a filter.
    if catalog.flatten().is_some() && !matches!(action, BulkAction::Move { .. }) {
        return Err(wrong(
            "catalog_id",
            "a catalogue to “move” only; products of one are named by filter.catalog_id",
        ));
    }
    if action.is_destructive() {
        require_confirmation(&mut fields)?;
    }
    if !matches!(fields.remove("confirm"), None | Some(Value::Bool(_))) {
        return Err(wrong("confirm", "true or false"));
    }
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
    let text = |name: &str, value: Value| match (value, name) {
        // A blank would be no filter, and what was meant as some products would be all.
        (Value::String(text), _) => Some(text).filter(|text| !text.trim().is_empty()),
        (Value::Bool(truth), "active" | "deleted") => Some(truth.to_string()),
        // 7.0 is the number 7.
        (Value::Number(number), "catalog_id" | "import" | "price_min" | "price_max") => {
            Some(number.as_i64().map_or_else(
                || number.as_f64().unwrap_or_default().to_string(),
                |whole| whole.to_string(),
            ))
        }
        _ => None,
    };
    let expected = "a text, or what a product has there";
    let fields: Result<asked::Fields, Problem> = filter
        .into_iter()
        .map(|(name, value)| match text(&name, value) {
            Some(text) => Ok((name, text)),
            None => Err(wrong(&format!("filter.{name}"), expected)),
        })
        .collect();
    let mut fields = fields?;
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
    let tag = text.strip_prefix("W/").unwrap_or(text);
    let digits = tag
        .strip_prefix('"')
        .and_then(|tag| tag.strip_suffix('"'))
        .unwrap_or(tag);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number).map(Some).ok_or_else(|| {
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
        Err(rejection) => Err(unreadable(rejection.status(), &rejection.body_text())),
    }
}

fn unreadable(status: StatusCode, why: &str) -> Problem {
    Problem::new(
        status.as_u16(),
        "The request could not be understood",
        format!("{why}."),
    )
}

/// The object of a request that may come without one.
pub(super) fn optional(body: OptionalBody) -> Result<Map<String, Value>, Problem> {
    let body = body.map_err(|rejection| unreadable(rejection.status(), &rejection.body_text()))?;
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    let Object(fields) = serde_json::from_slice(&body)
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
