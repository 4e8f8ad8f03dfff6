//! Whether the server of these settings can do its work: for health checks, so that a container needs no program for it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::cli::Settings;

/// Shorter than any health check waits, so that its log has the reason.
const WITHIN: Duration = Duration::from_secs(4);
/// Bytes of the answer that are read.
const ANSWER_MAX: u64 = 16 * 1024;

/// Asks `/health/ready` at the address of these settings.
///
/// # Errors
/// When nobody answers there in time, or not that all is well.
pub async fn health(settings: &Settings) -> anyhow::Result<()> {
    let address = settings.own_address();
    let answer = match tokio::time::timeout(WITHIN, ask(address)).await {
        Ok(answer) => answer.with_context(|| format!("nobody answers at {address}"))?,
        Err(_) => bail!("{address} does not answer within {} seconds", WITHIN.as_secs()),
    };
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer.as_str(), ""));
    let status = head.lines().next().unwrap_or_default();
    match status.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => bail!("{address} is not ready: {status} {body}"),
    }
}

async fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /health/ready HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
