//! 69: connections that break, and receivers over TLS. Whoever cannot prove who they are gets nothing, and the log says why.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use stockroom::outbound::Names;
use stockroom::testing::{Kind, Receiver, Reply, Shop};
use time::{Duration, OffsetDateTime};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::answers::text;
use super::receivers::{listening, outcome};
use crate::site::{Site, ask};

const NAME: &str = "hooks.example";

/// An authority of one's own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn called(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A server that accepts every call, certified for `name` until then.
    async fn serve(&self, name: &str, until: OffsetDateTime) -> (u16, JoinHandle<()>) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        params.not_before = until - Duration::days(30);
        params.not_after = until;
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        accept_over_tls(certificate.der().clone(), key).await
    }
}

/// A server whose certificate nobody but itself has signed.
async fn serve_self_signed(name: &str) -> (u16, JoinHandle<()>) {
    let own = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
    accept_over_tls(own.cert.der().clone(), key).await
}

async fn accept_over_tls(certificate: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> (u16, JoinHandle<()>) {
    drop(ring::default_provider().install_default());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a server");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut stream = BufReader::new(stream);
            let mut length = 0;
            let mut line = String::new();
            while stream.read_line(&mut line).await.is_ok_and(|read| read > 2) {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or(0);
                }
                line.clear();
            }
            drop(stream.read_exact(&mut vec![0; length]).await);
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            drop(stream.get_mut().write_all(answer).await);
            drop(stream.get_mut().shutdown().await);
        }
    });
    (port, task)
}

fn names() -> Names {
    let here: IpAddr = "127.0.0.1".parse().expect("an address");
    Names::Listed(Arc::new(RwLock::new(HashMap::from([(NAME.to_owned(), vec![here])]))))
}

pub async fn broken_connections(kind: Kind) {
    let site = Site::on(kind).await;
    for (reply, error) in [
        (Reply::Silence, "timeout"),
        (Reply::Reset, "broken"),
        (Reply::Raw(Vec::new()), "broken"),
        (Reply::Raw(b"HTTP/1.1 200".to_vec()), "broken"),
        (Reply::Raw(b"220 mail.example ESMTP\r\n".to_vec()), "broken"),
        (Reply::Raw(b"\0\0\0\0".to_vec()), "broken"),
    ] {
        let (delivery, _) = outcome(&site, reply.clone()).await;
        let attempt = &delivery["history"][0];
        assert_eq!(
            (text(&delivery["status"]), text(&attempt["error_kind"])),
            ("retrying", error),
            "{reply:?}: {attempt}"
        );
        assert!(attempt["response_status"].is_null(), "{reply:?}: {attempt}");
    }
    // Of an answer whose body breaks off the status is known, and that decides.
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
    let (delivery, _) = outcome(&site, Reply::Raw(half)).await;
    let attempt = &delivery["history"][0];
    assert_eq!(
        (text(&delivery["status"]), attempt["response_is_cut"].as_bool()),
        ("delivered", Some(true)),
        "{attempt}"
    );
    bad_certificates(kind).await;
}

async fn bad_certificates(kind: Kind) {
    let ours = Authority::called("Our shop");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &ours.pem).expect("written");
    let ca_file: PathBuf = file.path().to_owned();
    let mut shop = Shop::open_with(kind, |config| config.webhook_ca_file = Some(ca_file)).await;
    let services = shop.neighbour_with(names()).await;
    shop.services = services;
    let site = Site::over(shop, &[]).await;
    let (now, days) = (OffsetDateTime::now_utc(), Duration::days(20));
    let (good, _one) = ours.serve(NAME, now + days).await;
    let (expired, _two) = ours.serve(NAME, now - Duration::days(1)).await;
    let (other_name, _three) = ours.serve("else.example", now + days).await;
    let (stranger, _four) = Authority::called("Somebody").serve(NAME, now + days).await;
    let (self_signed, _five) = serve_self_signed(NAME).await;
    let plain = Receiver::answering(|_, _| Reply::Reset).await;
    for (port, expected) in [
        (good, None),
        (expired, Some("expired")),
        (other_name, Some("another name")),
        (stranger, Some("not trusted")),
        (self_signed, Some("not trusted")),
        // It does not speak TLS at all.
        (plain.port(), Some("")),
    ] {
        let webhook = listening(&site, &format!("https://{NAME}:{port}/hook")).await;
        let (status, trial) = ask(&site, "POST", &format!("/webhooks/{webhook}/test"), None).await;
        assert_eq!(
            (status, trial["delivered"].as_bool()),
            (200, Some(expected.is_none())),
            "{trial}"
        );
        let path = format!("/webhooks/{webhook}/deliveries/{}", trial["delivery_id"]);
        let attempt = ask(&site, "GET", &path, None).await.1["history"][0].clone();
        match expected {
            None => assert!(attempt["error_kind"].is_null(), "{attempt}"),
            Some("") => assert!(
                ["connect", "timeout", "tls", "broken"].contains(&text(&attempt["error_kind"])),
                "{attempt}"
            ),
            Some(words) => {
                assert_eq!(text(&attempt["error_kind"]), "tls", "{attempt}");
                assert!(text(&attempt["error"]).contains(words), "{attempt}");
            }
        }
    }
}
