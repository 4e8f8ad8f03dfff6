//! Passwords: hashed with Argon2id, a few at a time, away from the async threads.
//!
//! Each hash takes 19 MiB (OWASP's first choice: m = 19 MiB, t = 2, p = 1). The semaphore bounds what a flood of sign-ins can take.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::error::{Error, Result};
use crate::problem::Problem;

/// Hashes that may be computed at the same time.
const AT_ONCE: usize = 2;
/// Characters. Short ones are guessed; there is no rule about which characters they hold (NIST SP 800-63B).
const LEAST: usize = 10;
/// Bytes. Nobody types more, and hashing is not for free.
const MOST: usize = 1_024;

/// A hash of no password at all, checked when there is no such account, so that both answers take the same time.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c3RvY2tyb29tLW5vYm9keQ$3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Cloning is shallow.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Passwords {
    /// # Errors
    /// When the password is too short or too long.
    pub async fn hash(&self, password: &str) -> Result<String> {
        check(password)?;
        let password = password.as_bytes().to_vec();
        self.in_turn(move || Argon2::default().hash_password(&password).map(|hash| hash.to_string()))
            .await
    }

    /// Whether `password` is the one that was hashed; without a hash it takes as long and is always wrong.
    ///
    /// # Errors
    /// When the stored hash cannot be read.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        if password.len() > MOST {
            return Ok(false);
        }
        let (password, known) = (password.as_bytes().to_vec(), hash.is_some());
        let hash = hash.unwrap_or(NOBODY).to_owned();
        let right = self
            .in_turn(move || {
                let parsed = PasswordHash::new(&hash)?;
                Ok(Argon2::default().verify_password(&password, &parsed).is_ok())
            })
            .await?;
        Ok(right && known)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> argon2::password_hash::Result<T> + Send + 'static,
    ) -> Result<T> {
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|closed| Error::Password(closed.to_string()))?;
        spawn_blocking(work)
            .await?
            .map_err(|error| Error::Password(error.to_string()))
    }
}

fn check(password: &str) -> Result<()> {
    let message = if password.chars().count() < LEAST {
        format!("Enter a password of at least {LEAST} characters.")
    } else if password.len() > MOST {
        format!("Enter a password of at most {MOST} characters.")
    } else if password.contains('\0') {
        "Enter a password without control characters.".to_owned()
    } else {
        return Ok(());
    };
    Err(Problem::unprocessable(message.clone())
        .with_field("password", message)
        .into())
}

#[cfg(test)]
mod tests {
    use super::Passwords;

    #[tokio::test]
    async fn only_the_right_password_of_a_real_account_is_right() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse battery").await.expect("a hash");
        assert!(
            passwords
                .verify("correct horse battery", Some(&hash))
                .await
                .expect("an answer")
        );
        assert!(!passwords.verify("correct horse", Some(&hash)).await.expect("an answer"));
        assert!(
            !passwords
                .verify("correct horse battery", None)
                .await
                .expect("an answer")
        );
    }

    #[tokio::test]
    async fn short_and_endless_passwords_are_refused() {
        let passwords = Passwords::default();
        assert!(passwords.hash("short").await.is_err());
        assert!(passwords.hash(&"x".repeat(1_000_000)).await.is_err());
    }
}
