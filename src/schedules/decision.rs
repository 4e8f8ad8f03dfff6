//! Whether a file that was checked may be applied without anybody having looked at it. Pure.
//!
//! The import itself refuses what must be confirmed; this says beforehand why somebody must look, in words for them, and is stricter where
//! nobody would see a warning.

use super::AfterCheck;
use crate::imports::options::OnProblems;
use crate::imports::review::{AlarmKind, Review};
use crate::imports::{Import, ImportStep};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Apply,
    Wait(String),
}

/// `most`: per cent of the rows that may have problems.
pub(super) fn decide(after: AfterCheck, most: i64, import: &Import) -> Decision {
    let Some(review) = import.review.as_ref().filter(|_| import.step != ImportStep::Match) else {
        let words = "Somebody must say where its columns go. What is said is remembered for the next file.";
        return Decision::Wait(words.to_owned());
    };
    if after == AfterCheck::Wait {
        return Decision::Wait("It is checked and waits for a person, as the schedule says.".to_owned());
    }
    let reasons = reasons(most, import, review);
    if reasons.is_empty() {
        Decision::Apply
    } else {
        Decision::Wait(reasons.join(" "))
    }
}

/// Where nobody looks, broken letters and errors would go into the shop.
fn needs_eyes(kind: AlarmKind) -> bool {
    kind.must_be_answered() || matches!(kind, AlarmKind::BrokenAccents | AlarmKind::FormulaError)
}

fn reasons(most: i64, import: &Import, review: &Review) -> Vec<String> {
    let alarms = review.alarms.iter().filter(|alarm| needs_eyes(alarm.kind));
    let mut reasons: Vec<String> = alarms.map(|alarm| format!("{}.", alarm.kind.title())).collect();
    if review.deleted > 0 {
        reasons.push(format!("{} products would be deleted.", review.deleted));
    }
    let rows = import.progress.read;
    let too_many = review.failed * 100 > rows * most;
    if too_many || (review.failed > 0 && import.options.on_problems == OnProblems::Stop) {
        reasons.push(format!("{} of {rows} rows have problems.", review.failed));
    }
    if rows == 0 {
        reasons.push("The file has no rows.".to_owned());
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::{Decision, decide};
    use crate::imports::options::{ImportOptions, OnProblems};
    use crate::imports::review::{Alarm, AlarmKind, Review};
    use crate::imports::{FileFormat, Import, ImportKind, ImportStep, Progress};
    use crate::schedules::AfterCheck;
    use crate::timestamp::Timestamp;

    fn checked(rows: i64, review: Review) -> Import {
        let mut progress = Progress::waiting();
        progress.read = rows;
        Import {
            job_id: 1,
            kind: ImportKind::Products,
            file_name: "prices.csv".to_owned(),
            file_size: 10,
            sha256: None,
            format: FileFormat::default(),
            step: ImportStep::Check,
            options: ImportOptions::default(),
            review: Some(review),
            corrects: None,
            plan: None,
            undoes: None,
            undone_by: None,
            progress,
            created_by: "schedule Supplier".to_owned(),
            created_at: Timestamp::from_rfc3339("2026-11-21T08:00:00Z".to_owned()),
            started_at: None,
            finished_at: None,
            file_removed_at: None,
            problems_removed_at: None,
        }
    }

    fn alarmed(kind: AlarmKind) -> Review {
        let alarm = Alarm {
            kind,
            count: 1,
            column: None,
            examples: Vec::new(),
            figures: None,
        };
        Review {
            alarms: vec![alarm],
            ..Review::default()
        }
    }

    fn waits(import: &Import) -> Option<String> {
        match decide(AfterCheck::Apply, 1, import) {
            Decision::Apply => None,
            Decision::Wait(words) => Some(words),
        }
    }

    #[test]
    fn what_nothing_speaks_against_is_applied_unless_somebody_wants_to_see_all() {
        let import = checked(100, Review::default());
        assert_eq!(waits(&import), None);
        assert!(matches!(decide(AfterCheck::Wait, 100, &import), Decision::Wait(_)));
    }

    #[test]
    fn whatever_a_person_would_stop_at_waits_for_one() {
        for kind in [
            AlarmKind::PriceMoved,
            AlarmKind::RowCount,
            AlarmKind::BrokenAccents,
            AlarmKind::FormulaError,
        ] {
            let words = waits(&checked(100, alarmed(kind))).expect("it waits");
            assert!(words.contains(kind.title()), "{words}");
        }
        for kind in [AlarmKind::Formula, AlarmKind::MixedDecimals] {
            assert_eq!(waits(&checked(100, alarmed(kind))), None);
        }
        let deleting = Review {
            deleted: 3,
            ..Review::default()
        };
        assert!(
            waits(&checked(100, deleting))
                .expect("it waits")
                .contains("3 products would be deleted")
        );
        assert!(
            waits(&checked(0, Review::default()))
                .expect("it waits")
                .contains("no rows")
        );
    }

    #[test]
    fn rows_with_problems_count_by_their_share() {
        let failed = |failed: i64| Review {
            failed,
            ..Review::default()
        };
        assert_eq!(waits(&checked(100, failed(1))), None);
        assert!(
            waits(&checked(100, failed(2)))
                .expect("it waits")
                .contains("2 of 100 rows")
        );
        let mut all_or_nothing = checked(100, failed(1));
        all_or_nothing.options.on_problems = OnProblems::Stop;
        assert!(waits(&all_or_nothing).is_some());
    }

    #[test]
    fn columns_that_nobody_knows_wait() {
        let mut import = checked(100, Review::default());
        import.step = ImportStep::Match;
        assert!(waits(&import).expect("it waits").contains("columns"));
        import.step = ImportStep::Check;
        import.review = None;
        assert!(waits(&import).is_some());
    }
}
