/** Starts that cannot succeed: one clear line on standard error, exit 1, and no secret in it. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { effort } from '../effort.ts';
import { spawnServer, startServer, temporaryFolder } from '../processes/server-process.ts';

describe('a start that cannot succeed', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  async function failedStart(options: { args?: string[]; env?: Record<string, string> }) {
    const child = spawnServer({ dataFolder: folder.path, ...options });
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.stdout?.resume();
    const [code] = await once(child, 'exit');
    return { code, errors };
  }

  it('[HTTP20] says that the port is in use, even by another Callboard', async () => {
    const first = await startServer({ dataFolder: folder.path });
    const data = join(folder.path, 'second');
    const { code, errors } = await failedStart({ args: ['--port', String(first.port), '--data', data] });
    expect(code).toBe(1);
    expect(errors).toMatch(/^callboard: cannot listen on 127\.0\.0\.1:\d+: the port is in use\n$/);
    expect(await first.end()).toBe(0);
  });

  it('[JRN12] says that another Callboard uses the data folder', async () => {
    const first = await startServer({ dataFolder: folder.path });
    const { code, errors } = await failedStart({});
    expect(code).toBe(1);
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(errors).toContain('another');
    await first.end();
  });

  it.runIf(effort === 'full')(
    '[JRN13] says that the data folder cannot be used, or that the database refuses, without its password',
    async () => {
      const file = join(folder.path, 'file');
      await writeFile(file, '');
      const locked = join(folder.path, 'locked');
      await mkdir(locked);
      await chmod(locked, 0o500);
      const blocked = await failedStart({ args: ['--data', join(file, 'below')] });
      expect(blocked).toMatchObject({ code: 1, errors: expect.stringContaining('Data folder') });
      // Node's recursive mkdir never returned there.
      const unmakeable = await failedStart({ args: ['--data', '/proc/callboard'] });
      expect(unmakeable).toMatchObject({ code: 1, errors: expect.stringContaining('Data folder') });
      const refused = await failedStart({ env: { DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/x' } });
      expect(refused.code).toBe(1);
      expect(refused.errors.trim().split('\n')).toHaveLength(1);
      expect(refused.errors).not.toContain('hunter2');
    },
  );

  it.runIf(effort === 'full')(
    '[LAP2] says that others would reach a server without keys; keys and --insecure allow it',
    async () => {
      const data = join(folder.path, 'data');
      const start = (args: string[], env: Record<string, string> = {}) =>
        failedStart({ args: ['--data', data, ...args], env });
      for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
        const { code, errors } = await start(['--host', host]);
        expect(code).toBe(1);
        expect(errors).toBe(
          `callboard: Other machines would reach ${host}, and no apiKeys are configured: configure some, listen on 127.0.0.1, or start with --insecure\n`,
        );
      }
      // It was refused before anything was made.
      expect(existsSync(data)).toBe(false);
      // This machine has no such address, so that these come as far as listening, and no further.
      const listened = {
        code: 1,
        errors: expect.stringMatching(/^callboard: cannot listen on 192\.0\.2\.1/),
      };
      expect(await start(['--host', '192.0.2.1', '--insecure'])).toMatchObject(listened);
      expect(await start(['--host', '192.0.2.1'], { CALLBOARD_INSECURE: 'on' })).toMatchObject(listened);
      expect(await start(['--host', '192.0.2.1'], { CALLBOARD_API_KEYS: 'k' })).toMatchObject(listened);
      expect(await start(['--host', '192.0.2.1'], { CALLBOARD_INSPECT_KEYS: 'k' })).toMatchObject(listened);
    },
  );

  it('names a wrong setting, where it came from and what is allowed', async () => {
    const { code, errors } = await failedStart({ args: ['--port', '70000'] });
    expect(code).toBe(1);
    expect(errors).toMatch(/port.*65535.*--port.*70000/);
  });
});
