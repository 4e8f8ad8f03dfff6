//! What the form beside a picture posts to.

use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use stockroom::audit::Actor;
use stockroom::pictures;
use tower_sessions::Session;

use super::forms::{Fields, field, own_address, say, see};
use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::state::AppState;

/// Asks again for a picture that could not be had, and goes back to its product.
pub async fn fetch_again(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(picture): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    pictures::retry(&state.services.database, id(&picture, "picture")?, &actor).await?;
    state.services.picture_wake.wake();
    say(&session, "The picture will be fetched again").await?;
    Ok(see(own_address(field(&fields, "next"))))
}
