//! A running import, live. When it is over the page is fetched anew: only the server knows how to show all that came of it.

mod announcements;
mod cancel;
mod running;

use leptos::prelude::*;
use stockroom::imports::{Import, ImportStep};

use crate::{
    components::import_counters::ImportCounters,
    hooks::import_stream::{ImportStream, follow},
    wording::{job, percent},
};
use running::Running;

#[island]
pub fn LiveImport(
    import: Import,
    /// Whether whoever looks may stop it.
    may_stop: bool,
) -> impl IntoView {
    let on_end = Callback::new(|()| {
        // A page that cannot be reloaded still shows the last numbers.
        let _ = window().location().reload();
    });
    let stream = follow(import, on_end);
    announcements::announce(stream.import);
    keep_title(stream);
    let progress = Signal::derive(move || stream.import.read().progress.clone());
    let kind = stream.import.read_untracked().kind;
    let is_check = stream.import.read_untracked().step == ImportStep::Check;

    view! {
        <Running stream may_stop />
        <ImportCounters kind is_check progress />
    }
}

/// "62 % – Import #42" in the tab, so that one may look elsewhere meanwhile.
fn keep_title(stream: ImportStream) {
    Effect::new(move |_| {
        let import = stream.import.read();
        let percent = percent(import.progress.percent);
        document().set_title(&format!("{percent} – {} – Stockroom", job(&import)));
    });
}
