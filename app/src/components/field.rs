//! A labelled input with its hint and its error.

use leptos::prelude::*;

use crate::draft::FormDraft;

/// What distinguishes one text field from another.
#[derive(Clone, Copy, Default)]
pub struct FieldKind {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: Option<&'static str>,
    /// `text`, `email`, `password`
    pub input_type: &'static str,
    pub autocomplete: &'static str,
}

/// A field with what was typed before and what was wrong with it.
#[component]
pub fn Field(kind: FieldKind, draft: Option<FormDraft>) -> impl IntoView {
    let FieldKind {
        name,
        label,
        hint,
        input_type,
        autocomplete,
    } = kind;
    let value = draft.as_ref().and_then(|draft| draft.value(name));
    let error = draft.as_ref().and_then(|draft| draft.error(name));
    let described_by = described_by(name, hint.is_some(), error.is_some());

    view! {
        <div class="field">
            <label class="label" for=name>
                {label}
            </label>
            {hint.map(|hint| view! { <p id=format!("{name}-hint") class="hint">{hint}</p> }.into_any())}
            {error.as_ref().map(|error| view! { <FieldError name error=error.clone() /> })}
            <input
                class="input"
                id=name
                name=name
                type=input_type
                value=value
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                aria-describedby=described_by
                aria-invalid=error.is_some().then_some("true")
            />
        </div>
    }
    .into_any()
}

/// The message beside the field, which says that it is one.
#[component]
pub fn FieldError(name: &'static str, #[prop(into)] error: String) -> impl IntoView {
    view! {
        <p id=format!("{name}-error") class="field-error">
            <span class="sr-only">"Error: "</span>
            {error}
        </p>
    }
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
