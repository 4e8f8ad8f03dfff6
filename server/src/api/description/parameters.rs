//! Parameters: those of paths and headers, which have no struct of their own, and what the attributes of the others cannot say.

use serde_json::{Value, json};
use stockroom::asked::MOMENTS;
use stockroom::products::export::ExportColumn;

use super::{each_operation, merge, words};

/// Any text, as the attributes say it.
const TEXT: &str = r"^[^\x00]*$";
/// A text that has something in it.
const NOT_BLANK: &str = r"^[^\x00]*[^\s\x00][^\x00]*$";

pub fn complete(document: &mut Value) {
    each_operation(document, |method, path, operation| {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            describe(path, &name, parameter);
            narrow(method, path, &name, parameter);
            illustrate(parameter);
        }
    });
}

/// A day, which stands for its beginning in UTC, or a moment.
pub fn moment() -> Value {
    json!({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]})
}

/// Of a schema that takes any text.
pub fn refuse_blank(schema: &mut Value) {
    if schema["pattern"] == TEXT {
        schema["pattern"] = json!(NOT_BLANK);
    }
}

fn describe(path: &str, name: &str, parameter: &mut Value) {
    let known = match (path, name) {
        (path, "id") if path.starts_with("/uploads") => "The last part of the upload's address",
        (path, "id") if path.starts_with("/products") => "Number of the product",
        (path, "id") if path.starts_with("/catalogs") => "Number of the catalogue",
        (path, "id") if path.starts_with("/webhooks") => "Number of the webhook",
        (path, "id") if path.starts_with("/schedules") => "Number of the schedule",
        (_, "id") => "Number of the import or other job",
        (_, "catalog_id") if parameter["in"] == "path" => "Number of the catalogue",
        (_, "delivery") => "Number of the delivery",
        (_, "sha256") => "SHA-256 of the picture's bytes, in hexadecimal",
        (_, "Tus-Resumable") => "Version of tus",
        (_, "Upload-Length") => "Bytes of the whole file",
        (_, "Upload-Offset") => "Bytes that are there already",
        (_, "Upload-Metadata") => "Names and values, the values in Base64. `filename` names the file",
        (_, "X-HTTP-Method-Override") => "The method that is meant. With `PATCH`, `Upload-Offset` is needed as well",
        (_, "If-None-Match") => "`ETag` of the picture as it was answered",
        _ => return,
    };
    parameter["description"] = json!(known);
}

/// What values there can be.
fn narrow(method: &str, path: &str, name: &str, parameter: &mut Value) {
    let is_path = parameter["in"] == "path";
    let is_optional = parameter["required"] != true;
    // An empty filter is no filter. Those of a deletion must have a value: it would take more products than were meant.
    let may_be_empty = method != "delete" || !path.starts_with("/products");
    if !may_be_empty {
        refuse_blank(&mut parameter["schema"]);
    } else if parameter["in"] == "query" && is_optional {
        // A form sends what was not filled in as a name without a value.
        parameter["allowEmptyValue"] = json!(true);
    }
    let schema = &mut parameter["schema"];
    // What is not there is left out, and not written as null.
    let types = schema["type"].as_array();
    let one = types.and_then(|types| types.iter().find(|one| *one != "null").cloned());
    if let Some(one) = one {
        schema["type"] = one;
    }
    match name {
        "id" if path.starts_with("/uploads") => merge(schema, json!({"pattern": "^[0-9a-f]{32}$"})),
        "sha256" => merge(schema, json!({"pattern": "^[0-9a-f]{64}$"})),
        "id" | "delivery" | "catalog_id" | "import" => merge(schema, json!({"minimum": 1, "maximum": i64::MAX})),
        "Upload-Length" | "Upload-Offset" => merge(schema, json!({"minimum": 0, "maximum": i64::MAX})),
        "Upload-Metadata" => merge(schema, json!({"maxLength": 1000})),
        "confirm" if method == "delete" && !is_optional => merge(schema, json!({"enum": [true]})),
        "columns" => {
            let column = ExportColumn::ALL.map(ExportColumn::name).join("|");
            merge(schema, json!({"pattern": format!("^({column})(,({column}))*$")}));
        }
        name if MOMENTS.contains(&name) => *schema = moment(),
        name if !is_path => {
            if let Some(known) = words::of_parameter(path, name) {
                words::set(schema, &known);
            }
        }
        _ => {}
    }
}

/// An example for each parameter, but for those that only an answer can give.
fn illustrate(parameter: &mut Value) {
    let name = parameter["name"].as_str().unwrap_or_default();
    if parameter.get("example").is_some() || matches!(name, "after" | "before") {
        return;
    }
    let schema = &parameter["schema"];
    let example = match name {
        "sha256" => json!("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        "id" if schema["type"] == "string" => json!("4bf92f3577b34da6a3ce929d0e0e4736"),
        "Upload-Length" => json!(48),
        "Upload-Offset" => json!(0),
        "Upload-Metadata" => json!("filename cHJpY2VzLmNzdg=="),
        "If-None-Match" => json!("\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\""),
        name if MOMENTS.contains(&name) => json!(if matches!(name, "to" | "created_before" | "updated_before") {
            "2099-12-31T08:00:00Z"
        } else {
            "2026-11-20"
        }),
        _ => match schema["type"].as_str() {
            Some("boolean") => json!(name == "confirm" || name == "active"),
            Some("integer") => json!(1),
            _ => schema["enum"][0].clone(),
        },
    };
    parameter["example"] = example;
}
