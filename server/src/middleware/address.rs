//! Where a request comes from: the other end of its connection, or, behind proxies that the operator trusts, what they say of it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use crate::state::{AppState, Policy};

/// The other end of the connection, as the accept loop sees it.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Where a request comes from, in the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

pub async fn find(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if let Some(Peer(peer)) = request.extensions().get::<Peer>() {
        let client = client(
            peer.ip().to_canonical(),
            request.headers(),
            &state.policy.trusted_proxies,
        );
        request.extensions_mut().insert(ClientAddress(client));
    }
    next.run(request).await
}

/// Whether the other end of a connection is a proxy that the operator trusts.
pub fn is_proxy(Peer(peer): &Peer, policy: &Policy) -> bool {
    let address = peer.ip().to_canonical();
    policy.trusted_proxies.iter().any(|network| network.contains(&address))
}

/// From the end of the list each proxy has added the address that it was asked from; the first one that is no trusted proxy's counts.
/// Anybody may write anything before that.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut client = peer;
    let said = headers.get_all("x-forwarded-for").iter().rev();
    let said = said.filter_map(|value| value.to_str().ok());
    for address in said.flat_map(|value| value.rsplit(',')) {
        if !trusted.iter().any(|network| network.contains(&client)) {
            break;
        }
        let Ok(address) = address.trim().parse::<IpAddr>() else {
            break;
        };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::{HeaderMap, HeaderValue};
    use ipnet::IpNet;

    use super::client;

    fn asked(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().expect("a network")).collect();
        client(address(peer), &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_but_a_trusted_proxy_is_believed() {
        assert_eq!(asked("192.0.2.1", &["198.51.100.9"], &[]), "192.0.2.1");
        assert_eq!(asked("192.0.2.1", &["198.51.100.9"], &["192.0.2.1/32"]), "198.51.100.9");
        let forged = ["10.0.0.1, 198.51.100.9", "192.0.2.2"];
        assert_eq!(asked("192.0.2.1", &forged, &["192.0.2.0/24"]), "198.51.100.9");
        assert_eq!(asked("192.0.2.1", &forged, &["192.0.2.1/32"]), "192.0.2.2");
        assert_eq!(asked("192.0.2.1", &["rubbish"], &["192.0.2.1/32"]), "192.0.2.1");
    }
}
