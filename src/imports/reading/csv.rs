//! CSV: decoded, split and numbered as a spreadsheet numbers rows.
//!
//! Format: RFC 4180, and what spreadsheets make of it: any of `\n`, `\r\n` and `\r` ends a row, blank lines are rows without
//! cells, quoted cells may hold line breaks. Memory is bounded by [`ROW_MAX`], whatever the file holds.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::ByteRecord;
use encoding_rs::{Encoding, UTF_8};
use encoding_rs_io::DecodeReaderBytesBuilder;
use sha2::{Digest as _, Sha256};

use crate::imports::FileFormat;
use crate::problem::Problem;
use crate::workbook::{self, Copied, Workbooks};

/// Bytes of one row. A row that is longer is a quotation mark that was never closed, or no CSV at all.
const ROW_MAX: u64 = 2 * 1024 * 1024;
const BUFFER: usize = 128 * 1024;
/// Follows the file's last row. A row that ends behind its first byte and is more than this has a quotation mark that was never closed.
/// What a file says itself is never taken for it: only where it stands counts.
const END: &[u8] = b"\nend\n";
const END_CELL: &[u8] = b"end";

/// Why a file cannot be read on.
#[derive(Debug, thiserror::Error)]
pub(in crate::imports) enum ReadError {
    #[error("row {0} is longer than two million bytes")]
    RowTooLong(i64),
    #[error("a quotation mark in row {0} is never closed")]
    QuoteNotClosed(i64),
    #[error("{}", .0.detail)]
    Workbook(Problem),
    #[error(transparent)]
    Io(io::Error),
}

/// The rows after the header, one at a time.
pub(in crate::imports) struct Rows {
    reader: csv::Reader<Budgeted>,
    file: Underneath,
    row: i64,
    /// The last row ended with `\r`, and the `\n` that belongs to it has not been read yet.
    half_an_ending: bool,
}

type SharedDigest = Arc<std::sync::Mutex<Sha256>>;

/// The file whose rows these are.
enum Underneath {
    /// It is read itself, and counted and hashed on the way.
    Text {
        consumed: Arc<AtomicU64>,
        digest: SharedDigest,
    },
    /// Another process reads it.
    Workbook {
        sha256: String,
        size: u64,
        progress: Box<dyn Fn() -> f64 + Send>,
    },
}

impl Rows {
    /// Opens a file of this format and reads its header away, and whatever stands above that.
    pub(in crate::imports) fn open(file: impl Read + Send + 'static, format: &FileFormat) -> Result<Self, ReadError> {
        Self::from_top(file, &format.encoding, format.delimiter)?.after_header(format)
    }

    /// Opens a sheet of a workbook of `size` bytes; it must have been copied from the stored file.
    pub(super) fn of_workbook(
        workbooks: &Workbooks,
        workbook: &Copied,
        size: u64,
        sheet: &str,
        format: &FileFormat,
    ) -> Result<Self, ReadError> {
        let of_pictures = format.columns_of("pictures");
        let text = workbooks
            .rows(workbook, sheet, &of_pictures)
            .map_err(|error| ReadError::Io(io::Error::other(error)))?;
        let file = Underneath::Workbook {
            sha256: workbook.sha256.clone(),
            size,
            progress: Box::new(text.progress()),
        };
        Self::split(text, ',', file).after_header(format)
    }

    fn after_header(mut self, format: &FileFormat) -> Result<Self, ReadError> {
        let mut header = ByteRecord::new();
        while self.row < format.header_row && self.next(&mut header)?.is_some() {}
        Ok(self)
    }

    /// Opens a file whose encoding and delimiter are known; its first row comes first.
    pub(in crate::imports) fn from_top(
        file: impl Read + Send + 'static,
        encoding: &str,
        delimiter: char,
    ) -> Result<Self, ReadError> {
        let consumed = Arc::new(AtomicU64::new(0));
        let digest = SharedDigest::default();
        let counted = Counted {
            inner: file,
            consumed: consumed.clone(),
            digest: digest.clone(),
        };
        let text =
            decoded(counted, Encoding::for_label(encoding.as_bytes()).unwrap_or(UTF_8)).map_err(ReadError::Io)?;
        Ok(Self::split(text, delimiter, Underneath::Text { consumed, digest }))
    }

    fn split(text: impl Read + Send + 'static, delimiter: char, file: Underneath) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(u8::try_from(delimiter).unwrap_or(b','))
            .buffer_capacity(BUFFER)
            .from_reader(Budgeted {
                inner: Box::new(text),
                end: END,
                text_ends: None,
                left: 0,
                block: Vec::new(),
                block_ends: 0,
            });
        Self {
            reader,
            file,
            row: 0,
            half_an_ending: false,
        }
    }

    /// Reads the next row into `record` and says its number; `None` after the last one.
    pub(in crate::imports) fn next(&mut self, record: &mut ByteRecord) -> Result<Option<i64>, ReadError> {
        self.reader.get_mut().left = ROW_MAX;
        let from = self.reader.position().line();
        if !self
            .reader
            .read_byte_record(record)
            .map_err(|error| self.failure(error))?
        {
            return Ok(None);
        }
        let reads_on = self.reader.position().byte();
        let is_behind = self.reader.get_ref().text_ends.is_some_and(|end| reads_on > end + 1);
        if is_behind && record.len() == 1 && &record[0] == END_CELL {
            return Ok(None);
        }
        self.row += 1 + self.blank_lines(from, record);
        if is_behind {
            return Err(ReadError::QuoteNotClosed(self.row));
        }
        Ok(Some(self.row))
    }

    /// Lines that the CSV reader passed over because nothing stood on them. A spreadsheet shows them as rows.
    ///
    /// The reader counts every `\n`: those inside cells, those of blank lines, its row's own, and, where rows end with `\r\n`, the
    /// one that the row before left behind.
    fn blank_lines(&mut self, from: u64, record: &ByteRecord) -> i64 {
        let lines = self.reader.position().line().saturating_sub(from);
        let inside = record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        let left_behind = u64::from(self.half_an_ending);
        let end = self.reader.position().byte();
        let block = self.reader.get_ref();
        let own = u64::from(block.byte(end - 1) == Some(b'\n'));
        self.half_an_ending = block.byte(end - 1) == Some(b'\r') && block.byte(end).is_none_or(|next| next == b'\n');
        i64::try_from(lines.saturating_sub(inside + own + left_behind)).unwrap_or(0)
    }

    fn failure(&self, error: csv::Error) -> ReadError {
        match error.into_kind() {
            csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                ReadError::RowTooLong(self.row + 1)
            }
            csv::ErrorKind::Io(error) => match workbook::refusal(&error) {
                Some(problem) => ReadError::Workbook(problem),
                None => ReadError::Io(error),
            },
            other => ReadError::Io(io::Error::other(format!("{other:?}"))),
        }
    }

    /// Bytes of the file that have been read, for the progress bar.
    pub(in crate::imports) fn consumed(&self) -> u64 {
        match &self.file {
            Underneath::Text { consumed, .. } => consumed.load(Ordering::Relaxed),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                clippy::cast_sign_loss,
                reason = "a share of the size, for a progress bar"
            )]
            Underneath::Workbook { size, progress, .. } => (progress() * *size as f64) as u64,
        }
    }

    /// SHA-256 of what was read, in hexadecimal.
    pub(in crate::imports) fn sha256(&self) -> String {
        let digest = match &self.file {
            Underneath::Text { digest, .. } => digest,
            Underneath::Workbook { sha256, .. } => return sha256.clone(),
        };
        let digest = digest
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
            .finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The file as UTF-8, without its byte order mark.
fn decoded(file: impl Read + Send + 'static, encoding: &'static Encoding) -> io::Result<Box<dyn Read + Send>> {
    if encoding == UTF_8 {
        // Passed through as it is: a damaged row must be found, not mended.
        return without_mark(file);
    }
    Ok(Box::new(
        DecodeReaderBytesBuilder::new()
            .encoding(Some(encoding))
            .strip_bom(true)
            .build(file),
    ))
}

fn without_mark(mut file: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let mut first = Vec::with_capacity(3);
    (&mut file).take(3).read_to_end(&mut first)?;
    if first == b"\xef\xbb\xbf" {
        first.clear();
    }
    Ok(Box::new(Cursor::new(first).chain(file)))
}

/// Counts and hashes the bytes of the file itself, before they are decoded.
struct Counted<R> {
    inner: R,
    consumed: Arc<AtomicU64>,
    digest: SharedDigest,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.consumed.fetch_add(read as u64, Ordering::Relaxed);
        self.digest
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .update(&buffer[..read]);
        Ok(read)
    }
}

/// Stops handing out bytes when one row has taken too many, and remembers the block it handed out last. Hands out [`END`] after the text.
struct Budgeted {
    inner: Box<dyn Read + Send>,
    /// What is left of that.
    end: &'static [u8],
    /// Offset behind the last byte of the text, once that has been handed out.
    text_ends: Option<u64>,
    /// Bytes that the present row may still take.
    left: u64,
    block: Vec<u8>,
    /// Offset in the text behind the block's last byte.
    block_ends: u64,
}

impl Budgeted {
    /// The byte at an offset of the text, if it was in the last block.
    fn byte(&self, offset: u64) -> Option<u8> {
        let begins = self.block_ends - self.block.len() as u64;
        self.block
            .get(usize::try_from(offset.checked_sub(begins)?).ok()?)
            .copied()
    }
}

impl Read for Budgeted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut read = 0;
        if self.text_ends.is_none() {
            read = self.inner.read(buffer)?;
        }
        if read == 0 && !buffer.is_empty() {
            self.text_ends.get_or_insert(self.block_ends);
            read = self.end.read(buffer)?;
        }
        self.left = self.left.saturating_sub(read as u64);
        self.block.clear();
        self.block.extend_from_slice(&buffer[..read]);
        self.block_ends += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use csv::ByteRecord;

    use super::{ReadError, Rows};
    use crate::imports::FileFormat;

    fn read(bytes: &[u8]) -> Result<Vec<(i64, Vec<String>)>, ReadError> {
        read_as(bytes, "UTF-8")
    }

    fn read_as(bytes: &[u8], encoding: &str) -> Result<Vec<(i64, Vec<String>)>, ReadError> {
        let format = FileFormat {
            encoding: encoding.to_owned(),
            ..FileFormat::default()
        };
        let mut rows = Rows::open(std::io::Cursor::new(bytes.to_vec()), &format)?;
        let mut record = ByteRecord::new();
        let mut found = Vec::new();
        while let Some(row) = rows.next(&mut record)? {
            found.push((
                row,
                record
                    .iter()
                    .map(|cell| String::from_utf8_lossy(cell).into_owned())
                    .collect(),
            ));
        }
        Ok(found)
    }

    fn rows(found: &[(i64, Vec<String>)]) -> Vec<i64> {
        found.iter().map(|(row, _)| *row).collect()
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let found = read(b"sku,name\na,1\n\n\nb,\"two\nlines\"\nc,3").expect("rows");
        assert_eq!(rows(&found), [2, 5, 6]);
        let found = read(b"sku,name\r\na,1\r\n\r\nb,\"two\r\nlines\"\r\nc,3\r\n").expect("rows");
        assert_eq!(rows(&found), [2, 4, 5]);
        let found = read(b"sku\r\n\r\na\n\nb\r\nc\n").expect("rows");
        assert_eq!(rows(&found), [3, 5, 6]);
    }

    #[test]
    fn every_line_ending_ends_a_row_also_mixed() {
        for text in ["sku\ra\rb\r", "sku\r\na\nb\r\n", "sku\na\nb"] {
            assert_eq!(rows(&read(text.as_bytes()).expect("rows")), [2, 3], "{text:?}");
        }
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_named() {
        let mut file = b"sku,name\na,\"open\n".to_vec();
        file.extend(b"b,c\n".repeat(10));
        assert!(matches!(read(&file), Err(ReadError::QuoteNotClosed(2))));
    }

    #[test]
    fn no_text_of_a_file_is_taken_for_its_end() {
        let found = read(b"sku,name\na,1\nend\n\x1e\x1eend of file\x1e\x1e\nb,\"\nend\n\"\nend").expect("rows");
        assert_eq!(rows(&found), [2, 3, 4, 5, 6]);
        assert_eq!(found[4].1, ["end"]);
        assert!(matches!(read(b"sku\na\n\"end"), Err(ReadError::QuoteNotClosed(3))));
    }

    #[test]
    fn an_endless_row_stops_the_reader_before_memory_does() {
        let mut file = b"sku,name\na,1\nb,\"".to_vec();
        file.extend(b"x".repeat(8 * 1024 * 1024));
        assert!(matches!(read(&file), Err(ReadError::RowTooLong(3))));
    }

    #[test]
    fn the_header_alone_is_a_file_without_rows() {
        assert!(read(b"sku,name\n").expect("no rows").is_empty());
        assert!(read(b"sku,name").expect("no rows").is_empty());
    }

    #[test]
    fn marks_and_other_encodings_are_decoded() {
        let utf16: Vec<u8> = "\u{feff}sku,name\né,1\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read_as(&utf16, "UTF-16LE").expect("rows")[0].1[0], "é");
        assert_eq!(read_as(b"sku\n\xe9\n", "windows-1252").expect("rows")[0].1[0], "é");
        assert_eq!(read("\u{feff}\"sku\"\na\n".as_bytes()).expect("rows").len(), 1);
    }
}
