//! Every connection is a file descriptor, and shells and containers often allow a process no more than 1,024 of them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What files, pools of connections to the database, and requests of our own need beside the connections that are served.
const OTHERS: u64 = 200;

/// Allows this process as many descriptors as it may have, and says so where they are fewer than its connections could need.
pub fn raise(connections: usize) {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let now = match setrlimit(Resource::Nofile, most) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            limit.current
        }
    };
    // Without a limit there are enough.
    let Some(files) = now else { return };
    if files < connections as u64 + OTHERS {
        tracing::warn!(
            files,
            connections,
            "this process may open fewer files than it may have connections; raise its limit (ulimit -n, LimitNOFILE, ulimits), \
             or lower STOCKROOM_CONNECTION_LIMIT"
        );
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::raise;

    #[test]
    fn as_many_files_may_be_open_as_the_process_is_allowed() {
        let limit = getrlimit(Resource::Nofile);
        // Not so few that another test would run out of them.
        let fewer = Rlimit {
            current: Some(limit.maximum.map_or(65_536, |most| most - 1)),
            ..limit
        };
        setrlimit(Resource::Nofile, fewer).expect("a lower limit");
        raise(10_000);
        assert_eq!(getrlimit(Resource::Nofile).current, limit.maximum);
    }
}
