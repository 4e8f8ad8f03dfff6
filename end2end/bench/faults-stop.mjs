/** F9: a server that is asked to end amid an import, with people who watch it, ends soon and in order, and the next one goes on. */

import { join } from 'node:path';

import { differences, expectedCounters } from './passes.mjs';
import { referenceFile } from './reference.mjs';
import { Resumption } from './resumption.mjs';
import { explained, install, launch, serve } from './stockroom.mjs';

const ENDS_WITHIN = 10;
const RESUMES_WITHIN = 10;
const PATIENCE = 300_000;
const STREAMS = 5;

export async function askedToEnd(engine, settings, tally) {
  const database = await engine.make('asked');
  const site = await install(settings.binary, database, join(settings.directory, `${engine.kind}-asked`));
  const file = referenceFile({ rows: settings.rows });
  let server = await serve(site);
  try {
    const { jobId } = await server.client.upload('/api/v1/imports', file.path);
    const streams = await Promise.all(Array.from({ length: STREAMS }, () => openStream(server.client, jobId)));
    const before = await new Resumption(server, jobId).until((job) => job?.status === 'processing' && job.percent > 0, PATIENCE);
    checkEnding(tally, engine.kind, before, await ending(server));
    streams.forEach((stream) => stream.destroy());
    server = launch(site);
    const life = new Resumption(server, jobId);
    const job = await life.until(() => false, PATIENCE);
    tally.check(`${engine.kind}: the next server goes on within ${RESUMES_WITHIN} s (${life.seconds.toFixed(2)} s)`, life.seconds <= RESUMES_WITHIN);
    const wrong = differences(job, { status: 'completed', ...expectedCounters(file, 'created') });
    tally.check(`${engine.kind}: the import completes with the counters of the file`, wrong.length === 0, wrong.join('; '));
    await server.stop();
  } catch (error) {
    throw explained(error, site);
  }
  await database.drop();
}

async function openStream(client, id) {
  const answer = await client.open('GET', `/api/v1/imports/${id}/events`, { isAlone: true });
  answer.on('error', () => {});
  return answer.resume();
}

async function ending(server) {
  const from = performance.now();
  server.child.kill('SIGTERM');
  const outcome = await server.child.ended;
  const seconds = (performance.now() - from) / 1000;
  await server.stop();
  return { outcome, seconds };
}

function checkEnding(tally, kind, { percent, status }, { outcome, seconds }) {
  const sentence = `${kind}: asked to end at ${percent} % with ${STREAMS} streams open, it ends in order within ${ENDS_WITHIN} s (${seconds.toFixed(2)} s)`;
  tally.check(sentence, status === 'processing' && outcome === 0 && seconds <= ENDS_WITHIN, `${status}, ended with ${outcome}`);
}
