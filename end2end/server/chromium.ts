/** The browser: the one that is named or installed. Nothing is downloaded. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Nothing that this browser does by itself may disturb a test. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function chromium() {
  return { executablePath: program(), args: isRoot() ? ['--no-sandbox', ...QUIET] : QUIET };
}

function program(): string {
  const named = process.env.STOCKROOM_CHROMIUM;
  if (named) return named;
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
  if (!found) throw new Error('Chromium is missing: install it, or name the program in STOCKROOM_CHROMIUM.');
  return found;
}

/** The sandbox refuses to run as root, which is what a container usually is. */
function isRoot(): boolean {
  return process.getuid?.() === 0;
}
