//! The heaviest of the list, sent to a program that does nothing else: none of them takes memory with it.

use futures::future::join_all;
use futures::stream;
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Client, RequestBuilder, Response};
use serde_json::Value;
use stockroom::accounts::Role;
use stockroom::testing::{Kind, Shop};

use crate::program::Running;
use crate::site::new_key;

/// Megabytes that the program may have more than before while one of them is dealt with. Each sends 200.
const ALLOWED: u64 = 64;
const MEGABYTE: usize = 1 << 20;

struct Program {
    running: Running,
    client: Client,
    key: String,
}

impl Program {
    async fn over(shop: &Shop) -> Self {
        let key = new_key(shop, "memory", Role::Admin).await;
        let client = Client::builder().no_proxy().build().expect("a client");
        let running = Running::serve(shop, []);
        Self { running, client, key }
    }

    fn post(&self, path: &str) -> RequestBuilder {
        let request = self.client.post(format!("{}{path}", self.running.address));
        request.header("sec-fetch-site", "same-origin")
    }

    /// Uploads a file; gives what the stream of its import says last.
    async fn import(&self, file: Body) -> Value {
        let form = Form::new().part("file", Part::stream(file).file_name("list.csv"));
        let request = self.post("/api/v1/imports").bearer_auth(&self.key).multipart(form);
        let taken = request.send().await.expect("an answer");
        assert_eq!(taken.status(), 202);
        let import: Value = taken.json().await.expect("JSON");
        let events = format!("{}/api/v1/imports/{}/events", self.running.address, import["job_id"]);
        let stream = self.client.get(events).bearer_auth(&self.key).send().await;
        let told = stream.expect("a stream").text().await.expect("a stream that ends");
        let last = told.lines().rev().find_map(|line| line.strip_prefix("data:"));
        serde_json::from_str(last.expect("an event")).expect("JSON")
    }

    /// Uploads a file that fails because of this row, and changes nothing.
    async fn refuse(&self, file: Body, row: &str) {
        let import = self.import(file).await;
        let error = import["error"].as_str().unwrap_or_default();
        assert!(error.contains(row) && error.contains("Nothing was changed"), "{import}");
    }

    /// The most megabytes that it had at some moment of this.
    async fn peak_of(&self, work: impl Future<Output = ()>) -> u64 {
        // proc_pid_clear_refs(5): 5 sets the peak back to what there is now.
        std::fs::write(format!("/proc/{}/clear_refs", self.running.id()), "5").expect("a new peak");
        work.await;
        self.megabytes("VmHWM:")
    }

    /// A line of what the system says of its process.
    fn megabytes(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.running.id()));
        let status = status.expect("the program's status");
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
        kilobytes.expect("a number") / 1024
    }
}

/// A body that is made while it is sent.
fn made(head: &'static str, repeated: &'static str, count: usize, tail: &'static str) -> Body {
    let pieces = std::iter::once(head.to_owned())
        .chain((0..count).map(|_| repeated.repeat(MEGABYTE / repeated.len())))
        .chain(std::iter::once(tail.to_owned()));
    Body::wrap_stream(stream::iter(pieces.map(Ok::<_, std::io::Error>)))
}

/// It is answered long before all of it is there; whoever goes on sending may not hear the answer.
fn answered(sent: reqwest::Result<Response>) {
    if let Ok(answer) = sent {
        assert_eq!(answer.status(), 413);
    }
}

async fn the_heaviest_take_no_memory(kind: Kind) {
    let shop = Shop::open(kind).await;
    let program = &Program::over(&shop).await;
    // What a file takes that is in order is there already.
    program.import("sku,name\nfirst,Mug\n".into()).await;
    let before = program.megabytes("VmRSS:");
    let unclosed = made("sku,name\na,\"never closed\n", "b,fine\n", 200, "");
    let endless = made("sku,name\na,fine\nb,\"", "x", 200, "\"\n");
    let mut peaks = vec![
        ("11", program.peak_of(program.refuse(unclosed, "row 2")).await),
        ("12", program.peak_of(program.refuse(endless, "row 3")).await),
    ];
    let json = async {
        let endless = made("{\"sku\":\"a\",\"name\":\"", "x", 200, "\"}");
        let request = program.post("/api/v1/products").bearer_auth(&program.key);
        let request = request.header("content-type", "application/json").body(endless);
        answered(request.send().await);
    };
    peaks.push(("46", program.peak_of(json).await));
    let passwords = async {
        let form = format!("email=ana%40example.com&password={}", "x".repeat(MEGABYTE));
        let attempts = (0..200).map(|_| {
            let request = program.post("/login").body(form.clone());
            request
                .header("content-type", "application/x-www-form-urlencoded")
                .send()
        });
        join_all(attempts).await.into_iter().for_each(answered);
    };
    peaks.push(("57", program.peak_of(passwords).await));
    assert!(
        peaks.iter().all(|(_, megabytes)| *megabytes <= before + ALLOWED),
        "megabytes by number, on {kind:?}, after {before}: {peaks:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_heaviest_take_no_memory_on_sqlite() {
    the_heaviest_take_no_memory(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_heaviest_take_no_memory_on_postgres() {
    the_heaviest_take_no_memory(Kind::Postgres).await;
}
