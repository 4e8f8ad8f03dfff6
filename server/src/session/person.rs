//! What a session knows of whoever signed in, and when that is over.

use serde::{Deserialize, Serialize};
use stockroom::accounts::SignedIn;
use time::{Duration, OffsetDateTime};
use tower_sessions::session::Error;
use tower_sessions::{Expiry, Session};

use crate::state::Policy;

const PERSON: &str = "person";
/// "Keep me signed in": that long, used or not.
const REMEMBERED: Duration = Duration::days(30);
/// How exactly the last use of a session is known.
const NOTICED_EVERY: i64 = 60;

/// Moments are seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: i64,
    pub epoch: i64,
    began: i64,
    seen: i64,
    remembered: bool,
}

/// What became of a session since it was last used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Nobody,
    Known(Person),
    /// Somebody was signed in, for too long or too long ago.
    Over,
}

/// Signs somebody in, under a new id: one that was known before the sign-in is worth nothing after it.
pub async fn begin(session: &Session, signed_in: &SignedIn, remembered: bool) -> Result<(), Error> {
    session.cycle_id().await?;
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let person = Person {
        id: signed_in.user.id,
        epoch: signed_in.epoch,
        began: now,
        seen: now,
        remembered,
    };
    if remembered {
        session.set_expiry(Some(Expiry::OnInactivity(REMEMBERED)));
    }
    session.insert(PERSON, person).await
}

/// Goes on under a new number after the account's other sessions have been ended, and under a new id.
pub async fn go_on(session: &Session, epoch: i64) -> Result<(), Error> {
    let Some(person) = session.get::<Person>(PERSON).await? else {
        return Ok(());
    };
    session.cycle_id().await?;
    session.insert(PERSON, Person { epoch, ..person }).await
}

/// Who it is, with a note that they are still there.
pub async fn look(session: &Session, policy: &Policy) -> Result<State, Error> {
    let Some(person) = session.get::<Person>(PERSON).await? else {
        return Ok(State::Nobody);
    };
    let now = OffsetDateTime::now_utc().unix_timestamp();
    if is_over(&person, now, policy) {
        session.flush().await?;
        return Ok(State::Over);
    }
    if person.remembered {
        // Said anew with each request: otherwise the usual time would count from the first one on.
        session.set_expiry(Some(Expiry::OnInactivity(REMEMBERED)));
    }
    if now - person.seen >= NOTICED_EVERY {
        session.insert(PERSON, Person { seen: now, ..person }).await?;
    }
    Ok(State::Known(person))
}

fn is_over(person: &Person, now: i64, policy: &Policy) -> bool {
    let lasts = if person.remembered {
        REMEMBERED
    } else {
        policy.session_lasts
    };
    let idle = !person.remembered && now - person.seen > policy.session_idle.whole_seconds();
    idle || now - person.began > lasts.whole_seconds()
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::{Person, is_over};
    use crate::state::Policy;

    #[test]
    fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
        let policy = Policy {
            session_idle: Duration::minutes(30),
            session_lasts: Duration::hours(12),
            ..Policy::default()
        };
        let person = |began, seen, remembered| Person {
            id: 1,
            epoch: 0,
            began,
            seen,
            remembered,
        };
        let hours = |hours: i64| hours * 3_600;
        assert!(!is_over(&person(0, hours(1), false), hours(1) + 1_800, &policy));
        assert!(is_over(&person(0, hours(1), false), hours(1) + 1_801, &policy));
        assert!(is_over(&person(0, hours(12), false), hours(12) + 1, &policy));
        assert!(!is_over(&person(0, 0, true), hours(24 * 29), &policy));
        assert!(is_over(&person(0, hours(24 * 30), true), hours(24 * 30) + 1, &policy));
    }
}
