//! How the shop is doing: figures of this moment, what was counted and measured in the last two days, and what somebody must look after.
//!
//! It only looks: nothing here changes anything of the shop. Whatever it asks of the database costs the same however many products there
//! are. What is counted by each process ([`tally`]) is added up in `samples`, so that several of them give one picture.

mod alerts;
mod figures;
pub mod history;
mod measure;
#[cfg(feature = "ssr")]
pub mod sampler;
#[cfg(feature = "ssr")]
mod samples;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
mod system;
#[cfg(feature = "ssr")]
pub mod tally;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use store::{figures, look, troubles};
#[cfg(feature = "ssr")]
pub use system::system;

pub use alerts::{Alert, Severity, Subject, alerts};
pub use figures::{
    Breaker, COUNTED_AT_MOST, DatabaseFigures, Figures, ImportFigures, KeyFileTrouble, OpenImport, PictureFigures,
    Process, ScheduleFigures, System, WebhookFigures,
};
pub use history::{History, Sample, Series};
pub use measure::{Measure, Summing, Unit};

/// All that there is to see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Monitoring {
    pub figures: Figures,
    pub system: System,
    pub alerts: Vec<Alert>,
    pub history: History,
}
