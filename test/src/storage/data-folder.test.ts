/** The rights on the data folder and on what is in it: real folders, real databases, real files. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileIdSchema } from '../../../schema/ids.ts';
import { openFiles } from '../../../src/files/open-files.ts';
import { openSqlite } from '../../../src/storage/sqlite/open-sqlite.ts';
import { entry } from '../../contract/sample-entries.ts';
import { silentLog } from '../../fakes/silent-log.ts';

let base: string;
let before: number;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'callboard-rights-'));
  // The widest that a system gives: the server must not depend on it.
  before = process.umask(0);
});
afterAll(() => {
  process.umask(before);
  rmSync(base, { recursive: true });
});

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** Every path below the folder, with its mode. */
function modes(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => [
      path,
      modeOf(join(folder, path)),
    ]),
  );
}

/** A store that wrote something, so that SQLite has made all its files. */
async function used(folder: string): Promise<() => Promise<void>> {
  const storage = await openSqlite(folder);
  await storage.journal.append([entry.config({ features: {}, theme: 'dark' })]);
  const files = await openFiles({ dataFolder: folder, epoch: storage.eventLog.epoch, log: silentLog });
  const id = '0b9cf0a4-6c0c-4a51-8a4e-3f6a2c1d9e77';
  const [stored, arriving] = await Promise.all([
    files.write(fileIdSchema.parse(id)),
    files.write(fileIdSchema.parse(id.replace(/^0/, '1'))),
  ]);
  await stored.append(Buffer.from('x'));
  await stored.commit();
  await arriving.append(Buffer.from('y'));
  return async () => {
    await arriving.discard();
    await storage.close();
  };
}

describe.skipIf(process.platform === 'win32')('the data folder', () => {
  it('[LAP1] is made 0700 with everything above it that is missing, and its files 0600', async () => {
    const folder = join(base, 'made', 'data');
    const close = await used(folder);
    expect(modeOf(join(base, 'made'))).toBe('700');
    expect(modeOf(folder)).toBe('700');
    const found = modes(folder);
    const names = Object.keys(found).sort();
    for (const name of ['', '-wal', '-shm', '.lock']) expect(names).toContain(`callboard.sqlite${name}`);
    expect(names.filter((name) => /\/[01]b9cf0a4[^/]*$/.test(name))).toHaveLength(2);
    for (const name of names) {
      expect([name, found[name]]).toEqual([name, statSync(join(folder, name)).isFile() ? '600' : '700']);
    }
    await close();
  });

  it('[LAP1] is tightened with its database when it was looser,', async () => {
    const folder = join(base, 'loose');
    await (await used(folder))();
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 'callboard.sqlite'), 0o644);
    chmodSync(join(folder, 'callboard.sqlite.lock'), 0o666);
    const close = await used(folder);
    expect(modeOf(folder)).toBe('700');
    const found = modes(folder);
    for (const name of ['', '-wal', '-shm', '.lock']) expect(found[`callboard.sqlite${name}`]).toBe('600');
    await close();
  });

  it('[LAP1] that holds other things than its own is left as it is; its own files are not', async () => {
    const folder = join(base, 'home');
    mkdirSync(folder, { mode: 0o755 });
    writeFileSync(join(folder, 'letter.txt'), 'Dear', { mode: 0o644 });
    const close = await used(folder);
    expect(modeOf(folder)).toBe('755');
    const found = modes(folder);
    expect(found['letter.txt']).toBe('644');
    for (const name of ['', '-wal', '-shm', '.lock']) expect(found[`callboard.sqlite${name}`]).toBe('600');
    expect(found['files']).toBe('700');
    await close();
  });
});
