//! A running import: what it is doing, how far it is, and the way to stop it.

use leptos::prelude::*;
use stockroom::imports::{ImportKind, ImportStatus, Phase, Progress};

use super::cancel::Cancel;
use crate::{
    hooks::import_stream::ImportStream,
    paths,
    wording::{counted, grouped, percent, time_left, whole_percent},
};

/// Shorter pauses are normal: a batch takes a while.
const WORTH_MENTIONING: u32 = 5;

#[component]
pub fn Running(stream: ImportStream, may_stop: bool) -> impl IntoView {
    let id = stream.import.read_untracked().job_id;
    // Without the script nothing moves by itself.
    let is_awake = RwSignal::new(false);
    Effect::new(move |_| is_awake.set(true));
    let kind = stream.import.read_untracked().kind;
    let doing = move || doing(kind, &stream.import.read().progress);
    let status_line = move || status_line(&stream.import.read().progress);
    let value = move || whole_percent(stream.import.read().progress.percent).to_string();
    let value_text = move || value_text(&stream.import.read().progress);
    let silence = move || silence(stream.silence.get());

    view! {
        <section class="card flex flex-col gap-3" aria-label="Progress">
            <p class="text-lg tabular-nums">
                <strong>{doing}</strong>
                {status_line}
            </p>
            <progress class="bar" max="100" value=value aria-label="Progress of the work" aria-valuetext=value_text></progress>
            {move || silence().map(|text| view! { <p class="text-sm text-warn tabular-nums">{text}</p> }.into_any())}
            <p class="text-muted">"You can leave this page. The work goes on."</p>
            <div class="flex flex-wrap items-center gap-4">
                {may_stop.then(|| view! { <Cancel stream /> })}
                <a class="link" href=paths::import(id) hidden=is_awake>
                    "Refresh progress"
                </a>
            </div>
        </section>
    }
    .into_any()
}

fn doing(kind: ImportKind, progress: &Progress) -> &'static str {
    match (progress.status, progress.phase) {
        (ImportStatus::Pending | ImportStatus::AwaitingConfirmation, _) => "Waiting to start",
        (_, Some(Phase::Undoing)) => "Setting back",
        (_, Some(Phase::Applying)) if kind == ImportKind::BulkDelete => "Deleting",
        (_, Some(Phase::Applying)) if kind == ImportKind::BulkUpdate => "Changing",
        _ if !kind.has_file() => "Looking for the products",
        (_, Some(Phase::Reading) | None) => "Reading file",
        (_, Some(Phase::Comparing)) => "Comparing with the catalogue",
        (_, Some(Phase::Applying)) => "Importing",
    }
}

/// ` — 312,400 of 499,312 rows · 62 % of the work done · 4,120 rows/s · about 45 s left`
///
/// The percentage is of the whole work, so it is not that of the rows.
fn status_line(progress: &Progress) -> String {
    if progress.status == ImportStatus::Pending {
        return String::new();
    }
    let mut text = format!(" — {} · {} of the work done", rows(progress), percent(progress.percent));
    if let Some(rate) = progress.rows_per_second.filter(|rate| *rate >= 1.0) {
        text.push_str(&format!(" · {} rows/s", grouped(rate as i64)));
    }
    if let Some(seconds) = progress.eta_seconds {
        text.push_str(" · ");
        text.push_str(&time_left(seconds));
    }
    text
}

fn rows(progress: &Progress) -> String {
    match (progress.phase, progress.total) {
        (Some(Phase::Applying | Phase::Undoing), Some(total)) => {
            format!("{} of {}", grouped(progress.processed), counted(total, "row", "rows"))
        }
        _ => format!("{} read", counted(progress.read, "row", "rows")),
    }
}

fn value_text(progress: &Progress) -> String {
    format!("{} percent, {}", whole_percent(progress.percent), rows(progress))
}

fn silence(seconds: u32) -> Option<String> {
    (seconds >= WORTH_MENTIONING).then(|| format!("Waiting for news… last update {seconds} s ago"))
}

#[cfg(test)]
mod tests {
    use stockroom::imports::{ImportKind, ImportStatus, Phase, Progress};

    use super::{doing, silence, status_line};

    #[test]
    fn a_running_import_says_how_far_how_fast_and_how_long() {
        let progress = Progress {
            status: ImportStatus::Processing,
            phase: Some(Phase::Applying),
            total: Some(499_312),
            processed: 312_400,
            percent: 62.6,
            rows_per_second: Some(4120.4),
            eta_seconds: Some(43),
            ..Progress::waiting()
        };
        assert_eq!(doing(ImportKind::Products, &progress), "Importing");
        let expected = " — 312,400 of 499,312 rows · 62 % of the work done · 4,120 rows/s · about 45 s left";
        assert_eq!(status_line(&progress), expected);
    }

    #[test]
    fn while_the_file_is_read_its_rows_are_not_known() {
        let progress = Progress {
            status: ImportStatus::Processing,
            phase: Some(Phase::Reading),
            read: 1,
            ..Progress::waiting()
        };
        assert_eq!(status_line(&progress), " — 1 row read · 0 % of the work done");
        assert_eq!(status_line(&Progress::waiting()), "");
    }

    #[test]
    fn a_short_silence_is_not_mentioned() {
        assert_eq!(silence(4), None);
        assert_eq!(silence(6).as_deref(), Some("Waiting for news… last update 6 s ago"));
    }
}
