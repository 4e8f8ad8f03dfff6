//! One catalogue out of all: chosen from a list, or, where a list cannot hold them, typed by its name, which the server looks up.

use leptos::prelude::*;
use stockroom::catalogs::CatalogNames;

use super::{
    field::described_by,
    labelled::{Labelled, options},
};
use crate::draft::{CATALOGUE_NAME, Form};

/// What distinguishes one such input from another.
#[derive(Clone, Copy)]
pub struct CatalogueInputKind {
    /// Of the list, whose values are ids; whatever it is called, its id is this.
    pub name: &'static str,
    /// Values and labels of what the list has above the catalogues.
    pub first: &'static [(&'static str, &'static str)],
    pub class: &'static str,
    /// Whether its form is sent as soon as another one is chosen.
    pub applies: bool,
}

/// `chosen` is an id. `typed` is what stood in the field of the name, if it was refused.
#[component]
pub fn CatalogueInput(
    kind: CatalogueInputKind,
    names: CatalogNames,
    #[prop(optional_no_strip)] chosen: Option<String>,
    #[prop(optional_no_strip)] typed: Option<String>,
    #[prop(optional_no_strip)] described_by: Option<String>,
    #[prop(optional)] is_wrong: bool,
) -> impl IntoView {
    let chosen = chosen.unwrap_or_default();
    let is_wrong = is_wrong.then_some("true");
    let class = format!("input {}", kind.class);
    if names.are_more {
        let value = typed.or_else(|| names.name(&chosen).map(str::to_owned));
        let list = format!("{}-names", kind.name);
        let placeholder = kind.first.first().map(|(_, label)| *label);
        let suggested: Vec<_> = names
            .known
            .into_iter()
            .map(|(_, name)| view! { <option value=name></option> })
            .collect();
        return view! {
            <input
                class=class
                id=kind.name
                name=CATALOGUE_NAME
                list=list.clone()
                value=value
                placeholder=placeholder
                autocomplete="off"
                spellcheck="false"
                aria-describedby=described_by
                aria-invalid=is_wrong
            />
            <datalist id=list>{suggested}</datalist>
        }
        .into_any();
    }
    let first = kind.first.iter();
    let first = first.map(|(value, label)| ((*value).to_owned(), (*label).to_owned()));
    let known = names.known.into_iter().map(|(id, name)| (id.to_string(), name));
    let options = options(first.chain(known).collect(), &chosen);
    let applies = kind.applies.then_some("");
    view! {
        <select
            class=class
            id=kind.name
            name=kind.name
            data-applies=applies
            aria-describedby=described_by
            aria-invalid=is_wrong
        >
            {options}
        </select>
    }
    .into_any()
}

/// The same as a field of a form, with its label and what is wrong with it.
#[component]
pub fn CatalogueField(kind: CatalogueInputKind, label: &'static str, names: CatalogNames, form: Form) -> impl IntoView {
    let name = kind.name;
    let hint = names.are_more.then_some("Its name. Blank for none.");
    let error = form.error(name);
    let described_by = described_by(name, hint.is_some(), error.is_some());
    let is_wrong = error.is_some();
    view! {
        <Labelled name label hint error>
            <CatalogueInput
                kind
                names
                chosen=form.value(name)
                typed=form.value(CATALOGUE_NAME)
                described_by
                is_wrong
            />
        </Labelled>
    }
    .into_any()
}
