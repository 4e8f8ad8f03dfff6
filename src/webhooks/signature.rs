//! Signatures of Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, in Base64 after `v1,`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Before the key in Base64, so that a secret that has got lost is recognised.
const PREFIX: &str = "whsec_";

/// A key that signs: 32 random bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret([u8; 32]);

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

impl SigningSecret {
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }

    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As receivers get to know it.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0))
    }

    /// `v1,` and the signature. `timestamp` is in seconds since 1970.
    #[must_use]
    pub fn sign(&self, message_id: &str, timestamp: i64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{message_id}.{timestamp}.").as_bytes());
        mac.update(body.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::SigningSecret;

    /// The example of the specification's own libraries.
    #[test]
    fn a_signature_is_the_one_that_others_compute() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("Base64");
        let mut padded = [0; 32];
        padded[..key.len()].copy_from_slice(&key);
        // HMAC fills short keys up with zeros, so this is the same key.
        let secret = SigningSecret::from_bytes(&padded).expect("32 bytes");
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn the_library_of_the_specification_accepts_what_is_signed() {
        let secret = SigningSecret::random();
        let verifier = standardwebhooks::Webhook::new(&secret.to_text()).expect("a secret of the usual form");
        let now = time::OffsetDateTime::now_utc().unix_timestamp();
        let (id, body) = ("msg_01", r#"{"type":"ping"}"#);
        let ours = secret.sign(id, now, body);
        assert_eq!(ours, verifier.sign(id, now, body.as_bytes()).expect("a signature"));
    }
}
