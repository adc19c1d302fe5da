/**
 * `callboard keys` as people type it. Goal: it does the same whether the server runs, does not, or was killed, and nobody
 * but the server's own user can reach what it speaks to. Method: real processes on data folders of their own.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { keyWithSecretSchema, storedKeySchema } from '../../schema/stored-key.ts';
import { socketPlace } from '../../src/admin/socket-place.ts';
import { createPostgresSchema, postgresIsTested } from '../contract/journal-backend.ts';
import { effort } from '../effort.ts';
import { compileCache } from '../processes/compile-cache.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let running: ServerProcess | undefined;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await running?.end('SIGKILL');
  running = undefined;
  await folder.remove();
});

async function keys(args: readonly string[], env: Readonly<Record<string, string>> = {}, data = folder.path) {
  const child = spawn(process.execPath, [main, 'keys', ...args, '--data', data], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = await once(child, 'close');
  return { code, output, errors };
}

async function made(args: readonly string[], env = {}, data?: string) {
  const { code, output, errors } = await keys([...args, '--json'], env, data);
  expect([code, errors]).toEqual([0, '']);
  return keyWithSecretSchema.parse(JSON.parse(output));
}

async function listed(env = {}, data?: string) {
  const { output } = await keys(['list', '--json'], env, data);
  return z.array(storedKeySchema).parse(JSON.parse(output));
}

const socket = () => join(folder.path, 'admin.sock');

describe('callboard keys', () => {
  it.runIf(effort === 'full')(
    '[KEY7] does the same without a server, beside one, after kill -9, and after its end',
    async () => {
      const first = await made([
        'create',
        '--name',
        'The shop',
        '--scopes',
        'chat, logs',
        '--expires',
        '90d',
      ]);
      expect(first).toMatchObject({ scopes: ['chat', 'logs'], createdBy: 'operator' });
      expect(existsSync(socket())).toBe(false);

      running = await startServer({ dataFolder: folder.path });
      expect(statSync(socket()).mode & 0o777).toBe(0o600);
      expect(statSync(folder.path).mode & 0o777).toBe(0o700);
      const second = await made(['rotate', first.id, '--overlap', '60']);
      expect([second.id, second.secret === first.secret]).toEqual([first.id, false]);
      await running.end('SIGKILL');
      expect(existsSync(socket())).toBe(true);
      const third = await made(['create', '--name', 'While it is down', '--tenant', 'shop']);

      running = await startServer({ dataFolder: folder.path });
      expect((await listed()).map(({ id }) => id)).toEqual([first.id, third.id]);
      expect((await keys(['revoke', first.id])).output).toBe(`Key ${first.id} (The shop) is revoked.\n`);
      expect(await running.end('SIGTERM')).toBe(0);
      running = undefined;
      expect(existsSync(socket())).toBe(false);
      const all = await listed();
      expect(all.map(({ revokedAt }) => revokedAt === null)).toEqual([false, true]);
      const { output } = await keys(['list']);
      expect(output).toContain('revoked');
      for (const secret of [first.secret, second.secret, third.secret]) expect(output).not.toContain(secret);
    },
  );

  if (postgresIsTested('callboard keys on PostgreSQL')) {
    let schema: Awaited<ReturnType<typeof createPostgresSchema>>;
    beforeEach(async () => {
      schema = await createPostgresSchema();
    });
    afterEach(async () => {
      await running?.end('SIGKILL');
      running = undefined;
      await schema.drop();
    });
    it('[KEY7] does the same on PostgreSQL', async () => {
      const env = { DATABASE_URL: schema.url };
      const { id } = await made(['create', '--name', 'The shop'], env);
      running = await startServer({ dataFolder: folder.path, env });
      expect((await listed(env)).map((key) => key.id)).toEqual([id]);
    });
  }

  it.runIf(effort === 'full')(
    '[KEY7] says in one line that the store is in use and its server cannot be asked',
    async () => {
      running = await startServer({ dataFolder: folder.path });
      rmSync(socket());
      const { code, errors } = await keys(['list']);
      expect([code, errors.split('\n').length]).toEqual([1, 2]);
      expect(errors).toMatch(
        /^callboard: Database .* is in use by another Callboard process, and it cannot be asked at /,
      );
    },
  );

  it.runIf(effort === 'full')(
    '[KEY7] reaches the server where the path of the data folder is too long for a socket',
    async () => {
      const long = join(folder.path, 'x'.repeat(100));
      mkdirSync(long);
      const place = socketPlace(long);
      expect(place.path.length).toBeLessThan(104);
      running = await startServer({ dataFolder: long });
      const { id } = await made(['create', '--name', 'A key'], {}, long);
      expect((await listed({}, long)).map((key) => key.id)).toEqual([id]);
      expect(statSync(place.path).mode & 0o777).toBe(0o600);
      expect(statSync(place.folder ?? '').mode & 0o777).toBe(0o700);
      // Somebody else's folder among the temporary files is not spoken to.
      chmodSync(place.folder ?? '', 0o755);
      expect((await keys(['list'], {}, long)).errors).toContain('it cannot be asked at');
      await running.end('SIGTERM');
      running = undefined;
      rmSync(place.folder ?? '', { recursive: true });
    },
  );

  it.runIf(effort === 'full')(
    '[KEY7] serves without its socket when another program listens there',
    async () => {
      const stranger = createServer((connection) => {
        connection.on('error', () => {});
        connection.destroy();
      });
      await new Promise<void>((resolve) => stranger.listen(socket(), resolve));
      running = await startServer({ dataFolder: folder.path });
      expect((await fetch(`${running.url}/health/ready`)).status).toBe(200);
      expect((await keys(['list'])).errors).toMatch(/^callboard: The server at .* gave no answer: /);
      await new Promise((resolve) => stranger.close(resolve));
    },
  );

  it('[KEY7] says that a key is not there', async () => {
    const id = '00000000-0000-0000-0000-000000000000';
    expect(await keys(['revoke', id])).toEqual({
      ...{ code: 1, output: '', errors: `callboard: Key ${id} not found\n` },
    });
  });
});
