//! The process that reads one workbook: from standard input, to standard output.
//!
//! It has its own limits of memory and time, knows no database and no setting, and ends with the file. What it has to say besides
//! the rows goes to standard error, line by line: how far it is, and at the end a problem, if there is one.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Read as _, Write};
use std::process::ExitCode;

use super::cells::{Cells, Raw, Shared};
use super::frames::{self, Framed};
use super::illustrated::{Columns, Illustrated};
use super::package::Package;
use super::pictures::{self, Placed, name_of};
use super::{Sheet, damaged, refused};
use crate::pictures::format::{SIZE_MAX, Unfit};
use crate::problem::Problem;

/// Rows and bytes of a sheet that are looked at beforehand.
const BEGINNING_ROWS: usize = 250;
const BEGINNING_BYTES: usize = 256 * 1024;
/// Sheets of which that is done.
const SHEETS: usize = 100;
/// Bytes of the sheet after which it is said how far the reading is.
const NEWS_EVERY: u64 = 1024 * 1024;

/// What a line of standard error says.
pub(super) const PROGRESS: &str = "progress ";
pub(super) const PROBLEM: &str = "problem ";

/// Does what the arguments say: bytes of memory, seconds of work, then `look`; or `rows`, the name of a sheet and the columns for pictures,
/// with commas; or `pictures`, the name of a sheet and the bytes that all of them may have.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<String> = arguments
        .into_iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [memory, seconds, "look"] => limit(memory, seconds).and_then(|()| look()),
        [memory, seconds, "rows", sheet, columns] => {
            limit(memory, seconds).and_then(|()| rows(&mut workbook()?, sheet, columns, std::io::stdout().lock()))
        }
        [memory, seconds, "pictures", sheet, most] => {
            limit(memory, seconds).and_then(|()| hand_over(&mut workbook()?, sheet, most, std::io::stdout().lock()))
        }
        _ => Err(damaged("nobody has said what to read")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            tell(PROBLEM, &serde_json::to_string(&problem).unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}

/// To whoever has started this process. If nobody listens any more, nobody misses it.
fn tell(word: &str, news: &str) {
    drop(writeln!(std::io::stderr(), "{word}{news}"));
}

#[cfg(unix)]
fn limit(memory: &str, seconds: &str) -> Result<(), Problem> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let most = |resource, most: &str| {
        let most = most.parse().map_err(|_| damaged("the limits are no numbers"))?;
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit).map_err(|error| damaged(&format!("no limits could be set ({error})")))
    };
    most(Resource::As, memory)?;
    most(Resource::Cpu, seconds)?;
    // A process that is ended for its size must not leave its memory on the disk.
    most(Resource::Core, "0")
}

#[cfg(not(unix))]
fn limit(_memory: &str, _seconds: &str) -> Result<(), Problem> {
    Ok(())
}

#[cfg(unix)]
fn workbook() -> Result<Package, Problem> {
    use std::os::fd::AsFd as _;
    let input = std::io::stdin().as_fd().try_clone_to_owned();
    Package::open(File::from(input.map_err(|error| unwritten(&error))?))
}

#[cfg(not(unix))]
fn workbook() -> Result<Package, Problem> {
    Err(refused(
        415,
        "This kind of file cannot be imported",
        "Excel workbooks cannot be read on this system. Save the sheet as CSV and choose that file.",
    ))
}

fn look() -> Result<(), Problem> {
    let sheets = sheets(&mut workbook()?)?;
    let mut output = std::io::stdout().lock();
    serde_json::to_writer(&mut output, &sheets).map_err(|error| unwritten(&error.into()))?;
    output.flush().map_err(|error| unwritten(&error))
}

/// What is seen of the sheets beforehand.
pub(super) fn sheets(package: &mut Package) -> Result<Vec<Sheet>, Problem> {
    // Styles are needed to write numbers down; texts are looked up once it is known which.
    let styled = package.shared(Some(0))?;
    let mut found = Vec::new();
    for place in 0..package.sheets.len().min(SHEETS) {
        found.push(beginning(package, place, &styled)?);
    }
    let last = found.iter().flat_map(|found| &found.rows).flat_map(|(_, cells)| cells);
    let last = last.filter_map(|cell| match cell {
        Raw::Shared(number) | Raw::Followed(number, _) => Some(*number),
        Raw::Text(_) => None,
    });
    let shared = package.shared(Some(last.max().unwrap_or(0)))?;
    let mut sheets = Vec::new();
    for (sheet, found) in package.sheets.iter().zip(found) {
        let mut writer = Csv::new(Vec::new());
        for (row, cells) in found.rows {
            if writer.sink.len() > BEGINNING_BYTES {
                break;
            }
            writer.row(row, &cells, &shared)?;
        }
        sheets.push(Sheet {
            name: sheet.name.clone(),
            is_hidden: sheet.is_hidden,
            is_whole: found.is_whole,
            pictures: found.pictures,
            beginning: String::from_utf8(writer.sink).unwrap_or_default(),
        });
    }
    Ok(sheets)
}

/// Rows with their numbers.
type Rows = Vec<(i64, Vec<Raw>)>;

/// What is found of a sheet beforehand.
struct Beginning {
    /// Its first rows that are not blank.
    rows: Rows,
    /// Whether there are no others.
    is_whole: bool,
    /// The column that only pictures have.
    pictures: Option<usize>,
}

fn beginning(package: &mut Package, place: usize, shared: &Shared) -> Result<Beginning, Problem> {
    let (placed, _) = pictures::on_sheet(package, place)?;
    let (mut rows, mut is_whole) = first_rows(package, place, shared, Columns::Chosen(Vec::new()), Vec::new())?;
    let mut own = None;
    if !placed.is_empty() {
        let columns = Columns::seen(rows.iter().map(|(_, cells)| cells.as_slice()));
        own = columns.own_of(&placed);
        (rows, is_whole) = first_rows(package, place, shared, columns, placed)?;
    }
    Ok(Beginning {
        rows,
        is_whole,
        pictures: own,
    })
}

fn first_rows(
    package: &mut Package,
    place: usize,
    shared: &Shared,
    columns: Columns,
    placed: Vec<Placed>,
) -> Result<(Rows, bool), Problem> {
    let (part, _) = package.sheet(place)?;
    let mut source = Illustrated::new(Cells::new(part), columns, placed);
    let (mut rows, mut row, mut size) = (Vec::new(), Vec::new(), 0);
    while let Some(number) = source.next(shared, &mut row)? {
        size += row.len();
        if rows.len() >= BEGINNING_ROWS || size > BEGINNING_BYTES {
            return Ok((rows, false));
        }
        rows.push((number, row.clone()));
    }
    Ok((rows, true))
}

fn place_of(package: &Package, sheet: &str) -> Result<usize, Problem> {
    let place = package.sheets.iter().position(|listed| listed.name == sheet);
    place.ok_or_else(|| {
        refused(
            422,
            "There is no such sheet",
            format!("The workbook has no sheet called “{sheet}”."),
        )
    })
}

/// The rows of a sheet as CSV, with the names of pictures in these columns.
pub(super) fn rows(package: &mut Package, sheet: &str, columns: &str, sink: impl Write) -> Result<(), Problem> {
    let place = place_of(package, sheet)?;
    let columns: Vec<usize> = columns.split(',').filter_map(|column| column.parse().ok()).collect();
    let placed = if columns.is_empty() {
        Vec::new()
    } else {
        pictures::on_sheet(package, place)?.0
    };
    let shared = package.shared(None)?;
    let (part, size) = package.sheet(place)?;
    let mut cells = Illustrated::new(Cells::new(part), Columns::Chosen(columns), placed);
    let mut writer = Csv::new(BufWriter::with_capacity(256 * 1024, sink));
    let (mut row, mut told) = (Vec::new(), 0);
    while let Some(number) = cells.next(&shared, &mut row)? {
        writer.row(number, &row, &shared)?;
        let taken = cells.taken();
        if taken >= told + NEWS_EVERY {
            told = taken;
            tell(PROGRESS, &format!("{taken} {size}"));
        }
    }
    writer.sink.flush().map_err(|error| unwritten(&error))
}

/// The pictures of a sheet, those on it and those in cells, each once.
pub(super) fn hand_over(package: &mut Package, sheet: &str, most: &str, sink: impl Write) -> Result<(), Problem> {
    let place = place_of(package, sheet)?;
    let mut left: u64 = most.parse().map_err(|_| damaged("the limits are no numbers"))?;
    let (_, mut parts) = pictures::on_sheet(package, place)?;
    parts.append(&mut package.shared(Some(0))?.in_cells.parts);
    let mut sink = BufWriter::with_capacity(256 * 1024, sink);
    for part in parts {
        let mut content = picture(package, &part);
        if let Ok(bytes) = &content {
            match left.checked_sub(bytes.len() as u64) {
                Some(rest) => left = rest,
                None => content = Err("The pictures of the workbook are too large together.".to_owned()),
            }
        }
        let framed = Framed {
            name: name_of(&part),
            content,
        };
        frames::write(&mut sink, &framed).map_err(|error| unwritten(&error))?;
    }
    sink.flush().map_err(|error| unwritten(&error))
}

/// The bytes of a part, or why it is left out: one picture that is damaged or too large does not keep the others out.
fn picture(package: &mut Package, part: &str) -> Result<Vec<u8>, String> {
    let source = package
        .part(part)
        .map_err(|_| "The picture is not in the workbook.".to_owned())?;
    let mut bytes = Vec::new();
    source
        .take(SIZE_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| "The picture in the workbook is damaged.".to_owned())?;
    if bytes.len() as u64 > SIZE_MAX {
        return Err(Unfit::TooLarge.to_string());
    }
    Ok(bytes)
}

/// Rows as CSV with commas, in which every row stands on the line of its number.
struct Csv<W> {
    sink: W,
    /// Rows that have been written.
    rows: i64,
}

impl<W: Write> Csv<W> {
    fn new(sink: W) -> Self {
        Self { sink, rows: 0 }
    }

    /// A row whose cells are blank is a blank line, like one that is left out.
    fn row(&mut self, number: i64, cells: &[Raw], shared: &Shared) -> Result<(), Problem> {
        let mut line = String::new();
        let mut filled = 0;
        for (place, cell) in cells.iter().enumerate() {
            let followed;
            let text = match cell {
                Raw::Text(text) => text,
                Raw::Shared(number) => shared.strings.get(*number)?,
                Raw::Followed(number, rest) => {
                    followed = format!("{}{rest}", shared.strings.get(*number)?);
                    followed.trim_start()
                }
            };
            if place > 0 {
                line.push(',');
            }
            if !text.trim().is_empty() {
                push_cell(text, &mut line);
                filled = line.len();
            }
        }
        if filled == 0 {
            return Ok(());
        }
        line.truncate(filled);
        let blank = usize::try_from(number - self.rows - 1).unwrap_or(0);
        let write = |sink: &mut W| {
            sink.write_all(&vec![b'\n'; blank])?;
            writeln!(sink, "{line}")
        };
        write(&mut self.sink).map_err(|error| unwritten(&error))?;
        self.rows = number;
        Ok(())
    }
}

fn push_cell(text: &str, line: &mut String) {
    if text.contains(['"', ',', '\n', '\r']) {
        line.push('"');
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(text);
    }
}

fn unwritten(error: &std::io::Error) -> Problem {
    damaged(&format!("its rows could not be handed over ({error})"))
}

#[cfg(test)]
mod tests {
    use super::{Csv, Raw, Shared};

    #[test]
    fn every_row_stands_on_the_line_of_its_number() {
        let mut csv = Csv::new(Vec::new());
        let texts = |texts: &[&str]| -> Vec<Raw> { texts.iter().map(|text| Raw::Text((*text).to_owned())).collect() };
        for (number, cells) in [
            (2, texts(&["a", "", "b,\"c\"", ""])),
            (3, texts(&["", " "])),
            (5, texts(&["", "two\nlines"])),
        ] {
            csv.row(number, &cells, &Shared::default()).expect("a row");
        }
        let text = String::from_utf8(csv.sink).expect("text");
        assert_eq!(text, "\na,,\"b,\"\"c\"\"\"\n\n\n,\"two\nlines\"\n");
    }
}
