//! XML, event by event, with a limit to what one event may take.

use std::io::{self, BufRead, Read};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::{damaged, refused, too_large};
use crate::problem::Problem;

/// Bytes of one tag or one stretch of text. Excel allows 32,767 characters in a cell.
const EVENT_MAX: u64 = 1024 * 1024;

pub(super) struct Xml<R> {
    reader: Reader<Budgeted<R>>,
    buffer: Vec<u8>,
}

impl<R: BufRead> Xml<R> {
    pub fn new(source: R) -> Self {
        let mut reader = Reader::from_reader(Budgeted {
            source,
            left: EVENT_MAX,
            taken: 0,
        });
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        Self {
            reader,
            buffer: Vec::new(),
        }
    }

    /// The next event; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Event<'_>>, Problem> {
        self.buffer.clear();
        self.reader.get_mut().left = EVENT_MAX;
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(Event::Eof) => Ok(None),
            Ok(Event::DocType(_)) => Err(refused(
                422,
                "The workbook cannot be read",
                "The workbook contains a document type, which no workbook of Excel does, so it is not read. \
                 Open it in Excel, save it again as .xlsx and choose it again.",
            )),
            Ok(event) => Ok(Some(event)),
            Err(quick_xml::Error::Io(error)) => Err(unreadable(&error)),
            Err(error) => Err(damaged(&format!("its XML has an error ({error})"))),
        }
    }

    /// Adds the text of all `t` elements up to the end of this one. What only says how Chinese signs are read is passed over.
    pub fn texts(&mut self, until: &str, sink: &mut String) -> Result<(), Problem> {
        let (mut in_text, mut in_reading) = (false, false);
        while let Some(event) = self.next()? {
            match event {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "t" => in_text = true,
                    "rPh" => in_reading = true,
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    "t" => in_text = false,
                    "rPh" => in_reading = false,
                    name if name == until => return Ok(()),
                    _ => {}
                },
                event if in_text && !in_reading => push_text(&event, sink)?,
                _ => {}
            }
        }
        Err(damaged("it ends in the middle of a text"))
    }

    /// The text of an element without others inside.
    pub fn text(&mut self, until: &str, sink: &mut String) -> Result<(), Problem> {
        while let Some(event) = self.next()? {
            match event {
                Event::End(tag) if tag.local_name().as_ref() == until => return Ok(()),
                event => push_text(&event, sink)?,
            }
        }
        Err(damaged("it ends in the middle of a cell"))
    }

    /// Bytes that have been read.
    pub fn taken(&mut self) -> u64 {
        self.reader.get_mut().taken
    }
}

/// Characters of one cell, of one shared text: far more than Excel allows.
const TEXT_MAX: usize = 2 * 1024 * 1024;

fn push_text(event: &Event<'_>, sink: &mut String) -> Result<(), Problem> {
    match event {
        Event::Text(text) => sink.push_str(&text.xml10_content()),
        Event::CData(text) => sink.push_str(&text.xml10_content()),
        Event::GeneralRef(reference) => sink.push_str(resolved(reference)?.as_str()),
        _ => {}
    }
    if sink.len() > TEXT_MAX {
        return Err(long_text());
    }
    Ok(())
}

fn long_text() -> Problem {
    too_large("A cell of the workbook has more than a million characters.")
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, Problem> {
    let name = reference.xml10_content();
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return Ok(c.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(&name)
        .map(str::to_owned)
        .ok_or_else(|| damaged("it names a sign that is not known"))
}

/// The value of an attribute, whatever the prefix of its name.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}

fn unreadable(error: &io::Error) -> Problem {
    if error.kind() == io::ErrorKind::FileTooLarge {
        return long_text();
    }
    damaged(&format!("a part of it cannot be unpacked ({error})"))
}

/// Stops handing out bytes when one event has taken too many.
struct Budgeted<R> {
    source: R,
    left: u64,
    taken: u64,
}

impl<R: BufRead> Read for Budgeted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let taken = available.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&available[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}

impl<R: BufRead> BufRead for Budgeted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.source.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount as u64);
        self.taken += amount as u64;
        self.source.consume(amount);
    }
}
