/** Readiness of the whole server while its journal does not take what is written ([HTTP17]). */
import { expect, it } from 'vitest';
import { JournalUnavailable } from '../../actors/ports.ts';
import { startCallboard } from '../../src/callboard.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { systemIds } from '../../src/ids.ts';
import { createLogging } from '../../src/logs/logging.ts';
import { temporaryFolder } from '../processes/server-process.ts';

it('[HTTP17] is not ready while nothing can be written, says why, and is ready again by itself', async () => {
  const folder = await temporaryFolder();
  const loaded = loadConfig({ argv: ['--port', '0', '--data', folder.path], env: {}, cwd: folder.path });
  if (loaded.ok !== true) throw new Error('the configuration is wrong');
  const logging = createLogging({ level: 'silent', clock: systemClock, ids: systemIds });
  let isFull = false;
  const callboard = await startCallboard(loaded.config, logging, {
    wrapStorage: (storage) => {
      const { journal } = storage;
      const append: typeof journal.append = async (batch) => {
        if (isFull) throw new JournalUnavailable('database or disk is full');
        return await journal.append(batch);
      };
      return { ...storage, journal: { ...journal, append } };
    },
  });
  const url = `http://127.0.0.1:${callboard.port}`;
  const ready = async () => {
    const response = await fetch(`${url}/health/ready`);
    const body: unknown = await response.json();
    return { status: response.status, body };
  };
  expect((await ready()).status).toBe(200);
  isFull = true;
  const waits = fetch(`${url}/chat-sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Waits for room' }),
  });
  await expect.poll(ready).toMatchObject({
    status: 503,
    body: { message: 'The database is unavailable; try again', retryable: true },
  });
  expect((await fetch(`${url}/health`)).status).toBe(200);
  isFull = false;
  expect((await waits).status).toBe(201);
  await expect.poll(async () => (await ready()).status).toBe(200);
  await callboard.stop();
  await folder.remove();
});
