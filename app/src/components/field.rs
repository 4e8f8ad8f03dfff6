//! A labelled input with its hint and its error.

use leptos::prelude::*;

use super::labelled::{Labelled, options};
use crate::draft::Form;

/// What distinguishes one text field from another.
#[derive(Clone, Copy, Default)]
pub struct FieldKind {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: Option<&'static str>,
    /// `text`, `email`, `password`
    pub input_type: &'static str,
    /// Which keyboard a telephone shows: `decimal`.
    pub input_mode: Option<&'static str>,
    pub autocomplete: &'static str,
}

/// A field with what was typed before and what was wrong with it.
#[component]
pub fn Field(kind: FieldKind, form: Form) -> impl IntoView {
    let FieldKind {
        name,
        label,
        hint,
        input_type,
        input_mode,
        autocomplete,
    } = kind;
    let value = form.value(name);
    let error = form.error(name);
    let is_wrong = error.is_some().then_some("true");
    let described_by = described_by(name, hint.is_some(), error.is_some());

    view! {
        <Labelled name label hint error>
            <input
                class="input"
                id=name
                name=name
                type=input_type
                inputmode=input_mode
                value=value
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                aria-describedby=described_by
                aria-invalid=is_wrong
            />
        </Labelled>
    }
    .into_any()
}

/// A field of several lines.
#[component]
pub fn TextArea(name: &'static str, label: &'static str, rows: u32, form: Form) -> impl IntoView {
    // The first line break after the tag belongs to HTML, not to the text.
    let value = form.value(name).map(|value| format!("\n{value}"));
    let error = form.error(name);
    let is_wrong = error.is_some().then_some("true");
    let described_by = described_by(name, false, error.is_some());
    view! {
        <Labelled name label error>
            <textarea class="input" id=name name=name rows=rows aria-describedby=described_by aria-invalid=is_wrong>
                {value}
            </textarea>
        </Labelled>
    }
    .into_any()
}

/// One of `all`, which are values and labels.
#[component]
pub fn Choice(name: &'static str, label: &'static str, all: Vec<(String, String)>, form: Form) -> impl IntoView {
    let options = options(all, &form.value(name).unwrap_or_default());
    let error = form.error(name);
    let is_wrong = error.is_some().then_some("true");
    let described_by = described_by(name, false, error.is_some());
    view! {
        <Labelled name label error>
            <select class="input" id=name name=name aria-describedby=described_by aria-invalid=is_wrong>
                {options}
            </select>
        </Labelled>
    }
    .into_any()
}

/// A box that is ticked or not, with what that means.
#[component]
pub fn Tick(name: &'static str, label: &'static str, hint: &'static str, form: Form) -> impl IntoView {
    let is_ticked = form.value(name).is_some_and(|value| value == "true");
    view! {
        <div class="field">
            <label class="choice font-semibold">
                <input type="checkbox" id=name name=name value="true" checked=is_ticked aria-describedby=format!("{name}-hint") />
                {label}
            </label>
            <p id=format!("{name}-hint") class="hint">
                {hint}
            </p>
        </div>
    }
    .into_any()
}

/// The ids of what explains a field.
#[must_use]
pub fn described_by(name: &str, has_hint: bool, has_error: bool) -> Option<String> {
    let hint = has_hint.then(|| format!("{name}-hint"));
    let error = has_error.then(|| format!("{name}-error"));
    match (hint, error) {
        (Some(hint), Some(error)) => Some(format!("{hint} {error}")),
        (hint, error) => hint.or(error),
    }
}
