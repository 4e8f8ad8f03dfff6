//! The application: its routes and what surrounds every page.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::pages::{
    catalogue::CataloguePage,
    catalogues::CataloguesPage,
    frame::Frame,
    home::HomePage,
    import::{ImportPage, correct::CorrectPage},
    imports::ImportsPage,
    login::LoginPage,
    monitoring::MonitoringPage,
    new_import::NewImportPage,
    new_product::NewProductPage,
    not_found::NotFoundPage,
    product::ProductPage,
    products::ProductsPage,
    schedules::{detail::SchedulePage, edit::NewSchedulePage, list::SchedulesPage},
    settings::{api_keys::ApiKeysPage, audit::AuditPage, general::SettingsPage, invite::InvitePage, users::UsersPage},
    setup::SetupPage,
    webhooks::{
        delivery::DeliveryPage, detail::WebhookPage, edit::NewWebhookPage, list::WebhooksPage, log::DeliveriesPage,
        replay::ReplayPage,
    },
};

/// All pages. They are rendered as a whole (`Async`), so that nothing waits for the script.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();

    view! {
        <Router>
            <Frame>
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=path!("/") view=HomePage ssr=SsrMode::Async />
                    <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async />
                    <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async />
                    <Route path=path!("/products") view=ProductsPage ssr=SsrMode::Async />
                    <Route path=path!("/products/new") view=NewProductPage ssr=SsrMode::Async />
                    <Route path=path!("/products/:id") view=ProductPage ssr=SsrMode::Async />
                    <Route path=path!("/catalogues") view=CataloguesPage ssr=SsrMode::Async />
                    <Route path=path!("/catalogues/:id") view=CataloguePage ssr=SsrMode::Async />
                    <Route path=path!("/imports") view=ImportsPage ssr=SsrMode::Async />
                    <Route path=path!("/imports/new") view=NewImportPage ssr=SsrMode::Async />
                    <Route path=path!("/imports/schedules") view=SchedulesPage ssr=SsrMode::Async />
                    <Route path=path!("/imports/schedules/new") view=NewSchedulePage ssr=SsrMode::Async />
                    <Route path=path!("/imports/schedules/:id") view=SchedulePage ssr=SsrMode::Async />
                    <Route path=path!("/imports/:id") view=ImportPage ssr=SsrMode::Async />
                    <Route path=path!("/imports/:id/correct") view=CorrectPage ssr=SsrMode::Async />
                    <Route path=path!("/webhooks") view=WebhooksPage ssr=SsrMode::Async />
                    <Route path=path!("/webhooks/new") view=NewWebhookPage ssr=SsrMode::Async />
                    <Route path=path!("/webhooks/:id") view=WebhookPage ssr=SsrMode::Async />
                    <Route path=path!("/webhooks/:id/deliveries") view=DeliveriesPage ssr=SsrMode::Async />
                    <Route path=path!("/webhooks/:id/replay") view=ReplayPage ssr=SsrMode::Async />
                    <Route path=path!("/deliveries/:id") view=DeliveryPage ssr=SsrMode::Async />
                    <Route path=path!("/invite") view=InvitePage ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/users") view=UsersPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/api-keys") view=ApiKeysPage ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async />
                    <Route path=path!("/monitoring") view=MonitoringPage ssr=SsrMode::Async />
                </FlatRoutes>
            </Frame>
        </Router>
    }
}
