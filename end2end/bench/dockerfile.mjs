/** The last stage of a Dockerfile, as far as ours goes: what it is made from, the steps that make it, and what it then is. */

import { readFileSync } from 'node:fs';

const DURATIONS = { s: 1_000, m: 60_000 };

/** `{ base, steps: [{ instruction, text }], env, user, directory, command, health: { command, interval, startPeriod } }`. */
export function lastStage(path) {
  const steps = instructions(readFileSync(path, 'utf8'));
  const from = steps.findLastIndex(({ instruction }) => instruction === 'FROM');
  const stage = { base: steps[from].text, steps: steps.slice(from + 1), env: {}, user: '0:0', directory: '/', entrypoint: [], arguments: [] };
  for (const step of stage.steps) SETTINGS[step.instruction]?.(stage, step.text);
  return { ...stage, command: [...stage.entrypoint, ...stage.arguments] };
}

const SETTINGS = {
  ENV: (stage, text) => Object.assign(stage.env, Object.fromEntries(text.split(/\s+/).map((pair) => pair.split(/=(.*)/s, 2)))),
  USER: (stage, text) => (stage.user = text),
  WORKDIR: (stage, text) => (stage.directory = text),
  ENTRYPOINT: (stage, text) => (stage.entrypoint = JSON.parse(text)),
  CMD: (stage, text) => (stage.arguments = JSON.parse(text)),
  HEALTHCHECK: (stage, text) => (stage.health = health(text)),
};

/** One step a line: comments go, and lines that end with a backslash go on. */
function instructions(text) {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const whole = lines.join('\n').replace(/\\\n/g, '');
  return whole.split('\n').filter((line) => line.trim()).map((line) => {
    const [, instruction, rest] = /^\s*(\w+)\s+(.*)$/.exec(line);
    return { instruction: instruction.toUpperCase(), text: rest.trim() };
  });
}

function health(text) {
  const [flags, command] = text.split(/\s*CMD\s+/);
  const period = (name) => {
    const [, number, unit] = new RegExp(`--${name}=(\\d+)(s|m)`).exec(flags);
    return Number(number) * DURATIONS[unit];
  };
  return { command: JSON.parse(command), startPeriod: period('start-period') };
}
