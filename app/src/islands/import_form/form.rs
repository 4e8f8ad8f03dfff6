//! The upload form and what the script makes of it.

use leptos::{ev::SubmitEvent, html, prelude::*};
use stockroom::problem::Problem;
use web_sys::FormData;

use super::{
    check::{ACCEPTED, check},
    upload_bar::{INTERRUPTED, UploadBar},
};
use crate::{
    components::file_drop::FileDrop,
    hooks::{
        announcer,
        upload::{Upload, UploadState, use_upload},
    },
    paths, wording,
};

/// The other fields come before the file, so that the server knows them when the file's bytes arrive.
#[component]
pub fn ImportForm(limit: u64, problem: RwSignal<Option<Problem>>, children: Children) -> impl IntoView {
    let (form, input) = (NodeRef::<html::Form>::new(), NodeRef::<html::Input>::new());
    let upload = use_upload();
    let file_name = RwSignal::new(String::new());
    act_on_outcome(upload, problem);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !upload.is_running() {
            problem.set(begin(form, input, limit, upload, file_name).err());
        }
    };
    let file_error = Signal::derive(move || problem.read().as_ref().and_then(error_of_file));
    let hint = hint(limit);

    view! {
        <form
            node_ref=form
            method="post"
            action=paths::IMPORTS
            enctype="multipart/form-data"
            novalidate
            class="flex flex-col gap-5"
            on:submit=submit
        >
            {children()}
            <FileDrop name="file" accept=ACCEPTED hint error=file_error input />
            <Show
                when=move || upload.is_running()
                fallback=|| view! { <div><button class="btn btn-primary">"Check file"</button></div> }
            >
                <UploadBar upload file_name />
            </Show>
        </form>
    }
    .into_any()
}

fn hint(limit: u64) -> String {
    if limit == 0 {
        "CSV or Excel (.xlsx)".to_owned()
    } else {
        format!("CSV or Excel (.xlsx), up to {}", wording::size(limit))
    }
}

/// A problem without fields is about the file: there is little else in this form.
fn error_of_file(problem: &Problem) -> Option<String> {
    let error = problem.errors.iter().find(|error| error.field == "file")?;
    Some(error.message.clone())
}

fn begin(
    form: NodeRef<html::Form>,
    input: NodeRef<html::Input>,
    limit: u64,
    upload: Upload,
    file_name: RwSignal<String>,
) -> Result<(), Problem> {
    let file = input
        .get_untracked()
        .and_then(|input| input.files())
        .and_then(|files| files.get(0));
    let name = file.as_ref().map(|file| file.name()).unwrap_or_default();
    check(file.as_ref().map(|file| (name.as_str(), file.size() as u64)), limit)?;
    let fields = form
        .get_untracked()
        .and_then(|form| FormData::new_with_form(&form).ok());
    if let (Some(fields), Some(file)) = (fields, file) {
        file_name.set(name);
        upload.start(fields, file);
    }
    Ok(())
}

/// Accepted: on to the page of the import. Refused: say why, above the heading and beside the field.
fn act_on_outcome(upload: Upload, problem: RwSignal<Option<Problem>>) {
    Effect::new(move |_| match upload.state.get() {
        UploadState::Accepted(id) => {
            // Where one may not be led on, the import is in the list.
            let _ = window().location().set_href(&paths::import(id));
        }
        UploadState::Refused(refusal) => {
            announcer::interrupt(&refusal.detail);
            problem.set(Some(refusal));
        }
        UploadState::Interrupted(_) => announcer::say(INTERRUPTED),
        UploadState::Waiting => announcer::say("The file has been uploaded."),
        UploadState::Idle | UploadState::Sending(_) => {}
    });
}
