//! What the forms of the webhooks' pages post to.

use app::draft::KEPT;
use app::paths;
use app::revealed::{Revealed, RevealedKind};
use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use stockroom::asked;
use stockroom::audit::Actor;
use stockroom::error::Error;
use stockroom::problem::Problem;
use stockroom::webhooks::draft::WebhookText;
use stockroom::webhooks::{self, EventKind};
use tower_sessions::Session;

use super::forms::{Fields, field, refused, say, see, session_failed};
use crate::api::params::id;
use crate::api::respond::Refusal;
use crate::session::REVEALED;
use crate::state::AppState;

/// Names and values as the form sends them, `events` once for each box that is ticked.
type Pairs = Vec<(String, String)>;

/// The same with each name once, as the form shows it again.
fn once(pairs: Pairs) -> Fields {
    let mut fields = Fields::from([("events".to_owned(), String::new())]);
    for (name, value) in pairs {
        match fields.get_mut(&name).filter(|_| name == "events") {
            Some(events) if events.is_empty() => *events = value,
            Some(events) => *events = format!("{events},{value}"),
            None => drop(fields.insert(name, value)),
        }
    }
    fields
}

fn text(fields: &Fields) -> Result<WebhookText, Problem> {
    let given = |name: &str| Some(field(fields, name).to_owned());
    let number = |name: &str| -> Result<Option<i64>, Problem> {
        asked::number(&mut fields.clone(), name).map_err(|mut problem| {
            problem.status = 422;
            problem
        })
    };
    let events = field(fields, "events").split(',').filter(|name| !name.is_empty());
    Ok(WebhookText {
        url: given("url"),
        description: given("description"),
        events: Some(events.map(str::to_owned).collect()),
        bulk: given("bulk"),
        headers: Some(headers(field(fields, "headers"))),
        rate_per_second: number("rate_per_second")?,
        concurrency: number("concurrency")?,
        timeout_seconds: number("timeout_seconds")?,
        ordered: Some(field(fields, "ordered") == "true"),
        enabled: None,
    })
}

/// One header in a line. A value that is not shown stays as it is.
fn headers(text: &str) -> Vec<(String, Option<String>)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let header = |line: &str| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.trim();
        (name.trim().to_owned(), (value != KEPT).then(|| value.to_owned()))
    };
    lines.map(header).collect()
}

pub async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let fields = once(pairs);
    let added = match text(&fields) {
        Ok(text) => webhooks::add(&state.services, &text, None, &actor).await,
        Err(problem) => Err(problem.into()),
    };
    match added {
        Ok((webhook, _)) => {
            say(&session, "Webhook added").await?;
            reveal(&session, webhook.id).await?;
            Ok(see(&paths::webhook(webhook.id)))
        }
        Err(error) => refused(&session, paths::NEW_WEBHOOK, error, fields).await,
    }
}

pub async fn update(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(webhook): Path<String>,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Refusal> {
    let webhook = id(&webhook, "webhook")?;
    let fields = once(pairs);
    let changed = match text(&fields) {
        Ok(text) => webhooks::update(&state.services, webhook, &text, &actor).await,
        Err(problem) => Err(problem.into()),
    };
    match changed {
        Ok(_) => {
            say(&session, "Webhook saved").await?;
            Ok(see(&paths::webhook(webhook)))
        }
        Err(error) => refused(&session, &paths::webhook(webhook), error, fields).await,
    }
}

pub async fn enable(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(webhook): Path<String>,
) -> Result<Response, Refusal> {
    let webhook = id(&webhook, "webhook")?;
    webhooks::enable(&state.services, webhook, &actor).await?;
    done(&session, webhook, "Webhook enabled").await
}

pub async fn disable(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(webhook): Path<String>,
) -> Result<Response, Refusal> {
    let webhook = id(&webhook, "webhook")?;
    webhooks::disable(&state.services, webhook, &actor).await?;
    done(&session, webhook, "Webhook disabled").await
}

pub async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(webhook): Path<String>,
) -> Result<Response, Refusal> {
    webhooks::delete(&state.services, id(&webhook, "webhook")?, &actor).await?;
    say(&session, "Webhook deleted").await?;
    Ok(see(paths::WEBHOOKS))
}

/// Shows the secret, once more.
pub async fn reveal_secret(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(webhook): Path<String>,
) -> Result<Response, Refusal> {
    let webhook = id(&webhook, "webhook")?;
    webhooks::reveal(&state.services, webhook, &actor).await?;
    reveal(&session, webhook).await?;
    Ok(see(&paths::webhook(webhook)))
}

pub async fn rotate_secret(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(webhook): Path<String>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let webhook = id(&webhook, "webhook")?;
    let overlap = asked::number(&mut fields, "overlap_hours")?.unwrap_or(24);
    match webhooks::rotate_secret(&state.services, webhook, overlap, &actor).await {
        Ok(_) => {
            reveal(&session, webhook).await?;
            done(&session, webhook, "Secret replaced").await
        }
        Err(error) => refused(&session, &paths::webhook(webhook), error, Fields::new()).await,
    }
}

pub async fn test(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(webhook): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let webhook = id(&webhook, "webhook")?;
    let Ok(kind) = field(&fields, "event").parse::<EventKind>() else {
        let problem = Problem::unprocessable("Choose one of the events.");
        return refused(&session, &paths::webhook(webhook), problem.into(), Fields::new()).await;
    };
    let delivery = webhooks::test(&state.services, webhook, kind, &actor).await?;
    Ok(see(&paths::tested_webhook(webhook, delivery.id)))
}

/// Sends one delivery again and shows it.
pub async fn send_again(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let (webhook, delivery) = (id(&webhook, "webhook")?, id(&delivery, "delivery")?);
    let address = paths::delivery(delivery);
    match webhooks::send_again(&state.services, webhook, delivery, &actor).await {
        Ok(()) => {
            say(&session, "It is being sent again").await?;
            Ok(see(&address))
        }
        Err(error) => refused(&session, &address, error, Fields::new()).await,
    }
}

/// Sends again all that failed or was kept since a moment.
pub async fn replay(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path(webhook): Path<String>,
    Form(mut fields): Form<Fields>,
) -> Result<Response, Refusal> {
    let webhook = id(&webhook, "webhook")?;
    let since = asked::moment(&mut fields, "since")?;
    let replayed = match since {
        Some(since) => webhooks::replay_failed(&state.services, webhook, &since, &actor)
            .await
            .map(drop),
        None => Err(Error::from(Problem::unprocessable("Choose a period."))),
    };
    match replayed {
        Ok(()) => done(&session, webhook, "They are being sent again").await,
        Err(error) => refused(&session, &paths::webhook_replay(webhook), error, Fields::new()).await,
    }
}

pub async fn cancel_replay(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    session: Session,
    Path((webhook, replay)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let (webhook, replay) = (id(&webhook, "webhook")?, id(&replay, "replay")?);
    webhooks::cancel_replay(&state.services, webhook, replay, &actor).await?;
    done(&session, webhook, "Stopped").await
}

async fn done(session: &Session, webhook: i64, words: &str) -> Result<Response, Refusal> {
    say(session, words).await?;
    Ok(see(&paths::webhook(webhook)))
}

/// The next page shows the secret. Only which one is kept in the session: the secret itself lies nowhere unsealed.
async fn reveal(session: &Session, webhook: i64) -> Result<(), Refusal> {
    let revealed = Revealed {
        kind: RevealedKind::SigningSecret,
        name: webhook.to_string(),
        secret: String::new(),
    };
    session.insert(REVEALED, revealed).await.map_err(session_failed)
}
