//! The audit log: who did what, when and from where. One line for each action, however many products it touched; never changed again, and
//! removed only when its time is over.
//!
//! A line is written in the transaction of what it tells of, so there is none without the other. What people decide for themselves alone
//! (colours, columns, shortcuts) has none, nor has what is only looked at. Exports of products and of this log have one; the files and problem rows
//! of imports, which whoever looks at an import may download, have none.

#[cfg(feature = "ssr")]
mod asked;
#[cfg(feature = "ssr")]
mod store;

use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub(crate) use store::{By, forget, is_there, record, record_alone};
#[cfg(feature = "ssr")]
pub use store::{csv, export, exported, list};

use crate::timestamp::Timestamp;

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// A person's e-mail address, or `API key` and its name, or `schedule` and its name.
    pub name: String,
    /// Where the request came from.
    pub address: Option<String>,
}

impl From<&str> for Actor {
    /// Somebody who acts from this machine.
    fn from(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            address: None,
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    ProductAdded,
    ProductChanged,
    ProductDeleted,
    ProductRestored,
    ProductPurged,
    ProductsExported,
    ViewSaved,
    ViewDeleted,
    PictureRequested,
    CatalogueAdded,
    CatalogueRenamed,
    CatalogueDeleted,
    ImportUploaded,
    ImportRepeated,
    JobConfirmed,
    JobCancelled,
    JobFinished,
    SignedIn,
    SignInRefused,
    SignInLocked,
    SignedOut,
    PasswordChanged,
    UserInvited,
    UserJoined,
    UserChanged,
    UserDisabled,
    UserEnabled,
    ApiKeyCreated,
    ApiKeyRevoked,
    SettingsChanged,
    AuditExported,
    WebhookAdded,
    WebhookChanged,
    WebhookDeleted,
    WebhookEnabled,
    WebhookDisabled,
    WebhookSecretRotated,
    WebhookSecretShown,
    WebhookTested,
    WebhookReplayed,
    WebhookReplayCancelled,
    ScheduleAdded,
    ScheduleChanged,
    SchedulePaused,
    ScheduleResumed,
    ScheduleDeleted,
    ScheduleRun,
    /// What a newer version has recorded and this one has no word for.
    Unknown,
}

impl Action {
    /// Those that this version records.
    pub const ALL: [Self; 47] = [
        Self::ProductAdded,
        Self::ProductChanged,
        Self::ProductDeleted,
        Self::ProductRestored,
        Self::ProductPurged,
        Self::ProductsExported,
        Self::ViewSaved,
        Self::ViewDeleted,
        Self::PictureRequested,
        Self::CatalogueAdded,
        Self::CatalogueRenamed,
        Self::CatalogueDeleted,
        Self::ImportUploaded,
        Self::ImportRepeated,
        Self::JobConfirmed,
        Self::JobCancelled,
        Self::JobFinished,
        Self::SignedIn,
        Self::SignInRefused,
        Self::SignInLocked,
        Self::SignedOut,
        Self::PasswordChanged,
        Self::UserInvited,
        Self::UserJoined,
        Self::UserChanged,
        Self::UserDisabled,
        Self::UserEnabled,
        Self::ApiKeyCreated,
        Self::ApiKeyRevoked,
        Self::SettingsChanged,
        Self::AuditExported,
        Self::WebhookAdded,
        Self::WebhookChanged,
        Self::WebhookDeleted,
        Self::WebhookEnabled,
        Self::WebhookDisabled,
        Self::WebhookSecretRotated,
        Self::WebhookSecretShown,
        Self::WebhookTested,
        Self::WebhookReplayed,
        Self::WebhookReplayCancelled,
        Self::ScheduleAdded,
        Self::ScheduleChanged,
        Self::SchedulePaused,
        Self::ScheduleResumed,
        Self::ScheduleDeleted,
        Self::ScheduleRun,
    ];

    /// As it is stored and sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ProductAdded => "product_added",
            Self::ProductChanged => "product_changed",
            Self::ProductDeleted => "product_deleted",
            Self::ProductRestored => "product_restored",
            Self::ProductPurged => "product_purged",
            Self::ProductsExported => "products_exported",
            Self::ViewSaved => "view_saved",
            Self::ViewDeleted => "view_deleted",
            Self::PictureRequested => "picture_requested",
            Self::CatalogueAdded => "catalogue_added",
            Self::CatalogueRenamed => "catalogue_renamed",
            Self::CatalogueDeleted => "catalogue_deleted",
            Self::ImportUploaded => "import_uploaded",
            Self::ImportRepeated => "import_repeated",
            Self::JobConfirmed => "job_confirmed",
            Self::JobCancelled => "job_cancelled",
            Self::JobFinished => "job_finished",
            Self::SignedIn => "signed_in",
            Self::SignInRefused => "sign_in_refused",
            Self::SignInLocked => "sign_in_locked",
            Self::SignedOut => "signed_out",
            Self::PasswordChanged => "password_changed",
            Self::UserInvited => "user_invited",
            Self::UserJoined => "user_joined",
            Self::UserChanged => "user_changed",
            Self::UserDisabled => "user_disabled",
            Self::UserEnabled => "user_enabled",
            Self::ApiKeyCreated => "api_key_created",
            Self::ApiKeyRevoked => "api_key_revoked",
            Self::SettingsChanged => "settings_changed",
            Self::AuditExported => "audit_exported",
            Self::WebhookAdded => "webhook_added",
            Self::WebhookChanged => "webhook_changed",
            Self::WebhookDeleted => "webhook_deleted",
            Self::WebhookEnabled => "webhook_enabled",
            Self::WebhookDisabled => "webhook_disabled",
            Self::WebhookSecretRotated => "webhook_secret_rotated",
            Self::WebhookSecretShown => "webhook_secret_shown",
            Self::WebhookTested => "webhook_tested",
            Self::WebhookReplayed => "webhook_replayed",
            Self::WebhookReplayCancelled => "webhook_replay_cancelled",
            Self::ScheduleAdded => "schedule_added",
            Self::ScheduleChanged => "schedule_changed",
            Self::SchedulePaused => "schedule_paused",
            Self::ScheduleResumed => "schedule_resumed",
            Self::ScheduleDeleted => "schedule_deleted",
            Self::ScheduleRun => "schedule_run",
            Self::Unknown => "unknown",
        }
    }

    /// As people read it, before the name of what it was done to.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::ProductAdded => "Added product",
            Self::ProductChanged => "Changed product",
            Self::ProductDeleted => "Moved product to the bin",
            Self::ProductRestored => "Restored product",
            Self::ProductPurged => "Deleted product for good",
            Self::ProductsExported => "Exported products",
            Self::ViewSaved => "Saved view",
            Self::ViewDeleted => "Deleted view",
            Self::PictureRequested => "Asked again for picture",
            Self::CatalogueAdded => "Added catalogue",
            Self::CatalogueRenamed => "Renamed catalogue",
            Self::CatalogueDeleted => "Deleted catalogue",
            Self::ImportUploaded => "Uploaded file",
            Self::ImportRepeated => "Began again with file",
            Self::JobConfirmed => "Confirmed",
            Self::JobCancelled => "Cancelled",
            Self::JobFinished => "Finished",
            Self::SignedIn => "Signed in",
            Self::SignInRefused => "Sign-in refused",
            Self::SignInLocked => "Sign-in locked after too many attempts",
            Self::SignedOut => "Signed out",
            Self::PasswordChanged => "Changed password",
            Self::UserInvited => "Invited user",
            Self::UserJoined => "Accepted invitation",
            Self::UserChanged => "Changed user",
            Self::UserDisabled => "Disabled user",
            Self::UserEnabled => "Enabled user",
            Self::ApiKeyCreated => "Created API key",
            Self::ApiKeyRevoked => "Revoked API key",
            Self::SettingsChanged => "Changed settings",
            Self::AuditExported => "Exported the audit log",
            Self::WebhookAdded => "Added webhook",
            Self::WebhookChanged => "Changed webhook",
            Self::WebhookDeleted => "Deleted webhook",
            Self::WebhookEnabled => "Enabled webhook",
            Self::WebhookDisabled => "Disabled webhook",
            Self::WebhookSecretRotated => "Replaced the secret of webhook",
            Self::WebhookSecretShown => "Looked at the secret of webhook",
            Self::WebhookTested => "Tested webhook",
            Self::WebhookReplayed => "Sent again to webhook",
            Self::WebhookReplayCancelled => "Stopped sending again to webhook",
            Self::ScheduleAdded => "Added schedule",
            Self::ScheduleChanged => "Changed schedule",
            Self::SchedulePaused => "Paused schedule",
            Self::ScheduleResumed => "Resumed schedule",
            Self::ScheduleDeleted => "Deleted schedule",
            Self::ScheduleRun => "Ran schedule",
            Self::Unknown => "Did what only a newer version of Stockroom has a word for:",
        }
    }
}

impl std::str::FromStr for Action {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|action| action.code() == code).ok_or(())
    }
}

/// What something was done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    pub kind: ObjectKind,
    pub id: Option<i64>,
    /// As it was called then.
    pub name: String,
}

impl Object {
    #[must_use]
    pub fn new(kind: ObjectKind, id: i64, name: impl Into<String>) -> Self {
        Self {
            kind,
            id: Some(id),
            name: name.into(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    Product,
    View,
    Picture,
    Catalogue,
    Import,
    User,
    ApiKey,
    Shop,
    Webhook,
    Schedule,
    /// As [`Action::Unknown`].
    Unknown,
}

impl ObjectKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::View => "view",
            Self::Picture => "picture",
            Self::Catalogue => "catalogue",
            Self::Import => "import",
            Self::User => "user",
            Self::ApiKey => "api_key",
            Self::Shop => "shop",
            Self::Webhook => "webhook",
            Self::Schedule => "schedule",
            Self::Unknown => "unknown",
        }
    }
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub id: i64,
    pub made_at: Timestamp,
    pub actor: Actor,
    pub action: Action,
    pub object: Option<Object>,
    /// Particulars: for a change, each field with its value before and after.
    pub fields: Option<serde_json::Value>,
}

/// Which lines are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    /// The whole name, without regard to case.
    pub actor: Option<String>,
    pub action: Option<Action>,
    /// The whole name of what it was done to, without regard to case.
    pub object: Option<String>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::{Action, ObjectKind};

    #[test]
    fn what_is_stored_is_read_again() {
        for action in Action::ALL {
            assert_eq!(action.code().parse::<Action>(), Ok(action));
            assert_eq!(serde_json::to_value(action).expect("JSON"), action.code());
        }
        for kind in [
            ObjectKind::Product,
            ObjectKind::View,
            ObjectKind::Picture,
            ObjectKind::Catalogue,
            ObjectKind::Import,
            ObjectKind::User,
            ObjectKind::ApiKey,
            ObjectKind::Shop,
            ObjectKind::Webhook,
            ObjectKind::Schedule,
        ] {
            assert_eq!(serde_json::to_value(kind).expect("JSON"), kind.as_str());
        }
    }
}
