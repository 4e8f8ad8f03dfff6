//! Pictures that are the value of a cell.
//!
//! Excel keeps one as a rich value: the cell's `vm` counts entries of the value metadata, which lead to a rich value of the structure
//! `_localImage`, and that to a relation (ECMA-376, part 1, 18.9, for the metadata; MS-XLSX 2.3.6 and 2.6 for rich values). WPS Office writes
//! a formula `DISPIMG("ID_…",1)` instead, and keeps the pictures in a part `cellimages.xml`, each under its name.

use std::collections::{BTreeSet, HashMap};

use quick_xml::events::Event;

use super::package::Package;
use super::pictures::{name_of, picture_of};
use super::xml::{Xml, attribute};
use crate::pictures::IN_SHEET;
use crate::problem::Problem;

/// Entries of each of the tables that lead from a cell to its picture; what is beyond is passed over.
const ENTRIES: usize = 1_000_000;
const RICH: &str = "XLRICHVALUE";
const LOCAL_PICTURE: &str = "_rvRel:LocalImageIdentifier";

/// What cells of all sheets refer to.
#[derive(Debug, Default)]
pub(super) struct InCells {
    /// By the cell's `vm`, counted from 1.
    by_metadata: Vec<Option<String>>,
    by_id: HashMap<String, String>,
    /// The parts that these pictures are in.
    pub parts: BTreeSet<String>,
}

impl InCells {
    pub fn read(package: &mut Package) -> Result<Self, Problem> {
        let workbook = package.workbook.clone();
        let mut found = Self::default();
        let relations = package.relations_of(&workbook)?;
        let of_kind = |kind: &str| {
            let relation = relations.iter().find(|relation| relation.kind == kind)?;
            Some(relation.target.clone())
        };
        if let Some(part) = of_kind("cellImage") {
            found.read_named(package, &part)?;
        }
        let rich = (
            of_kind("sheetMetadata"),
            of_kind("rdRichValue"),
            of_kind("rdRichValueStructure"),
            of_kind("richValueRel"),
        );
        if let (Some(metadata), Some(values), Some(structures), Some(relations)) = rich {
            let pictures = rich_pictures(package, &values, &structures, &relations)?;
            found.read_metadata(package, &metadata, &pictures)?;
        }
        Ok(found)
    }

    /// What stands in a cell with this `vm`, if that is a picture.
    pub fn of_metadata(&self, vm: usize) -> Option<String> {
        let name = self.by_metadata.get(vm.checked_sub(1)?)?.as_ref()?;
        Some(format!("{IN_SHEET}{name}"))
    }

    /// What stands in a cell with this formula, if that is a picture.
    pub fn of_formula(&self, formula: &str) -> Option<String> {
        let (_, rest) = formula.split_once("DISPIMG(\"")?;
        let (id, _) = rest.split_once('"')?;
        Some(format!("{IN_SHEET}{}", self.by_id.get(id)?))
    }

    fn name(&mut self, part: &str) -> String {
        self.parts.insert(part.to_owned());
        name_of(part)
    }

    /// Pictures under names of their own.
    fn read_named(&mut self, package: &mut Package, part: &str) -> Result<(), Problem> {
        if !package.has(part) {
            return Ok(());
        }
        let relations = package.relations_of(part)?;
        let mut xml = Xml::new(package.part(part)?);
        let mut id = String::new();
        let mut named = Vec::new();
        while let Some(event) = xml.next()? {
            let Event::Start(tag) = event else { continue };
            match tag.local_name().as_ref() {
                "cNvPr" => id = attribute(&tag, "name").unwrap_or_default(),
                "blip" if named.len() < ENTRIES => {
                    let embedded = attribute(&tag, "embed").unwrap_or_default();
                    if let Some(part) = picture_of(&relations, &embedded) {
                        named.push((std::mem::take(&mut id), part.to_owned()));
                    }
                }
                _ => {}
            }
        }
        drop(xml);
        for (id, part) in named {
            let name = self.name(&part);
            self.by_id.insert(id, name);
        }
        Ok(())
    }

    /// Which entry of the value metadata is which rich value.
    fn read_metadata(&mut self, package: &mut Package, part: &str, pictures: &[Option<String>]) -> Result<(), Problem> {
        if !package.has(part) {
            return Ok(());
        }
        let mut xml = Xml::new(package.part(part)?);
        let (mut types, mut rich, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        let (mut is_rich, mut is_of_values) = (false, false);
        while let Some(event) = xml.next()? {
            let Event::Start(tag) = event else { continue };
            let value = |name| attribute(&tag, name).and_then(|value| value.parse::<usize>().ok());
            match tag.local_name().as_ref() {
                "metadataType" => types.push(attribute(&tag, "name").unwrap_or_default()),
                "futureMetadata" => is_rich = attribute(&tag, "name").as_deref() == Some(RICH),
                "valueMetadata" => (is_rich, is_of_values) = (false, true),
                "cellMetadata" => (is_rich, is_of_values) = (false, false),
                "rvb" if is_rich && rich.len() < ENTRIES => rich.push(value("i")),
                "bk" if is_of_values && entries.len() < ENTRIES => entries.push(None),
                "rc" if is_of_values => {
                    let kind = value("t").and_then(|kind| types.get(kind.checked_sub(1)?));
                    if let (Some(kind), Some(last)) = (kind, entries.last_mut())
                        && kind == RICH
                    {
                        *last = value("v");
                    }
                }
                _ => {}
            }
        }
        drop(xml);
        let picture_of = |entry: Option<usize>| pictures.get((*rich.get(entry?)?)?)?.clone();
        let found: Vec<Option<String>> = entries.into_iter().map(picture_of).collect();
        self.by_metadata = found
            .into_iter()
            .map(|part| part.map(|part| self.name(&part)))
            .collect();
        Ok(())
    }
}

/// For each rich value the part of its picture, if it is one.
fn rich_pictures(
    package: &mut Package,
    values: &str,
    structures: &str,
    relations: &str,
) -> Result<Vec<Option<String>>, Problem> {
    if ![values, structures, relations].iter().all(|part| package.has(part)) {
        return Ok(Vec::new());
    }
    let places = picture_keys(Xml::new(package.part(structures)?))?;
    let targets = package.relations_of(relations)?;
    let mut ids = Vec::new();
    let mut xml = Xml::new(package.part(relations)?);
    while let Some(event) = xml.next()? {
        if let Event::Start(tag) = event
            && tag.local_name().as_ref() == "rel"
            && ids.len() < ENTRIES
        {
            ids.push(attribute(&tag, "id").unwrap_or_default());
        }
    }
    drop(xml);
    let mut found = Vec::new();
    let mut xml = Xml::new(package.part(values)?);
    // Where the picture stands among the values, and how many have been passed.
    let (mut wanted, mut passed) = (None, 0);
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        match tag.local_name().as_ref() {
            "rv" if found.len() < ENTRIES => {
                let structure: Option<usize> = attribute(&tag, "s").and_then(|place| place.parse().ok());
                wanted = structure.and_then(|structure| places.get(structure).copied().flatten());
                passed = 0;
                found.push(None);
            }
            "v" => {
                let mut text = String::new();
                xml.text("v", &mut text)?;
                if wanted == Some(passed) {
                    let id = text.trim().parse::<usize>().ok().and_then(|place| ids.get(place));
                    let part = id.and_then(|id| picture_of(&targets, id)).map(str::to_owned);
                    if let Some(last) = found.last_mut() {
                        *last = part;
                    }
                }
                passed += 1;
            }
            _ => {}
        }
    }
    Ok(found)
}

/// For each structure, which of its keys names a picture of the package.
fn picture_keys(mut xml: Xml<impl std::io::BufRead>) -> Result<Vec<Option<usize>>, Problem> {
    let (mut found, mut passed) = (Vec::new(), 0);
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        match tag.local_name().as_ref() {
            "s" if found.len() < ENTRIES => {
                found.push(None);
                passed = 0;
            }
            "k" => {
                if attribute(&tag, "n").as_deref() == Some(LOCAL_PICTURE)
                    && let Some(last) = found.last_mut()
                {
                    *last = Some(passed);
                }
                passed += 1;
            }
            _ => {}
        }
    }
    Ok(found)
}
