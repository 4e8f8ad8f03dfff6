//! Who or what set each field to the value that it has now.

use leptos::prelude::*;
use stockroom::changes::{FieldOrigin, OriginJob};

use super::history::{label, value_in_words};
use crate::{
    components::{
        card::Card,
        table::{Cell, Column, Table},
        time::Time,
    },
    paths,
    wording::{grouped, job_of},
};

#[component]
pub fn Origins(origins: Vec<FieldOrigin>, catalogs: Vec<(i64, String)>) -> impl IntoView {
    let head = view! {
        <Column title="Field" />
        <Column title="Set by" />
        <Column title="When" />
        <Column title="Before that" />
    };
    let body = origins
        .into_iter()
        .map(|origin| row(origin, &catalogs))
        .collect_view()
        .into_any();
    view! {
        <Card title="Who set each field">
            <Table label="Who set each field" head=head.into_any() body />
        </Card>
    }
    .into_any()
}

fn row(origin: FieldOrigin, catalogs: &[(i64, String)]) -> impl IntoView + use<> {
    let before = match &origin.before {
        Some(value) => value_in_words(&origin.field, value, catalogs),
        None => "Added with this value".to_owned(),
    };
    let title = label(&origin.field).to_owned();
    view! {
        <tr role="row">
            <th role="rowheader" scope="row">
                {title}
            </th>
            <Cell label="Set by">{set_by(origin.job, origin.row, origin.made_by)}</Cell>
            <Cell label="When">
                <Time moment=origin.made_at />
            </Cell>
            <Cell label="Before that">
                <span class="wrap-anywhere">{before}</span>
            </Cell>
        </tr>
    }
}

fn set_by(job: Option<OriginJob>, row: Option<i64>, person: Option<String>) -> AnyView {
    let Some(job) = job else {
        let person = person.unwrap_or_else(|| "somebody".to_owned());
        return view! { <span class="wrap-anywhere">{person}</span> }.into_any();
    };
    let Some(kind) = job.kind else {
        return format!("Job #{}", job.id).into_any();
    };
    let particulars = match row {
        Some(row) => format!("{}, row {}", job.name, grouped(row)),
        None => job.name,
    };
    view! {
        <a class="link" href=paths::import(job.id)>
            {job_of(kind, job.id)}
        </a>
        <span class="block text-sm text-muted wrap-anywhere">{particulars}</span>
    }
    .into_any()
}
