//! Headers of answers.

use serde_json::{Map, Value, json};

use super::merge;

/// What they say, and an example.
const HEADERS: [(&str, &str, &str); 15] = [
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
    ("Retry-After", "Seconds until it is worth sending again", "12"),
    (
        "RateLimit",
        "For each limit that has counted this request its name, how many more may follow at once (`r`), and in how many seconds there are as many as \
         at first (`t`), or with 429 one",
        "\"key\";r=599999;t=1",
    ),
    (
        "RateLimit-Policy",
        "For each limit that has counted this request its name, how many may come at once (`q`), and in how many seconds as many come back (`w`)",
        "\"key\";q=600000;w=60",
    ),
];

/// Those that are there where something is limited, and their form. They are a list with a member for each limit.
const OF_LIMITS: [(&str, &str); 2] = [
    (
        "RateLimit",
        "^\"[a-z]+\";r=[0-9]+;t=[0-9]+(, *\"[a-z]+\";r=[0-9]+;t=[0-9]+)*$",
    ),
    (
        "RateLimit-Policy",
        "^\"[a-z]+\";q=[0-9]+;w=[0-9]+(, *\"[a-z]+\";q=[0-9]+;w=[0-9]+)*$",
    ),
];

/// Of a refusal that many operations share.
pub fn of_refusal(status: &str) -> Map<String, Value> {
    let own = match status {
        "401" => Some("WWW-Authenticate"),
        "429" => Some("Retry-After"),
        _ => None,
    };
    let names = ["X-Request-Id"].into_iter().chain(of_limits()).chain(own);
    names.map(|name| (name.to_owned(), header(name))).collect()
}

/// Adds those that follow from the status and the body of an answer.
pub fn add(status: &str, path: &str, is_limited: bool, response: &mut Value) {
    let is_refusal = status >= "400";
    let mut headers = vec!["X-Request-Id"];
    if is_limited {
        headers.extend(of_limits());
    }
    if status == "429" {
        headers.push("Retry-After");
    }
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
        declared["schema"] = schema;
    }
}

fn of_limits() -> impl Iterator<Item = &'static str> {
    OF_LIMITS.into_iter().map(|(name, _)| name)
}

fn header(name: &str) -> Value {
    let known = HEADERS.iter().find(|(known, _, _)| *known == name);
    let (says, example) = known.map_or(("", ""), |(_, says, example)| (*says, *example));
    let (kind, example) = match example.parse::<i64>() {
        Ok(number) => ("integer", json!(number)),
        Err(_) => ("string", json!(example)),
    };
    let mut header = json!({"description": says, "required": true, "schema": {"type": kind}, "example": example});
    if let Some((_, form)) = OF_LIMITS.iter().find(|(limited, _)| *limited == name) {
        header["required"] = json!(false);
        header["schema"]["pattern"] = json!(form);
    }
    header
}
