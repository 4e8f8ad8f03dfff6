//! What the fuzz targets in `end2end/fuzz` and the replay of their corpora call: bytes go in, and whatever is not as it must be panics.
//!
//! Each says more than that nothing breaks: what is accepted keeps its promises, what is refused is refused in words.

use std::net::{IpAddr, Ipv4Addr};

use crate::asked::Fields;
use crate::imports::ImportKind;
use crate::imports::fuzzed as imports;
use crate::imports::options::ImportOptions;
use crate::outbound::destination::{Policy, check, is_allowed};
use crate::page::{Cursor, MAX_SIZE, PageRequest, Position};
use crate::products::ProductQuery;
use crate::workbook::fuzzed as workbook_reader;

/// Takes what a fuzzer has made up.
pub type Target = fn(&[u8]);

/// All targets by their names, which are those of the folders of their corpora.
pub const TARGETS: [(&str, Target); 6] = [
    ("address", address),
    ("cursor", cursor),
    ("file_row", file_row),
    ("filter", filter),
    ("header", header),
    ("workbook", workbook),
];

/// A file of products or catalogues: found out, read and checked row by row.
///
/// # Panics
/// When a row is lost, refused without a word or staged as it must not be.
pub fn file_row(data: &[u8]) {
    imports::file(ImportKind::Products, data, &ImportOptions::default());
    imports::file(ImportKind::Products, data, &imports::clearing());
    imports::file(ImportKind::Catalogs, data, &ImportOptions::default());
}

/// Headers, one in each line; after a blank line those of an earlier file.
///
/// # Panics
/// When two columns go to one field, or what was found cannot be confirmed.
pub fn header(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (new, before) = text.split_once("\n\n").unwrap_or((&text, ""));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    for kind in [ImportKind::Products, ImportKind::Catalogs] {
        for keeps in [false, true] {
            imports::headers(kind, &lines(new), &lines(before), keeps);
        }
    }
}

/// A workbook: a zip file, or its parts as text, each after a line `=== name`.
///
/// # Panics
/// When what is read differs from what was seen beforehand, or cannot be taken.
pub fn workbook(data: &[u8]) {
    let (sheets, refusals) = workbook_reader::read(data);
    refusals.iter().for_each(imports::assert_refusal);
    imports::sheets(sheets);
}

/// The address of a receiver of webhooks or of a picture.
///
/// # Panics
/// When one is accepted that leads to a private network as it stands, or that would be refused when it is called.
pub fn address(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lenient = Policy {
        allow_http: true,
        allowed_networks: Vec::new(),
    };
    for policy in [Policy::default(), lenient] {
        let Ok(url) = check(&text, &policy) else { continue };
        assert!(url.scheme() == "https" || policy.allow_http, "{url}");
        assert!(url.username().is_empty() && url.password().is_none(), "{url}");
        assert_eq!(
            check(url.as_str(), &policy).as_ref(),
            Ok(&url),
            "it is asked again for every call"
        );
        let host = url.host_str().expect("a host").trim_matches(['[', ']']);
        let literal = host.parse().ok().or_else(|| as_systems_read_it(host).map(IpAddr::V4));
        if let Some(address) = literal {
            assert!(!is_private(address) && is_allowed(address, &policy), "{url}");
        }
    }
}

/// As `inet_aton` reads an address: one to four numbers, decimal, octal or hexadecimal, the last of which fills what is left.
fn as_systems_read_it(host: &str) -> Option<Ipv4Addr> {
    let number = |part: &str| match (part.strip_prefix("0x"), part.strip_prefix('0')) {
        (Some(hex), _) => u32::from_str_radix(hex, 16).ok(),
        (None, Some(octal)) if !octal.is_empty() => u32::from_str_radix(octal, 8).ok(),
        _ => part.parse().ok(),
    };
    // Rust's numbers may have a sign.
    let number = |part: &str| number(part).filter(|_| part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let parts: Vec<u32> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, first) = parts.split_last().filter(|(_, first)| first.len() < 4)?;
    let leading = first
        .iter()
        .try_fold(0_u64, |sum, part| (*part < 256).then(|| sum * 256 + u64::from(*part)))?;
    let bits = 8 * (4 - u32::try_from(first.len()).ok()?);
    let address = (leading << bits) | u64::from(*last);
    (u64::from(*last) < 1 << bits).then(|| u32::try_from(address).ok().map(Ipv4Addr::from))?
}

/// By the standard library's own knowledge of addresses, which is another than the rule's.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_private_v4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, e, f, g, h] = v6.segments();
            let within = |high: u16, low: u16| is_private_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
            let is_special = v6.is_loopback() || v6.is_unspecified() || v6.is_multicast();
            let is_local = v6.is_unique_local() || v6.is_unicast_link_local();
            let carries = match [a, b, c, d, e, f] {
                [0, 0, 0, 0, 0, 0 | 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => within(g, h),
                [0x2002, high, low, ..] => within(high, low),
                _ => false,
            };
            is_special || is_local || carries
        }
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let is_shared = address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64;
    let is_reserved = address.octets()[0] == 0 || address.octets()[0] >= 240;
    let is_own = address.is_private() || address.is_loopback() || address.is_link_local();
    is_own || is_shared || is_reserved || address.is_multicast() || address.is_documentation()
}

/// Pages: `after`, `before`, `page` and `size`, one in each line.
///
/// # Panics
/// When a cursor that is accepted does not survive its own text, or a page is out of range.
pub fn cursor(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(cursor) = Cursor::parse(&text) {
        assert!(!cursor.value.contains('\0'), "no database takes it");
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
    }
    let mut lines = text.split('\n').map(|line| Some(line).filter(|line| !line.is_empty()));
    let mut line = || lines.next().flatten();
    let request = PageRequest {
        after: line().map(str::to_owned),
        before: line().map(str::to_owned),
        page: line().and_then(|page| page.parse().ok()),
        size: line().and_then(|size| size.parse().ok()),
        last: line().is_some(),
    };
    match request.check("name") {
        Ok((position, size)) => {
            assert!((1..=MAX_SIZE).contains(&size));
            match position {
                Position::Offset(rows) => assert_eq!(request.page, Some(rows / size + 1)),
                Position::After(cursor) => assert_eq!(
                    (cursor.order.as_str(), Cursor::parse(&cursor.to_string())),
                    ("name", Some(cursor.clone()))
                ),
                Position::Before(_) => assert!(request.before.is_some()),
                Position::First | Position::Last => assert!(request.after.is_none() && request.page.is_none()),
            }
        }
        Err(problem) => assert_eq!(problem.status, 400, "{problem:?}"),
    }
}

/// A query of products: `name=value` in each line.
///
/// # Panics
/// When a query does not survive its own fields, or a refusal names none that was given.
pub fn filter(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let pairs = text.split('\n').filter_map(|line| line.split_once('='));
    let given: Fields = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut left = given.clone();
    let query = match ProductQuery::take(&mut left) {
        Ok(query) => query,
        Err(problem) => {
            imports::assert_refusal(&problem);
            return assert!(given.contains_key(&problem.errors[0].field), "{problem:?}");
        }
    };
    assert!(
        left.iter().all(|(name, value)| given.get(name) == Some(value)),
        "what is not the query's is left"
    );
    let fields = query.fields();
    let is_filtered = fields.iter().any(|(name, _)| *name != "sort");
    assert_eq!(query.is_filtered(), is_filtered);
    let mut again: Fields = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    assert_eq!(ProductQuery::take(&mut again).as_ref(), Ok(&query));
    assert!(again.is_empty(), "{again:?}");
    let json = serde_json::to_string(&query).expect("a query is plain data");
    assert_eq!(
        serde_json::from_str::<ProductQuery>(&json).ok(),
        Some(query),
        "saved views are kept so"
    );
}
