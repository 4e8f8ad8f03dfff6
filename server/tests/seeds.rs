//! The tables of “Coming from another importer” are true: every call in them is made, and answered as they say, on both databases.

use std::ffi::OsString;
use std::fmt;

use reqwest::multipart::{Form, Part};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use stockroom::config::READ_WORKBOOK;
use stockroom::testing::{Kind, Receiver};

use crate::site::{Site, header};

const DOCUMENT: &str = include_str!("../docs/coming-from.md");
const WORKBOOK: &[u8] = include_bytes!("../../public/sample-products.xlsx");
const CATALOGUES: &[u8] = b"name\nGarden\nKitchen\n";
const PRODUCTS: &[u8] = b"sku,name,price\nRAKE-1,Rake,9.90\nRAKE-2,Rake,19.90\n";

/// One line of a table: what was called there, what is called here, and how that is answered.
#[derive(Debug)]
struct Line {
    old: Call,
    here: Call,
    answer: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    method: String,
    path: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Call {
    fn read(cell: &str) -> Option<Self> {
        let (method, path) = cell.strip_prefix('`')?.strip_suffix('`')?.split_once(' ')?;
        let is_call = method.bytes().all(|byte| byte.is_ascii_uppercase()) && path.starts_with('/');
        is_call.then(|| Self {
            method: method.to_owned(),
            path: path.to_owned(),
        })
    }
}

/// The lines of all tables whose first cell is a call.
fn lines() -> Vec<Line> {
    let rows = DOCUMENT.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.split(" | ").collect();
        let old = Call::read(cells[0])?;
        let here = match cells[1] {
            "the same" => old.clone(),
            other => Call::read(other).unwrap_or_else(|| panic!("neither “the same” nor a call: {line}")),
        };
        let answer = cells[2].parse().unwrap_or_else(|_| panic!("no status: {line}"));
        Some(Line { old, here, answer })
    });
    rows.collect()
}

/// A site, and what the calls of a table are about, made anew for each of them.
struct World {
    site: Site,
    receiver: Receiver,
    made: u32,
}

impl World {
    async fn open(kind: Kind) -> Self {
        Self {
            site: Site::open_with(kind, |config| config.workbook_reader = own_reader()).await,
            receiver: Receiver::start().await,
            made: 0,
        }
    }

    fn name(&mut self) -> String {
        self.made += 1;
        format!("new-{}", self.made)
    }

    fn webhook(&self) -> Value {
        json!({"url": self.receiver.url(), "events": ["product.created", "product.updated", "product.deleted"]})
    }

    /// The id of something new.
    async fn id(&self, path: &str, body: Value) -> String {
        let request = self.site.with_key("POST", path).json(&body);
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 201, "{path} {body}");
        response.json::<Value>().await.expect("JSON")["id"].to_string()
    }

    async fn product(&mut self) -> String {
        let sku = self.name();
        self.id("/api/v1/products", json!({"sku": sku, "name": "Rake"})).await
    }

    /// The id of an import: one that waits for somebody if it is to be cancelled, else one that is over.
    async fn job(&mut self, is_to_wait: bool) -> String {
        let path = if is_to_wait {
            "/api/v1/imports?check=true"
        } else {
            "/api/v1/imports"
        };
        let file = format!("sku,name\n{},Rake\n", self.name());
        let response = self.site.upload(path, "products.csv", file).await;
        let job: Value = response.json().await.expect("JSON");
        self.site.last_event(job["job_id"].as_i64().expect("an id")).await;
        job["job_id"].to_string()
    }

    /// The path with what stands in braces replaced by the id of something that is there.
    async fn filled(&mut self, call: &Call) -> String {
        let Some((before, rest)) = call.path.split_once('{') else {
            return call.path.clone();
        };
        let (parameter, after) = rest.split_once('}').expect("a closing brace");
        let name = self.name();
        let id = match parameter {
            "catalog_id" => self.id("/api/v1/catalogs", json!({"name": name})).await,
            "job_id" | "task_id" => self.job(after == "/cancel").await,
            _ if before.ends_with("/webhooks/") => self.id("/api/v1/webhooks", self.webhook()).await,
            _ => self.product().await,
        };
        format!("{before}{id}{after}")
    }

    /// The request with the body that such a call has.
    fn with_body(&mut self, call: &Call, request: RequestBuilder) -> RequestBuilder {
        let name = self.name();
        let path = call.path.trim_start_matches("/api").trim_start_matches("/v1");
        let noun = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        match (call.method.as_str(), noun) {
            ("GET" | "DELETE", _) => request,
            ("POST", "ingest") => request.multipart(file("products.xlsx", WORKBOOK)),
            ("POST", "etl") if path.ends_with("catalogs") => request.multipart(file("catalogues.csv", CATALOGUES)),
            ("POST", "etl" | "upload") => request.multipart(file("products.csv", PRODUCTS)),
            ("POST", _) if path.ends_with("bulk-delete") => request.json(&json!({"confirm": true, "all": true})),
            ("POST" | "PUT", "webhooks") if !path.ends_with("/test") => request.json(&self.webhook()),
            ("POST" | "PUT", "catalogs") => request.json(&json!({"name": name})),
            (_, "products") => request.json(&json!({"sku": name, "name": "Hoe", "price": "4.50"})),
            _ => request,
        }
    }

    async fn call(&mut self, call: &Call) -> Response {
        let path = self.filled(call).await;
        let request = self.site.with_key(&call.method, &path);
        self.with_body(call, request).send().await.expect("an answer")
    }

    /// Waits for the end of what an answer has begun, so that it is not about what the next call makes.
    async fn settle(&self, response: Response) {
        let is_json = header(&response, "content-type").starts_with("application/json");
        let job = if is_json {
            response.json::<Value>().await.expect("JSON")
        } else {
            Value::Null
        };
        if let Some(id) = job["job_id"].as_i64() {
            self.site.last_event(id).await;
        }
    }
}

/// The program itself reads workbooks, as it does in a shop.
fn own_reader() -> Vec<OsString> {
    let words = [env!("CARGO_BIN_EXE_stockroom"), READ_WORKBOOK];
    words.map(OsString::from).into()
}

fn file(name: &'static str, bytes: &'static [u8]) -> Form {
    Form::new().part("file", Part::bytes(bytes).file_name(name))
}

async fn every_call_is_answered_as_it_is_written(kind: Kind) {
    let mut world = World::open(kind).await;
    for line in lines() {
        // Whoever deletes everything must find something.
        world.product().await;
        let response = world.call(&line.here).await;
        assert_eq!(response.status(), line.answer, "{} (there: {})", line.here, line.old);
        world.settle(response).await;
    }
}

#[tokio::test]
async fn every_call_of_the_five_importers_is_answered_as_the_document_says() {
    every_call_is_answered_as_it_is_written(Kind::Sqlite).await;
    every_call_is_answered_as_it_is_written(Kind::Postgres).await;
}

#[tokio::test]
async fn an_old_call_that_deletes_everything_does_nothing_until_it_is_confirmed() {
    let mut world = World::open(Kind::Sqlite).await;
    world.job(false).await;
    let moved = lines()
        .into_iter()
        .filter(|line| line.old.method == "DELETE" && line.old != line.here);
    for Line { old, .. } in moved {
        let response = world.call(&old).await;
        assert_eq!(response.status(), 400, "{old}");
    }
    assert_eq!(world.site.json("/api/v1/products").await["total"], 1);
}

#[tokio::test]
async fn the_description_of_the_api_has_the_document() {
    let site = Site::open().await;
    let description = site.json("/openapi.json").await;
    let tags = description["tags"].as_array().expect("tags");
    let chapter = tags
        .iter()
        .find(|tag| tag["x-traitTag"] == true)
        .expect("a chapter without operations");
    assert_eq!(chapter["name"], "Coming from another importer");
    let text = chapter["description"].as_str().expect("its text");
    let calls = |text: &str| text.matches("| the same |").count();
    assert_eq!(calls(text), calls(DOCUMENT), "{text}");
}

/// A table that is not found is not tested; these are the calls that the five describe.
#[test]
fn no_table_is_passed_over() {
    let lines = lines();
    assert_eq!(lines.len(), 65);
    let answered = |line: &&Line| line.old == line.here;
    assert_eq!(lines.iter().filter(answered).count(), 61);
}
