//! Which pictures lie on a sheet, and on which of its cells.
//!
//! Format: ECMA-376, part 1, chapter 20.5 (SpreadsheetML drawings): the sheet refers to a drawing part, whose anchors say from which
//! cell to which a picture reaches, and each `blip` names a relation of that part. A picture with an absolute place, or
//! one outside of the sheet, is on no cell and is passed over.

use std::collections::BTreeSet;

use quick_xml::events::Event;
use sha2::{Digest as _, Sha256};

use super::package::{Package, Relation};
use super::too_large;
use super::xml::{Xml, attribute};
use crate::problem::Problem;

/// Pictures of one sheet.
const ANCHORS: usize = 200_000;
/// Columns and rows of the largest sheet that Excel can have.
const COLUMNS: usize = 16_384;
const ROWS: i64 = 1_048_576;

/// A picture that lies on a sheet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Placed {
    /// The cell at its upper left: the row counted from 1, the column from 0.
    pub row: i64,
    pub column: usize,
    /// The row of its lower end.
    pub last_row: i64,
    pub name: String,
}

/// What a picture in this part of the package is called in the rows: made of letters, digits, dots, hyphens and underscores only.
pub(super) fn name_of(part: &str) -> String {
    let base = part.rsplit('/').next().unwrap_or(part);
    let safe: String = base
        .chars()
        .map(|c| if is_of_name(c) { c } else { '_' })
        .take(60)
        .collect();
    if safe == base && part.strip_prefix("xl/media/") == Some(base) {
        return safe;
    }
    // Another folder may have a picture of the same name.
    let digest = Sha256::digest(part.as_bytes());
    let mark: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("{mark}-{safe}")
}

/// What the name of a picture consists of.
pub(crate) fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// The relation of a part that is a picture in the package, as that picture's part.
pub(super) fn picture_of<'r>(relations: &'r [Relation], id: &str) -> Option<&'r str> {
    let relation = relations
        .iter()
        .find(|relation| relation.id == id && relation.kind == "image");
    relation
        .filter(|relation| !relation.is_external)
        .map(|relation| relation.target.as_str())
}

/// The pictures on a sheet, from its top to its bottom, and the parts that they are in.
pub(super) fn on_sheet(package: &mut Package, place: usize) -> Result<(Vec<Placed>, BTreeSet<String>), Problem> {
    let sheet = package.sheet_part(place).to_owned();
    let (mut placed, mut parts) = (Vec::new(), BTreeSet::new());
    for drawing in package.relations_of(&sheet)? {
        if drawing.kind != "drawing" || drawing.is_external || !package.has(&drawing.target) {
            continue;
        }
        let relations = package.relations_of(&drawing.target)?;
        let xml = Xml::new(package.part(&drawing.target)?);
        read_drawing(xml, &relations, &mut placed, &mut parts)?;
    }
    placed.sort_unstable();
    // The same picture stands twice where a drawing has a second form for older programs.
    placed.dedup();
    Ok((placed, parts))
}

/// An anchor on its way.
#[derive(Default)]
struct Anchor {
    from: [Option<i64>; 2],
    to_row: Option<i64>,
    is_at_end: bool,
    pictures: Vec<String>,
}

fn read_drawing(
    mut xml: Xml<impl std::io::BufRead>,
    relations: &[Relation],
    placed: &mut Vec<Placed>,
    parts: &mut BTreeSet<String>,
) -> Result<(), Problem> {
    let mut anchor = Anchor::default();
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "twoCellAnchor" | "oneCellAnchor" | "absoluteAnchor" => anchor = Anchor::default(),
                "from" => anchor.is_at_end = false,
                "to" => anchor.is_at_end = true,
                "col" => {
                    let column = number(&mut xml, "col")?;
                    if !anchor.is_at_end {
                        anchor.from[1] = anchor.from[1].or(column);
                    }
                }
                "row" => {
                    let row = number(&mut xml, "row")?;
                    if anchor.is_at_end {
                        anchor.to_row = anchor.to_row.or(row);
                    } else {
                        anchor.from[0] = anchor.from[0].or(row);
                    }
                }
                "blip" => {
                    let id = attribute(&tag, "embed").unwrap_or_default();
                    if let Some(part) = picture_of(relations, &id) {
                        anchor.pictures.push(part.to_owned());
                    }
                }
                _ => {}
            },
            Event::End(tag) if matches!(tag.local_name().as_ref(), "twoCellAnchor" | "oneCellAnchor") => {
                place(std::mem::take(&mut anchor), placed, parts)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn number(xml: &mut Xml<impl std::io::BufRead>, until: &str) -> Result<Option<i64>, Problem> {
    let mut text = String::new();
    xml.text(until, &mut text)?;
    Ok(text.trim().parse().ok())
}

fn place(anchor: Anchor, placed: &mut Vec<Placed>, parts: &mut BTreeSet<String>) -> Result<(), Problem> {
    if anchor.pictures.is_empty() {
        return Ok(());
    }
    let [Some(row), Some(column)] = anchor.from else {
        return Ok(());
    };
    let row = row.saturating_add(1);
    let column = usize::try_from(column).unwrap_or(COLUMNS);
    if !(1..=ROWS).contains(&row) || column >= COLUMNS {
        return Ok(());
    }
    let last_row = anchor.to_row.map_or(row, |to| to.saturating_add(1).clamp(row, ROWS));
    for part in anchor.pictures {
        if placed.len() >= ANCHORS {
            return Err(too_large("A sheet of the workbook has more than 200,000 pictures."));
        }
        placed.push(Placed {
            row,
            column,
            last_row,
            name: name_of(&part),
        });
        parts.insert(part);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Placed, Relation, Xml, name_of, read_drawing};
    use crate::problem::Problem;

    fn read(xml: &str) -> Result<Vec<Placed>, Problem> {
        let relation = |id: &str, kind: &str, target: &str| Relation {
            id: id.to_owned(),
            kind: kind.to_owned(),
            target: target.to_owned(),
            is_external: id == "away",
        };
        let relations = [
            relation("r1", "image", "xl/media/image1.png"),
            relation("r2", "image", "xl/media/a b.png"),
            relation("r3", "chart", "xl/charts/chart1.xml"),
            relation("away", "image", "https://host/image.png"),
        ];
        let mut placed = Vec::new();
        read_drawing(Xml::new(xml.as_bytes()), &relations, &mut placed, &mut BTreeSet::new())?;
        Ok(placed)
    }

    #[test]
    fn pictures_lie_where_their_anchors_begin() {
        let xml = r#"<xdr:wsDr><xdr:twoCellAnchor editAs="oneCell"><xdr:from><xdr:col>2</xdr:col><xdr:colOff>9</xdr:colOff><xdr:row>4</xdr:row>
            <xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>3</xdr:col><xdr:row>6</xdr:row></xdr:to><xdr:pic><xdr:blipFill><a:blip r:embed="r1">
            <a:extLst><asvg:svgBlip r:embed="r3"/></a:extLst></a:blip></xdr:blipFill></xdr:pic></xdr:twoCellAnchor>
            <xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:row>1</xdr:row></xdr:from><xdr:pic><a:blip r:embed="r2"/></xdr:pic></xdr:oneCellAnchor>
            <xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:row>1</xdr:row></xdr:from><xdr:graphicFrame/></xdr:oneCellAnchor>
            <xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:row>1</xdr:row></xdr:from><a:blip r:embed="away"/></xdr:oneCellAnchor>
            <xdr:absoluteAnchor><xdr:pos x="0" y="0"/><a:blip r:embed="r1"/></xdr:absoluteAnchor></xdr:wsDr>"#;
        let found = read(xml).expect("a drawing");
        let places: Vec<_> = found
            .iter()
            .map(|placed| (placed.row, placed.column, placed.last_row))
            .collect();
        assert_eq!(places, [(5, 2, 7), (2, 0, 2)]);
        assert_eq!(found[0].name, "image1.png");
        assert!(found[1].name.ends_with("-a_b.png"), "{}", found[1].name);
    }

    #[test]
    fn what_lies_nowhere_is_passed_over() {
        for place in [
            "<col>0</col>",
            "<row>0</row>",
            "<col>-1</col><row>0</row>",
            "<col>16384</col><row>0</row>",
            "<col>0</col><row>1048576</row>",
            "<col>x</col><row>9223372036854775807</row>",
        ] {
            let xml = format!(r#"<wsDr><oneCellAnchor><from>{place}</from><blip embed="r1"/></oneCellAnchor></wsDr>"#);
            assert_eq!(read(&xml), Ok(Vec::new()), "{place}");
        }
    }

    #[test]
    fn names_are_safe_and_those_of_two_folders_differ() {
        assert_eq!(name_of("xl/media/image12.jpeg"), "image12.jpeg");
        let names = [
            "xl/media/a,b;c d.png",
            "xl/other/image12.jpeg",
            "media/image12.jpeg",
            "xl/media/\u{fc}.png",
        ]
        .map(name_of);
        assert_eq!(BTreeSet::from(names.clone()).len(), names.len());
        assert!(
            names.iter().all(|name| name.chars().all(super::is_of_name)),
            "{names:?}"
        );
    }
}
