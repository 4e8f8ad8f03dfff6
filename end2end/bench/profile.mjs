/**
 * What a process is at work on, by the samples of Linux's `perf`: each is a function that a processor was in, and counts for what that function is
 * part of. It needs the right to look at processes and the names of functions, which `make` leaves in the program.
 */

import { join } from 'node:path';

import { run } from './processes.mjs';

/** Samples a second of each processor: none of the numbers at which timers tick. */
const FREQUENCY = 499;

/** What functions are part of; the first that fits counts. Functions of C have no `::` in their names. */
const PARTS = [
  ['kernel: sockets, files, waiting', ({ object }) => object.includes('[kernel') || object.includes('[vdso')],
  ['memory: allocating, copying, comparing', ({ name }) => /jemalloc|_rjem_|^(je|tcache|arena|extent|emap|bin|large|sz|ehooks|pac|pa|hpa|ecache|eset)_|(r|d|m)allocx$|^(m|c|re)alloc|^free$|^_*mem(cpy|move|set|cmp|chr)|alloc::alloc|__rust_(de|re)?alloc/.test(name)],
  ['rendering: Leptos, its reactive graph and HTML', ({ name }) => /leptos|tachys|reactive_graph|any_spawner|hydration_context|either_of|oco_ref|guardian|slotmap|html_escape/.test(name)],
  ['packing answers', ({ name }) => /brotli|flate2|miniz|zlib|deflate|zstd|async_compression|compression_codecs/.test(name)],
  ['HTTP: Hyper, Axum, Tower', ({ name }) => /hyper|axum|tower|http::|http_body|httparse|matchit/.test(name)],
  ['database: SeaORM and SQLx', ({ name }) => /sea_orm|sea_query|sqlx|sqlformat/.test(name)],
  ['JSON', ({ name }) => /serde|itoa|ryu/.test(name)],
  ['tasks and threads: Tokio, locks, channels', ({ name }) => /tokio|futures|mio::|parking_lot|crossbeam|flume|std::sync|std::thread|pthread|event_listener/.test(name)],
  ['traces and logs', ({ name }) => /tracing|^log::/.test(name)],
  ['Stockroom itself', ({ name }) => /\b(stockroom|app|server)::/.test(name)],
  ['the rest of Rust', ({ name }) => name.includes('::') || /^_R|^_ZN/.test(name)],
  ['C library', ({ object }) => /\/(libc|libm|ld-linux|libgcc)/.test(object)],
  ['SQLite', ({ name }) => name !== '[unknown]'],
  ['without a name', () => true],
];

/** What was at work for so many seconds: `[{ part, share, most }]`, the largest share first; `most` are the three functions found most often. */
export async function profileOf(perf, pid, seconds, directory) {
  const file = join(directory, 'perf.data');
  const sampling = ['record', '--quiet', '--event', 'cpu-clock', '--freq', `${FREQUENCY}`, '--pid', `${pid}`, '--output', file];
  await run(perf, [...sampling, '--', 'sleep', `${seconds}`]);
  const { stdout } = await run(perf, ['script', '--input', file, '--fields', 'ip,sym,dso']);
  const samples = stdout.split('\n').map(sampleOf).filter(Boolean);
  if (samples.length === 0) throw new Error(`perf has found process ${pid} at no work.`);
  return sharesOf(samples);
}

/** `{ name, object }` of a line like `7f12 sqlite3VdbeExec (/usr/bin/stockroom)`. */
function sampleOf(line) {
  const [, name, object] = line.match(/^\s*[0-9a-f]+ (.+) \((.+)\)$/) ?? [];
  return name && { name, object };
}

function sharesOf(samples) {
  const groups = grouped(samples, (sample) => PARTS.find(([, fits]) => fits(sample))[0]);
  const parts = groups.map(([part, found]) => ({ part, share: found.length / samples.length, most: mostOf(found) }));
  return parts.toSorted((one, other) => other.share - one.share);
}

function mostOf(samples) {
  const groups = grouped(samples, ({ name }) => name);
  return groups.toSorted(([, one], [, other]) => other.length - one.length).slice(0, 3).map(([name]) => name);
}

/** `[[key, members]]`, in the order in which keys come first. */
function grouped(all, keyOf) {
  const groups = new Map();
  for (const one of all) {
    const key = keyOf(one);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(one);
  }
  return [...groups];
}
