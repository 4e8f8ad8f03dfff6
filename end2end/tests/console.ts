/** What the browser complains about: exceptions, errors, warnings, violations of the content policy. */

import type { BrowserContext, ConsoleMessage } from '@playwright/test';

const HARMLESS = [
  // A page that is not there is told by its status, and the tests look at that; the browser also writes it to the console.
  /^Failed to load resource: the server responded with a status of 4\d\d/,
];
/** Where scripts are switched off, the wasm is fetched in vain. */
const PRELOADED_IN_VAIN = /was preloaded using link preload but not used/;

export interface Indulgence {
  runsScripts: boolean;
  tolerated?: RegExp;
}

/** Collects complaints from now on. */
export function watchConsole(context: BrowserContext, { runsScripts, tolerated }: Indulgence): string[] {
  const harmless = [...HARMLESS, ...(tolerated ? [tolerated] : []), ...(runsScripts ? [] : [PRELOADED_IN_VAIN])];
  const complaints: string[] = [];
  const note = (text: string) => harmless.some((pattern) => pattern.test(text)) || complaints.push(text);
  context.on('console', (message) => isComplaint(message) && note(`${message.text()} (${message.location().url})`));
  context.on('weberror', (error) => note(`Uncaught: ${error.error().message}`));
  return complaints;
}

function isComplaint(message: ConsoleMessage): boolean {
  return ['error', 'warning', 'assert'].includes(message.type());
}
