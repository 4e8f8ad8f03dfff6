//! The header: name, main navigation, theme, who is signed in. Below 768 px all but the name is behind "Menu".

use leptos::prelude::*;
use leptos_router::components::A;

use crate::{
    components::icon::{Icon, LOGO, MENU},
    paths, request,
    theme::Theme,
};

#[component]
pub fn Header(email: String, theme: Theme) -> impl IntoView {
    let shop = request::current().map(|request| request.shop.name).unwrap_or_default();
    let shop =
        (!shop.is_empty()).then(|| view! { <span class="max-w-48 truncate font-normal text-muted">{shop}</span> });
    view! {
        <header class="relative border-b border-line bg-surface">
            <div class="mx-auto flex min-h-13 w-full max-w-[90rem] flex-wrap items-center gap-x-6 px-4 md:px-6">
                <a href=paths::HOME class="flex items-center gap-2 py-1 text-lg font-semibold tracking-tight">
                    <span class="text-accent">
                        <Icon path=LOGO />
                    </span>
                    "Stockroom"
                    {shop}
                </a>
                <div class="hidden grow items-center gap-6 md:flex">
                    <Links />
                    <Account email=email.clone() theme />
                </div>
                <SmallMenu email theme />
            </div>
        </header>
    }
    .into_any()
}

/// The same for narrow windows.
#[component]
fn SmallMenu(email: String, theme: Theme) -> impl IntoView {
    view! {
        <details class="menu ml-auto md:hidden">
            <summary class="btn btn-plain">
                <Icon path=MENU />
                "Menu"
            </summary>
            <div class="menu-panel">
                <Links />
                <Account email theme />
            </div>
        </details>
    }
}

#[component]
fn Links() -> impl IntoView {
    const ALL: [(&str, &str, &str); 6] = [
        (paths::HOME, "Dashboard", "d"),
        (paths::PRODUCTS, "Products", "p"),
        (paths::CATALOGUES, "Catalogues", "c"),
        (paths::IMPORTS, "Imports", "i"),
        (paths::WEBHOOKS, "Webhooks", "w"),
        (paths::SETTINGS, "Settings", "s"),
    ];
    let link = |(href, label, key): (&'static str, &'static str, &'static str)| {
        view! {
            <li>
                <A href=href exact=href == paths::HOME attr:class="nav-link" attr:data-go=key>
                    {label}
                </A>
            </li>
        }
    };
    view! {
        <nav aria-label="Main">
            <ul class="flex flex-col gap-1 md:flex-row">{ALL.map(link)}</ul>
        </nav>
    }
}

#[component]
fn Account(email: String, theme: Theme) -> impl IntoView {
    view! {
        <div class="flex flex-col gap-3 md:ml-auto md:flex-row md:items-center">
            <ThemeSwitch theme />
            <span class="truncate text-sm text-muted">
                <span class="sr-only">"Signed in as "</span>
                {email}
            </span>
            <form method="post" action=paths::LOGOUT>
                <button class="btn btn-secondary">"Sign out"</button>
            </form>
        </div>
    }
}

/// Three buttons of one form, so that it works without the script.
#[component]
fn ThemeSwitch(theme: Theme) -> impl IntoView {
    let here = request::current().map(|request| request.address).unwrap_or_default();
    let button = |choice: Theme| {
        view! {
            <button class="segment" name="theme" value=choice.as_str() aria-pressed=(choice == theme).to_string()>
                {choice.label()}
            </button>
        }
        .into_any()
    };

    view! {
        <form method="post" action=paths::THEME>
            <input type="hidden" name="next" value=here />
            <div role="group" aria-label="Theme" class="segments">
                {Theme::ALL.map(button)}
            </div>
        </form>
    }
}
