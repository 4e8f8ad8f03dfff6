//! How often somebody may ask: for each of them a bucket that requests drain and time fills again.
//!
//! A bucket is one number, the moment at which it will be full again (the generic cell rate algorithm). Buckets lie in arrays of a fixed size
//! and whoever asks is told one of them by a hash with a random key, so nobody can use up memory by having many addresses; the price is that
//! of tens of thousands who ask at the same time some share a bucket.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Buckets of one kind, 8 bytes each.
const BUCKETS: usize = 1 << 16;
const NANOSECONDS: u64 = 1_000_000_000;

/// How many requests are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// 0: as many as come.
    pub per_minute: u32,
    /// How many may come at once; those of a minute, if nothing is said.
    pub burst: Option<u32>,
}

/// Rates of all kinds. Cloning is shallow.
#[derive(Clone, Debug)]
pub struct Rates(Arc<Kinds>);

#[derive(Debug)]
struct Kinds {
    key: Option<Buckets>,
    stranger: Option<Buckets>,
    address: Option<Buckets>,
    hash: RandomState,
    began: Instant,
}

/// What a request has left in its bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Names the bucket's kind.
    pub name: &'static str,
    /// Requests that a full bucket holds, and the seconds in which an empty one fills.
    pub quota: u64,
    pub window: u64,
    /// Requests that could follow at once.
    pub remaining: u64,
    /// Seconds until the bucket is full; where the request was one too many, until there is room for one.
    pub seconds: u64,
    pub is_too_many: bool,
}

impl Rates {
    /// `key`: of each API key. `stranger`: of each address, without a valid key or session. `address`: of each address, whoever asks.
    #[must_use]
    pub fn new(key: Rate, stranger: Rate, address: Rate) -> Self {
        Self(Arc::new(Kinds {
            key: Buckets::new("key", key),
            stranger: Buckets::new("stranger", stranger),
            address: Buckets::new("address", address),
            hash: RandomState::new(),
            began: Instant::now(),
        }))
    }

    /// Counts a request with this key; nothing where that is not limited.
    #[must_use]
    pub fn of_key(&self, id: i64) -> Option<Left> {
        // Keys are numbered one by one, so no two of them share a bucket before there are very many.
        let place = usize::try_from(id.unsigned_abs() % BUCKETS as u64).unwrap_or(0);
        Some(self.0.key.as_ref()?.take(place, self.0.began.elapsed()))
    }

    /// Counts a request of nobody from this address.
    #[must_use]
    pub fn of_stranger(&self, address: IpAddr) -> Option<Left> {
        Some(
            self.0
                .stranger
                .as_ref()?
                .take(self.place(address), self.0.began.elapsed()),
        )
    }

    /// Counts a request from this address.
    #[must_use]
    pub fn of_address(&self, address: IpAddr) -> Option<Left> {
        Some(
            self.0
                .address
                .as_ref()?
                .take(self.place(address), self.0.began.elapsed()),
        )
    }

    fn place(&self, address: IpAddr) -> usize {
        usize::try_from(self.0.hash.hash_one(network(address)) % BUCKETS as u64).unwrap_or(0)
    }
}

/// Whom an address stands for. Of IPv6 everybody has a whole network.
fn network(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits() & !u128::from(u64::MAX),
    }
}

#[derive(Debug)]
struct Buckets {
    name: &'static str,
    quota: u64,
    /// Nanoseconds in which room for one request comes back.
    interval: u64,
    /// Moments at which each is full, in nanoseconds.
    full_at: Box<[AtomicU64]>,
}

impl Buckets {
    fn new(name: &'static str, rate: Rate) -> Option<Self> {
        let interval = (60 * NANOSECONDS).checked_div(rate.per_minute.into())?;
        Some(Self {
            name,
            quota: rate.burst.unwrap_or(rate.per_minute).max(1).into(),
            interval: interval.max(1),
            full_at: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
        })
    }

    fn take(&self, place: usize, now: Duration) -> Left {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let whole = self.quota.saturating_mul(self.interval);
        let bucket = &self.full_at[place];
        let mut full_at = bucket.load(Ordering::Relaxed);
        let (filling, is_too_many) = loop {
            let after = full_at.max(now) + self.interval;
            if after - now > whole {
                break (after - now - whole, true);
            }
            match bucket.compare_exchange_weak(full_at, after, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => break (after - now, false),
                // Another request was faster.
                Err(present) => full_at = present,
            }
        };
        Left {
            name: self.name,
            quota: self.quota,
            window: whole.div_ceil(NANOSECONDS),
            remaining: if is_too_many {
                0
            } else {
                (whole - filling) / self.interval
            },
            seconds: filling.div_ceil(NANOSECONDS),
            is_too_many,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Buckets, Left, Rate, Rates, network};

    fn buckets(per_minute: u32, burst: Option<u32>) -> Buckets {
        Buckets::new("test", Rate { per_minute, burst }).expect("a limit")
    }

    /// What is left, how long it takes, and whether it was too much.
    fn take(buckets: &Buckets, milliseconds: u64) -> (u64, u64, bool) {
        let Left {
            remaining,
            seconds,
            is_too_many,
            ..
        } = buckets.take(7, Duration::from_millis(milliseconds));
        (remaining, seconds, is_too_many)
    }

    #[test]
    fn a_bucket_is_drained_by_requests_and_filled_by_time() {
        let twice_a_second = buckets(120, Some(3));
        for left in [(2, 1, false), (1, 1, false), (0, 2, false), (0, 1, true), (0, 1, true)] {
            assert_eq!(take(&twice_a_second, 1_000), left);
        }
        assert_eq!(
            take(&twice_a_second, 1_499),
            (0, 1, true),
            "half a second has not passed"
        );
        assert_eq!(take(&twice_a_second, 1_500), (0, 2, false));
        assert_eq!(
            take(&twice_a_second, 60_000),
            (2, 1, false),
            "it holds no more than a burst"
        );
        let other = twice_a_second.take(8, Duration::from_millis(60_000));
        assert_eq!((other.remaining, other.quota, other.window), (2, 3, 2));
    }

    #[test]
    fn without_a_burst_those_of_a_minute_may_come_at_once() {
        let left = buckets(600, None).take(0, Duration::ZERO);
        assert_eq!((left.quota, left.window, left.remaining), (600, 60, 599));
        let slow = buckets(1, None);
        assert_eq!(
            (take(&slow, 0), take(&slow, 0), take(&slow, 30_000)),
            ((0, 60, false), (0, 60, true), (0, 30, true))
        );
    }

    #[test]
    fn nothing_is_counted_where_there_is_no_limit() {
        let off = Rate {
            per_minute: 0,
            burst: Some(1),
        };
        let rates = Rates::new(off, off, off);
        let here = "192.0.2.1".parse().expect("an address");
        assert_eq!(
            (rates.of_key(1), rates.of_stranger(here), rates.of_address(here)),
            (None, None, None)
        );
    }

    #[test]
    fn all_addresses_of_a_network_of_ipv6_are_one() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
