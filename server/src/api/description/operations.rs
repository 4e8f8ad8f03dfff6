//! What is true of all operations: who may call them, and how they refuse.

use axum::http::Method;
use serde_json::{Map, Value, json};
use stockroom::accounts::Role;

use super::{each_operation, headers};
use crate::middleware::authenticate::is_open;
use crate::middleware::authorize::needed;

/// Refusals that many operations share: status, when it is given, and the title and detail of an example.
const REFUSALS: [(&str, &str, &str, &str); 14] = [
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
        "408",
        "The rest of the body did not come in time",
        "The request took too long",
        "The rest of the request did not come in time. Look at your connection, then send it again.",
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
        "429",
        "Too many requests, or too much at once. `Retry-After` says when to go on",
        "Too many requests",
        "You have sent too many requests. Wait 12 seconds, then go on.",
    ),
    (
        "500",
        "A fault of the server. The log has it under the same `reference`",
        "There is a problem with the service",
        "This is our fault, and nothing was changed. Try again; if it happens again, tell your administrator the reference.",
    ),
    (
        "503",
        "The database or the file store does not answer at this moment. The log has it under the same `reference`",
        "The service is busy or being looked after",
        "The database or the file store does not answer at this moment. Nothing was changed. Try again in a minute; if it stays so, tell your \
         administrator the reference.",
    ),
    (
        "507",
        "A disk of the server has no room for it",
        "The disk is full",
        "The server's disk has not enough room left for this. Tell your administrator, and send it again once there is room.",
    ),
];

pub fn complete(document: &mut Value) {
    let mut shared = Map::new();
    for (status, when, title, detail) in REFUSALS {
        shared.insert(name(status), refusal(status, when, title, detail));
    }
    document["components"]["responses"] = Value::Object(shared);
    each_operation(document, |method, path, operation| {
        let role = role(method, path, operation);
        say_who_may(role, operation);
        make_body_optional(operation);
        refuse(method, role, operation);
        let has_body = method != "head";
        for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
            if response.get("$ref").is_none() {
                finish(status, has_body, response);
                headers::add(status, path, role.is_some(), response);
            }
        }
    });
}

fn name(status: &str) -> String {
    format!("Problem{status}")
}

fn refusal(status: &str, when: &str, title: &str, detail: &str) -> Value {
    json!({"description": when, "content": problem(status, title, detail), "headers": headers::of_refusal(status)})
}

fn problem(status: &str, title: &str, detail: &str) -> Value {
    json!({"application/problem+json": {
        "schema": {"$ref": "#/components/schemas/ProblemBody"},
        "example": {"title": title, "status": status.parse::<u16>().unwrap_or_default(), "detail": detail},
    }})
}

/// As the layers see it, which know the whole address.
fn role(method: &str, path: &str, operation: &Value) -> Option<Role> {
    let server = operation["servers"][0]["url"].as_str().unwrap_or("/api/v1");
    let address = format!("{}{path}", server.trim_end_matches('/'));
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).ok()?;
    (!is_open(&address)).then(|| needed(&method, &address))
}

fn say_who_may(role: Option<Role>, operation: &mut Value) {
    // What admits others than the rest says so itself.
    if operation.get("security").is_some() {
        return;
    }
    let who = match role {
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
fn refuse(method: &str, role: Option<Role>, operation: &mut Value) {
    let takes = |place: &str| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|list| list.iter().any(|parameter| parameter["in"] == place))
    };
    let parameters = operation["parameters"].as_array();
    let has_key = parameters.is_some_and(|list| list.iter().any(|parameter| parameter["name"] == "Idempotency-Key"));
    let body = &operation["requestBody"];
    let is_form = body["content"].get("multipart/form-data").is_some();
    let is_json = body["content"].get("application/json").is_some();
    let changes = !matches!(method, "get" | "head" | "options");
    let given = [
        ("400", takes("query") || takes("header") || is_form || is_json),
        ("401", role.is_some()),
        ("403", role.is_some_and(|role| changes || role > Role::Viewer)),
        ("404", takes("path")),
        ("408", body.is_object()),
        ("409", is_form || has_key),
        ("413", is_form || is_json),
        ("415", is_form || (is_json && body["required"] == true)),
        ("422", is_form || is_json || has_key),
        ("423", is_form),
        ("429", role.is_some()),
        ("500", role.is_some()),
        ("503", role.is_some()),
        ("507", changes && body.is_object()),
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

/// Content that follows from the status.
fn finish(status: &str, has_body: bool, response: &mut Value) {
    if let Some(stream) = response.pointer_mut("/content/text~1event-stream/schema") {
        *stream = event(stream.clone());
    }
    if status >= "400" && has_body {
        let title = REFUSALS
            .iter()
            .find(|refusal| refusal.0 == status)
            .map_or("Not possible", |refusal| refusal.2);
        let detail = response["description"].as_str().unwrap_or_default().to_owned();
        response["content"] = problem(status, title, &format!("{detail}."));
    }
}
