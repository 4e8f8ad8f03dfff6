//! The form of a schedule, new or not.

use std::collections::BTreeMap;

use leptos::prelude::*;
use stockroom::{
    imports::ImportKind,
    schedules::{AfterCheck, Schedule, Weekday, When},
};

use crate::{
    components::{
        field::{Field, FieldKind, described_by},
        field_error::FieldError,
        labelled::options,
    },
    draft::{Form, KEPT},
    pages::{
        awaited,
        import::options::{OptionFields, values as option_values},
    },
    paths,
    server_fns::catalogs::list_catalogs,
};

/// Names of the fields.
pub const FIELDS: [&str; 19] = [
    "name",
    "address",
    "header",
    "kind",
    "every",
    "at",
    "days",
    "after_check",
    "problem_percent",
    "sheet",
    "mode",
    "on_problems",
    "duplicates",
    "unknown_catalogs",
    "missing",
    "other_columns",
    "catalog_id",
    "options",
    "blank_",
];

const NAME: FieldKind = FieldKind {
    name: "name",
    label: "Name",
    hint: Some("Such as “Supplier A, prices”. Its imports are listed under this name."),
    input_type: "text",
    input_mode: None,
    autocomplete: "off",
};
const ADDRESS: FieldKind = FieldKind {
    name: "address",
    label: "Address",
    hint: Some(
        "Of a CSV file or an Excel workbook: https://…, or s3://bucket/file. What stands behind a question mark is not shown again.",
    ),
    input_mode: Some("url"),
    ..NAME
};
const HEADER: FieldKind = FieldKind {
    name: "header",
    label: "Header for authorisation",
    hint: Some("Such as Authorization. May be left blank."),
    ..NAME
};
const HEADER_VALUE: FieldKind = FieldKind {
    name: "header_value",
    label: "Value of the header",
    hint: Some("It is never shown again."),
    input_type: "password",
    ..NAME
};
const PERCENT: FieldKind = FieldKind {
    name: "problem_percent",
    label: "Rows with problems up to which it is applied, in per cent",
    hint: Some("The rows with problems are left out and reported. With more of them the import waits."),
    input_mode: Some("numeric"),
    ..NAME
};
const SHEET: FieldKind = FieldKind {
    name: "sheet",
    label: "Sheet of a workbook",
    hint: Some("Where a workbook has several. May be left blank."),
    ..NAME
};

/// What the form of a new schedule shows.
#[must_use]
pub fn defaults() -> BTreeMap<String, String> {
    values(&[
        ("kind", "products"),
        ("repeat", "daily"),
        ("every", "6"),
        ("unit", "hours"),
        ("at", "03:00"),
        ("days", "mon,tue,wed,thu,fri"),
        ("after_check", AfterCheck::default().as_str()),
        ("problem_percent", "1"),
    ])
}

/// What the form of this schedule shows.
#[must_use]
pub fn values_of(schedule: &Schedule) -> BTreeMap<String, String> {
    let mut all = defaults();
    all.extend(option_values(&schedule.options));
    let kept = if schedule.header_name.is_some() { KEPT } else { "" };
    let percent = schedule.problem_percent.to_string();
    all.extend(values(&[
        ("name", schedule.name.as_str()),
        ("address", &schedule.address),
        ("header", schedule.header_name.as_deref().unwrap_or_default()),
        ("header_value", kept),
        ("kind", schedule.kind.as_str()),
        ("after_check", schedule.after_check.as_str()),
        ("problem_percent", &percent),
        ("sheet", schedule.sheet.as_deref().unwrap_or_default()),
    ]));
    all.extend(times_of(&schedule.when));
    all
}

fn times_of(when: &When) -> BTreeMap<String, String> {
    match when {
        When::Every { minutes } => {
            let (number, unit) = if minutes % 60 == 0 {
                (minutes / 60, "hours")
            } else {
                (*minutes, "minutes")
            };
            values(&[("repeat", "every"), ("every", &number.to_string()), ("unit", unit)])
        }
        When::At { time, days } if days.is_empty() => values(&[("repeat", "daily"), ("at", &time.to_string())]),
        When::At { time, days } => {
            let days: Vec<&str> = days.iter().map(|day| day.as_str()).collect();
            values(&[
                ("repeat", "weekly"),
                ("at", &time.to_string()),
                ("days", &days.join(",")),
            ])
        }
    }
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

#[component]
pub fn ScheduleForm(action: String, button: &'static str, form: Form) -> impl IntoView {
    let guarded = form.guarded();
    view! {
        <form method="post" action=action novalidate class="flex flex-col gap-5" data-guarded=guarded>
            <Field kind=NAME form=form.clone() />
            <Field kind=ADDRESS form=form.clone() />
            <div class="grid items-start gap-4 sm:grid-cols-2">
                <Field kind=HEADER form=form.clone() />
                <Field kind=HEADER_VALUE form=form.clone() />
            </div>
            <Times form=form.clone() />
            <After form=form.clone() />
            <Rows form />
            <div class="flex flex-wrap gap-2">
                <button class="btn btn-primary">{button}</button>
                <a class="btn btn-secondary" href=paths::SCHEDULES>
                    "Cancel"
                </a>
            </div>
        </form>
    }
    .into_any()
}

/// One of several ways, each with its words.
fn radio(name: &'static str, value: &'static str, form: &Form, label: AnyView) -> impl IntoView + use<> {
    let is_chosen = form.value(name).as_deref() == Some(value);
    view! {
        <label class="choice">
            <input type="radio" name=name value=value checked=is_chosen />
            <span>{label}</span>
        </label>
    }
}

fn plain(words: &'static str) -> AnyView {
    view! { {words} }.into_any()
}

#[component]
fn Times(form: Form) -> impl IntoView {
    let zone = crate::request::current()
        .map(|request| request.shop.time_zone)
        .unwrap_or_default();
    let at_error = form.error("at");
    let at_described = described_by("at", true, at_error.is_some());
    let is_wrong = at_error.is_some().then_some("true");
    view! {
        <fieldset class="field">
            <legend class="label">"When"</legend>
            {radio("repeat", "daily", &form, plain("Every day"))}
            {radio("repeat", "weekly", &form, plain("On chosen days"))}
            {radio("repeat", "every", &form, plain("Again and again"))}
        </fieldset>
        <div class="field">
            <label class="label" for="at">
                "Time"
            </label>
            <p id="at-hint" class="hint">
                {format!("For every day and for chosen days. By the clocks of {zone}.")}
            </p>
            {at_error.map(|error| view! { <FieldError name="at" error /> })}
            <input
                class="input max-w-40"
                id="at"
                name="at"
                type="time"
                value=form.value("at")
                aria-describedby=at_described
                aria-invalid=is_wrong
            />
        </div>
        <Days form=form.clone() />
        <Pace form />
    }
    .into_any()
}

#[component]
fn Days(form: Form) -> impl IntoView {
    let chosen = form.value("days").unwrap_or_default();
    let error = form.error("days");
    let described_by = described_by("days", false, error.is_some());
    let boxes = Weekday::ALL.map(|day| {
        let is_chosen = chosen.split(',').any(|word| word == day.as_str());
        view! {
            <label class="choice">
                <input type="checkbox" name="days" value=day.as_str() checked=is_chosen />
                {day.label()}
            </label>
        }
    });
    view! {
        <fieldset class="field" id="days" tabindex="-1" aria-describedby=described_by>
            <legend class="label">"Days, where they are chosen"</legend>
            {error.map(|error| view! { <FieldError name="days" error /> })}
            <div class="flex flex-wrap gap-x-4 gap-y-1">{boxes}</div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn Pace(form: Form) -> impl IntoView {
    let error = form.error("every");
    let described_by = described_by("every", true, error.is_some());
    let is_wrong = error.is_some().then_some("true");
    let units = vec![
        ("minutes".to_owned(), "minutes".to_owned()),
        ("hours".to_owned(), "hours".to_owned()),
    ];
    let units = options(units, &form.value("unit").unwrap_or_default());
    view! {
        <div class="field">
            <label class="label" for="every">
                "Again after"
            </label>
            <p id="every-hint" class="hint">
                "Where it runs again and again: at least 15 minutes."
            </p>
            {error.map(|error| view! { <FieldError name="every" error /> })}
            <div class="flex gap-2">
                <input
                    class="input max-w-24"
                    id="every"
                    name="every"
                    inputmode="numeric"
                    value=form.value("every")
                    autocomplete="off"
                    aria-describedby=described_by
                    aria-invalid=is_wrong
                />
                <select class="input max-w-40" name="unit" aria-label="Unit">
                    {units}
                </select>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn After(form: Form) -> impl IntoView {
    let error = form.error("after_check");
    let hint = |after: AfterCheck| match after {
        AfterCheck::Apply => {
            "What would trip a person waits for one: prices that move far, SKUs that look damaged, a file that is much shorter, products to be deleted, columns that nobody knows."
        }
        AfterCheck::Wait => "Every file is checked and waits until somebody applies it.",
    };
    let ways = AfterCheck::ALL.map(|after| {
        let label = view! {
            {after.label()}
            <span class="block text-sm text-muted">{hint(after)}</span>
        };
        radio("after_check", after.as_str(), &form, label.into_any())
    });
    view! {
        <fieldset class="field" id="after_check" tabindex="-1">
            <legend class="label">"After the check"</legend>
            {error.map(|error| view! { <FieldError name="after_check" error /> })}
            {ways}
        </fieldset>
        <Field kind=PERCENT form=form.clone() />
    }
    .into_any()
}

/// What is in the file and how its rows are taken, as for an upload.
#[component]
fn Rows(form: Form) -> impl IntoView {
    let error = form.error("options");
    let chosen = form
        .value("catalog_id")
        .and_then(|id| id.parse().ok())
        .into_iter()
        .collect();
    let fields = form.clone();
    view! {
        <fieldset class="field" id="kind" tabindex="-1">
            <legend class="label">"What is in the file?"</legend>
            <div class="flex flex-wrap gap-x-6 gap-y-1">
                {radio("kind", ImportKind::Products.as_str(), &form, plain("Products"))}
                {radio("kind", ImportKind::Catalogs.as_str(), &form, plain("Catalogues"))}
            </div>
        </fieldset>
        <div id="options" tabindex="-1" class="flex flex-col gap-4">
            {error.map(|error| view! { <FieldError name="options" error /> })}
            {awaited(async move {
                let catalogs = list_catalogs(chosen).await.unwrap_or_default();
                view! { <OptionFields form=fields catalogs /> }
            })}
        </div>
        <Field kind=SHEET form />
    }
    .into_any()
}
