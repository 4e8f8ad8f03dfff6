//! Settings: one's own, the shop's, and who may do what.

pub mod api_keys;
pub mod audit;
pub mod general;
pub mod invite;
pub mod reveal;
pub mod users;

use leptos::prelude::*;

use crate::{paths, request};

/// The ways between the settings; those of administrators are shown to them only.
#[component]
pub fn Tabs() -> impl IntoView {
    const ALL: [(&str, &str, bool); 5] = [
        (paths::SETTINGS, "General", false),
        (paths::USERS, "Users", true),
        (paths::API_KEYS, "API keys", true),
        (paths::AUDIT, "Audit log", true),
        (paths::MONITORING, "Monitoring", true),
    ];
    let here = request::here();
    let path = here.split('?').next().unwrap_or_default().to_owned();
    let is_admin = request::is_admin();
    let tabs: Vec<_> = ALL
        .into_iter()
        .filter(|(_, _, for_admins)| is_admin || !for_admins)
        .map(|(href, label, _)| {
            let current = (href == path).then_some("page");
            view! {
                <li>
                    <a class="nav-link" href=href aria-current=current>
                        {label}
                    </a>
                </li>
            }
        })
        .collect();
    view! {
        <nav aria-label="Settings" class="mb-4">
            <ul class="flex flex-wrap gap-1">{tabs}</ul>
        </nav>
    }
    .into_any()
}
