//! A place to drop a file on, around a real file input: it can be reached by keyboard and voice, and works without the script.

use leptos::{
    ev::{self, DragEvent},
    html,
    prelude::*,
};

use super::{
    field_error::FieldError,
    icon::{Icon, UPLOAD},
};

/// A dropped file goes into the input, as if it had been chosen there.
#[component]
pub fn FileDrop(
    name: &'static str,
    accept: &'static str,
    hint: String,
    #[prop(into)] error: Signal<Option<String>>,
    input: NodeRef<html::Input>,
) -> impl IntoView {
    let is_over = RwSignal::new(false);
    let hover = move |event: DragEvent| {
        event.prevent_default();
        is_over.set(true);
    };
    let drop = move |event: DragEvent| {
        event.prevent_default();
        is_over.set(false);
        take_files(&event, input);
    };
    catch_missed_drops(input);
    let described_by = move || {
        if error.read().is_some() {
            "file-hint file-error"
        } else {
            "file-hint"
        }
    };

    view! {
        <div class="drop-zone" class:drop-zone-over=is_over on:dragover=hover on:dragleave=move |_| is_over.set(false) on:drop=drop>
            <span class="text-accent">
                <Icon path=UPLOAD />
            </span>
            <p class="text-lg font-semibold">"Drop a CSV or Excel file here"</p>
            <p id="file-hint" class="hint">{hint}</p>
            {move || error.get().map(|error| view! { <FieldError name error /> })}
            <div class="flex max-w-full flex-wrap items-center justify-center gap-3">
                <label class="btn btn-secondary" for=name>
                    "Choose file"
                </label>
                <input
                    node_ref=input
                    class="file-input field-sizing-content"
                    type="file"
                    id=name
                    name=name
                    accept=accept
                    aria-describedby=described_by
                    aria-invalid=move || error.read().is_some().then_some("true")
                />
            </div>
        </div>
    }
    .into_any()
}

/// A file that is let go beside the zone would otherwise replace the page.
fn catch_missed_drops(input: NodeRef<html::Input>) {
    Effect::new(move |_| {
        let hover = window_event_listener(ev::dragover, |event| event.prevent_default());
        let drop = window_event_listener(ev::drop, move |event| {
            event.prevent_default();
            take_files(&event, input);
        });
        on_cleanup(move || {
            hover.remove();
            drop.remove();
        });
    });
}

fn take_files(event: &DragEvent, input: NodeRef<html::Input>) {
    let files = event.data_transfer().and_then(|data| data.files());
    if let (Some(files), Some(input)) = (files.filter(|files| files.length() > 0), input.get_untracked()) {
        input.set_files(Some(&files));
    }
}
