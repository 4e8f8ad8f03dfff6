//! What the server hands to pages and to server functions: who asks, and what may be asked of the domain.

use leptos::prelude::use_context;
use stockroom::{
    accounts::{Role, User},
    error::Error,
    problem::Problem,
    services::Services,
};

use crate::{draft::FormDraft, error::AppError, response, theme::Theme};

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
    current()
        .map(|request| request.services.config.currency.clone())
        .unwrap_or_default()
}

/// Whether whoever asks may change anything. Nothing is decided by it: it only spares people buttons that would be refused.
#[must_use]
pub fn may_edit() -> bool {
    current().is_ok_and(|request| request.user.is_some_and(|user| user.role >= Role::Editor))
}
