//! A server of this machine that answers as S3 does, one for a test process, with a bucket of its own for each test.
//!
//! It ends when its standard input closes, which it does when this process ends, in whatever way.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

const SCRIPT: &str = r#"
import logging, sys
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
logging.disable(logging.CRITICAL)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"#;

struct Server {
    port: u16,
    // Held so that its input stays open.
    _process: Child,
}

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(1);

/// A new bucket, and how it is reached.
pub struct Bucket {
    pub name: String,
    pub endpoint: String,
}

impl Bucket {
    /// None where the server is not installed: its test cannot run then, and says so.
    pub async fn new() -> Option<Self> {
        let Some(server) = SERVER.get_or_init(start) else {
            say_not_run();
            return None;
        };
        let bucket = Self {
            name: format!("shop-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
            endpoint: format!("http://127.0.0.1:{}", server.port),
        };
        let made = reqwest::Client::builder().no_proxy().build().expect("a client");
        let made = made.put(bucket.address("")).send().await.expect("the server answers");
        assert!(made.status().is_success(), "{made:?}");
        Some(bucket)
    }

    /// As `STORAGE_URL` has it.
    #[must_use]
    pub fn url(&self, prefix: &str) -> String {
        format!("s3://{}/{prefix}", self.name)
    }

    /// What the environment of a server has.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        let variables = [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ];
        variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    }

    /// What the bucket itself says that is in it, parts of unfinished files too: one text.
    pub async fn contents(&self) -> String {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let mut contents = String::new();
        for question in ["?list-type=2", "?uploads"] {
            let answer = client
                .get(self.address(question))
                .send()
                .await
                .expect("the server answers");
            contents.push_str(&answer.text().await.expect("a text"));
        }
        contents
    }

    fn address(&self, rest: &str) -> String {
        format!("{}/{}{rest}", self.endpoint, self.name)
    }
}

#[expect(clippy::print_stderr, reason = "whoever runs the tests reads this")]
fn say_not_run() {
    eprintln!("NOT RUN: the S3 server of the tests is missing. `.scripts/setup-s3` installs it.");
}

fn start() -> Option<Server> {
    let packages = std::env::var_os("STOCKROOM_MOTO").map_or_else(usual_place, PathBuf::from);
    if !packages.join("moto").is_dir() {
        return None;
    }
    let mut process = Command::new("python3")
        .args(["-c", SCRIPT])
        .env("PYTHONPATH", packages)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut line = String::new();
    let output = process.stdout.take().expect("the server's output");
    BufReader::new(output).read_line(&mut line).expect("the server answers");
    let port = line.trim().parse().expect("the S3 server starts and says its port");
    Some(Server {
        port,
        _process: process,
    })
}

/// Where `.scripts/setup-s3` puts it.
fn usual_place() -> PathBuf {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cache = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    let tools = folder("STOCKROOM_TOOLS").or_else(|| Some(cache?.join("stockroom/tools")));
    tools.unwrap_or_default().join("moto")
}
