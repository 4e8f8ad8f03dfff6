//! The rows as CSV, sent while they are found. Cells that a spreadsheet would run are guarded: see [`crate::spreadsheet`].

use bytes::Bytes;
use csv::Writer;
use tokio::sync::mpsc;

use super::walk::Sheet;
use crate::error::{Error, Result};
use crate::spreadsheet::guarded;

/// Bytes that are collected before they are sent.
const CHUNK: usize = 64 * 1024;

pub(super) struct CsvSheet {
    writer: Writer<Vec<u8>>,
    sender: mpsc::Sender<Result<Bytes>>,
}

impl CsvSheet {
    pub fn new(sender: mpsc::Sender<Result<Bytes>>) -> Self {
        Self {
            writer: empty(),
            sender,
        }
    }

    /// Sends what is left, or what went wrong.
    pub fn end(mut self, written: Result<()>) {
        let sent = written.and_then(|()| self.send(0));
        if let Err(error) = sent {
            drop(self.sender.blocking_send(Err(error)));
        }
    }

    /// Sends what has been written once it is at least `least` bytes. False when nobody listens any more.
    fn send(&mut self, least: usize) -> Result<bool> {
        self.writer.flush()?;
        if self.writer.get_ref().len() < least || self.writer.get_ref().is_empty() {
            return Ok(true);
        }
        let full = std::mem::replace(&mut self.writer, empty());
        let bytes = full
            .into_inner()
            .map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(self.sender.blocking_send(Ok(bytes.into())).is_ok())
    }
}

impl Sheet for CsvSheet {
    fn begin(&mut self, headers: &[&str]) -> Result<()> {
        // As they are: by them the file is known again when it comes back.
        self.writer.write_record(headers).map_err(failed)
    }

    fn row(&mut self, _: i64, cells: Vec<String>) -> Result<bool> {
        let cells = cells.iter().map(|cell| guarded(cell).into_owned());
        self.writer.write_record(cells).map_err(failed)?;
        self.send(CHUNK)
    }
}

fn empty() -> Writer<Vec<u8>> {
    Writer::from_writer(Vec::with_capacity(CHUNK * 2))
}

fn failed(error: csv::Error) -> Error {
    std::io::Error::other(error).into()
}
