//! What a browser can say about a file before anything is sent.

use stockroom::problem::Problem;

use crate::wording;

/// File name extensions that are taken, as the file input wants them.
pub const ACCEPTED: &str = ".csv,.tsv,.txt,.xlsx,.xlsm";

/// The file's name and size, where there is a file.
pub fn check(file: Option<(&str, u64)>, limit: u64) -> Result<(), Problem> {
    let Some((name, size)) = file else {
        return Err(refused("Select a file"));
    };
    if !has_accepted_extension(name) {
        return Err(refused("The selected file must be a CSV or Excel (.xlsx) file"));
    }
    if size == 0 {
        return Err(refused("The selected file is empty"));
    }
    if limit > 0 && size > limit {
        return Err(refused(&format!(
            "The selected file must be smaller than {}",
            wording::size(limit)
        )));
    }
    Ok(())
}

fn has_accepted_extension(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ACCEPTED.split(',').any(|extension| name.ends_with(extension))
}

fn refused(sentence: &str) -> Problem {
    Problem::unprocessable(sentence).with_field("file", sentence)
}

#[cfg(test)]
mod tests {
    use super::check;

    fn sentence(file: Option<(&str, u64)>) -> Option<String> {
        check(file, 512 << 20).err().map(|problem| problem.detail)
    }

    #[test]
    fn a_file_that_cannot_be_imported_is_refused_before_it_is_sent() {
        assert_eq!(sentence(None).as_deref(), Some("Select a file"));
        assert_eq!(
            sentence(Some(("photo.png", 9))).as_deref(),
            Some("The selected file must be a CSV or Excel (.xlsx) file")
        );
        assert_eq!(
            sentence(Some(("a.csv", 0))).as_deref(),
            Some("The selected file is empty")
        );
        let too_large = "The selected file must be smaller than 512 MB";
        assert_eq!(sentence(Some(("a.csv", 513 << 20))).as_deref(), Some(too_large));
    }

    #[test]
    fn extensions_are_taken_in_any_case() {
        assert_eq!(sentence(Some(("SUPPLIER.CSV", 1))), None);
        assert_eq!(sentence(Some(("Prices.xlsx", 1))), None);
        assert_eq!(sentence(Some(("list.tsv", 512 << 20))), None);
    }
}
