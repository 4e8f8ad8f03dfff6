//! Nobody gets at anything of the shop without a session or a key, and no other site can act for somebody who has one.

use serde_json::Value;
use stockroom::accounts::{self, Role};

use crate::site::{Site, header, new_key};

/// Every operation of the description, with numbers in place of its parameters.
fn operations(description: &Value) -> Vec<(String, String)> {
    let paths = description["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let path = path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        item.as_object()
            .expect("operations")
            .keys()
            .map(|method| (method.to_uppercase(), path.clone()))
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
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

/// Routes of the pages that post something or must be shown to some only, with the least role that may. The test below finds any that is
/// missing here.
const PAGES: [(&str, &str, Role); 101] = [
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
    ("GET", "/actions/list_products", Role::Viewer),
    ("GET", "/actions/get_product", Role::Viewer),
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
    ("POST", "/settings/users/99/disable", Role::Admin),
    ("POST", "/settings/api-keys", Role::Admin),
    ("POST", "/settings/api-keys/1/revoke", Role::Admin),
];

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

fn only_reads(method: &str) -> bool {
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
        let of_prefix = described.iter().filter(|(_, path)| !path.starts_with("/health/"));
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

/// Whoever adds a route of a page adds it to the matrix.
#[test]
fn no_route_is_missing_from_the_matrix() {
    let router = include_str!("../src/router.rs");
    let app = include_str!("../../app/src/app.rs");
    let named = |source: &'static str, mark: &str, method: &'static str| {
        let paths = source.split(mark).skip(1).filter_map(|rest| rest.split('"').nth(1));
        paths.map(|path| (method, path.to_owned())).collect::<Vec<_>>()
    };
    let posts = router.split(".route(").skip(1).filter_map(|route| {
        let path = route.split('"').nth(1)?;
        let handler = route.split('"').nth(2)?;
        let is_post = handler.contains("post(") && handler.find("post(") < handler.find(".route").or(Some(usize::MAX));
        is_post.then(|| ("POST", path.to_owned()))
    });
    let routes = posts.chain(named(app, "path!(", "GET"));
    const OPEN: [&str; 5] = ["/login", "/setup", "/logout", "/preferences/theme", "/invite"];
    const SAME_AS_DISABLE: [&str; 4] = [
        "/settings/users/1/disable",
        "/settings/users/1",
        "/settings/users/1/link",
        "/settings/users/1/enable",
    ];
    for (method, path) in routes {
        let path = ["{id}", ":id", "{delivery}", "{replay}"]
            .iter()
            .fold(path, |path, name| path.replace(name, "1"));
        let is_known = PAGES.iter().any(|(known, at, _)| *known == method && *at == path);
        let is_covered = OPEN.contains(&path.as_str()) || SAME_AS_DISABLE.contains(&path.as_str());
        assert!(is_known || is_covered, "{method} {path} is not in the matrix");
    }
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
