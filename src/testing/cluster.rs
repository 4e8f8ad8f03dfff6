//! A throw-away PostgreSQL for one test process.
//!
//! A shell makes and starts the cluster and then waits on its standard input. When this process ends, in whatever way, that input
//! closes, and the shell stops the cluster and removes its folder. So nothing is left behind even by a killed test.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use migration::{Migrate as _, Migrator};
use sea_orm::ConnectionTrait as _;
use tokio::sync::OnceCell;

/// fsync is off: what a power cut would do is not tested here, and the tests are many.
const SCRIPT: &str = r#"
set -e
cd "$1"
export PATH="$2:$PATH"
initdb -D data -U stockroom --auth=trust --encoding=UTF8 --locale=C.UTF-8 >initdb.log 2>&1
pg_ctl -D data -w -l server.log -o "-k $1 -c listen_addresses='' -c fsync=off -c max_connections=200" start >start.log 2>&1
echo ready
read -r _ || true
pg_ctl -D data -m immediate stop >/dev/null 2>&1
rm -rf "$1"/*
"#;

struct Cluster {
    socket: PathBuf,
    // Held so that the shell's input stays open.
    _shell: Child,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static TEMPLATE: OnceCell<()> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Address of a new database with the whole schema.
pub(super) async fn fresh_database() -> String {
    let cluster = CLUSTER.get_or_init(start);
    TEMPLATE.get_or_init(|| make_template(cluster)).await;
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    run(
        &url(cluster, "postgres"),
        &format!("CREATE DATABASE {name} TEMPLATE stockroom_template"),
    )
    .await;
    url(cluster, &name)
}

async fn make_template(cluster: &Cluster) {
    run(&url(cluster, "postgres"), "CREATE DATABASE stockroom_template").await;
    let template = sea_orm::Database::connect(url(cluster, "stockroom_template"))
        .await
        .expect("the template opens");
    Migrator::up(&template, None).await.expect("the schema is made");
    template.close().await.expect("the template closes");
}

async fn run(url: &str, statement: &str) {
    let database = sea_orm::Database::connect(url).await.expect("the cluster answers");
    database
        .execute_unprepared(statement)
        .await
        .expect("the statement runs");
    database.close().await.expect("the connection closes");
}

fn url(cluster: &Cluster, database: &str) -> String {
    let socket = cluster.socket.display().to_string().replace('/', "%2F");
    format!("postgres://stockroom@localhost/{database}?host={socket}")
}

fn start() -> Cluster {
    let folder = tempfile::Builder::new()
        .prefix("stockroom-pg-")
        .tempdir()
        .expect("a folder for PostgreSQL")
        .keep();
    let mut shell = shell(&folder);
    let mut output = BufReader::new(shell.stdout.take().expect("the shell's output"));
    let mut line = String::new();
    output.read_line(&mut line).expect("the shell answers");
    assert_eq!(
        line.trim(),
        "ready",
        "PostgreSQL did not start; see initdb.log and server.log in {}",
        folder.display()
    );
    Cluster {
        socket: folder,
        _shell: shell,
    }
}

/// PostgreSQL refuses to run as root, so root hands it to the user that Debian's package made.
fn shell(folder: &PathBuf) -> Child {
    let programs = std::env::var("STOCKROOM_PG_BIN").unwrap_or_else(|_| newest_installation());
    let arguments = ["-c", SCRIPT, "sh", &folder.display().to_string(), &programs].map(str::to_owned);
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let mut command = if is_root {
        let owned = Command::new("chown").arg("postgres").arg(folder).status();
        assert!(
            owned.is_ok_and(|status| status.success()),
            "the user postgres exists: install PostgreSQL's server package"
        );
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell starts")
}

fn newest_installation() -> String {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    found.sort();
    found
        .pop()
        .map(|folder| folder.display().to_string())
        .unwrap_or_default()
}
