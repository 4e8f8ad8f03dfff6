//! A client that is made of the document alone: of its paths, its examples and its schemas.

use std::collections::BTreeSet;

use reqwest::Response;
use reqwest::header::HeaderValue;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::document::{Document, Operation};
use crate::site::{Site, header};

pub struct Journey<'s> {
    pub site: &'s Site,
    document: &'s Document,
    prefix: &'static str,
    /// Operations by their ids.
    pub called: BTreeSet<&'s str>,
}

/// What a call takes besides the examples of the document.
#[derive(Default)]
pub struct With<'a> {
    /// Parameters of the path, the address and the headers, by their names.
    pub values: &'a [(&'a str, String)],
    /// Fields of a JSON body.
    pub fields: Value,
    pub bytes: Option<&'static str>,
}

impl<'a> With<'a> {
    pub fn values(values: &'a [(&'a str, String)]) -> Self {
        Self {
            values,
            ..Self::default()
        }
    }

    pub fn fields(fields: Value) -> Self {
        Self::default().and(fields)
    }

    pub fn and(self, fields: Value) -> Self {
        Self { fields, ..self }
    }
}

pub fn at(id: &Value) -> [(&'static str, String); 1] {
    [("id", id.to_string())]
}

impl<'s> Journey<'s> {
    pub fn new(site: &'s Site, document: &'s Document, prefix: &'static str) -> Self {
        Self {
            site,
            document,
            prefix,
            called: BTreeSet::new(),
        }
    }

    /// Calls an operation with what it needs; the answer must be the expected one of those that it describes.
    pub async fn call(&mut self, id: &str, status: u16, with: With<'_>) -> Value {
        let document = self.document;
        let operation = document.operation(id);
        self.called.insert(operation.id());
        let response = self.request(&operation, &with).send().await.expect("an answer");
        let told = response.status().as_u16();
        if told != status {
            panic!("{id}: {told} {}", response.text().await.expect("a text"));
        }
        self.judge(&operation, response).await
    }

    pub async fn of(&mut self, id: &str, status: u16, number: &Value) -> Value {
        self.call(id, status, With::values(&at(number))).await
    }

    pub async fn plain(&mut self, id: &str, status: u16) -> Value {
        self.call(id, status, With::default()).await
    }

    fn request(&self, operation: &Operation<'_>, with: &With<'_>) -> reqwest::RequestBuilder {
        let mut path = format!("{}{}", operation.server().unwrap_or(self.prefix), operation.path);
        let (mut query, mut headers) = (Vec::new(), Vec::new());
        for parameter in operation.parameters() {
            let name = parameter["name"].as_str().expect("a name");
            let given = with
                .values
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.clone());
            let example = match &parameter["example"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let needed = (parameter["required"] == true).then_some(example);
            let Some(value) = given.or(needed) else { continue };
            match parameter["in"].as_str() {
                Some("path") => path = path.replace(&format!("{{{name}}}"), &value),
                Some("query") => query.push(format!("{name}={value}")),
                _ => headers.push((name.to_owned(), value)),
            }
        }
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let mut request = self.site.with_key(&operation.method.to_uppercase(), &path);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.with_body(operation, with, request)
    }

    fn with_body(
        &self,
        operation: &Operation<'_>,
        with: &With<'_>,
        request: reqwest::RequestBuilder,
    ) -> reqwest::RequestBuilder {
        let content = &operation.value["requestBody"]["content"];
        if let Some(json) = content.get("application/json") {
            let mut body = self.document.example(&json["schema"]);
            for (name, value) in with.fields.as_object().into_iter().flatten() {
                body[name] = value.clone();
            }
            self.document.check(&json["schema"], &body, operation.id());
            return request.json(&body);
        }
        if let Some(form) = content.get("multipart/form-data") {
            let example = self.document.example(&form["schema"])["file"]
                .as_str()
                .expect("a file")
                .to_owned();
            let file = with.bytes.map_or(example, str::to_owned);
            return request.multipart(Form::new().part("file", Part::text(file).file_name("products.csv")));
        }
        match content.as_object().and_then(|kinds| kinds.keys().next()) {
            Some(kind) => request
                .header("content-type", kind)
                .body(with.bytes.unwrap_or_default()),
            None => request,
        }
    }

    /// The answer is one of those that the document describes: status, headers, media type and body.
    async fn judge(&self, operation: &Operation<'_>, response: Response) -> Value {
        let name = operation.name();
        let status = response.status().as_str().to_owned();
        let described = operation.response(self.document, &status);
        let described = described.unwrap_or_else(|| panic!("{name}: {status} is not described"));
        for (header_name, described) in described["headers"].as_object().into_iter().flatten() {
            let values: Vec<&HeaderValue> = response.headers().get_all(header_name).iter().collect();
            assert!(
                !values.is_empty() || described["required"] != true,
                "{name}: {status} without {header_name}"
            );
            for value in values {
                let text = value.to_str().expect("a text");
                let is_number = described["schema"]["type"] == "integer";
                let value = match text.parse::<i64>() {
                    Ok(number) if is_number => json!(number),
                    _ => json!(text),
                };
                let is_right = jsonschema::is_valid(&described["schema"], &value);
                assert!(is_right, "{name}: {status} with {header_name}: {text}");
            }
        }
        let kind = header(&response, "content-type")
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        let location = header(&response, "location").to_owned();
        let Some(contents) = described.get("content") else {
            assert!(
                response.bytes().await.expect("bytes").is_empty(),
                "{name}: {status} has a body"
            );
            return json!({ "location": location });
        };
        let content = contents
            .get(&kind)
            .unwrap_or_else(|| panic!("{name}: {status} as {kind}"));
        let body = response.bytes().await.expect("bytes");
        let (schema, value) = match kind.as_str() {
            "application/json" | "application/problem+json" => {
                (&content["schema"], serde_json::from_slice(&body).expect("JSON"))
            }
            "text/event-stream" => (
                &content["schema"]["properties"]["data"]["contentSchema"],
                last_event(&String::from_utf8_lossy(&body)),
            ),
            _ => return Value::Null,
        };
        self.document.check(schema, &value, &format!("{name}: {status}"));
        value
    }
}

fn last_event(stream: &str) -> Value {
    let data = stream.lines().rev().find_map(|line| line.strip_prefix("data:"));
    serde_json::from_str(data.expect("an event")).expect("JSON")
}
