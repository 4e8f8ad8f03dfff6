//! Where things are kept, and the processes that work with them.

use leptos::prelude::*;
use stockroom::disk::Disk;
use stockroom::monitoring::{Figures, Process, System};
use stockroom::nodes::{Node, NodeRole};

use crate::{
    components::{
        card::Card,
        key_value::{KeyValue, KeyValueList},
        time::Time,
    },
    wording::{duration, grouped, size},
};

fn bytes(bytes: i64) -> String {
    size(u64::try_from(bytes).unwrap_or(0))
}

/// `Disk of files`
fn disk_of(disk: Disk) -> String {
    format!("Disk of {}", disk.used_for.label())
}

fn room(disk: Disk) -> String {
    format!("{} of {} are free", bytes(disk.free_bytes), bytes(disk.total_bytes))
}

/// `disks` are told here where no node tells of them.
#[component]
pub fn Storage(figures: Figures, disks: Vec<Disk>) -> impl IntoView {
    let database = figures.database;
    let wal = database.wal_bytes.map(|wal| {
        view! { <KeyValue name="Its log">{format!("{} of changes that are not in the file yet", bytes(wal))}</KeyValue> }
    });
    let disks: Vec<_> = disks
        .into_iter()
        .map(|disk| view! { <KeyValue name=disk_of(disk)>{room(disk)}</KeyValue> })
        .collect();
    view! {
        <Card title="Storage">
            <KeyValueList>
                <KeyValue name="Database">{format!("{}, {}", database.engine, bytes(database.bytes))}</KeyValue>
                {wal}
                {disks}
            </KeyValueList>
        </Card>
    }
    .into_any()
}

#[component]
pub fn ThisProcess(system: System) -> impl IntoView {
    let Process {
        version,
        started_at,
        uptime_seconds,
        memory_bytes,
        open_files,
    } = system.process;
    let memory = memory_bytes.map(|memory| view! { <KeyValue name="Memory">{bytes(memory)}</KeyValue> });
    let files = open_files.map(|files| view! { <KeyValue name="Open files">{grouped(files)}</KeyValue> });
    view! {
        <Card title="This process">
            <KeyValueList>
                <KeyValue name="Version">{version}</KeyValue>
                <KeyValue name="Running since">
                    <Time moment=started_at />
                    {format!(" ({})", duration(uptime_seconds))}
                </KeyValue>
                {memory}
                {files}
            </KeyValueList>
        </Card>
    }
    .into_any()
}

#[component]
pub fn Nodes(nodes: Vec<Node>) -> impl IntoView {
    let lines: Vec<_> = nodes
        .into_iter()
        .map(|node| {
            let work = match node.role {
                NodeRole::All => "serves pages, and works in the background",
                NodeRole::Web => "serves pages",
                NodeRole::Worker => "works in the background",
            };
            let disks: Vec<_> = node
                .disks
                .into_iter()
                .map(|disk| {
                    view! { <p class="text-sm text-muted tabular-nums">{format!("{}: {}", disk_of(disk), room(disk))}</p> }
                })
                .collect();
            view! {
                <li class="py-2">
                    <p class="wrap-anywhere">
                        <span class="font-medium">{node.host}</span>
                        {format!(" {work}")}
                    </p>
                    <p class="text-sm text-muted">
                        {format!("Version {}, since ", node.version)} <Time moment=node.started_at />
                    </p>
                    {disks}
                </li>
            }
        })
        .collect();
    view! {
        <Card title="Nodes">
            <ul class="divide-y divide-line">{lines}</ul>
        </Card>
    }
    .into_any()
}
