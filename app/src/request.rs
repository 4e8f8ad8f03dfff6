//! What the server hands to pages and to server functions: who asks, and what may be asked of the domain.

use leptos::prelude::{use_context, with_context};
use stockroom::{
    accounts::{Preferences, Role, User},
    error::Error,
    problem::Problem,
    services::Services,
    settings::{NumberFormat, ShopSettings, UTC, zone},
    timestamp::Timestamp,
};

use crate::{draft::FormDraft, error::AppError, fields::use_fields, paths, response, revealed::Revealed, theme::Theme};

/// Provided as context for each page and each call of a server function.
#[derive(Clone)]
pub struct Request {
    pub services: Services,
    /// Path and query, as asked for.
    pub address: String,
    pub user: Option<User>,
    /// What a refused form left behind for this page. The server hands it out once.
    pub draft: Option<FormDraft>,
    /// A few words about what was done just before: "Product saved".
    pub said: Option<String>,
    /// A secret that this page shows, and no other will again.
    pub revealed: Option<Revealed>,
    /// What is wrong, when that is all that there is to show.
    pub failed: Option<Problem>,
    pub shop: ShopSettings,
    /// The address of this site as people type it.
    pub public_address: String,
    pub theme: Theme,
    /// Whether the first user may still be created.
    pub setup_open: bool,
}

/// The request that is being answered.
///
/// # Errors
/// When the server has provided none: a fault of ours.
pub fn current() -> Result<Request, AppError> {
    use_context::<Request>().ok_or_else(|| {
        let detail = "The page could not be prepared. Try again.";
        AppError::from(Problem::new(500, "There is a problem with the service", detail))
    })
}

/// The same, for those who have signed in.
///
/// # Errors
/// 401 for everybody else.
pub fn signed_in() -> Result<Request, AppError> {
    let request = current()?;
    if request.user.is_some() {
        return Ok(request);
    }
    let detail = "You are signed out. Sign in to continue.";
    Err(Problem::new(401, "Signed out", detail).into())
}

/// The same, for those who decide about others.
///
/// # Errors
/// 401 and 403 for everybody else.
pub fn administrator() -> Result<Request, AppError> {
    let request = signed_in()?;
    if request.user.as_ref().is_some_and(|user| user.role == Role::Admin) {
        return Ok(request);
    }
    let detail = "You need the role Administrator to see this. Ask an administrator.";
    Err(Problem::new(403, "Not allowed", detail).into())
}

impl From<Problem> for AppError {
    /// The response says so too, whether it is a page or the answer to a call.
    fn from(problem: Problem) -> Self {
        response::set_status(problem.status);
        Self(problem)
    }
}

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        Problem::from(error).into()
    }
}

/// The shop's currency: `EUR`.
#[must_use]
pub fn currency() -> String {
    current().map(|request| request.shop.currency).unwrap_or_default()
}

/// How the shop writes numbers.
#[must_use]
pub fn number_format() -> NumberFormat {
    with_context::<Request, _>(|request| request.shop.number_format).unwrap_or_default()
}

/// The zone by whose clocks the shop lives.
#[must_use]
pub fn time_zone() -> String {
    with_context::<Request, _>(|request| request.shop.time_zone.clone()).unwrap_or_else(|| UTC.to_owned())
}

/// A moment as it is read in the shop's zone: `2026-11-20 19:03:11 +01`.
#[must_use]
pub fn in_shops_zone(moment: &Timestamp) -> String {
    with_context::<Request, _>(|request| zone::shown(moment, &request.shop.time_zone))
        .unwrap_or_else(|| moment.in_utc())
}

/// The same, or the day alone where one begins then. `moment` stands in an address or a query.
#[must_use]
pub fn day_or_moment(moment: &str) -> String {
    zone::day_or_moment(&Timestamp::from_rfc3339(moment.to_owned()), &time_zone())
}

/// Whether whoever asks may change anything. Nothing is decided by it: it only spares people buttons that would be refused.
#[must_use]
pub fn may_edit() -> bool {
    current().is_ok_and(|request| request.user.is_some_and(|user| user.role >= Role::Editor))
}

/// What whoever asks has decided for themselves.
#[must_use]
pub fn preferences() -> Preferences {
    let user = current().ok().and_then(|request| request.user);
    user.map(|user| user.preferences).unwrap_or_default()
}

/// Whether whoever asks decides about others. As with [`may_edit`], nothing depends on it but what is shown.
#[must_use]
pub fn is_admin() -> bool {
    current().is_ok_and(|request| request.user.is_some_and(|user| user.role == Role::Admin))
}

/// The page of the table of products that somebody has come from.
#[must_use]
pub fn table() -> String {
    let request = current().ok();
    let draft = request.and_then(|request| request.draft);
    let typed = draft.and_then(|draft| draft.value(paths::TABLE).or_else(|| draft.value("next")));
    let table = use_fields().get(paths::TABLE).or(typed);
    table
        .filter(|table| paths::is_table(table))
        .unwrap_or_else(|| paths::PRODUCTS.to_owned())
}

/// The path and query of this page.
#[must_use]
pub fn here() -> String {
    current().map(|request| request.address).unwrap_or_default()
}
