//! Secrets at rest: sealed with ChaCha20-Poly1305 (RFC 8439) under one key of the shop, so that a copy of the database gives none away.
//!
//! A sealed value is a nonce of 12 random bytes and the ciphertext. What it is for is authenticated with it: what was
//! sealed for one purpose is of no use for another.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait as _};

use crate::config::Config;
use crate::database::Database;
use crate::entities::{schedule, setting, webhook};
use crate::error::{Error, Result};

#[derive(Clone)]
pub struct Vault(Arc<LessSafeKey>);

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// With the key of the settings, or with that of the key file, which is made when there is none.
    ///
    /// # Errors
    /// When the key is none, or its file cannot be read or written.
    pub fn open(config: &Config) -> Result<Self> {
        let text = match &config.secret_key {
            Some(key) => key.clone(),
            None => key_of(&config.secret_key_file)?,
        };
        let key = STANDARD
            .decode(text.trim())
            .ok()
            .and_then(|bytes| UnboundKey::new(&CHACHA20_POLY1305, &bytes).ok());
        let advice = "the key that keeps secrets must be 32 bytes in Base64; `openssl rand -base64 32` makes one";
        let key = key.ok_or_else(|| Error::Stored(advice.to_owned()))?;
        Ok(Self(Arc::new(LessSafeKey::new(key))))
    }

    #[must_use]
    pub fn seal(&self, of: &str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut sealed = plain.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(of), &mut sealed)
            .expect("what is sealed is small");
        [&nonce[..], &sealed].concat()
    }

    /// A pass to something that whoever has the same key takes, on whatever node.
    #[must_use]
    pub fn pass(&self, to: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.seal(to, b""))
    }

    #[must_use]
    pub fn takes(&self, to: &str, pass: &str) -> bool {
        let sealed = URL_SAFE_NO_PAD.decode(pass).unwrap_or_default();
        self.unseal(to, &sealed).is_ok()
    }

    /// # Errors
    /// When it was sealed with another key, or for something else.
    pub fn unseal(&self, of: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let failure = || Error::Stored("a secret was sealed with another key than this server has".to_owned());
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or_else(failure)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| failure())?;
        let mut rest = rest.to_vec();
        let plain = self
            .0
            .open_in_place(nonce, Aad::from(of), &mut rest)
            .map_err(|_| failure())?;
        Ok(plain.to_vec())
    }
}

/// Under which name the database keeps what only the right key opens.
const CHECK: &str = "secret_key_check";

impl Vault {
    /// Whether this is the key with which the secrets of this database were sealed. A database without secrets takes any.
    ///
    /// # Errors
    /// When it is another key: whoever sent to webhooks with it could not sign.
    pub async fn check(&self, database: &Database) -> Result<()> {
        let db = database.writer();
        let known = setting::Entity::find_by_id(CHECK).one(db).await?;
        let opens = known.as_ref().is_some_and(|row| {
            let sealed = STANDARD.decode(&row.value).unwrap_or_default();
            self.unseal(CHECK, &sealed).is_ok()
        });
        if opens {
            return Ok(());
        }
        let has_secrets =
            webhook::Entity::find().one(db).await?.is_some() || schedule::Entity::find().one(db).await?.is_some();
        if known.is_some() && has_secrets {
            let advice = "the key is not the one that the secrets of webhooks and schedules in this database were sealed with; \
                set STOCKROOM_SECRET_KEY to that one, or bring its file back";
            return Err(Error::Stored(advice.to_owned()));
        }
        let row = setting::ActiveModel {
            name: Set(CHECK.to_owned()),
            value: Set(STANDARD.encode(self.seal(CHECK, b"right"))),
        };
        let newest = OnConflict::column(setting::Column::Name)
            .update_column(setting::Column::Value)
            .to_owned();
        setting::Entity::insert(row).on_conflict(newest).exec(db).await?;
        Ok(())
    }
}

fn key_of(file: &Path) -> Result<String> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_key(file),
        Err(error) => Err(error.into()),
    }
}

/// Two processes that begin together make one key: the second one finds that of the first.
fn make_key(file: &Path) -> Result<String> {
    use std::io::Write as _;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let key = STANDARD.encode(rand::random::<[u8; 32]>());
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut whole = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .tempfile_in(folder)?;
    whole.write_all(key.as_bytes())?;
    whole.as_file().sync_all()?;
    match whole.persist_noclobber(file) {
        Ok(_) => Ok(key),
        Err(_) => Ok(std::fs::read_to_string(file)?),
    }
}

#[cfg(test)]
mod tests {
    use super::Vault;
    use crate::config::Config;

    fn vault(folder: &std::path::Path) -> Vault {
        Vault::open(&Config {
            secret_key_file: folder.join("secret.key"),
            ..Config::default()
        })
        .expect("a key")
    }

    #[test]
    fn what_is_sealed_is_had_back_by_the_same_key_for_the_same_thing_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let sealed = vault(folder.path()).seal("webhook", b"secret");
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(
            vault(folder.path()).unseal("webhook", &sealed).expect("the secret"),
            b"secret"
        );
        assert!(vault(folder.path()).unseal("headers", &sealed).is_err());
        let other = tempfile::tempdir().expect("a folder");
        assert!(vault(other.path()).unseal("webhook", &sealed).is_err());
        assert!(vault(folder.path()).unseal("webhook", b"short").is_err());
    }

    #[test]
    fn the_key_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        vault(folder.path());
        let mode = std::fs::metadata(folder.path().join("secret.key"))
            .expect("the file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_key_that_is_none_is_refused() {
        let config = Config {
            secret_key: Some("short".to_owned()),
            ..Config::default()
        };
        assert!(Vault::open(&config).is_err());
    }
}
