//! What the forms of accounts, invitations and API keys post to.

use app::paths;
use app::revealed::{Revealed, RevealedKind};
use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use stockroom::accounts::{self, NewApiKey, Role, Secret};
use stockroom::audit::Actor;
use stockroom::error::Error;
use stockroom::problem::Problem;
use tower_sessions::Session;

use super::forms::{Fields, field, refused, say, see, session_failed};
use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::middleware::address::ClientAddress;
use crate::middleware::authenticate::Caller;
use crate::session::{REVEALED, person};
use crate::state::AppState;

pub async fn invite(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let email = field(&fields, "email").trim();
    let invited = match role(&fields) {
        Ok(role) => accounts::invite(&state.services.database, field(&fields, "name"), email, role, &actor).await,
        Err(problem) => Err(problem.into()),
    };
    match invited {
        Ok(secret) => {
            let link = invitation_link(&state, &secret);
            reveal(&session, RevealedKind::Invitation, email, link).await?;
            Ok(see(paths::USERS))
        }
        Err(error) => refused(&session, paths::USERS, error, fields).await,
    }
}

pub async fn renew_link(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(user): Path<String>,
) -> Result<Response, Refusal> {
    let user = id(&user, "account")?;
    match accounts::renew_invitation(&state.services.database, user, &actor).await {
        Ok((email, secret)) => {
            let link = invitation_link(&state, &secret);
            reveal(&session, RevealedKind::Invitation, &email, link).await?;
            Ok(see(paths::USERS))
        }
        Err(error) => refused(&session, paths::USERS, error, Fields::new()).await,
    }
}

pub async fn change_user(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(user): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let user = id(&user, "account")?;
    let changed = match role(&fields) {
        Ok(role) => accounts::change(&state.services.database, user, field(&fields, "name"), role, &actor).await,
        Err(problem) => Err(problem.into()),
    };
    done(&session, changed, "User saved").await
}

pub async fn disable_user(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(user): Path<String>,
) -> Result<Response, Refusal> {
    let disabled = accounts::disable(&state.services.database, id(&user, "account")?, &actor).await;
    done(&session, disabled, "User disabled").await
}

pub async fn enable_user(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(user): Path<String>,
) -> Result<Response, Refusal> {
    let enabled = accounts::enable(&state.services.database, id(&user, "account")?, &actor).await;
    done(&session, enabled, "User enabled").await
}

async fn done(session: &Session, outcome: Result<(), Error>, words: &str) -> Result<Response, Refusal> {
    match outcome {
        Ok(()) => {
            say(session, words).await?;
            Ok(see(paths::USERS))
        }
        Err(error) => refused(session, paths::USERS, error, Fields::new()).await,
    }
}

fn role(fields: &Fields) -> Result<Role, Problem> {
    field(fields, "role")
        .parse()
        .map_err(|_| Problem::unprocessable("Choose a role.").with_field("role", "Choose a role."))
}

fn invitation_link(state: &AppState, secret: &Secret) -> String {
    let path = paths::with_query(paths::INVITE, &[("token", secret.as_str().to_owned())]);
    format!("{}{path}", state.policy.public_address)
}

async fn reveal(session: &Session, kind: RevealedKind, name: &str, secret: String) -> Result<(), Refusal> {
    let revealed = Revealed {
        kind,
        name: name.to_owned(),
        secret,
    };
    session.insert(REVEALED, revealed).await.map_err(session_failed)
}

/// Whoever was invited chooses a password and is signed in.
pub async fn accept_invitation(
    State(state): State<AppState>,
    from: Option<Extension<ClientAddress>>,
    session: Session,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let services = &state.services;
    let token = field(&fields, "token");
    let from = from.map(|Extension(from)| from.0.to_string());
    let password = field(&fields, "password");
    match accounts::accept(
        &services.database,
        &services.passwords,
        token,
        password,
        from.as_deref(),
    )
    .await
    {
        Ok(signed_in) => {
            person::begin(&session, &signed_in, false)
                .await
                .map_err(session_failed)?;
            Ok(see("/"))
        }
        Err(error) => {
            let address = paths::with_query(paths::INVITE, &[("token", token.to_owned())]);
            refused(&session, &address, error, Fields::new()).await
        }
    }
}

pub async fn change_password(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let Caller::User(user) = caller else {
        return Err(Problem::not_found("account").into());
    };
    let services = &state.services;
    let passwords = (field(&fields, "present"), field(&fields, "password"));
    match accounts::change_password(&services.database, &services.passwords, user.id, passwords, &actor).await {
        Ok(epoch) => {
            person::go_on(&session, epoch).await.map_err(session_failed)?;
            say(&session, "Password changed. Other sessions are signed out.").await?;
            Ok(see(paths::SETTINGS))
        }
        Err(error) => refused(&session, paths::SETTINGS, error, Fields::new()).await,
    }
}

pub async fn create_api_key(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let name = field(&fields, "name");
    let created = match (role(&fields), days(&fields)) {
        (Ok(role), Ok(days)) => {
            accounts::create_api_key(&state.services.database, NewApiKey { name, role, days }, &actor).await
        }
        (Err(problem), _) | (_, Err(problem)) => Err(problem.into()),
    };
    match created {
        Ok(secret) => {
            reveal(&session, RevealedKind::ApiKey, name.trim(), secret.as_str().to_owned()).await?;
            Ok(see(paths::API_KEYS))
        }
        Err(error) => refused(&session, paths::API_KEYS, error, fields).await,
    }
}

fn days(fields: &Fields) -> Result<Option<i64>, Problem> {
    let message = "Enter a number of days between 1 and 3,650, or leave it blank.";
    match field(fields, "days").trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| Problem::unprocessable(message).with_field("days", message)),
    }
}

pub async fn revoke_api_key(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(key): Path<String>,
) -> Result<Response, Refusal> {
    accounts::revoke_api_key(&state.services.database, id(&key, "API key")?, &actor).await?;
    say(&session, "API key revoked").await?;
    Ok(see(paths::API_KEYS))
}
