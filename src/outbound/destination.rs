//! Which addresses may be called. What this decides is asked when an address is saved, and again for every connection.
//!
//! Webhooks, pictures and scheduled imports make this server call where somebody else says, so it must not reach what only this server can reach: itself, its
//! network, and the services that clouds offer on addresses of their own. The ranges are those of the IANA special-purpose registries (RFC 6890
//! and its updates), with those that carry an IPv4 address inside (RFC 4291, 6052, 3056, 4380).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use reqwest::Url;

/// What an operator allows beyond public addresses over https.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Addresses that begin with `http:`.
    pub allow_http: bool,
    /// Networks of one's own that may be called.
    pub allowed_networks: Vec<IpNet>,
}

/// Why an address may not be called, in words for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("Enter an address that begins with https://, such as https://example.com/hooks.")]
    NoAddress,
    #[error(
        "Enter an address that begins with https://. Addresses with http:// must be allowed by whoever runs Stockroom."
    )]
    NotEncrypted,
    #[error("Leave user name and password out of the address. Use an additional header for a key.")]
    Credentials,
    #[error("Port {0} belongs to another service. Use an address with the usual port, or one from 1024 on.")]
    Port(u16),
    #[error("Enter an address of at most 2,000 characters.")]
    TooLong,
    #[error("{0} is not a public address. Networks of one's own must be allowed by whoever runs Stockroom.")]
    Private(String),
}

/// Characters of an address.
const LENGTH_MAX: usize = 2_000;

/// Names that stand for this machine or its network, wherever they are looked up.
const OWN_NAMES: [&str; 6] = ["localhost", "local", "internal", "intranet", "home.arpa", "lan"];

/// Reads an address and says whether it may be called, as far as that can be seen without looking its name up.
///
/// # Errors
/// Why not.
pub fn check(text: &str, policy: &Policy) -> Result<Url, Refused> {
    let text = text.trim();
    if text.len() > LENGTH_MAX {
        return Err(Refused::TooLong);
    }
    // The parser would quietly remove line breaks and mend slashes.
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let well_begun = rest.is_some_and(|rest| !rest.starts_with('/'));
    if !well_begun || text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(Refused::NoAddress);
    }
    let url = Url::parse(text).map_err(|_| Refused::NoAddress)?;
    // It is kept as it is sent, in ASCII, and asked again for every call: what is accepted now must be so then.
    if url.as_str().len() > LENGTH_MAX {
        return Err(Refused::TooLong);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::Credentials);
    }
    if url.scheme() != "https" && !policy.allow_http {
        return Err(Refused::NotEncrypted);
    }
    if let Some(port) = url.port().filter(|port| is_taken(*port)) {
        return Err(Refused::Port(port));
    }
    check_host(&url, policy)?;
    Ok(url)
}

/// Addresses that are written out are never looked up, so nobody else would see them.
fn check_host(url: &Url, policy: &Policy) -> Result<(), Refused> {
    let Some(host) = url.host_str() else {
        return Err(Refused::NoAddress);
    };
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = literal.parse::<IpAddr>() {
        return is_allowed(address, policy)
            .then_some(())
            .ok_or_else(|| Refused::Private(literal.to_owned()));
    }
    let name = host.trim_end_matches('.');
    let own = OWN_NAMES
        .iter()
        .any(|own| name == *own || name.strip_suffix(own).is_some_and(|rest| rest.ends_with('.')));
    // A name of one's own network may be meant, where that network is allowed: what it leads to is judged then.
    if own && policy.allowed_networks.is_empty() {
        return Err(Refused::Private(name.to_owned()));
    }
    Ok(())
}

/// Ports below 1024 belong to services that are none of ours, but for those of HTTP; a few above do, too.
fn is_taken(port: u16) -> bool {
    const HTTP: [u16; 5] = [80, 81, 443, 444, 591];
    const OTHERS: [u16; 12] = [1433, 1521, 2049, 2375, 2379, 3306, 3389, 5432, 6379, 6667, 11211, 27017];
    (port < 1024 && !HTTP.contains(&port)) || OTHERS.contains(&port)
}

/// Whether a connection to this address may be made.
#[must_use]
pub fn is_allowed(address: IpAddr, policy: &Policy) -> bool {
    let address = match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    is_public(address) || policy.allowed_networks.iter().any(|network| network.contains(&address))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0 | 2)
            | (192, 31, 196)
            | (192, 52, 193)
            | (192, 88, 99)
            | (192, 175, 48)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    ) && address != Ipv4Addr::new(168, 63, 129, 16)
        && address != Ipv4Addr::new(100, 100, 100, 200)
}

/// Of IPv6 only what is given out to be reached from everywhere (2000::/3), without the parts of it that are for something else.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let given_out = (0x2000..=0x3fff).contains(&first);
    let special = match first {
        // Teredo, benchmarking, ORCHID and the rest of 2001::/23; documentation.
        0x2001 => second < 0x0200 || second == 0x0db8,
        // 6to4 carries an IPv4 address.
        0x2002 => true,
        // Documentation.
        0x3fff => second < 0x1000,
        _ => false,
    };
    given_out && !special
}

#[cfg(test)]
mod tests {
    use super::{Policy, Refused, check, is_allowed};

    fn strict() -> Policy {
        Policy {
            allow_http: true,
            allowed_networks: Vec::new(),
        }
    }

    #[test]
    fn addresses_of_this_machine_and_its_network_are_refused_however_they_are_written() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "0.0.0.0",
            "0",
            "①②⑦.0.0.1",
            "127。0。0。1",
            "169.254.169.254",
            "100.100.100.200",
            "[fd00:ec2::254]",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "224.0.0.1",
            "[fe80::1]",
            "[fc00::1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::a00:1]",
            "[2002:7f00:1::]",
            "[5f00::1]",
            "[2001::1]",
            "[2001:db8::1]",
            "[100::1]",
            "[ff02::1]",
            "[::]",
            "[3fff::1]",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "metadata.google.internal",
            "printer.local",
            "168.63.129.16",
            "192.0.2.1",
            "203.0.113.9",
        ] {
            let refused = check(&format!("http://{host}/hook"), &strict());
            assert!(matches!(refused, Err(Refused::Private(_))), "{host}: {refused:?}");
        }
    }

    #[test]
    fn what_is_no_address_of_a_receiver_is_refused() {
        for text in [
            "",
            "ftp://example.com",
            "file:///etc/passwd",
            "gopher://example.com",
            "javascript:alert(1)",
            "//example.com",
            "http://",
            "https:///x",
            "http://a b",
            "https://example.com/\r\nHost: evil",
            "https:\\\\example.com",
            "https://example.com:65536",
            "https://[fe80::1%25eth0]/",
            "example.com",
        ] {
            assert_eq!(check(text, &strict()), Err(Refused::NoAddress), "{text:?}");
        }
        assert_eq!(check("https://u:p@example.com", &strict()), Err(Refused::Credentials));
        assert_eq!(check("https://user@127.0.0.1", &strict()), Err(Refused::Credentials));
        for port in [0, 22, 25, 6379, 5432] {
            assert_eq!(
                check(&format!("https://example.com:{port}/"), &strict()),
                Err(Refused::Port(port))
            );
        }
        assert_eq!(
            check(&format!("https://example.com/{}", "a".repeat(2_000)), &strict()),
            Err(Refused::TooLong)
        );
        assert_eq!(
            check(&format!("https://example.com/{}", "é".repeat(900)), &strict()),
            Err(Refused::TooLong),
            "six characters each, once it is sent"
        );
        assert_eq!(
            check("http://example.com", &Policy::default()),
            Err(Refused::NotEncrypted)
        );
    }

    #[test]
    fn the_rest_of_the_world_may_be_called() {
        for text in [
            "https://example.com",
            "https://example.com:8443/hooks?x=1",
            "https://93.184.216.34/",
            "https://[2606:2800:220:1::1]/",
            "https://192.0.1.1/",
            "https://172.32.0.1/",
            "https://bücher.example/",
        ] {
            assert!(check(text, &Policy::default()).is_ok(), "{text}");
        }
    }

    #[test]
    fn networks_of_ones_own_may_be_allowed_by_name() {
        let policy = Policy {
            allow_http: true,
            allowed_networks: vec![
                "10.1.0.0/16".parse().expect("a network"),
                "127.0.0.1/32".parse().expect("a network"),
            ],
        };
        assert!(check("http://10.1.2.3:8080/", &policy).is_ok());
        assert!(
            check("http://localhost:8080/", &policy).is_ok(),
            "judged by what it leads to"
        );
        assert!(is_allowed("::ffff:10.1.2.3".parse().expect("an address"), &policy));
        for other in ["10.2.0.1", "127.0.0.2", "::1"] {
            assert!(!is_allowed(other.parse().expect("an address"), &policy), "{other}");
        }
    }
}
