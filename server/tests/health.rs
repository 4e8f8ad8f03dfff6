//! `stockroom health`, and where the program listens: the real program, as a container runs it.

use std::net::SocketAddr;
use std::process::Output;

use stockroom::testing::{Kind, Receiver, Reply, Shop};

use crate::program::{Running, program};
use crate::site::Site;

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

#[tokio::test]
async fn a_port_of_the_environment_is_listened_on() {
    let shop = Shop::open(Kind::Sqlite).await;
    let running = Running::serve(&shop, []);
    assert_eq!(running.said, format!("Stockroom serves on {}", running.address));
    assert_eq!(health("PORT", running.port.to_string()).await, (true, String::new()));
    drop(running);
}

#[tokio::test]
async fn a_port_that_is_none_ends_the_program_at_once() {
    let (well, said) = health("PORT", "tcp://10.0.0.1:80".to_owned()).await;
    assert!(!well && said.contains("PORT must be a number"), "{said}");
}
