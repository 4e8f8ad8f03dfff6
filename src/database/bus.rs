//! News between the processes of one database, by PostgreSQL's LISTEN and NOTIFY. With SQLite there is nobody to tell.
//!
//! News only makes others look sooner: it may be lost, and whoever depends on it looks now and then without it. It is sent outside all
//! transactions, because those that send any are committed one after the other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::DatabaseBackend;
use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Database;

const CHANNEL: &str = "stockroom";
/// Bytes of one piece of news, of which PostgreSQL takes less than 8,000.
const LONGEST: usize = 7_900;
/// What comes up meanwhile is sent together.
const APART: Duration = Duration::from_millis(50);
/// After the database has not answered.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Cloning is shallow.
#[derive(Clone, Debug)]
pub struct Bus(Arc<Outbox>);

#[derive(Debug)]
struct Outbox {
    /// No two processes ever have the same.
    from: String,
    // Held for a look into the map only, never across an await.
    waiting: Mutex<Waiting>,
    notify: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Whether somebody sends what is put here.
    is_sent: bool,
    /// The newest of each subject.
    news: BTreeMap<String, String>,
}

/// What a process hears of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    News {
        subject: String,
        body: String,
    },
    /// Nothing was heard for a while: there may have been any news.
    Gap,
}

impl Default for Bus {
    fn default() -> Self {
        Self(Arc::new(Outbox {
            from: ulid::Ulid::new().to_string(),
            waiting: Mutex::default(),
            notify: Notify::new(),
        }))
    }
}

impl Bus {
    /// Tells all other processes, in a moment; of one subject only what was told last. A subject is one line.
    pub fn tell(&self, subject: &str, body: String) {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_sent {
            waiting.news.insert(subject.to_owned(), body);
            self.0.notify.notify_one();
        }
    }

    /// Sends what is told, and gives what is heard to `hear`, until `stop` is cancelled.
    pub async fn run(&self, database: &Database, hear: impl Fn(Heard), stop: &CancellationToken) {
        if database.backend() != DatabaseBackend::Postgres {
            return;
        }
        let pool = database.writer().get_postgres_connection_pool();
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_sent = true;
        let both = async { tokio::join!(self.send(pool), self.listen(pool, hear)) };
        tokio::select! {
            _ = both => {}
            () = stop.cancelled() => {}
        }
    }

    async fn send(&self, pool: &PgPool) {
        loop {
            self.0.notify.notified().await;
            let texts = self.take();
            let send = sqlx::query("SELECT pg_notify($1, news) FROM unnest($2::text[]) AS news")
                .bind(CHANNEL)
                .bind(texts);
            if let Err(error) = send.execute(pool).await {
                tracing::debug!(%error, "news could not be sent to other nodes");
            }
            tokio::time::sleep(APART).await;
        }
    }

    fn take(&self) -> Vec<String> {
        let news = std::mem::take(&mut self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).news);
        let texts = news
            .into_iter()
            .map(|(subject, body)| format!("{}\n{subject}\n{body}", self.0.from));
        texts.filter(|text| text.len() <= LONGEST).collect()
    }

    async fn listen(&self, pool: &PgPool, hear: impl Fn(Heard)) {
        loop {
            if let Err(error) = self.hear_from(pool, &hear).await {
                tracing::debug!(%error, "nothing can be heard of other nodes for a moment");
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    async fn hear_from(&self, pool: &PgPool, hear: &impl Fn(Heard)) -> sqlx::Result<()> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        loop {
            hear(Heard::Gap);
            while let Some(notification) = listener.try_recv().await? {
                if let Some(news) = self.news(notification.payload()) {
                    hear(news);
                }
            }
        }
    }

    /// Nothing where it is what this process has sent itself.
    fn news(&self, text: &str) -> Option<Heard> {
        let (from, news) = text.split_once('\n')?;
        let (subject, body) = news.split_once('\n')?;
        (from != self.0.from).then(|| Heard::News {
            subject: subject.to_owned(),
            body: body.to_owned(),
        })
    }
}
