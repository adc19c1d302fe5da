/** Files through the real server on a real disk: stored, read, cut off, killed, collected. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FileStore, FileStoreUnavailable } from '../../actors/file-store.ts';
import { type StoredFile, storedFileSchema } from '../../schema/file.ts';
import { startCallboard } from '../../src/callboard.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { systemIds } from '../../src/ids.ts';
import { createLogging } from '../../src/logs/logging.ts';
import { createPostgresSchema, postgresIsTested } from '../contract/journal-backend.ts';
import { effort } from '../effort.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

/** The folder of the only database whose files are here. */
async function filesFolder(): Promise<string> {
  const [epoch, ...more] = await readdir(join(folder.path, 'files'));
  if (epoch === undefined || more.length > 0) throw new Error('there is one folder of files');
  return join(folder.path, 'files', epoch);
}

/** Every file on disk, as paths below that folder. */
async function onDisk(): Promise<string[]> {
  const entries = await readdir(await filesFolder(), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name, parentPath }) => join(parentPath, name));
}

async function put(
  url: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<StoredFile> {
  const response = await fetch(`${url}/files`, { method: 'POST', body, headers });
  expect(response.status).toBe(201);
  return storedFileSchema.parse(await response.json());
}

function halfAnUpload(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('POST /files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n');
  socket.write(Buffer.alloc(500_000, 'half'));
  return socket;
}

describe('files of a server', () => {
  let server: ServerProcess;
  let schema: Awaited<ReturnType<typeof createPostgresSchema>> | undefined;
  afterEach(async () => {
    await server.end();
    await schema?.drop();
    schema = undefined;
  });
  const start = async (env: Record<string, string> = {}) => {
    server = await startServer({ dataFolder: folder.path, env });
  };

  const large = Buffer.alloc(5_000_000);
  for (let at = 0; at < large.length; at += 4) large.writeUInt32LE(at, at);

  it.each(postgresIsTested('files beside PostgreSQL') ? ['SQLite', 'PostgreSQL'] : ['SQLite'])(
    '[FIL1] [FIL3] [FIL17] beside %s: what was answered with 201 is there after kill -9',
    async (database) => {
      schema = database === 'SQLite' ? undefined : await createPostgresSchema();
      const env: Record<string, string> = schema === undefined ? {} : { DATABASE_URL: schema.url };
      await start(env);
      const file = await put(server.url, large, { 'x-file-name': 'large.bin', 'idempotency-key': 'one' });
      expect(file).toMatchObject({
        name: 'large.bin',
        type: 'application/octet-stream',
        sha256: createHash('sha256').update(large).digest('hex'),
      });
      await server.end('SIGKILL');
      await start(env);
      expect(await put(server.url, large, { 'x-file-name': 'large.bin', 'idempotency-key': 'one' })).toEqual(
        file,
      );
      const whole = await (await fetch(`${server.url}/files/${file.id}`)).bytes();
      expect(large.equals(whole)).toBe(true);
      const headers = { range: 'bytes=4000000-4000003' };
      const range = await (await fetch(`${server.url}/files/${file.id}`, { headers })).bytes();
      expect(large.subarray(4_000_000, 4_000_004).equals(range)).toBe(true);
      const places = await onDisk();
      expect(places).toHaveLength(1);
      expect((await stat(places[0] ?? '')).mode & 0o777).toBe(0o600);
    },
  );

  it('[FIL6] a client that goes away in the middle leaves nothing behind', async () => {
    await start();
    const socket = halfAnUpload(server.port);
    await expect.poll(onDisk).toHaveLength(1);
    socket.destroy();
    await expect.poll(onDisk).toEqual([]);
    await put(server.url, 'others are served');
  });

  it.runIf(effort === 'full')('[FIL16] what a kill cut off is gone after the next start', async () => {
    await start();
    const socket = halfAnUpload(server.port);
    await expect.poll(onDisk).toHaveLength(1);
    await server.end('SIGKILL');
    socket.destroy();
    expect(await onDisk()).toHaveLength(1);
    await start();
    expect(await onDisk()).toEqual([]);
  });

  it.runIf(effort === 'full')(
    '[FIL18] bytes whose row was never written are removed after the next start',
    async () => {
      await start();
      const kept = await put(server.url, 'kept');
      await server.end();
      const orphan = 'aaaaaaaa-0000-4000-8000-000000000000';
      const place = join(await filesFolder(), 'aa');
      await mkdir(place, { recursive: true });
      await writeFile(join(place, orphan), 'orphan');
      await utimes(join(place, orphan), 1, 1);
      await start();
      await expect.poll(async () => (await onDisk()).map((path) => path.slice(-36))).toEqual([kept.id]);
      expect(await (await fetch(`${server.url}/files/${kept.id}`)).text()).toBe('kept');
    },
  );

  it('[FIL5] [FIL6] the limit is a setting, and more leaves nothing behind', async () => {
    await start({ CALLBOARD_FILE_BYTES_MAX: '1000' });
    await put(server.url, 'x'.repeat(1000));
    const chunked = new ReadableStream({
      start(controller) {
        for (let count = 0; count < 3; count++) controller.enqueue(Buffer.alloc(400, 'x'));
        controller.close();
      },
    });
    const response = await fetch(`${server.url}/files`, { method: 'POST', body: chunked, duplex: 'half' });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      message: 'Request body must not be larger than 1000 bytes',
    });
    await expect.poll(onDisk).toHaveLength(1);
  });

  it.runIf(effort === 'full')(
    '[FIL20] a file to which no message refers is gone after the grace',
    async () => {
      await start({ CALLBOARD_FILE_GRACE_MS: '1000' });
      const file = await put(server.url, 'soon gone');
      const status = async () => (await fetch(`${server.url}/files/${file.id}`)).status;
      expect(await status()).toBe(200);
      await expect.poll(status, { timeout: 10_000 }).toBe(404);
      await expect.poll(onDisk).toEqual([]);
    },
    20_000,
  );
});

describe('a failing disk', () => {
  /** A server in this process whose store of files breaks as `wrap` says. */
  async function serverWith(wrap: (store: FileStore) => FileStore) {
    const argv = ['--port', '0', '--data', folder.path];
    const env = { CALLBOARD_WEB: 'off', CALLBOARD_LOG_LEVEL: 'silent' };
    const loaded = loadConfig({ argv, env, cwd: folder.path });
    if (loaded.ok !== true) throw new Error('the configuration is right');
    const logging = createLogging({ level: loaded.config.logLevel, clock: systemClock, ids: systemIds });
    const callboard = await startCallboard(loaded.config, logging, { wrapFiles: wrap });
    return { url: `http://127.0.0.1:${callboard.port}`, stop: callboard.stop };
  }

  it('[FIL7] that fills up in the middle of a file is a 503, leaves nothing, and is used again', async () => {
    let roomBytes = 100_000;
    const { url, stop } = await serverWith((store) => ({
      ...store,
      list: () => store.list(),
      write: async (id) => {
        const write = await store.write(id);
        return {
          ...write,
          append: async (chunk) => {
            roomBytes -= chunk.length;
            if (roomBytes < 0) throw new FileStoreUnavailable('ENOSPC: says the test', { isFull: true });
            await write.append(chunk);
          },
        };
      },
    }));
    const response = await fetch(`${url}/files`, { method: 'POST', body: Buffer.alloc(3_000_000, 'x') });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({
      message: 'There is no room left for files; try again later',
      retryable: true,
    });
    expect(await onDisk()).toEqual([]);
    roomBytes = 100_000;
    const file = await put(url, 'fits');
    expect(await (await fetch(`${url}/files/${file.id}`)).text()).toBe('fits');
    await stop();
  });

  it('[FIL15] that loses a file is a 500 for it, and other files are served', async () => {
    const { url, stop } = await serverWith((store) => store);
    const [lost, kept] = [await put(url, 'lost'), await put(url, 'kept')];
    await writeFile(join(await filesFolder(), lost.id.slice(0, 2), lost.id), 'short'.slice(0, 2));
    expect((await fetch(`${url}/files/${lost.id}`)).status).toBe(500);
    expect(await (await fetch(`${url}/files/${kept.id}`)).text()).toBe('kept');
    await stop();
  });
});
