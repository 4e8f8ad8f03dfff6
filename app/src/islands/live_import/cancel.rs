//! Stopping an import: at once by a plain form, after a question where there is a script.

use leptos::{ev::SubmitEvent, html, prelude::*};

use crate::{
    hooks::import_stream::ImportStream,
    paths,
    wording::{counted, job_noun},
};

#[component]
pub fn Cancel(stream: ImportStream) -> impl IntoView {
    let action = paths::cancel_import(stream.import.read_untracked().job_id);
    let noun = job_noun(stream.import.read_untracked().kind);
    let dialog = NodeRef::<html::Dialog>::new();
    let ask = move |event: SubmitEvent| {
        // A browser that cannot show the question sends the form.
        if dialog.get_untracked().is_some_and(|dialog| dialog.show_modal().is_ok()) {
            event.prevent_default();
        }
    };
    let keep = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let consequence = move || consequence(&stream);

    view! {
        <form method="post" action=action.clone() on:submit=ask>
            <button class="btn btn-secondary">"Cancel " {noun}</button>
        </form>
        <dialog node_ref=dialog class="dialog w-[calc(100%-2rem)]" aria-labelledby="cancel-title">
            <h2 id="cancel-title" class="text-lg font-semibold" tabindex="-1" autofocus>
                "Stop this " {noun} "?"
            </h2>
            <p class="mt-2">{consequence}</p>
            <form method="post" action=action class="mt-4 flex flex-wrap justify-end gap-2">
                <button type="button" class="btn btn-secondary" on:click=keep>
                    "Keep going"
                </button>
                <button class="btn btn-danger">"Stop " {noun}</button>
            </form>
        </dialog>
    }
    .into_any()
}

fn consequence(stream: &ImportStream) -> String {
    let import = stream.import.read();
    let written = import.progress.created + import.progress.updated;
    if written == 0 {
        return "Nothing has been changed yet.".to_owned();
    }
    let stays = if written == 1 { "stays" } else { "stay" };
    format!(
        "{} already written {stays}. You can undo them afterwards.",
        counted(written, "row", "rows")
    )
}
