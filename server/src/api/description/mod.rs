//! The description of the API: what stands beside the handlers, completed by what is true of all operations.
//!
//! - `operations`: roles, what identifies the caller, and the refusals that follow from what an operation takes. `headers`: those of answers.
//!   `parameters`: those of paths and headers, and words to choose from. `schemas`: what types cannot say of bodies and answers. `examples`: one
//!   for each schema.

mod examples;
mod headers;
mod operations;
mod parameters;
mod schemas;
mod words;

use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::tag::TagBuilder;

use super::views::ProblemBody;

/// What stands above the operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Stockroom",
        description = "Products, catalogues and imports of a shop.\n\nErrors are `application/problem+json` (RFC 9457). Moments are RFC 3339 in UTC. \
            A parameter without a value is as good as none; one that is unknown is refused. Lists are paged by cursors: `next` of one page is `after` \
            of the next one.\n\nA request that a webhook of Stockroom sends to Stockroom itself is answered with 508."
    ),
    servers(
        (url = "/api/v1", description = "This version"),
        (url = "/api", description = "The same, for programs that know no versions")
    ),
    components(schemas(ProblemBody)),
    modifiers(&ComingFrom),
    tags(
        (name = "products", description = "The sellable rows of the shop"),
        (name = "catalogues", description = "Named groups of products"),
        (name = "imports", description = "Uploaded files and what becomes of them, and other jobs"),
        (name = "uploads", description = "Large files in several requests, by tus 1.0"),
        (name = "webhooks", description = "Other systems that are told what happens"),
        (name = "schedules", description = "Files that are fetched from an address at their times and imported"),
        (name = "monitoring", description = "How the shop is doing, for administrators"),
        (name = "health", description = "For those who watch over the process"),
    )
)]
pub struct Description;

/// A chapter for those who called another importer until now. A tag without operations is one for Redoc, by `x-traitTag`.
struct ComingFrom;

impl utoipa::Modify for ComingFrom {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let document = include_str!("../../../docs/coming-from.md");
        let (title, text) = document.split_once('\n').unwrap_or_default();
        let chapter = TagBuilder::new()
            .name(title.trim_start_matches("# "))
            // Redoc would make an entry of its menu of every heading of the second rank, and show it twice.
            .description(Some(text.replace("\n## ", "\n### ")))
            .extensions(Some(Extensions::from_iter([("x-traitTag", true)])));
        description.tags.get_or_insert_default().push(chapter.build());
    }
}

/// The whole document, as it is served.
#[must_use]
pub fn complete(description: &utoipa::openapi::OpenApi) -> Value {
    // Plain data, which cannot fail to become JSON.
    let mut document = serde_json::to_value(description).unwrap_or_default();
    document["paths"]["/metrics"] = metrics();
    parameters::complete(&mut document);
    schemas::complete(&mut document);
    operations::complete(&mut document);
    examples::complete(&mut document);
    document["security"] = json!([{"api_key": []}, {"session": []}]);
    document["components"]["securitySchemes"] = json!({
        "api_key": {"type": "http", "scheme": "bearer", "description": "A key of `stockroom api-key create`, or of the settings page"},
        "session": {
            "type": "apiKey", "in": "cookie", "name": "stockroom",
            "description": "Somebody who is signed in. What changes something must come from the site's own pages",
        },
        "metrics_token": {
            "type": "http", "scheme": "bearer", "description": "What `STOCKROOM_METRICS_TOKEN` says. It opens `/metrics`, and nothing else",
        },
    });
    document
}

/// What stands at the root of the site and under neither prefix, with an authorization of its own.
fn metrics() -> Value {
    json!({"get": {
        "tags": ["monitoring"],
        "operationId": "get_metrics",
        "summary": "Gives figures to Prometheus and its like.",
        "description": "In its text format, version 0.0.4. It stands at the root of the site.\n\nNeeds a key of any role, the token of \
            `STOCKROOM_METRICS_TOKEN`, or somebody who is signed in with the role admin. With `STOCKROOM_METRICS_OPEN` it is open to everybody.",
        "servers": [{"url": "/", "description": "The root of the site"}],
        "security": [{"api_key": []}, {"session": []}, {"metrics_token": []}],
        "responses": {"200": {
            "description": "The figures",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": examples::METRICS}},
        }},
    }})
}

/// Hands each operation over with its method, in small letters, and its path.
fn each_operation(document: &mut Value, mut change: impl FnMut(&str, &str, &mut Value)) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            change(method, path, operation);
        }
    }
}

/// Sets keywords of a schema, a parameter or a header, over those that it has.
fn merge(target: &mut Value, keywords: Value) {
    if let (Some(target), Value::Object(keywords)) = (target.as_object_mut(), keywords) {
        target.extend(keywords);
    }
}
