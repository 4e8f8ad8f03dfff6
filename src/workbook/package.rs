//! The zip file that a workbook is: which parts it has and how they refer to each other.

use std::fs::File;
use std::io::{BufReader, Read};

use quick_xml::events::Event;
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::cells::Shared;
use super::in_cells::InCells;
use super::strings::Strings;
use super::styles::Styles;
use super::xml::{Xml, attribute};
use super::{OLE, damaged, other_kind, refused};
use crate::problem::Problem;

/// Files in the zip file. A picture is one, too.
const PARTS: usize = 50_000;
/// Bytes of one part once it is unpacked.
const PART_MAX: u64 = 8 * 1024 * 1024 * 1024;
const BUFFER: usize = 64 * 1024;

/// A sheet as the workbook lists it.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub name: String,
    pub is_hidden: bool,
    part: String,
}

pub(super) struct Package {
    zip: ZipArchive<BufReader<File>>,
    pub sheets: Vec<Listed>,
    /// The part that lists them.
    pub workbook: String,
    strings: Option<String>,
    styles: Option<String>,
    from_1904: bool,
}

/// A part on its way out of the zip file.
pub(super) type Part<'a> = BufReader<std::io::Take<ZipFile<'a, BufReader<File>>>>;

impl Package {
    pub fn open(mut file: File) -> Result<Self, Problem> {
        refuse_sealed(&mut file)?;
        let mut zip = ZipArchive::new(BufReader::with_capacity(BUFFER, file)).map_err(|error| unpacked(&error))?;
        if zip.len() > PARTS {
            return Err(damaged("it consists of more than 50,000 files"));
        }
        refuse_other_kinds(&zip)?;
        if zip.has_overlapping_entries().map_err(|error| unpacked(&error))? {
            return Err(damaged("files in it share the same bytes"));
        }
        let mut package = Self {
            zip,
            sheets: Vec::new(),
            workbook: String::new(),
            strings: None,
            styles: None,
            from_1904: false,
        };
        package.read_contents()?;
        Ok(package)
    }

    /// What cells refer to. `last`: the last of the shared texts that is needed, if it is known.
    pub fn shared(&mut self, last: Option<usize>) -> Result<Shared, Problem> {
        let styles = match self.styles.clone() {
            Some(part) => Styles::read(self.part(&part)?)?,
            None => Styles::default(),
        };
        let strings = match self.strings.clone() {
            Some(part) => Strings::read(self.part(&part)?, last)?,
            None => Strings::default(),
        };
        Ok(Shared {
            strings,
            styles,
            in_cells: InCells::read(self)?,
            from_1904: self.from_1904,
        })
    }

    /// A sheet and its bytes once unpacked, as the zip file says; that may be a lie.
    pub fn sheet(&mut self, place: usize) -> Result<(Part<'_>, u64), Problem> {
        let part = self.sheets[place].part.clone();
        let size = self.zip.by_name(&part).map_err(|error| missing(&part, &error))?.size();
        Ok((self.part(&part)?, size))
    }

    pub fn sheet_part(&self, place: usize) -> &str {
        &self.sheets[place].part
    }

    pub fn has(&self, part: &str) -> bool {
        self.zip.index_for_name(part).is_some()
    }

    /// What a part refers to; parts of the package by their full names.
    pub fn relations_of(&mut self, part: &str) -> Result<Vec<Relation>, Problem> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let mut relations = self.relations(&format!("{folder}/_rels/{name}.rels"))?;
        for relation in relations.iter_mut().filter(|relation| !relation.is_external) {
            relation.target = resolved(folder, &relation.target);
        }
        Ok(relations)
    }

    pub fn part(&mut self, name: &str) -> Result<Part<'_>, Problem> {
        let part = self.zip.by_name(name).map_err(|error| missing(name, &error))?;
        Ok(BufReader::with_capacity(BUFFER, part.take(PART_MAX)))
    }

    fn read_contents(&mut self) -> Result<(), Problem> {
        let workbook = self
            .relations("_rels/.rels")?
            .into_iter()
            .find(|relation| relation.kind == "officeDocument")
            .map_or_else(
                || "xl/workbook.xml".to_owned(),
                |relation| resolved("", &relation.target),
            );
        let (folder, name) = workbook.rsplit_once('/').unwrap_or(("", &workbook));
        let relations = self.relations(&format!("{folder}/_rels/{name}.rels"))?;
        let of_kind = |kind: &str| {
            let found = relations.iter().find(|relation| relation.kind == kind)?;
            Some(resolved(folder, &found.target))
        };
        (self.strings, self.styles) = (of_kind("sharedStrings"), of_kind("styles"));
        let mut sheets = Vec::new();
        let mut from_1904 = false;
        let mut xml = Xml::new(self.part(&workbook)?);
        while let Some(event) = xml.next()? {
            let Event::Start(tag) = event else { continue };
            match tag.local_name().as_ref() {
                "workbookPr" => from_1904 = matches!(attribute(&tag, "date1904").as_deref(), Some("1" | "true")),
                "sheet" => {
                    let id = attribute(&tag, "id").unwrap_or_default();
                    // Charts are sheets, too.
                    let of_it = |relation: &&Relation| relation.id == id && relation.kind == "worksheet";
                    if let Some(relation) = relations.iter().find(of_it) {
                        sheets.push(Listed {
                            name: attribute(&tag, "name").unwrap_or_default(),
                            is_hidden: attribute(&tag, "state").is_some_and(|state| state != "visible"),
                            part: resolved(folder, &relation.target),
                        });
                    }
                }
                _ => {}
            }
        }
        drop(xml);
        (self.sheets, self.from_1904, self.workbook) = (sheets, from_1904, workbook);
        Ok(())
    }

    /// None when there is no such part.
    fn relations(&mut self, name: &str) -> Result<Vec<Relation>, Problem> {
        let name = name.trim_start_matches('/');
        let mut found = Vec::new();
        if self.zip.index_for_name(name).is_none() {
            return Ok(found);
        }
        let mut xml = Xml::new(self.part(name)?);
        while let Some(event) = xml.next()? {
            if let Event::Start(tag) = event
                && tag.local_name().as_ref() == "Relationship"
            {
                let value = |name| attribute(&tag, name).unwrap_or_default();
                let kind = value("Type");
                found.push(Relation {
                    id: value("Id"),
                    kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                    target: value("Target"),
                    is_external: value("TargetMode") == "External",
                });
            }
        }
        Ok(found)
    }
}

/// That one part refers to another.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    pub id: String,
    /// The last word of its type: `worksheet`, `styles` …
    pub kind: String,
    pub target: String,
    /// Whether it is to something outside of the package.
    pub is_external: bool,
}

/// The name of a part to which another in this folder refers.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn refuse_sealed(file: &mut File) -> Result<(), Problem> {
    use std::io::Seek as _;
    let mut beginning = Vec::new();
    let read = file.by_ref().take(1024 * 1024).read_to_end(&mut beginning);
    read.and_then(|_| file.rewind())
        .map_err(|error| damaged(&format!("it cannot be read ({error})")))?;
    if !beginning.starts_with(OLE) {
        return Ok(());
    }
    let sealed: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if beginning.windows(sealed.len()).any(|window| window == sealed) {
        return Err(refused(
            422,
            "The workbook has a password",
            "The selected file is password protected. Open it in Excel, remove the password (File, Info, Protect Workbook) and choose it again.",
        ));
    }
    Err(other_kind(
        "This is a workbook of Excel 2003 or older (.xls). Open it in Excel, save it as “Excel Workbook (.xlsx)” and choose that file.",
    ))
}

fn refuse_other_kinds(zip: &ZipArchive<BufReader<File>>) -> Result<(), Problem> {
    let has = |name: &str| zip.index_for_name(name).is_some();
    if has("xl/workbook.bin") {
        return Err(other_kind(
            "This is a binary workbook (.xlsb). Open it in Excel, save it as “Excel Workbook (.xlsx)” and choose that file.",
        ));
    }
    if has("mimetype") && has("content.xml") {
        return Err(other_kind(
            "This is an OpenDocument file (.ods). Save it as “Excel 2007–365 (.xlsx)” or as CSV and choose that file.",
        ));
    }
    if !has("[Content_Types].xml") {
        return Err(other_kind(
            "This is a zip file and no workbook. Unpack it and choose the CSV or Excel file inside.",
        ));
    }
    Ok(())
}

fn unpacked(error: &ZipError) -> Problem {
    other_kind(&format!(
        "This is no workbook, or one that is damaged: it cannot be unpacked ({error}). Save it again as .xlsx or as CSV and choose it again."
    ))
}

fn missing(part: &str, error: &ZipError) -> Problem {
    damaged(&format!("its part {part} cannot be unpacked ({error})"))
}

#[cfg(test)]
mod tests {
    use super::resolved;

    #[test]
    fn parts_are_named_from_their_folder_or_from_the_top() {
        for (folder, target, name) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl/drawings", "../media/a.png", "xl/media/a.png"),
            ("", "../../../etc/passwd", "etc/passwd"),
        ] {
            assert_eq!(resolved(folder, target), name);
        }
    }
}
