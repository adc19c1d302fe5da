/** What the disk store does that its contract does not say: places, rights, crashes and failing disks. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileStoreUnavailable } from '../../../actors/file-store.ts';
import type { FileId } from '../../../schema/ids.ts';
import { type DiskCalls, diskCalls } from '../../../src/files/disk-calls.ts';
import { openDiskFileStore } from '../../../src/files/disk-file-store.ts';
import { newId } from '../../contract/sample-entries.ts';

describe('the disk store', () => {
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'callboard-')), 'data', 'files');
  });
  afterEach(() => rm(dirname(dirname(folder)), { recursive: true }));

  const put = async (calls?: DiskCalls): Promise<FileId> => {
    const store = await openDiskFileStore(folder, calls);
    const id = newId<FileId>();
    const write = await store.write(id);
    await write.append(Buffer.from('bytes'));
    await write.commit();
    return id;
  };
  const everything = () => readdir(folder, { recursive: true });
  /** Disk calls whose files fail at `method` with `code`. */
  const failing = (method: 'write' | 'sync', code: string): DiskCalls => ({
    ...diskCalls,
    open: async (...given) => {
      const handle = await diskCalls.open(...given);
      handle[method] = () => Promise.reject(Object.assign(new Error(`${code}: says the test`), { code }));
      return handle;
    },
  });

  it('[FIL17] only the user of the server may read folders and files', async () => {
    const id = await put();
    const place = join(folder, id.slice(0, 2), id);
    expect(await readFile(place, 'utf8')).toBe('bytes');
    const modes = await Promise.all(
      [folder, dirname(place), place].map(async (one) => (await stat(one)).mode & 0o777),
    );
    expect(modes).toEqual([0o700, 0o700, 0o600]);
  });

  it('[FIL16] what a crash left half-written is removed when the store is opened again', async () => {
    const store = await openDiskFileStore(folder);
    const id = newId<FileId>();
    const write = await store.write(id);
    await write.append(Buffer.from('half'));
    expect(await readdir(join(folder, 'arriving'))).toEqual([id]);
    const reopened = await openDiskFileStore(folder);
    expect(await readdir(join(folder, 'arriving'))).toEqual([]);
    expect(await reopened.open(id)).toBeUndefined();
    await write.discard();
  });

  it.each([
    ['write', 'ENOSPC', true],
    ['sync', 'ENOSPC', true],
    ['write', 'EDQUOT', true],
    ['write', 'EFBIG', true],
    ['sync', 'EIO', false],
  ] as const)(
    '[FIL7] a disk whose %s fails with %s leaves nothing of the file',
    async (method, code, isFull) => {
      const store = await openDiskFileStore(folder, failing(method, code));
      const id = newId<FileId>();
      const write = await store.write(id);
      const error = await write
        .append(Buffer.from('bytes'))
        .then(() => write.commit())
        .then(
          () => undefined,
          (cause: unknown) => cause,
        );
      await write.discard();
      expect(error instanceof FileStoreUnavailable && error.isFull).toBe(isFull);
      expect(error).toBeInstanceOf(FileStoreUnavailable);
      expect(await everything()).toEqual(['arriving']);
    },
  );

  it('[FIL7] a commit whose move fails leaves nothing', async () => {
    const calls: DiskCalls = { ...diskCalls, rename: () => Promise.reject(new Error('says the test')) };
    await expect(put(calls)).rejects.toBeInstanceOf(FileStoreUnavailable);
    expect(await readdir(join(folder, 'arriving'))).toEqual([]);
  });

  it('[FIL16] files of others in its folder are neither listed nor read', async () => {
    const id = await put();
    await writeFile(join(folder, 'README'), 'not ours');
    await writeFile(join(folder, id.slice(0, 2), 'not-an-id'), 'not ours');
    const ids: string[] = [];
    for await (const one of (await openDiskFileStore(folder)).list()) ids.push(one.id);
    expect(ids).toEqual([id]);
  });

  it('[FIL18] a folder that cannot be listed says so', async () => {
    const store = await openDiskFileStore(folder);
    await rm(folder, { recursive: true });
    await expect(store.list()[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(FileStoreUnavailable);
    await expect(openDiskFileStore('/dev/null/files')).rejects.toBeInstanceOf(FileStoreUnavailable);
  });

  it('[FIL15] a file that has become shorter is not read as if it were whole', async () => {
    const id = await put();
    const reader = await (await openDiskFileStore(folder)).open(id);
    await writeFile(join(folder, id.slice(0, 2), id), 'b');
    const read = async () => {
      for await (const chunk of reader?.read({ start: 1, end: 5 }) ?? [])
        expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toBeInstanceOf(FileStoreUnavailable);
    await reader?.close();
  });

  it('[FIL16] an id that is no UUID never becomes a path', async () => {
    const store = await openDiskFileStore(folder);
    const id = '../../escaped' as FileId;
    await expect(store.write(id)).rejects.toThrow();
    expect(await everything()).toEqual(['arriving']);
  });
});
