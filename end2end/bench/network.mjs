/**
 * Machines of their own on this one: each a network namespace with an address, all on one bridge, on which this machine has an address, too.
 * Where that is not permitted, all of them are this machine, with ports of their own.
 */

import { existsSync, readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

import { freePort } from './ports.mjs';
import { atEnd, run } from './processes.mjs';

const IP = ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'].find((path) => existsSync(path));
const SPACES = '/run/netns';
/** Nothing else is asked for in a namespace that was made for one program. */
const PORT = 3000;
/** The first three numbers of networks that are tried; the last one of an address says whose it is. */
const NETWORKS = Array.from({ length: 50 }, (_, number) => `10.213.${(process.pid + number) % 250}`);
const FIRST = 11;

/**
 * One machine for each name: `{ address, range, isSeparate, machines: { name: { host, port, within, cut(), join() } } }`. `address` is where
 * they reach this machine, `range` the network that all of them are in, `within` the words that start a program there.
 */
export async function openNetwork(names) {
  try {
    return await separate(names);
  } catch (error) {
    console.log(`▸ Namespaces of networks are not permitted here, so all nodes are on 127.0.0.1 (${error.message})`);
    return together(names);
  }
}

async function separate(names) {
  if (!IP) throw new Error('the program `ip` is missing');
  await sweep();
  const prefix = freePrefix();
  const bridge = `sr${process.pid}`;
  await made(['link', 'add', bridge, 'type', 'bridge'], ['link', 'del', bridge]);
  await ip('addr', 'add', `${prefix}.1/24`, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
  const machines = {};
  for (const [place, name] of names.entries()) machines[name] = await machine(bridge, name, `${prefix}.${FIRST + place}`, place);
  return { address: `${prefix}.1`, range: `${prefix}.0/24`, isSeparate: true, machines };
}

async function machine(bridge, name, host, place) {
  const space = `${bridge}-${name}`;
  const cable = `${bridge}v${place}`;
  await made(['netns', 'add', space], ['netns', 'del', space]);
  // It goes with either of its ends; the namespace may be gone a moment later than its name.
  await made(['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space], ['link', 'del', cable]);
  await ip('link', 'set', cable, 'master', bridge, 'up');
  await ip('-n', space, 'addr', 'add', `${host}/24`, 'dev', 'eth0');
  await ip('-n', space, 'link', 'set', 'eth0', 'up');
  await ip('-n', space, 'link', 'set', 'lo', 'up');
  return {
    host,
    port: PORT,
    within: [IP, 'netns', 'exec', space],
    cut: () => ip('link', 'set', cable, 'down'),
    join: () => ip('link', 'set', cable, 'up'),
  };
}

async function together(names) {
  const machines = {};
  for (const name of names) machines[name] = { host: '127.0.0.1', port: await freePort(), within: [] };
  return { address: '127.0.0.1', range: '127.0.0.1/32', isSeparate: false, machines };
}

/** Takes away what a run has left that was killed itself: names have the id of its process. */
async function sweep() {
  const isLeft = (name) => /^sr\d+/.test(name) && !existsSync(`/proc/${/\d+/.exec(name)[0]}`);
  const spaces = existsSync(SPACES) ? readdirSync(SPACES).filter(isLeft) : [];
  for (const space of spaces) await ip('netns', 'del', space);
  const bridges = Object.keys(networkInterfaces()).filter((name) => isLeft(name) && !name.includes('v'));
  for (const bridge of bridges) await ip('link', 'del', bridge);
}

/** A network that no other interface of this machine is in. */
function freePrefix() {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all.map(({ address }) => address));
  const free = NETWORKS.find((prefix) => !addresses.some((address) => address.startsWith(`${prefix}.`)));
  if (!free) throw new Error('no network is free');
  return free;
}

/** Makes something that is taken away at the end, in whatever way the run ends. */
async function made(make, unmake) {
  await ip(...make);
  atEnd(() => ip(...unmake));
}

function ip(...args) {
  return run(IP, args);
}
