//! What a type cannot say of a body or an answer: fields that are refused, that are always there, that cannot be set, and rules between fields.

use serde_json::{Map, Value, json};
use stockroom::imports::options::Clearable;

use super::{merge, parameters, words};
use crate::api::bodies::{READ_ONLY_OF_CATALOGS, READ_ONLY_OF_PRODUCTS};
use crate::api::schedule_bodies::{READ_ONLY_OF_SCHEDULES, WORDS_OF_OPTIONS};
use crate::api::webhook_bodies::READ_ONLY_OF_WEBHOOKS;

/// The one field of answers that is not always there.
const SOMETIMES: &str = "unsearched";

pub fn complete(document: &mut Value) {
    let filter = filter(document);
    let schemas = document["components"]["schemas"].as_object_mut().into_iter().flatten();
    for (name, schema) in schemas {
        for part in parts(schema) {
            narrow_properties(name, part);
            if name.contains("View") || name == "IngestedProducts" {
                require_all(part);
            }
        }
        narrow(name, &filter, schema);
    }
}

/// The object, or those that it is put together from.
fn parts(schema: &mut Value) -> Vec<&mut Value> {
    if schema.get("allOf").is_some() {
        schema["allOf"].as_array_mut().into_iter().flatten().collect()
    } else {
        vec![schema]
    }
}

fn narrow_properties(schema: &str, part: &mut Value) {
    let properties = part.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        if let Some(known) = words::of_property(schema, name) {
            words::set(property, &known);
        }
        let is_moment =
            name.ends_with("_at") || matches!(name.as_str(), "moment" | "since" | "failing_since" | "old_secret_until");
        if is_moment && schema.ends_with("View") {
            property["format"] = json!("date-time");
        }
    }
}

/// What is none is written as `null`.
fn require_all(part: &mut Value) {
    let Some(properties) = part.get("properties").and_then(Value::as_object) else {
        return;
    };
    let names: Vec<&String> = properties.keys().filter(|name| *name != SOMETIMES).collect();
    let names = json!(names);
    part["required"] = names;
}

/// The rules of one schema.
fn narrow(name: &str, filter: &Value, schema: &mut Value) {
    match name {
        "ProductBody" => ignore(schema, &READ_ONLY_OF_PRODUCTS),
        "CatalogBody" => ignore(schema, &READ_ONLY_OF_CATALOGS),
        "WebhookBody" => ignore(schema, &READ_ONLY_OF_WEBHOOKS),
        "ScheduleBody" => ignore(schema, &READ_ONLY_OF_SCHEDULES),
        "WhenBody" => schema["oneOf"] = whens(),
        "HistoryView" => merge(
            &mut schema["properties"]["starts"]["items"],
            json!({"format": "date-time"}),
        ),
        "ReplayBody" => merge(&mut schema["properties"]["since"], moment()),
        "UploadForm" => {
            schema["oneOf"] = json!([{"required": ["file"]}, {"required": ["upload"]}]);
            for name in ["check", "confirm"] {
                // All is text in such a form, and programs that have no boolean write 1 and 0.
                schema["properties"][name]["type"] = json!(["boolean", "integer"]);
                schema["properties"][name]["enum"] = json!([true, false, 1, 0]);
            }
        }
        _ => {}
    }
    if matches!(name, "ProductBody" | "ProductChangesBody") {
        merge(&mut schema["properties"]["price"], price());
    }
    if matches!(name, "WebhookBody" | "WebhookChangesBody") {
        merge(&mut schema["properties"]["headers"], headers());
    }
    if matches!(name, "ScheduleBody" | "ScheduleChangesBody") {
        merge(&mut schema["properties"]["options"], options());
    }
    if matches!(name, "BulkBody" | "BulkDeleteBody") {
        merge(&mut schema["properties"]["filter"], filter.clone());
        schema["oneOf"] = json!([
            {"required": ["ids"], "properties": {"all": {"enum": [false]}}},
            {"required": ["filter"], "properties": {"all": {"enum": [false]}}},
            {"required": ["all"], "properties": {"all": {"enum": [true]}, "ids": false, "filter": false}},
        ]);
    }
    if name == "BulkDeleteBody" {
        schema["properties"]["confirm"]["enum"] = json!([true]);
    }
    if name == "BulkBody" {
        let confirmed = json!({"required": ["confirm"], "properties": {"confirm": {"enum": [true]}}});
        schema["if"] = json!({"properties": {"action": {"enum": ["delete", "purge"]}}});
        schema["then"] = confirmed;
    }
    if name.ends_with("Body") && name != "ProblemBody" && name != "FieldErrorBody" {
        schema["additionalProperties"] = json!(false);
    }
}

/// Fields that may stay in and have no effect.
fn ignore(schema: &mut Value, names: &[&str]) {
    for name in names {
        schema["properties"][*name] =
            json!({"description": "As answers have it. It has no effect here, whatever it is."});
    }
}

/// In place of a text only.
fn moment() -> Value {
    let mut moment = parameters::moment();
    // Whatever it is, it is a text.
    moment["type"] = json!("string");
    moment
}

fn price() -> Value {
    json!({
        "type": ["number", "string", "null"],
        "minimum": 0,
        "maximum": 9_999_999_999.99,
        "multipleOf": 0.01,
        "pattern": "^[0-9]{1,10}([.,][0-9]{1,2})?$",
    })
}

fn headers() -> Value {
    json!({
        "maxProperties": 20,
        "propertyNames": {"pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$"},
        "additionalProperties": {"type": ["string", "null"], "maxLength": 1000, "pattern": "^[ -~]*$"},
    })
}

/// What is null is as good as left out. Without types: the reader of the description complains of those that are narrower than the field's.
fn whens() -> Value {
    json!([
        {"required": ["every"], "properties": {"every": {"not": {"const": null}}, "at": {"const": null}, "days": {"const": null}}},
        {"required": ["at"], "properties": {"at": {"not": {"const": null}}, "every": {"const": null}}},
    ])
}

/// The fields of an upload that say how its rows are taken; which of them a blank cell clears is a list.
fn options() -> Value {
    let mut properties = Map::new();
    for name in WORDS_OF_OPTIONS {
        let mut option = json!({"type": ["string", "null"]});
        words::set(&mut option, &words::of_upload(name).unwrap_or_default());
        properties.insert(name.to_owned(), option);
    }
    let catalog = json!({
        "type": ["integer", "null"], "minimum": 1, "maximum": i64::MAX,
        "description": "The catalogue of products for which the file names none.",
    });
    let clear = json!({
        "type": ["array", "null"], "items": {"type": "string", "enum": Clearable::ALL},
        "description": "Fields that a blank cell clears; all others keep their value.",
    });
    properties.insert("catalog_id".to_owned(), catalog);
    properties.insert("clear".to_owned(), clear);
    json!({"properties": properties, "additionalProperties": false})
}

/// The filters of `GET /products`, as an object.
fn filter(document: &Value) -> Value {
    let parameters = document["paths"]["/products"]["get"]["parameters"].as_array();
    let paging = ["after", "before", "page", "size", "last", "sort", "deleted"];
    let mut properties = Map::new();
    for parameter in parameters.into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        if !paging.contains(&name) {
            let mut schema = filter_value(name, parameter["schema"].clone());
            schema["description"] = parameter["description"].clone();
            schema["example"] = parameter["example"].clone();
            properties.insert(name.to_owned(), schema);
        }
    }
    json!({"type": "object", "minProperties": 1, "properties": properties, "additionalProperties": false})
}

/// A value as JSON has it, or as it stands in an address.
fn filter_value(name: &str, schema: Value) -> Value {
    if name.starts_with("price_") {
        let mut price = price();
        price["type"] = json!(["number", "string"]);
        return price;
    }
    match schema["type"].as_str() {
        Some("boolean") => json!({"enum": [true, false, "true", "false"]}),
        Some("integer") => {
            json!({"type": ["integer", "string"], "minimum": 1, "maximum": i64::MAX, "pattern": "^0*[1-9][0-9]{0,17}$"})
        }
        _ => {
            // Blanks alone would be no filter.
            let mut schema = schema;
            parameters::refuse_blank(&mut schema);
            schema
        }
    }
}
