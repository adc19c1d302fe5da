/** The sign-in page of a program that embeds the server, as the whole server tells it and refuses it ([HOOK4]). */
import { expect, it } from 'vitest';
import { AuthenticationError } from '../../src/authentication.ts';
import { startCallboard } from '../../src/callboard.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { systemIds } from '../../src/ids.ts';
import { createLogging } from '../../src/logs/logging.ts';
import { temporaryFolder } from '../processes/server-process.ts';

const logging = createLogging({ level: 'silent', clock: systemClock, ids: systemIds });

it('[HOOK4] is told to whoever is not signed in, and refuses the start when it leads nowhere good', async () => {
  const folder = await temporaryFolder();
  const load = (env: Readonly<Record<string, string>>) =>
    loadConfig({ argv: ['--port', '0', '--data', folder.path], env, cwd: folder.path });
  const loaded = load({ CALLBOARD_SIGN_IN_URL: 'https://login.example.com/in' });
  if (loaded.ok !== true) throw new Error('the configuration is wrong');
  const parts = { authenticate: () => null };
  for (const signInUrl of ['javascript:alert(1)', '//evil.example', 'http://login.example.com']) {
    const start = startCallboard({ ...loaded.config, signInUrl }, logging, parts);
    await expect(start).rejects.toBeInstanceOf(AuthenticationError);
    expect(load({ CALLBOARD_SIGN_IN_URL: signInUrl })).toMatchObject({
      ok: false,
      message: expect.stringContaining('CALLBOARD_SIGN_IN_URL'),
    });
  }
  const callboard = await startCallboard(loaded.config, logging, parts);
  const url = `http://127.0.0.1:${callboard.port}`;
  expect((await fetch(`${url}/config`)).status).toBe(401);
  const told = await fetch(`${url}/sign-in`);
  expect([told.status, await told.json()]).toEqual([200, { url: 'https://login.example.com/in' }]);
  await callboard.stop();
  await folder.remove();
});
