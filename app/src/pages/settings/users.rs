//! Who may sign in, and as what.

use leptos::prelude::*;
use stockroom::accounts::{Account, AccountStatus, Role};

use super::{Tabs, reveal::Reveal};
use crate::{
    components::{
        card::Card,
        error_summary::ErrorSummary,
        field::{Choice, Field, FieldKind},
        page_header::PageHeader,
        problem_view::ProblemView,
        status_tag::{Status, StatusTag},
        table::{Cell, Column, Table},
        time::Time,
    },
    draft::Form,
    error::AppError,
    pages::awaited,
    paths, request,
    server_fns::staff::list_staff,
    title::PageTitle,
};

const EMAIL: FieldKind = FieldKind {
    name: "email",
    label: "Email address",
    hint: None,
    input_type: "email",
    input_mode: None,
    autocomplete: "off",
};
const NAME: FieldKind = FieldKind {
    name: "name",
    label: "Name",
    hint: Some("May be left blank."),
    input_type: "text",
    ..EMAIL
};

/// Roles to choose from.
pub fn roles() -> Vec<(String, String)> {
    let described = |role: Role| match role {
        Role::Viewer => "Viewer: looks at everything",
        Role::Editor => "Editor: changes products and imports files",
        Role::Admin => "Administrator: also decides who may do what",
    };
    Role::ALL
        .map(|role| (role.as_str().to_owned(), described(role).to_owned()))
        .to_vec()
}

#[component]
pub fn UsersPage() -> impl IntoView {
    let form = Form::from(request::current().ok().and_then(|request| request.draft));
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    view! {
        <PageTitle text=format!("{mark}Users") />
        {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&["email", "name", "role"] /> })}
        <PageHeader title="Users" />
        <Tabs />
        <Reveal />
        {awaited(async move {
            match list_staff().await {
                Ok(staff) => view! { <Staff staff /> }.into_any(),
                Err(AppError(problem)) => {
                    view! { <ProblemView heading="Users could not be loaded." problem /> }.into_any()
                }
            }
        })}
        <div class="mt-4 max-w-[45rem]">
            <Invite form />
        </div>
    }
    .into_any()
}

#[component]
fn Invite(form: Form) -> impl IntoView {
    view! {
        <Card title="Invite somebody">
            <form method="post" action=paths::USERS novalidate class="flex flex-col gap-4">
                <Field kind=EMAIL form=form.clone() />
                <Field kind=NAME form=form.clone() />
                <Choice name="role" label="Role" all=roles() form />
                <p class="text-muted">"You get a link to send to them. With it they choose a password."</p>
                <div>
                    <button class="btn btn-primary">"Invite user"</button>
                </div>
            </form>
        </Card>
    }
    .into_any()
}

#[component]
fn Staff(staff: Vec<Account>) -> impl IntoView {
    let head = view! {
        <Column title="Email address" />
        <Column title="Name" />
        <Column title="Role" />
        <Column title="Status" />
        <Column title="Last sign-in" />
        <Column title="Actions" />
    };
    let body = staff.into_iter().map(row).collect_view().into_any();
    view! { <Table label="Users" head=head.into_any() body /> }.into_any()
}

fn row(account: Account) -> impl IntoView {
    let name = if account.name.is_empty() {
        "–".to_owned()
    } else {
        account.name.clone()
    };
    let seen = match account.last_sign_in_at.clone() {
        Some(moment) => view! { <Time moment /> }.into_any(),
        None => view! { "Never" }.into_any(),
    };
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                <span class="wrap-anywhere">{account.email.clone()}</span>
            </th>
            <Cell label="Name">
                <span class="wrap-anywhere">{name}</span>
            </Cell>
            <Cell label="Role">{account.role.label()}</Cell>
            <Cell label="Status">
                <StatusTag status=Status::of_account(account.status) />
            </Cell>
            <Cell label="Last sign-in">{seen}</Cell>
            <Cell label="Actions">
                <Actions account />
            </Cell>
        </tr>
    }
}

#[component]
fn Actions(account: Account) -> impl IntoView {
    let id = account.id;
    let of_this = |action: &str| format!("{}/{action}", paths::user(id));
    let whose = account.email.clone();
    let link = (account.status != AccountStatus::Disabled).then(|| {
        let label = if account.status == AccountStatus::Invited {
            "New invitation link"
        } else {
            "Link for a new password"
        };
        view! { <PostButton action=of_this("link") label whose=whose.clone() /> }
    });
    let switch = if account.status == AccountStatus::Disabled {
        view! { <PostButton action=of_this("enable") label="Enable" whose=whose.clone() /> }
    } else {
        view! { <PostButton action=of_this("disable") label="Disable" whose=whose.clone() /> }
    };
    view! {
        <details class="menu">
            <summary class="link w-fit">
                "Change"
                <span class="sr-only">" "{whose.clone()}</span>
            </summary>
            <div class="mt-2 flex flex-col gap-3">
                <RoleForm account />
                <div class="flex flex-wrap gap-2">{link} {switch}</div>
            </div>
        </details>
    }
    .into_any()
}

#[component]
fn PostButton(action: String, label: &'static str, whose: String) -> impl IntoView {
    view! {
        <form method="post" action=action>
            <button class="btn btn-secondary">
                {label}
                <span class="sr-only">" for "{whose}</span>
            </button>
        </form>
    }
}

#[component]
fn RoleForm(account: Account) -> impl IntoView {
    let id = |name: &str| format!("{name}-{}", account.id);
    let options: Vec<_> = Role::ALL
        .into_iter()
        .map(|role| {
            view! {
                <option value=role.as_str() selected=role == account.role>
                    {role.label()}
                </option>
            }
        })
        .collect();
    view! {
        <form method="post" action=paths::user(account.id) class="flex flex-wrap items-end gap-2">
            <div class="field">
                <label class="label" for=id("name")>
                    "Name"
                </label>
                <input class="input" id=id("name") name="name" value=account.name.clone() autocomplete="off" />
            </div>
            <div class="field">
                <label class="label" for=id("role")>
                    "Role"
                </label>
                <select class="input" id=id("role") name="role">
                    {options}
                </select>
            </div>
            <button class="btn btn-primary">
                "Save"
                <span class="sr-only">" "{account.email.clone()}</span>
            </button>
        </form>
    }
    .into_any()
}
