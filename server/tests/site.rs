//! A site of its own for one test: a fresh shop, served on a free port, with an API key and a client.

use std::net::SocketAddr;

use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use server::cli::{Cli, Settings};
use server::state::AppState;
use stockroom::accounts::{self, NewApiKey, NewUser, Role};
use stockroom::config::{Config, READ_WORKBOOK};
use stockroom::nodes::NodeRole;
use stockroom::services::Services;
use stockroom::testing::{Kind, Shop};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

pub const EMAIL: &str = "ana@example.com";
pub const PASSWORD: &str = "correct horse battery";

pub struct Site {
    pub shop: Shop,
    pub address: SocketAddr,
    pub setup_token: String,
    pub key: String,
    client: Client,
    // A site that nobody needs any more ends, also where it is not closed.
    stop: DropGuard,
    served: JoinHandle<()>,
}

impl Site {
    pub async fn open() -> Self {
        Self::open_with(Kind::Sqlite, |_| ()).await
    }

    /// On a database of its own, as a node that does only so much.
    pub async fn open_as(kind: Kind, role: NodeRole) -> Self {
        let shop = Shop::open(kind).await;
        let key = new_key(&shop, "tests", Role::Admin).await;
        Self::serve(shop, key, role, &[]).await
    }

    pub async fn on(kind: Kind) -> Self {
        Self::open_with(kind, |_| ()).await
    }

    pub async fn open_with(kind: Kind, change: impl FnOnce(&mut Config)) -> Self {
        let change = |config: &mut Config| {
            config.workbook_reader = vec![env!("CARGO_BIN_EXE_stockroom").into(), READ_WORKBOOK.into()];
            change(config);
        };
        Self::over(Shop::open_with(kind, change).await, &[]).await
    }

    /// On a shop that is open already, with these arguments on the command line.
    pub async fn over(shop: Shop, arguments: &[&str]) -> Self {
        let key = new_key(&shop, "tests", Role::Admin).await;
        Self::serve(shop, key, NodeRole::All, arguments).await
    }

    /// One that was started with these words on its command line.
    pub async fn open_told(arguments: &[&str]) -> Self {
        Self::over(Shop::open(Kind::Sqlite).await, arguments).await
    }

    /// Another node of the same shop.
    pub async fn beside(&self, role: NodeRole) -> Self {
        Self::serve(self.shop.beside().await, self.key.clone(), role, &[]).await
    }

    /// Opens a site with other limits than the usual ones.
    pub async fn open_limited(change: impl FnOnce(&mut AppState)) -> Self {
        let shop = Shop::open(Kind::Sqlite).await;
        let key = new_key(&shop, "tests", Role::Admin).await;
        Self::begin(shop, key, NodeRole::All, &[], change).await
    }

    async fn serve(shop: Shop, key: String, role: NodeRole, arguments: &[&str]) -> Self {
        Self::begin(shop, key, role, arguments, |_| ()).await
    }

    async fn begin(
        shop: Shop,
        key: String,
        role: NodeRole,
        arguments: &[&str],
        change: impl FnOnce(&mut AppState),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let mut state = AppState::new(shop.services.clone(), &settings(address, arguments), stop.clone())
            .await
            .expect("a state");
        change(&mut state);
        let setup_token = state.setup_token.clone();
        let served = tokio::spawn(server::run(listener, state, role, stop.clone()));
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client");
        Self {
            shop,
            address,
            setup_token,
            key,
            client,
            stop: stop.drop_guard(),
            served,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request of nobody.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.client.request(method.parse().expect("a method"), self.url(path))
    }

    /// A request with the API key.
    pub fn with_key(&self, method: &str, path: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(&self.key)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.with_key("GET", path).send().await.expect("an answer")
    }

    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.json().await.expect("JSON")
    }

    /// Adds an administrator and signs in; gives the session's cookie.
    pub async fn sign_in(&self) -> String {
        self.sign_in_as(EMAIL, Role::Admin).await
    }

    /// The same for a person of any role.
    pub async fn sign_in_as(&self, email: &str, role: Role) -> String {
        let new = NewUser {
            email,
            password: PASSWORD,
            role,
        };
        accounts::create_user(&self.shop.services.database, &self.shop.services.passwords, new)
            .await
            .expect("a user");
        let form = [("email", email), ("password", PASSWORD), ("next", "/products")];
        let response = self.own_post("/login").form(&form).send().await.expect("an answer");
        assert_eq!(
            (response.status().as_u16(), header(&response, "location")),
            (303, "/products")
        );
        cookie(&response).expect("a session")
    }

    /// A POST as our own pages send it.
    pub fn own_post(&self, path: &str) -> RequestBuilder {
        self.request("POST", path).header("sec-fetch-site", "same-origin")
    }

    pub async fn upload(&self, path: &str, name: &str, bytes: impl Into<Vec<u8>>) -> Response {
        let form = Form::new().part("file", Part::bytes(bytes.into()).file_name(name.to_owned()));
        self.with_key("POST", path)
            .multipart(form)
            .send()
            .await
            .expect("an answer")
    }

    /// Uploads and waits for the end, as its stream of events tells it.
    pub async fn import(&self, bytes: impl Into<Vec<u8>>) -> Value {
        let response = self.upload("/api/v1/imports", "products.csv", bytes).await;
        assert_eq!(response.status(), 202);
        let import: Value = response.json().await.expect("JSON");
        self.last_event(import["job_id"].as_i64().expect("an id")).await
    }

    /// The last event of an import's stream, which ends by itself.
    pub async fn last_event(&self, id: i64) -> Value {
        let stream = self
            .get(&format!("/api/v1/imports/{id}/events"))
            .await
            .text()
            .await
            .expect("a stream that ends");
        let last = stream
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("data:"))
            .expect("an event");
        serde_json::from_str(last).expect("JSON")
    }

    /// A bare connection, for what no client would send.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// Stops the site and serves the same shop again, at another address.
    pub async fn restart(self) -> Self {
        let key = self.key.clone();
        Self::serve(self.close().await, key, NodeRole::All, &[]).await
    }

    /// The same with other settings of the domain.
    pub async fn restart_with(self, change: impl FnOnce(&mut Config)) -> Self {
        let key = self.key.clone();
        let mut shop = self.close().await;
        let mut config = (*shop.services.config).clone();
        change(&mut config);
        shop.services = Services::connect(config).await.expect("the shop opens again");
        Self::serve(shop, key, NodeRole::All, &[]).await
    }

    /// Stops the site and waits until everything has ended.
    pub async fn close(self) -> Shop {
        drop(self.stop);
        self.served.await.expect("the site ends in order");
        self.shop
    }
}

/// A new API key.
pub async fn new_key(shop: &Shop, name: &str, role: Role) -> String {
    let new = NewApiKey { name, role, days: None };
    let key = accounts::create_api_key(&shop.services.database, new, &"tests".into()).await;
    key.expect("a key").as_str().to_owned()
}

fn settings(address: SocketAddr, more: &[&str]) -> Settings {
    let address = address.to_string();
    let own = ["stockroom", "--site-addr", &address, "--site-root", "/nonexistent"];
    <Cli as clap::Parser>::parse_from(own.iter().chain(more)).settings
}

/// A request of the API, with a body of JSON or none: the status and the JSON of the answer.
pub async fn ask(site: &Site, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = site.with_key(method, &format!("/api/v1{path}"));
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The session's cookie that a response sets, as a request sends it.
pub fn cookie(response: &Response) -> Option<String> {
    let set = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok());
    set.filter_map(|cookie| cookie.split(';').next())
        .find(|cookie| cookie.starts_with("stockroom="))
        .map(str::to_owned)
}
