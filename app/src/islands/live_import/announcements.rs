//! What is read out of an import: its beginning, each quarter, its end. More would drown everything else.

use leptos::prelude::*;
use stockroom::imports::{Import, ImportKind, ImportStatus, Progress};

use crate::{hooks::announcer, wording};

pub fn announce(import: RwSignal<Import>) {
    let milestone = Memo::new(move |_| Milestone::of(&import.read().progress));
    Effect::new(move |_| {
        let now = milestone.get();
        let kind = import.read_untracked().kind;
        let text = in_words(now, kind, &import.read_untracked().progress);
        match now {
            Milestone::Quarter(_) => announcer::say(&text),
            Milestone::End => announcer::leave(&text),
        }
    });
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Milestone {
    Quarter(u32),
    End,
}

impl Milestone {
    fn of(progress: &Progress) -> Self {
        if progress.status.is_over() {
            Self::End
        } else {
            Self::Quarter(wording::whole_percent(progress.percent) / 25)
        }
    }
}

fn in_words(milestone: Milestone, kind: ImportKind, progress: &Progress) -> String {
    let noun = wording::job_noun(kind);
    match (milestone, progress.status) {
        (Milestone::Quarter(0), _) => format!("The {noun} has started."),
        (Milestone::Quarter(quarters), _) => format!("{} percent done.", quarters * 25),
        (Milestone::End, ImportStatus::Failed) => format!("The {noun} has failed."),
        (Milestone::End, ImportStatus::Cancelled) => format!("The {noun} was cancelled."),
        (Milestone::End, _) if !kind.has_file() => format!(
            "The {noun} has finished. {} products changed, {} kept.",
            wording::grouped(progress.updated),
            wording::grouped(progress.failed)
        ),
        (Milestone::End, _) => format!(
            "The import has finished. {} added, {} updated, {} with problems.",
            wording::grouped(progress.created),
            wording::grouped(progress.updated),
            wording::grouped(progress.failed)
        ),
    }
}

#[cfg(test)]
mod tests {
    use stockroom::imports::{ImportKind, ImportStatus, Progress};

    use super::{Milestone, in_words};

    #[test]
    fn one_hears_of_an_import_five_times() {
        let mut heard: Vec<_> = (0..1000)
            .map(|tenths| {
                Milestone::of(&Progress {
                    percent: f64::from(tenths) / 10.0,
                    ..Progress::waiting()
                })
            })
            .collect();
        heard.push(Milestone::of(&Progress {
            status: ImportStatus::Completed,
            ..Progress::waiting()
        }));
        heard.dedup();
        assert_eq!(heard.len(), 5);
    }

    #[test]
    fn the_end_is_told_with_its_numbers() {
        let done = Progress {
            status: ImportStatus::Completed,
            created: 412_300,
            failed: 688,
            ..Progress::waiting()
        };
        let expected = "The import has finished. 412,300 added, 0 updated, 688 with problems.";
        assert_eq!(in_words(Milestone::End, ImportKind::Products, &done), expected);
    }
}
