//! What everybody decides for themselves, and what administrators decide for the shop.

use std::collections::BTreeMap;

use leptos::prelude::*;
use stockroom::settings::{NumberFormat, zone};

use super::Tabs;
use crate::{
    components::{
        card::Card,
        error_summary::ErrorSummary,
        field::{Choice, Field, FieldKind, Tick},
        key_value::{KeyValue, KeyValueList},
        page_header::PageHeader,
    },
    draft::Form,
    paths, request,
    title::PageTitle,
};

const TEXT: FieldKind = FieldKind {
    name: "shop_name",
    label: "Name of the shop",
    hint: Some("Stands beside the name of the program."),
    input_type: "text",
    input_mode: None,
    autocomplete: "organization",
};
const CURRENCY: FieldKind = FieldKind {
    name: "currency",
    label: "Currency",
    hint: Some("Three letters, such as EUR. Prices are not converted when you change it."),
    autocomplete: "off",
    ..TEXT
};
const PRESENT: FieldKind = FieldKind {
    name: "present",
    label: "Present password",
    hint: None,
    input_type: "password",
    input_mode: None,
    autocomplete: "current-password",
};
const NEW: FieldKind = FieldKind {
    name: "password",
    label: "New password",
    hint: Some("At least 10 characters. Pasting is fine."),
    autocomplete: "new-password",
    ..PRESENT
};

const FIELDS: [&str; 6] = [
    "shop_name",
    "currency",
    "time_zone",
    "number_format",
    "present",
    "password",
];

/// Names and labels of all zones.
pub fn time_zones() -> Vec<(String, String)> {
    let labelled = |name: String| {
        let label = name.replace('_', " ");
        (name, label)
    };
    zone::names().into_iter().map(labelled).collect()
}

/// Each with an example.
fn number_formats() -> Vec<(String, String)> {
    let example = |format: NumberFormat| (format.as_str().to_owned(), format.hundredths(123_456));
    NumberFormat::ALL.map(example).to_vec()
}

#[component]
pub fn SettingsPage() -> impl IntoView {
    let draft = request::current().ok().and_then(|request| request.draft);
    let shop = request::current().map(|request| request.shop).ok();
    let values = shop.map(|shop| {
        BTreeMap::from([
            ("shop_name".to_owned(), shop.name),
            ("currency".to_owned(), shop.currency),
            ("time_zone".to_owned(), shop.time_zone),
            ("number_format".to_owned(), shop.number_format.as_str().to_owned()),
        ])
    });
    let form = Form::of(draft, values.unwrap_or_default());
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    view! {
        <PageTitle text=format!("{mark}Settings") />
        {form
            .problem
            .clone()
            .map(|problem| view! { <ErrorSummary problem fields=&FIELDS /> })}
        <PageHeader title="Settings" />
        <Tabs />
        <div class="flex max-w-[45rem] flex-col gap-4">
            {request::is_admin().then(|| view! { <Shop form=form.clone() /> })}
            <Own />
            <Password form />
            <About />
            {request::is_admin().then(|| view! { <Danger /> })}
        </div>
    }
    .into_any()
}

#[component]
fn Shop(form: Form) -> impl IntoView {
    view! {
        <Card title="Shop">
            <form method="post" action=paths::SHOP novalidate class="flex flex-col gap-4">
                <Field kind=TEXT form=form.clone() />
                <Field kind=CURRENCY form=form.clone() />
                <Choice name="time_zone" label="Time zone" all=time_zones() form=form.clone() />
                <Choice name="number_format" label="Numbers and prices" all=number_formats() form />
                <p class="text-muted">
                    "Without scripts, pages show times in this zone; with them, in the reader's own. Files and the API have UTC and plain numbers."
                </p>
                <div>
                    <button class="btn btn-primary">"Save"</button>
                </div>
            </form>
        </Card>
    }
    .into_any()
}

#[component]
fn Own() -> impl IntoView {
    let preferences = request::preferences();
    let density = if preferences.compact { "compact" } else { "comfortable" };
    let mut values = BTreeMap::from([("density".to_owned(), density.to_owned())]);
    if preferences.shortcuts {
        values.insert("shortcuts".to_owned(), "true".to_owned());
    }
    let form = Form::of(None, values);
    let densities = vec![
        ("comfortable".to_owned(), "Comfortable".to_owned()),
        ("compact".to_owned(), "Compact".to_owned()),
    ];
    view! {
        <Card title="For you">
            <form method="post" action=paths::PREFERENCES class="flex flex-col gap-4">
                <Tick
                    name="shortcuts"
                    label="Keyboard shortcuts"
                    hint="Single keys do something where no text is being typed. Press ? to see them."
                    form=form.clone()
                />
                <Choice name="density" label="Rows of tables" all=densities form />
                <div>
                    <button class="btn btn-primary">"Save for me"</button>
                </div>
            </form>
        </Card>
    }
    .into_any()
}

#[component]
fn Password(form: Form) -> impl IntoView {
    view! {
        <Card title="Password">
            <form method="post" action=paths::PASSWORD novalidate class="flex flex-col gap-4">
                <Field kind=PRESENT form=form.clone() />
                <Field kind=NEW form />
                <p class="text-muted">"Your other sessions are signed out."</p>
                <div>
                    <button class="btn btn-primary">"Change password"</button>
                </div>
            </form>
        </Card>
    }
    .into_any()
}

/// The review that follows says how many, and asks twice.
#[component]
fn Danger() -> impl IntoView {
    view! {
        <Card title="Delete everything">
            <form method="post" action=paths::PRODUCTS_BULK class="flex flex-col gap-3">
                <input type="hidden" name="scope" value="matching" />
                <p>"All products of the shop go to the bin. You see what will happen before anything does, and can undo it."</p>
                <div>
                    <button class="btn btn-secondary" name="do" value="delete">
                        "Delete all products…"
                    </button>
                </div>
            </form>
        </Card>
    }
    .into_any()
}

#[component]
fn About() -> impl IntoView {
    let user = request::current().ok().and_then(|request| request.user);
    view! {
        <Card title="About">
            <KeyValueList>
                <KeyValue name="Version">{env!("CARGO_PKG_VERSION")}</KeyValue>
                {user
                    .map(|user| {
                        view! {
                            <KeyValue name="Signed in as">
                                <span class="wrap-anywhere">{user.email}</span>
                                ", "
                                {user.role.label()}
                            </KeyValue>
                        }
                    })}
                <KeyValue name="API">
                    <a class="link" href=paths::API_DOCS>
                        "Documentation"
                    </a>
                </KeyValue>
            </KeyValueList>
        </Card>
    }
    .into_any()
}
