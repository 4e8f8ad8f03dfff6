//! A plan that waits: what it would do to how many products, and the buttons that begin it or drop it.

use leptos::prelude::*;
use stockroom::{
    imports::{
        Import,
        plan::{BulkAction, BulkPlan, Plan, Proof, Selection, UndoPlan},
    },
    page::PageRequest,
    products::ProductQuery,
    webhooks::{BulkPolicy, Webhook, WebhookStatus},
};

use super::{checked::Checked, matching::Matching};
use crate::{
    components::{
        banner::{Banner, Tone},
        card::Card,
        error_summary::ErrorSummary,
        export_state::{ExportLink, ExportState},
        field::{Field, FieldKind, described_by},
        field_error::FieldError,
        not_allowed::NotAllowed,
    },
    draft::Form,
    fields::use_fields,
    pages::awaited,
    paths, request,
    search::{ProductSearch, filters_in_words},
    server_fns::{catalogs::list_catalogs, imports::sample_plan, webhooks::list_webhooks},
    wording::{counted, grouped},
};

const NUMBER: FieldKind = FieldKind {
    name: "number",
    label: "Number of products",
    hint: None,
    input_type: "text",
    input_mode: Some("numeric"),
    autocomplete: "off",
};

#[component]
pub fn Review(import: Import) -> impl IntoView {
    let id = import.job_id;
    let draft = request::current().ok().and_then(|request| request.draft);
    if import.kind.has_file() {
        return match import.review.clone().filter(|_| use_fields().get("match").is_none()) {
            Some(review) => view! { <Checked import review form=Form::from(draft) /> }.into_any(),
            None if request::may_edit() => view! { <Matching import draft /> }.into_any(),
            None => view! { <NotAllowed /> }.into_any(),
        };
    }
    let form = Form::from(draft);
    let body = match import.plan.clone() {
        Some(Plan::Bulk(plan)) => view! { <BulkReview id plan form=form.clone() /> }.into_any(),
        Some(Plan::Undo(plan)) => view! { <UndoReview id plan /> }.into_any(),
        None => ().into_any(),
    };
    view! {
        {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&["number", "understood"] /> })}
        <div class="max-w-[45rem]">{body}</div>
    }
    .into_any()
}

#[component]
fn BulkReview(id: i64, plan: BulkPlan, form: Form) -> impl IntoView {
    let count = plan.reviewed.unwrap_or(0);
    let products = counted(count, "product", "products");
    let consequence = consequence(plan.action);
    let selection = plan.selection.clone();
    let export = match &selection {
        Selection::Ids(ids) => ProductSearch::default().of_ids(ids),
        Selection::Matching(query) => ProductSearch::of((**query).clone()),
    };
    let closes = plan.closes_catalog.is_some();
    let named = catalogs_of(&plan);
    view! {
        <Card title="Review">
            <p class="text-lg">
                <strong class="tabular-nums">{products}</strong>
                " "
                {what_happens(plan.action)}
            </p>
            {awaited(async move {
                let catalogs = list_catalogs(named).await.unwrap_or_default().known;
                let sample = sample_plan(id).await.unwrap_or_default();
                let which = which(&selection, &catalogs);
                let to = match plan.action {
                    BulkAction::Move { catalog_id: Some(to) } => {
                        Some(format!("They go to {}.", crate::wording::catalogue(&to.to_string(), &catalogs)))
                    }
                    _ => None,
                };
                view! {
                    <p class="mt-2">{which} {to.map(|to| format!(" {to}"))}</p>
                    <Sample sample count />
                }
            })}
            <p class="mt-2">{consequence}</p>
            <Told />
            {closes.then(|| view! { <p class="mt-2">"When they have gone, the catalogue is deleted."</p> })}
            <p class="mt-2 mb-4">
                <ExportLink
                    class="link"
                    href=export.export_address("csv")
                    file="products.csv"
                    label="Export these products first"
                />
            </p>
            <ExportState />
            {request::may_edit().then(|| view! { <Step id plan form /> })}
        </Card>
    }
    .into_any()
}

/// The catalogue that the products are in, and the one they go to.
fn catalogs_of(plan: &BulkPlan) -> Vec<i64> {
    let from = match &plan.selection {
        Selection::Matching(query) => query.catalog_id,
        Selection::Ids(_) => None,
    };
    let to = match plan.action {
        BulkAction::Move { catalog_id } => catalog_id,
        _ => None,
    };
    from.into_iter().chain(to).collect()
}

/// What takes products away is asked about twice.
#[component]
fn Step(id: i64, plan: BulkPlan, form: Form) -> impl IntoView {
    let count = plan.reviewed.unwrap_or(0);
    let button = plan.action.in_words(&counted(count, "product", "products"));
    let proof = plan.proof();
    if proof != Proof::Nothing && use_fields().get("confirm").is_some() {
        return view! { <Confirm id proof button form /> }.into_any();
    }
    let next = if proof == Proof::Nothing {
        view! {
            <form method="post" action=paths::apply_import(id)>
                <button class="btn btn-primary">{button}</button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <a class="btn btn-secondary" href=paths::confirm_import(id)>
                "Continue"
            </a>
        }
        .into_any()
    };
    view! {
        <div class="flex flex-wrap gap-2">
            {next} <Drop id />
        </div>
    }
    .into_any()
}

/// Who else hears of it.
#[component]
pub fn Told() -> impl IntoView {
    let all = PageRequest {
        size: Some(100),
        ..PageRequest::default()
    };
    awaited(async move {
        let webhooks = list_webhooks(all).await.map(|page| page.items).unwrap_or_default();
        let lines: Vec<_> = told(&webhooks)
            .into_iter()
            .map(|line| view! { <p class="mt-2">{line}</p> })
            .collect();
        lines
    })
}

/// One line for each manner in which webhooks are told.
fn told(webhooks: &[Webhook]) -> Vec<String> {
    let enabled = || {
        webhooks
            .iter()
            .filter(|webhook| webhook.status == WebhookStatus::Enabled)
    };
    let line = |policy: BulkPolicy| {
        let count = enabled().filter(|webhook| webhook.bulk == policy).count();
        let webhooks = counted(i64::try_from(count).unwrap_or(0), "webhook gets", "webhooks get");
        let what = match policy {
            BulkPolicy::Summary => "one call when it is finished",
            BulkPolicy::Batches => "the changes in batches of up to 500 products",
            BulkPolicy::Each => "one call for each product",
        };
        (count > 0).then(|| format!("{webhooks} {what}."))
    };
    BulkPolicy::ALL.into_iter().filter_map(line).collect()
}

#[component]
fn Sample(sample: Vec<String>, count: i64) -> impl IntoView {
    if sample.is_empty() {
        return ().into_any();
    }
    let rest = count - sample.len() as i64;
    let more = (rest > 0).then(|| format!(" and {} more", grouped(rest)));
    let named: Vec<_> = sample
        .into_iter()
        .map(|sku| view! { <li><code class="font-mono text-sm wrap-anywhere">{sku}</code></li> })
        .collect();
    view! {
        <ul class="mt-2 flex flex-wrap gap-x-4">{named} <li class="text-muted tabular-nums">{more}</li></ul>
    }
    .into_any()
}

/// The filter in words: the button says the number, this says of what.
fn which(selection: &Selection, catalogs: &[(i64, String)]) -> String {
    match selection {
        Selection::Ids(_) => "Those that you have selected.".to_owned(),
        Selection::Matching(query) if **query == ProductQuery::default() => "All products of the shop.".to_owned(),
        Selection::Matching(query) => format!("All that match: {}.", filters_in_words(query, catalogs).join("; ")),
    }
}

fn what_happens(action: BulkAction) -> &'static str {
    match action {
        BulkAction::Delete => "will be moved to the bin.",
        BulkAction::Restore => "will be restored from the bin.",
        BulkAction::Purge => "will be deleted for good.",
        BulkAction::Activate => "will be active.",
        BulkAction::Deactivate => "will be inactive.",
        BulkAction::Move { .. } => "will be in another catalogue, or in none.",
    }
}

fn consequence(action: BulkAction) -> &'static str {
    match action {
        BulkAction::Delete => {
            "They leave all lists. They can be restored from the bin, and the whole deletion can be undone. Products that come in from now on are not touched."
        }
        BulkAction::Purge => "Their history goes with them. This can't be undone.",
        _ => "It can be undone as a whole. Products that come in from now on are not touched.",
    }
}

/// The second question: the number is typed, so that it has been read.
#[component]
fn Confirm(id: i64, proof: Proof, button: String, form: Form) -> impl IntoView {
    view! {
        <form method="post" action=paths::apply_import(id) novalidate class="flex flex-col gap-3">
            <ProofFields proof form />
            <div>
                <button class="btn btn-danger">{button}</button>
            </div>
        </form>
        <div class="mt-2">
            <Drop id />
        </div>
    }
    .into_any()
}

/// What somebody does besides pressing the button.
#[component]
pub fn ProofFields(proof: Proof, form: Form) -> impl IntoView {
    if let Proof::Number(count) = proof {
        return view! {
            <p>"Type the number of products, " <strong class="tabular-nums">{count.to_string()}</strong> ", to confirm."</p>
            <Field kind=NUMBER form />
        }
        .into_any();
    }
    let error = form.error("understood");
    let is_wrong = error.is_some().then_some("true");
    let described_by = described_by("understood", false, error.is_some());
    view! {
        <div class="field">
            {error.map(|error| view! { <FieldError name="understood" error /> })}
            <label class="choice">
                <input
                    type="checkbox"
                    id="understood"
                    name="understood"
                    value="true"
                    aria-describedby=described_by
                    aria-invalid=is_wrong
                />
                "I understand what this does"
            </label>
        </div>
    }
    .into_any()
}

#[component]
pub fn Drop(id: i64) -> impl IntoView {
    view! {
        <form method="post" action=paths::cancel_import(id)>
            <button class="btn btn-secondary">"Cancel"</button>
        </form>
    }
}

#[component]
fn UndoReview(id: i64, plan: UndoPlan) -> impl IntoView {
    let since = (plan.changed_since > 0).then(|| {
        let (were, stay) = if plan.changed_since == 1 {
            ("was", "stays")
        } else {
            ("were", "stay")
        };
        let text = format!(
            "{} {were} changed by somebody since, and {stay} as {}. They are listed afterwards.",
            counted(plan.changed_since, "product", "products"),
            if plan.changed_since == 1 { "it is" } else { "they are" }
        );
        view! { <Banner tone=Tone::Warning title="Some products are kept"><p>{text}</p></Banner> }
    });
    let import = plan.import;
    let reopens = plan
        .reopens
        .map(|catalog| view! { <p class="mb-4">{format!("They come back into the catalogue {}, which is made again if it is gone.", catalog.name)}</p> });
    view! {
        <Card title="Review">
            <p class="text-lg">
                <strong class="tabular-nums">{counted(plan.reversible, "product", "products")}</strong>
                " will be as before "
                <a class="link" href=paths::import(import)>
                    "job #"
                    {import}
                </a>
                "."
            </p>
            <p class="mt-2 mb-4">
                "What it added goes to the bin, what it changed gets its old values, and what it deleted comes back. The undo can be undone itself."
            </p>
            {reopens}
            {since}
            {request::may_edit()
                .then(|| {
                    view! {
                        <div class="flex flex-wrap gap-2">
                            <form method="post" action=paths::apply_import(id)>
                                <button class="btn btn-primary">"Undo these changes"</button>
                            </form>
                            <Drop id />
                        </div>
                    }
                })}
        </Card>
    }
    .into_any()
}
