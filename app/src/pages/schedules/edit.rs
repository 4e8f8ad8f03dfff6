//! A new schedule.

use leptos::prelude::*;

use super::form::{FIELDS, ScheduleForm, defaults};
use crate::{
    components::{
        card::Card,
        error_summary::ErrorSummary,
        not_allowed::NotAllowed,
        page_header::{BackLink, PageHeader},
    },
    draft::Form,
    paths, request,
    title::PageTitle,
};

#[component]
pub fn NewSchedulePage() -> impl IntoView {
    let form = Form::of(request::current().ok().and_then(|request| request.draft), defaults());
    let mark = if form.problem.is_some() { "Error: " } else { "" };
    let body = if request::is_admin() {
        view! {
            {form.problem.clone().map(|problem| view! { <ErrorSummary problem fields=&FIELDS /> })}
            <div class="max-w-[45rem]">
                <Card title="New schedule">
                    <ScheduleForm action=paths::SCHEDULES.to_owned() button="Add schedule" form />
                </Card>
            </div>
        }
        .into_any()
    } else {
        view! { <NotAllowed role="Administrator" what="schedules" /> }.into_any()
    };
    view! {
        <PageTitle text=format!("{mark}Add schedule") />
        <BackLink href=paths::SCHEDULES label="Schedules" />
        <PageHeader title="Add schedule" />
        {body}
    }
    .into_any()
}
