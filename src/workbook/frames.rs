//! Pictures on their way from the process that reads a workbook: for each a line that says its name and its bytes, or why it is left
//! out, and then the bytes.

use std::io::{self, BufRead as _, BufReader, Read, Write};

use serde::{Deserialize, Serialize};

use super::WorkbookText;
use super::pictures::is_of_name;
use crate::pictures::format::SIZE_MAX;

/// Bytes of the line before a picture.
const LINE_MAX: u64 = 4_096;

/// A picture of a workbook, and its bytes or why it is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framed {
    pub name: String,
    pub content: Result<Vec<u8>, String>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    name: String,
    length: u64,
    problem: Option<String>,
}

pub(super) fn write(sink: &mut impl Write, framed: &Framed) -> io::Result<()> {
    let head = Head {
        name: framed.name.clone(),
        length: framed.content.as_ref().map_or(0, |bytes| bytes.len() as u64),
        problem: framed.content.as_ref().err().cloned(),
    };
    serde_json::to_writer(&mut *sink, &head)?;
    sink.write_all(b"\n")?;
    match &framed.content {
        Ok(bytes) => sink.write_all(bytes),
        Err(_) => Ok(()),
    }
}

/// The pictures of a sheet, one by one. Whoever writes them is not trusted: a name that is none or more bytes than are allowed end it.
#[derive(Debug)]
pub struct Pictures<R = WorkbookText> {
    source: BufReader<R>,
    /// Bytes that all of them may still have.
    left: u64,
}

impl<R: Read> Pictures<R> {
    pub(super) fn new(source: R, most: u64) -> Self {
        Self {
            source: BufReader::new(source),
            left: most,
        }
    }

    /// The next picture; `None` after the last one.
    ///
    /// # Errors
    /// When the process fails (`refusal` says why) or breaks the rules.
    pub fn read_next(&mut self) -> io::Result<Option<Framed>> {
        let mut line = String::new();
        (&mut self.source).take(LINE_MAX).read_line(&mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        let head: Head = serde_json::from_str(&line)?;
        let is_name = !head.name.is_empty() && head.name.len() <= 200 && head.name.chars().all(is_of_name);
        if !is_name || head.length > SIZE_MAX || head.length > self.left {
            return Err(io::Error::other("the pictures of a workbook are not framed as agreed"));
        }
        self.left -= head.length;
        if let Some(problem) = head.problem {
            return Ok(Some(Framed {
                name: head.name,
                content: Err(problem),
            }));
        }
        let mut bytes = Vec::new();
        (&mut self.source).take(head.length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != head.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some(Framed {
            name: head.name,
            content: Ok(bytes),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Framed, Pictures, write};

    #[test]
    fn what_is_framed_is_read_and_nothing_else() {
        let all = [
            Framed {
                name: "image1.png".to_owned(),
                content: Ok(b"{\"name\"\n".to_vec()),
            },
            Framed {
                name: "b".to_owned(),
                content: Err("too large".to_owned()),
            },
            Framed {
                name: "c".to_owned(),
                content: Ok(Vec::new()),
            },
        ];
        let mut bytes = Vec::new();
        for framed in &all {
            write(&mut bytes, framed).expect("memory");
        }
        let mut pictures = Pictures::new(&bytes[..], 8);
        let mut found = Vec::new();
        while let Some(framed) = pictures.read_next().expect("a picture") {
            found.push(framed);
        }
        assert_eq!(found, all);
        assert!(
            Pictures::new(&bytes[..], 7).read_next().is_err(),
            "more than is allowed"
        );
        assert!(Pictures::new(&bytes[..bytes.len() / 2], 99).read_next().is_ok());
    }

    #[test]
    fn whoever_breaks_the_rules_is_not_believed() {
        for line in [
            "no JSON\n",
            "{\"name\":\"../a\",\"length\":0}\n",
            "{\"name\":\"\",\"length\":0}\n",
            "{\"name\":\"a\",\"length\":20971521}\n",
            "{\"name\":\"a\",\"length\":5}\nabc",
        ] {
            assert!(Pictures::new(line.as_bytes(), u64::MAX).read_next().is_err(), "{line}");
        }
        let endless = "x".repeat(100_000);
        assert!(Pictures::new(endless.as_bytes(), 9).read_next().is_err());
    }
}
