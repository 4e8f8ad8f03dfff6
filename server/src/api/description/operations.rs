//! What is true of all operations: who may call them, how they refuse, and the headers of their answers.

use axum::http::Method;
use serde_json::{Map, Value, json};
use stockroom::accounts::Role;

use super::{each_operation, merge};
use crate::middleware::authenticate::is_open;
use crate::middleware::authorize::needed;

/// Refusals that many operations share: status, when it is given, and the title and detail of an example.
const REFUSALS: [(&str, &str, &str, &str); 10] = [
    (
        "400",
        "The request cannot be read: a parameter, a header or the body",
        "The request could not be understood",
        "The value of “size” is out of range. Choose a page size from 1 to 100.",
    ),
    (
        "401",
        "No key, no session, or not a valid one",
        "Not signed in",
        "Sign in, or send an API key as “Authorization: Bearer …”.",
    ),
    (
        "403",
        "The role does not allow it, or a session's request comes from another site",
        "Not allowed",
        "You need the role editor to do this, and have the role viewer. Ask an administrator.",
    ),
    (
        "404",
        "There is nothing at this address",
        "Not found",
        "There is no product at this address. It may have been deleted.",
    ),
    (
        "409",
        "Something stands against it at the moment",
        "That is not possible now",
        "The upload is not complete: 3 of 48 bytes are there. Send the rest first.",
    ),
    (
        "413",
        "The body is too large",
        "The file is too large",
        "The selected file must be smaller than 512 MB.",
    ),
    (
        "415",
        "The body is of another kind",
        "This kind of file cannot be imported",
        "Choose a CSV file or an Excel workbook (.xlsx).",
    ),
    (
        "422",
        "The body can be read, and cannot be used as it is",
        "The input cannot be used as it is",
        "Enter a SKU.",
    ),
    (
        "423",
        "The upload is being written",
        "The upload is being written",
        "Another request is sending to this upload. Wait a moment and ask how far it is.",
    ),
    (
        "500",
        "A fault of the server. The log has it under the same `reference`",
        "There is a problem with the service",
        "This is our fault, and nothing was changed. Try again; if it happens again, tell your administrator the reference.",
    ),
];

/// Headers of answers: what they say, and an example.
const HEADERS: [(&str, &str, &str); 12] = [
    (
        "X-Request-Id",
        "The request's name in the log",
        "0b9e3f0e-3f0c-4f53-8c0a-6d0e2f0a9a11",
    ),
    ("Location", "Address of what has come of it", "/api/v1/imports/1"),
    (
        "ETag",
        "The version, for `If-Match`; of a picture its digest, for `If-None-Match`",
        "\"1\"",
    ),
    ("WWW-Authenticate", "How to say who asks", "Bearer"),
    (
        "Content-Disposition",
        "The file's name",
        "attachment; filename=\"products.csv\"",
    ),
    ("Tus-Resumable", "Version of tus", "1.0.0"),
    ("Tus-Version", "Versions of tus that are spoken", "1.0.0"),
    (
        "Tus-Extension",
        "Extensions of tus that are spoken",
        "creation,termination,expiration",
    ),
    ("Tus-Max-Size", "Bytes of the largest file", "536870912"),
    ("Upload-Offset", "Bytes that are stored for good", "48"),
    ("Upload-Length", "Bytes of the whole file", "48"),
    (
        "Upload-Expires",
        "When an upload is removed that nobody goes on with",
        "Sun, 22 Nov 2026 08:00:00 GMT",
    ),
];

pub fn complete(document: &mut Value) {
    let mut shared = Map::new();
    for (status, when, title, detail) in REFUSALS {
        shared.insert(name(status), refusal(status, when, title, detail));
    }
    document["components"]["responses"] = Value::Object(shared);
    each_operation(document, |method, path, operation| {
        say_who_may(method, path, operation);
        make_body_optional(operation);
        refuse(method, path, operation);
        let has_body = method != "head";
        for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            finish(status, path, has_body, response);
        }
    });
}

fn name(status: &str) -> String {
    format!("Problem{status}")
}

fn refusal(status: &str, when: &str, title: &str, detail: &str) -> Value {
    let mut response = json!({
        "description": when,
        "content": problem(status, title, detail),
        "headers": {"X-Request-Id": header("X-Request-Id")},
    });
    if status == "401" {
        response["headers"]["WWW-Authenticate"] = header("WWW-Authenticate");
    }
    response
}

fn problem(status: &str, title: &str, detail: &str) -> Value {
    json!({"application/problem+json": {
        "schema": {"$ref": "#/components/schemas/ProblemBody"},
        "example": {"title": title, "status": status.parse::<u16>().unwrap_or_default(), "detail": detail},
    }})
}

fn header(name: &str) -> Value {
    let known = HEADERS.iter().find(|(known, _, _)| *known == name);
    let (says, example) = known.map_or(("", ""), |(_, says, example)| (*says, *example));
    json!({"description": says, "required": true, "schema": {"type": "string"}, "example": example})
}

/// As the layers see it, which know the whole address.
fn role(method: &str, path: &str) -> Option<Role> {
    let address = format!("/api/v1{path}");
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).ok()?;
    (!is_open(&address)).then(|| needed(&method, &address))
}

fn say_who_may(method: &str, path: &str, operation: &mut Value) {
    let who = match role(method, path) {
        None => {
            operation["security"] = json!([]);
            "Open to everybody.".to_owned()
        }
        Some(Role::Viewer) => return,
        Some(role) => format!("Needs the role {}.", role.as_str()),
    };
    let description = operation["description"].as_str().unwrap_or_default();
    operation["description"] = json!(format!("{description}\n\n{who}"));
}

/// A body that may be left out is not `null`.
fn make_body_optional(operation: &mut Value) {
    let Some(schema) = operation.pointer_mut("/requestBody/content/application~1json/schema") else {
        return;
    };
    let choice = schema.get("oneOf").and_then(Value::as_array);
    let one = choice.and_then(|choice| choice.iter().find(|one| one.get("$ref").is_some()));
    if let Some(one) = one.cloned() {
        *schema = one;
        operation["requestBody"]["required"] = json!(false);
    }
}

/// Adds the refusals that follow from what an operation takes.
fn refuse(method: &str, path: &str, operation: &mut Value) {
    let takes = |place: &str| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|list| list.iter().any(|parameter| parameter["in"] == place))
    };
    let parameters = operation["parameters"].as_array();
    let has_key = parameters.is_some_and(|list| list.iter().any(|parameter| parameter["name"] == "Idempotency-Key"));
    let body = &operation["requestBody"];
    let is_form = body["content"].get("multipart/form-data").is_some();
    let is_json = body["content"].get("application/json").is_some();
    let role = role(method, path);
    let changes = !matches!(method, "get" | "head" | "options");
    let given = [
        ("400", takes("query") || takes("header") || is_form || is_json),
        ("401", role.is_some()),
        ("403", role.is_some_and(|role| changes || role > Role::Viewer)),
        ("404", takes("path")),
        ("409", is_form || has_key),
        ("413", is_form || is_json),
        ("415", is_form || (is_json && body["required"] == true)),
        ("422", is_form || is_json || has_key),
        ("423", is_form),
        ("500", role.is_some()),
    ];
    for (status, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        let responses = &mut operation["responses"];
        if responses.get(status).is_none() {
            responses[status] = if method == "head" {
                json!({"description": REFUSALS.iter().find(|refusal| refusal.0 == status).map(|refusal| refusal.1)})
            } else {
                json!({"$ref": format!("#/components/responses/{}", name(status))})
            };
        }
    }
}

/// One event of a stream, which carries JSON.
fn event(data: Value) -> Value {
    json!({
        "type": "object",
        "required": ["event", "data"],
        "properties": {
            "event": {"type": "string", "enum": ["progress"]},
            "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": data},
        },
    })
}

/// Content and headers that follow from the status and the body of an answer.
fn finish(status: &str, path: &str, has_body: bool, response: &mut Value) {
    if response.get("$ref").is_some() {
        return;
    }
    if let Some(stream) = response.pointer_mut("/content/text~1event-stream/schema") {
        *stream = event(stream.clone());
    }
    let is_refusal = status >= "400";
    if is_refusal && has_body {
        let title = REFUSALS
            .iter()
            .find(|refusal| refusal.0 == status)
            .map_or("Not possible", |refusal| refusal.2);
        let detail = response["description"].as_str().unwrap_or_default().to_owned();
        response["content"] = problem(status, title, &format!("{detail}."));
    }
    let mut headers = vec!["X-Request-Id"];
    let body = response["content"]["application/json"]["schema"]["$ref"]
        .as_str()
        .unwrap_or_default();
    let body = body.rsplit('/').next().unwrap_or_default();
    if status == "201" || (status == "202" && body == "ImportView") {
        headers.push("Location");
    }
    if body == "ProductView" || (path == "/pictures/{sha256}" && !is_refusal) {
        headers.push("ETag");
    }
    let kinds = response["content"].as_object();
    let is_file = |kind: &String| kind == "text/csv" || kind.contains("octet-stream") || kind.contains("spreadsheetml");
    if kinds.is_some_and(|kinds| kinds.keys().any(is_file)) {
        headers.push("Content-Disposition");
    }
    if path.starts_with("/uploads") && !is_refusal {
        headers.push("Tus-Resumable");
    }
    for name in headers {
        response["headers"][name] = header(name);
    }
    for (name, declared) in response["headers"].as_object_mut().into_iter().flatten() {
        let schema = declared["schema"].clone();
        merge(declared, header(name));
        if schema["type"] == "integer" {
            let number = declared["example"].as_str().and_then(|text| text.parse::<i64>().ok());
            declared["example"] = json!(number);
        }
        declared["schema"] = schema;
    }
}
