//! Who may do what, for pages, server functions and REST alike: whoever only looks needs no more than to be known, whoever changes
//! something of the shop must be an editor, and whoever decides about others an administrator.

use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use stockroom::accounts::Role;
use stockroom::problem::Problem;

use super::authenticate::{Caller, is_open};
use crate::api::respond::Refusal;

pub async fn check(request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>();
    let role = caller.map(Caller::role);
    let needed = match caller {
        // Whoever watches over the process has a key that may do as little as possible.
        Some(Caller::ApiKey(..)) if request.uri().path() == METRICS => Role::Viewer,
        _ => needed(request.method(), request.uri().path()),
    };
    match role {
        Some(role) if role < needed => refuse(role, needed).into_response(),
        // Nobody has been turned away before this, but for what is open to everybody.
        _ => next.run(request).await,
    }
}

/// What concerns who may do what.
const ADMINISTRATION: [&str; 9] = [
    "/settings/users",
    "/settings/api-keys",
    "/settings/shop",
    "/audit",
    "/actions/administration",
    "/monitoring",
    "/api/v1/monitoring",
    "/api/monitoring",
    METRICS,
];
/// What keys of any role may read.
const METRICS: &str = "/metrics";
/// What is told to others and fetched from them, and under which secret: everybody may look at it.
const OUTSIDE: [&str; 6] = [
    "/webhooks",
    "/api/v1/webhooks",
    "/api/webhooks",
    "/imports/schedules",
    "/api/v1/schedules",
    "/api/schedules",
];
/// What is of use only to those who change something.
const EDITING: [&str; 2] = ["/api/v1/uploads", "/api/uploads"];
/// What everybody changes for themselves.
const ONES_OWN: [&str; 3] = ["/settings/preferences", "/settings/password", "/views"];

/// What a request needs. A change is whatever is not a read; the pages that lead to one show instead that they are of no use.
pub fn needed(method: &Method, path: &str) -> Role {
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let within = |folders: &[&str]| {
        folders.iter().any(|folder| {
            let rest = path.strip_prefix(folder);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let reads = reads && !is_original(path);
    if within(&ADMINISTRATION) || (!reads && within(&OUTSIDE)) {
        Role::Admin
    } else if within(&EDITING) {
        Role::Editor
    } else if reads || is_open(path) || within(&ONES_OWN) {
        Role::Viewer
    } else {
        Role::Editor
    }
}

/// The file of an import as it was uploaded: it may hold more than what of it came into the shop.
fn is_original(path: &str) -> bool {
    let path = path.strip_prefix("/api/v1").or(path.strip_prefix("/api"));
    let id = path.and_then(|path| path.strip_prefix("/imports/")?.strip_suffix("/file"));
    id.is_some_and(|id| !id.contains('/'))
}

fn refuse(role: Role, needed: Role) -> Refusal {
    let detail = format!(
        "You need the role {} to do this, and have the role {}. Ask an administrator.",
        needed.label(),
        role.label()
    );
    Refusal(Problem::new(403, "Not allowed", detail))
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use stockroom::accounts::Role;

    use super::needed;

    #[test]
    fn looking_is_for_everybody_and_changing_is_not() {
        for (method, path, role) in [
            (Method::GET, "/products", Role::Viewer),
            (Method::HEAD, "/api/v1/products/1", Role::Viewer),
            (Method::POST, "/logout", Role::Viewer),
            (Method::POST, "/preferences/theme", Role::Viewer),
            (Method::POST, "/imports", Role::Editor),
            (Method::GET, "/api/v1/imports/7/file", Role::Editor),
            (Method::HEAD, "/api/imports/7/file", Role::Editor),
            (Method::GET, "/api/v1/imports/7/problems.csv", Role::Viewer),
            (Method::PATCH, "/api/products/1", Role::Editor),
            (Method::DELETE, "/anything/at/all", Role::Editor),
            (Method::POST, "/settings/preferences", Role::Viewer),
            (Method::POST, "/views/7/delete", Role::Viewer),
            (Method::GET, "/settings", Role::Viewer),
            (Method::GET, "/settings/users", Role::Admin),
            (Method::POST, "/settings/users/7/disable", Role::Admin),
            (Method::GET, "/settings/usersandmore", Role::Viewer),
            (Method::GET, "/audit/export", Role::Admin),
            (Method::POST, "/settings/shop", Role::Admin),
            (Method::GET, "/monitoring", Role::Admin),
            (Method::HEAD, "/api/v1/monitoring", Role::Admin),
            (Method::GET, "/metrics", Role::Admin),
            (Method::GET, "/webhooks/1", Role::Viewer),
            (Method::POST, "/webhooks/1/test", Role::Admin),
            (Method::DELETE, "/api/webhooks/1", Role::Admin),
            (Method::POST, "/api/v1/webhooks", Role::Admin),
            (Method::GET, "/imports/schedules/1", Role::Viewer),
            (Method::POST, "/imports/schedules/1/run", Role::Admin),
            (Method::PATCH, "/api/v1/schedules/1", Role::Admin),
            (Method::GET, "/api/schedules/1/runs", Role::Viewer),
            (Method::HEAD, "/api/v1/uploads/1", Role::Editor),
            (Method::OPTIONS, "/api/uploads", Role::Editor),
        ] {
            assert_eq!(needed(&method, path), role, "{method} {path}");
        }
    }
}
