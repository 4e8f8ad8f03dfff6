//! A receiver of webhooks: a real server on a port of its own, which writes down what comes and answers as it is told, well or badly.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long a test waits for calls that should come.
const PATIENCE: Duration = Duration::from_secs(20);

/// One call that came in.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    /// Names in small letters.
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Received {
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("a body of JSON")
    }

    /// Type of the event.
    #[must_use]
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }
}

/// How a call is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    Status(u16),
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// The connection stays open and nothing is said.
    Silence,
    /// The connection is broken off.
    Reset,
    /// These bytes, then one more every tenth of a second, for ever.
    Drip(Vec<u8>),
    /// These bytes, then more as fast as they are taken.
    Flood(Vec<u8>),
}

type Answers = Box<dyn FnMut(usize, &Received) -> Reply + Send>;

pub struct Receiver {
    address: std::net::SocketAddr,
    calls: watch::Receiver<Vec<Received>>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Shared {
    calls: watch::Sender<Vec<Received>>,
    answers: Mutex<Answers>,
}

impl Receiver {
    /// One that accepts everything.
    pub async fn start() -> Self {
        Self::answering(|_, _| Reply::Status(200)).await
    }

    /// `answers` gets the number of each call, counted from 0, and says what becomes of it.
    pub async fn answering(answers: impl FnMut(usize, &Received) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, calls) = watch::channel(Vec::new());
        let shared = Arc::new(Shared {
            calls: sender,
            answers: Mutex::new(Box::new(answers)),
        });
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { address, calls, task }
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// All calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Received> {
        self.calls.borrow().clone()
    }

    /// Waits for so many calls, and gives all that have come by then.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let mut calls = self.calls.clone();
        let came = tokio::time::timeout(PATIENCE, calls.wait_for(|calls| calls.len() >= count)).await;
        match came {
            Ok(Ok(calls)) => calls.clone(),
            _ => panic!("{} of {count} calls came: {:?}", self.calls().len(), self.calls()),
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    while let Some(call) = read(&mut stream).await {
        let mut place = 0;
        let reply = {
            let mut answers = shared.answers.lock().expect("nobody panicked");
            shared.calls.send_modify(|calls| {
                place = calls.len();
                calls.push(call.clone());
            });
            answers(place, &call)
        };
        if !answer(stream.get_mut(), reply).await {
            return;
        }
    }
}

/// Writes the answer. Says whether the connection goes on.
async fn answer(stream: &mut TcpStream, reply: Reply) -> bool {
    match reply {
        Reply::Status(status) => {
            let head = format!("HTTP/1.1 {status} Said\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).await.is_ok()
        }
        Reply::Raw(bytes) => {
            drop(stream.write_all(&bytes).await);
            drop(stream.shutdown().await);
            false
        }
        Reply::Silence => {
            drop(stream.read(&mut [0; 1]).await);
            false
        }
        Reply::Reset => {
            // Whoever closes without having waited sends a reset.
            drop(stream.set_zero_linger());
            false
        }
        Reply::Drip(bytes) => {
            let mut more = stream.write_all(&bytes).await.is_ok();
            let mut tick = tokio::time::interval(Duration::from_millis(100));
            while more {
                tick.tick().await;
                more = stream.write_all(b"x").await.is_ok();
            }
            false
        }
        Reply::Flood(bytes) => {
            let mut more = stream.write_all(&bytes).await.is_ok();
            while more {
                more = stream.write_all(&[b'x'; 64 * 1024]).await.is_ok();
            }
            false
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let path = lines.first()?.split(' ').nth(1)?.to_owned();
    let headers: HashMap<String, String> = lines
        .iter()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .and_then(|length| length.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received {
        path,
        headers,
        body: String::from_utf8(body).ok()?,
    })
}
