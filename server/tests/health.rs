//! `stockroom health`, and where the program listens: the real program, as a container runs it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};

use stockroom::testing::{Kind, Receiver, Reply, Shop};

use crate::site::Site;

/// The program with none of the settings that this process may have been started with.
fn program(word: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stockroom"));
    command.arg(word);
    for name in ["PORT", "LEPTOS_SITE_ADDR", "STOCKROOM_PUBLIC_URL", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
}

/// Whether the server at this address is well, and what is said if not.
async fn health(variable: &'static str, value: String) -> (bool, String) {
    let asked = move || program("health").env(variable, value).output();
    let answered = tokio::task::spawn_blocking(asked).await.expect("a thread");
    let Output { status, stderr, .. } = answered.expect("the program ends");
    (status.success(), String::from_utf8_lossy(&stderr).into_owned())
}

async fn health_at(address: SocketAddr) -> (bool, String) {
    health("LEPTOS_SITE_ADDR", address.to_string()).await
}

#[tokio::test]
async fn a_server_is_well_until_it_has_gone() {
    let site = Site::open().await;
    let address = site.address;
    assert_eq!(health_at(address).await, (true, String::new()));
    site.close().await;
    let (well, said) = health_at(address).await;
    assert!(!well && said.contains("nobody answers"), "{said}");
}

#[tokio::test]
async fn a_server_that_says_it_is_not_ready_is_not_well() {
    let refusal = b"HTTP/1.1 503 Service Unavailable\r\n\r\nThe database does not answer.";
    let refusing = Receiver::answering(|_, _| Reply::Raw(refusal.to_vec())).await;
    let (well, said) = health_at(([127, 0, 0, 1], refusing.port()).into()).await;
    assert!(!well && said.contains("is not ready"), "{said}");
    assert!(said.contains("The database does not answer."), "{said}");
}

/// A server of its own, which is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Serves with `PORT` set, and gives the first line that is printed.
fn serve(shop: &Shop, port: u16) -> (Running, String) {
    let config = &shop.services.config;
    let child = program("serve")
        .env("DATABASE_URL", &config.database_url)
        .env("STORAGE_URL", &config.storage_url)
        .env("STOCKROOM_SCRATCH_DIR", &config.scratch_dir)
        .env("STOCKROOM_SECRET_KEY_FILE", &config.secret_key_file)
        .env("PORT", port.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut running = Running(child.expect("the program starts"));
    let mut line = String::new();
    let printed = running.0.stdout.as_mut().expect("what it prints");
    BufReader::new(printed).read_line(&mut line).expect("a line");
    (running, line)
}

#[tokio::test]
async fn a_port_of_the_environment_is_listened_on() {
    let shop = Shop::open(Kind::Sqlite).await;
    let free = std::net::TcpListener::bind("0.0.0.0:0").and_then(|probe| probe.local_addr());
    let port = free.expect("a free port").port();
    let (running, line) = serve(&shop, port);
    let address = format!("http://127.0.0.1:{port}");
    assert_eq!(line.trim_end(), format!("Stockroom serves on {address}"));
    assert_eq!(health("PORT", port.to_string()).await, (true, String::new()));
    drop(running);
}

#[tokio::test]
async fn a_port_that_is_none_ends_the_program_at_once() {
    let (well, said) = health("PORT", "tcp://10.0.0.1:80".to_owned()).await;
    assert!(!well && said.contains("PORT must be a number"), "{said}");
}
