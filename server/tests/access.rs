//! Nobody gets at anything of the shop without a session or a key, and no other site can act for somebody who has one.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use stockroom::accounts::{self, Role};

use crate::site::{Site, header, new_key};

/// Every operation of the description, with numbers in place of its parameters.
pub fn operations(description: &Value) -> Vec<(String, String)> {
    let paths = description["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let path = numbered(path);
        item.as_object()
            .expect("operations")
            .keys()
            .map(|method| (method.to_uppercase(), path.clone()))
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// A path with the same number in place of each parameter, and of each other number.
pub fn numbered(path: &str) -> String {
    let is_parameter = |part: &str| part.starts_with(['{', ':']) || part.parse::<u32>().is_ok();
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| if is_parameter(part) { "1" } else { part })
        .collect();
    parts.join("/")
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    Viewer,
    Editor,
    Admin,
    RevokedKey,
    /// Somebody signed in, whose browser was sent here by another site.
    OtherSite,
}

const EVERYBODY: [Who; 6] = [
    Who::Nobody,
    Who::Viewer,
    Who::Editor,
    Who::Admin,
    Who::RevokedKey,
    Who::OtherSite,
];

/// All routes but those of the API, with the least role that may. The test below finds any that is missing here.
pub const PAGES: [(&str, &str, Role); 108] = [
    ("GET", "/", Role::Viewer),
    ("GET", "/products", Role::Viewer),
    ("GET", "/products/new", Role::Editor),
    ("GET", "/products/1", Role::Viewer),
    ("GET", "/pictures/1", Role::Viewer),
    ("GET", "/catalogues", Role::Viewer),
    ("GET", "/catalogues/1", Role::Viewer),
    ("GET", "/imports", Role::Viewer),
    ("GET", "/imports/new", Role::Editor),
    ("GET", "/imports/1", Role::Viewer),
    ("GET", "/imports/1/correct", Role::Editor),
    ("GET", "/settings", Role::Viewer),
    ("GET", "/settings/users", Role::Admin),
    ("GET", "/settings/api-keys", Role::Admin),
    ("GET", "/audit", Role::Admin),
    ("GET", "/audit/export", Role::Admin),
    ("GET", "/monitoring", Role::Admin),
    ("GET", "/metrics", Role::Admin),
    ("GET", "/exports/1", Role::Viewer),
    ("GET", "/docs", Role::Viewer),
    ("GET", "/redoc", Role::Viewer),
    ("GET", "/openapi.json", Role::Viewer),
    ("GET", "/actions/list_products", Role::Viewer),
    ("GET", "/actions/get_product", Role::Viewer),
    ("GET", "/actions/get_news", Role::Viewer),
    ("GET", "/actions/list_views", Role::Viewer),
    ("GET", "/actions/list_catalogs", Role::Viewer),
    ("GET", "/actions/find_catalog", Role::Viewer),
    ("GET", "/actions/page_of_catalogs", Role::Viewer),
    ("GET", "/actions/get_catalog", Role::Viewer),
    ("GET", "/actions/list_imports", Role::Viewer),
    ("GET", "/actions/get_import", Role::Viewer),
    ("GET", "/actions/get_overview", Role::Viewer),
    ("GET", "/actions/sample_plan", Role::Viewer),
    ("GET", "/actions/get_samples", Role::Viewer),
    ("GET", "/actions/get_correctable", Role::Viewer),
    ("GET", "/actions/list_planned_changes", Role::Viewer),
    ("GET", "/actions/administration/list_staff", Role::Admin),
    ("GET", "/actions/administration/list_api_keys", Role::Admin),
    ("GET", "/actions/administration/list_audit", Role::Admin),
    ("GET", "/actions/administration/get_monitoring", Role::Admin),
    ("GET", "/actions/administration/list_alerts", Role::Admin),
    ("GET", "/webhooks", Role::Viewer),
    ("GET", "/webhooks/new", Role::Admin),
    ("GET", "/webhooks/1", Role::Viewer),
    ("GET", "/webhooks/1/deliveries", Role::Viewer),
    ("GET", "/webhooks/1/replay", Role::Viewer),
    ("GET", "/deliveries/1", Role::Viewer),
    ("GET", "/actions/list_webhooks", Role::Viewer),
    ("GET", "/actions/get_webhook", Role::Viewer),
    ("GET", "/actions/list_deliveries", Role::Viewer),
    ("GET", "/actions/get_delivery", Role::Viewer),
    ("GET", "/actions/example_events", Role::Viewer),
    ("GET", "/actions/count_failed", Role::Viewer),
    ("POST", "/webhooks", Role::Admin),
    ("POST", "/webhooks/1", Role::Admin),
    ("POST", "/webhooks/1/enable", Role::Admin),
    ("POST", "/webhooks/1/disable", Role::Admin),
    ("POST", "/webhooks/1/delete", Role::Admin),
    ("POST", "/webhooks/1/reveal", Role::Admin),
    ("POST", "/webhooks/1/secret", Role::Admin),
    ("POST", "/webhooks/1/test", Role::Admin),
    ("POST", "/webhooks/1/replay", Role::Admin),
    ("POST", "/webhooks/1/replays/1/cancel", Role::Admin),
    ("POST", "/webhooks/1/deliveries/1/replay", Role::Admin),
    ("GET", "/imports/schedules", Role::Viewer),
    ("GET", "/imports/schedules/new", Role::Admin),
    ("GET", "/imports/schedules/1", Role::Viewer),
    ("GET", "/actions/list_schedules", Role::Viewer),
    ("GET", "/actions/get_schedule", Role::Viewer),
    ("POST", "/imports/schedules", Role::Admin),
    ("POST", "/imports/schedules/1", Role::Admin),
    ("POST", "/imports/schedules/1/run", Role::Admin),
    ("POST", "/imports/schedules/1/pause", Role::Admin),
    ("POST", "/imports/schedules/1/resume", Role::Admin),
    ("POST", "/imports/schedules/1/delete", Role::Admin),
    ("POST", "/imports", Role::Editor),
    ("POST", "/imports/1/cancel", Role::Editor),
    ("POST", "/imports/1/match", Role::Editor),
    ("POST", "/imports/1/apply", Role::Editor),
    ("POST", "/imports/1/undo", Role::Editor),
    ("POST", "/imports/1/repeat", Role::Editor),
    ("POST", "/imports/1/correct", Role::Editor),
    ("POST", "/products", Role::Editor),
    ("POST", "/products/bulk", Role::Editor),
    ("POST", "/products/1", Role::Editor),
    ("POST", "/products/1/delete", Role::Editor),
    ("POST", "/products/1/restore", Role::Editor),
    ("POST", "/products/1/purge", Role::Editor),
    ("POST", "/products/1/row", Role::Editor),
    ("POST", "/pictures/1/fetch", Role::Editor),
    ("POST", "/catalogues", Role::Editor),
    ("POST", "/catalogues/1", Role::Editor),
    ("POST", "/catalogues/1/delete", Role::Editor),
    ("POST", "/ingest", Role::Editor),
    ("POST", "/views", Role::Viewer),
    ("POST", "/views/1/delete", Role::Viewer),
    ("POST", "/settings/preferences", Role::Viewer),
    ("POST", "/settings/preferences/columns", Role::Viewer),
    ("POST", "/settings/password", Role::Viewer),
    ("POST", "/settings/shop", Role::Admin),
    ("POST", "/settings/users", Role::Admin),
    // Nobody's: those who ask here must stay who they are.
    ("POST", "/settings/users/99", Role::Admin),
    ("POST", "/settings/users/99/link", Role::Admin),
    ("POST", "/settings/users/99/disable", Role::Admin),
    ("POST", "/settings/users/99/enable", Role::Admin),
    ("POST", "/settings/api-keys", Role::Admin),
    ("POST", "/settings/api-keys/1/revoke", Role::Admin),
];

/// What is not in the matrix, and why not.
pub const EXCUSED: [(&str, &str, &str); 11] = [
    ("GET", "/login", "it is the door"),
    ("POST", "/login", "it is the door"),
    ("POST", "/logout", "who is nobody may leave as well"),
    ("GET", "/setup", "what the server prints is the key to it"),
    ("POST", "/setup", "what the server prints is the key to it"),
    ("GET", "/invite", "its link is the key to it"),
    ("POST", "/invite", "its link is the key to it"),
    ("POST", "/preferences/theme", "it is a cookie and nothing of the shop"),
    ("GET", "/health/live", "it is for those who watch over the process"),
    ("GET", "/health/ready", "it is for those who watch over the process"),
    ("GET", "/actions/1", "its functions are in it, each by its name"),
];
/// What stands in front of whole folders of addresses: the API under its prefixes, all of which is described, and the files of the site,
/// which show nothing of the shop.
const FOLDERS: [&str; 4] = ["/api", "/api/v1", "/pkg", "/{name}"];

/// Keys and a session for everybody who asks.
struct Askers {
    /// A key for each role, for programs …
    keys: [String; 3],
    /// … and a session, for people.
    sessions: [String; 3],
    revoked: String,
}

impl Askers {
    async fn of(site: &Site) -> Self {
        let revoked = new_key(&site.shop, "revoked", Role::Admin).await;
        let keys = accounts::api_keys(site.shop.services.reader()).await.expect("keys");
        let id = keys.iter().find(|key| key.name == "revoked").expect("the key").id;
        let by = "tests".into();
        accounts::revoke_api_key(&site.shop.services.database, id, &by)
            .await
            .expect("revoked");
        Self {
            keys: [
                new_key(&site.shop, "viewer", Role::Viewer).await,
                new_key(&site.shop, "editor", Role::Editor).await,
                new_key(&site.shop, "admin", Role::Admin).await,
            ],
            sessions: [
                site.sign_in_as("viewer@example.com", Role::Viewer).await,
                site.sign_in_as("editor@example.com", Role::Editor).await,
                site.sign_in().await,
            ],
            revoked,
        }
    }

    async fn ask(&self, site: &Site, who: Who, method: &str, path: &str) -> u16 {
        let request = site.request(method, path);
        let with = |request: reqwest::RequestBuilder, role: usize| {
            if path.starts_with("/api/") {
                request.bearer_auth(&self.keys[role])
            } else {
                let request = request.header("cookie", &self.sessions[role]);
                request.header("sec-fetch-site", "same-origin")
            }
        };
        let request = match who {
            Who::Nobody => request,
            Who::Viewer => with(request, 0),
            Who::Editor => with(request, 1),
            Who::Admin => with(request, 2),
            Who::RevokedKey => request.bearer_auth(&self.revoked),
            Who::OtherSite => request
                .header("cookie", &self.sessions[2])
                .header("sec-fetch-site", "cross-site"),
        };
        let request = if only_reads(method) {
            request
        } else {
            request.form(&[("a", "b")])
        };
        request.send().await.expect("an answer").status().as_u16()
    }
}

pub fn only_reads(method: &str) -> bool {
    ["GET", "HEAD", "OPTIONS"].contains(&method)
}

/// What everybody but those who may is told: `Some(status)`; `None` for anything but a refusal.
fn refusal(who: Who, method: &str, needed: Role) -> Option<u16> {
    let role = match who {
        Who::Nobody | Who::RevokedKey => return Some(401),
        Who::OtherSite if !only_reads(method) => return Some(403),
        Who::OtherSite | Who::Admin => Role::Admin,
        Who::Editor => Role::Editor,
        Who::Viewer => Role::Viewer,
    };
    (role < needed).then_some(403)
}

#[tokio::test]
async fn every_route_refuses_who_it_must_and_nobody_else() {
    let site = Site::open().await;
    let askers = Askers::of(&site).await;
    let described = operations(&site.json("/openapi.json").await);
    assert!(
        described.len() > 35,
        "the description lists the operations: {described:?}"
    );
    let mut routes: Vec<(String, String, Role)> = PAGES
        .iter()
        .map(|(method, path, role)| ((*method).to_owned(), (*path).to_owned(), *role))
        .collect();
    for prefix in ["/api/v1", "/api"] {
        let is_below = |path: &str| !path.starts_with("/health/") && path != "/metrics";
        let of_prefix = described.iter().filter(|(_, path)| is_below(path));
        routes.extend(of_prefix.map(|(method, path)| {
            let needed = match method.as_str() {
                // The file that somebody uploaded.
                "GET" if path.ends_with("/file") => Role::Editor,
                "GET" if path == "/monitoring" => Role::Admin,
                "GET" => Role::Viewer,
                _ if path.starts_with("/uploads") => Role::Editor,
                _ if path.starts_with("/webhooks") || path.starts_with("/schedules") => Role::Admin,
                _ => Role::Editor,
            };
            (method.clone(), format!("{prefix}{path}"), needed)
        }));
    }
    for (method, path, needed) in routes {
        for who in EVERYBODY {
            let told = askers.ask(&site, who, &method, &path).await;
            assert!(told < 500, "{who:?} {method} {path}: {told}");
            match refusal(who, &method, needed) {
                Some(expected) => assert_eq!(told, expected, "{who:?} {method} {path}"),
                None => assert!(![401, 403].contains(&told), "{who:?} {method} {path}: {told}"),
            }
        }
    }
}

/// A method and a path.
type Route = (String, String);

/// All that is written in Rust in a folder of the workspace.
fn sources(folder: &str) -> Vec<String> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                sources.push(std::fs::read_to_string(&path).expect("a source"));
            }
        }
    }
    sources
}

/// The first text in quotation marks after each such mark.
fn quoted<'s>(source: &'s str, mark: &str) -> Vec<&'s str> {
    let after = source.split(mark).skip(1);
    after.filter_map(|rest| rest.split('"').nth(1)).collect()
}

/// What a source adds as a page of the app, or to read in another way.
fn pages(source: &str) -> Vec<Route> {
    let marks = ["path!(", "SwaggerUi::new(", ".external_url_unchecked("];
    let paths = marks.iter().flat_map(|mark| quoted(source, mark));
    paths.map(|path| ("GET".to_owned(), numbered(path))).collect()
}

/// The server functions of a source.
fn functions(source: &str) -> Vec<Route> {
    let attributes = source.split("\n#[server").skip(1);
    let attributes = attributes.map(|rest| rest.split("]\n").next().unwrap_or_default());
    attributes.map(function).collect()
}

fn function(attribute: &str) -> Route {
    let said = |mark: &str| quoted(attribute, mark).first().map(|text| (*text).to_owned());
    let (Some(prefix), Some(endpoint)) = (said("prefix = "), said("endpoint = ")) else {
        panic!("a server function says its address: {attribute}");
    };
    let method = if attribute.contains("input = GetUrl") {
        "GET"
    } else {
        "POST"
    };
    (method.to_owned(), format!("{prefix}/{endpoint}"))
}

/// What a source adds to a router.
fn routes(source: &str) -> Vec<Route> {
    source.split(".route(").skip(1).flat_map(route).collect()
}

fn route(rest: &str) -> Vec<Route> {
    const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];
    let call = arguments(rest);
    let path = call
        .trim_start()
        .strip_prefix('"')
        .and_then(|call| call.split_once('"'));
    let Some((path, handlers)) = path else {
        panic!("a route says its path where it is added: {call}");
    };
    let methods: Vec<Route> = METHODS
        .iter()
        .filter(|method| calls(handlers, method))
        .map(|method| (method.to_uppercase(), numbered(path)))
        .collect();
    assert!(!methods.is_empty(), "a route has one of {METHODS:?}: {call}");
    methods
}

/// What stands before the parenthesis that closes a call.
fn arguments(rest: &str) -> &str {
    let mut open = 1;
    let end = rest.find(|c: char| {
        open += i32::from(c == '(') - i32::from(c == ')');
        open == 0
    });
    end.map_or(rest, |end| &rest[..end])
}

/// Whether a function of this name, wherever it may come from, is called.
fn calls(code: &str, name: &str) -> bool {
    let is_around = |c: char| !c.is_alphanumeric() && c != '_';
    code.split('(')
        .any(|before| before.rsplit(is_around).next() == Some(name))
}

/// Whoever adds an address adds it to the matrix. Operations of the API are in it by their description, in which all of them are.
#[test]
fn no_route_is_missing_from_the_matrix() {
    let (app, server) = (sources("app/src"), sources("server/src"));
    let known = |routes: &[(&str, &str)]| -> BTreeSet<Route> {
        let owned = routes
            .iter()
            .map(|(method, path)| ((*method).to_owned(), numbered(path)));
        owned.collect()
    };
    let matrix = known(&PAGES.map(|(method, path, _)| (method, path)));
    let excused = known(&EXCUSED.map(|(method, path, _)| (method, path)));

    let of_app = app
        .iter()
        .flat_map(|source| [pages(source), functions(source)].concat());
    let of_server = server
        .iter()
        .flat_map(|source| [pages(source), routes(source)].concat());
    let added: BTreeSet<Route> = of_app.chain(of_server).collect();
    let all: BTreeSet<Route> = matrix.union(&excused).cloned().collect();
    let missing: Vec<&Route> = added.difference(&all).collect();
    assert!(missing.is_empty(), "not in the matrix: {missing:?}");
    let invented: Vec<&Route> = all.difference(&added).collect();
    assert!(invented.is_empty(), "at no address: {invented:?}");

    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        let function = (method.as_str().to_owned(), path.to_owned());
        assert!(
            added.contains(&function),
            "{function:?} is written as this test cannot read it"
        );
    }
    let marks = [".nest(", ".nest_service(", ".route_service("];
    let folders: BTreeSet<&str> = server
        .iter()
        .flat_map(|source| marks.map(|mark| quoted(source, mark)).concat())
        .collect();
    assert_eq!(folders, BTreeSet::from(FOLDERS));
}

#[tokio::test]
async fn nobody_is_led_to_the_sign_in() {
    let site = Site::open().await;
    for path in [
        "/products",
        "/imports",
        "/imports/new",
        "/imports/1",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/actions/list_products",
        "/nowhere",
    ] {
        assert_eq!(
            site.request("GET", path).send().await.expect("an answer").status(),
            401,
            "{path}"
        );
        let browser = site
            .request("GET", path)
            .header("accept", "text/html")
            .send()
            .await
            .expect("an answer");
        assert_eq!(browser.status(), 303, "{path}");
        assert!(header(&browser, "location").starts_with("/login?next="), "{path}");
    }
    for (name, value) in [
        ("authorization", "Bearer stk_wrong"),
        ("authorization", "Basic YTpi"),
        ("cookie", "stockroom=garbage"),
    ] {
        let response = site
            .request("GET", "/api/v1/products")
            .header(name, value)
            .send()
            .await
            .expect("an answer");
        assert_eq!(
            (response.status().as_u16(), header(&response, "content-type")),
            (401, "application/problem+json"),
            "{value}"
        );
    }
}

#[tokio::test]
async fn another_site_cannot_act_for_somebody_who_is_signed_in() {
    let site = Site::open().await;
    let session = site.sign_in().await;
    for path in [
        "/imports/1/cancel",
        "/logout",
        "/preferences/theme",
        "/imports",
        "/api/v1/imports",
        "/login",
        "/setup",
    ] {
        for (name, value) in [
            ("origin", "null"),
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("x-nothing", "at all"),
        ] {
            let request = site
                .request("POST", path)
                .header("cookie", &session)
                .header(name, value)
                .form(&[("a", "b")]);
            assert_eq!(
                request.send().await.expect("an answer").status(),
                403,
                "{path} {name} {value}"
            );
        }
    }
}
