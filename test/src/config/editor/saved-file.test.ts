/** Goal: the config file is there whole, whatever fails. Method: a real folder, and each call of the file system failing in turn. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SaveCalls, saveCalls, saveConfigFile } from '../../../../src/config/editor/saved-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callboard-save-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const isUnchanged = () => true;
const old = 'port: 1\n';

describe('saving the config file', () => {
  it('[EDT10] leaves the old file as it was, whichever call fails', async () => {
    const path = join(folder, 'a.yaml');
    const disk = Object.assign(new Error('full'), { code: 'ENOSPC' });
    let succeeded = false;
    for (let failing = 0; !succeeded; failing++) {
      writeFileSync(path, old);
      let calls = 0;
      const counted = <Call extends (...given: never[]) => unknown>(call: Call): Call =>
        ((...given: Parameters<Call>) => {
          // Cleaning up may fail as well.
          if (calls++ === failing) return Promise.reject(disk);
          return call(...given);
        }) as unknown as Call;
      const failingCalls: SaveCalls = {
        open: counted(saveCalls.open),
        rename: counted(saveCalls.rename),
        rm: counted(saveCalls.rm),
        stat: counted(saveCalls.stat),
      };
      const outcome = await saveConfigFile(
        path,
        'port: 2\n',
        { before: Buffer.from(old), isUnchanged },
        failingCalls,
      );
      expect(readFileSync(path, 'utf8')).toBe(outcome.ok ? 'port: 2\n' : old);
      if (!outcome.ok)
        expect(outcome.refusal).toMatchObject({
          code: 'unavailable',
          message: expect.stringContaining('the disk is full'),
        });
      succeeded = calls <= failing;
    }
    expect(readdirSync(folder)).toEqual(['a.yaml', 'a.yaml.bak']);
  });

  it('[EDT10] keeps its mode, and a link as a link', async () => {
    mkdirSync(join(folder, 'etc'));
    const target = join(folder, 'etc/real.yaml');
    writeFileSync(target, old);
    chmodSync(target, 0o640);
    const link = join(folder, 'link.yaml');
    symlinkSync('etc/real.yaml', link);
    expect(await saveConfigFile(link, 'port: 2\n', { before: Buffer.from(old), isUnchanged })).toMatchObject({
      ok: true,
    });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('port: 2\n');
    expect(readFileSync(`${target}.bak`, 'utf8')).toBe(old);
    expect([statSync(target).mode & 0o777, statSync(`${target}.bak`).mode & 0o777]).toEqual([0o640, 0o640]);
  });

  it('[EDT10] makes a new file for its owner alone, also behind a link', async () => {
    const link = join(folder, 'link.yaml');
    symlinkSync('new.yaml', link);
    expect(await saveConfigFile(link, 'a', { before: null, isUnchanged })).toMatchObject({ ok: true });
    expect(statSync(join(folder, 'new.yaml')).mode & 0o777).toBe(0o600);
    expect(await saveConfigFile(join(folder, 'no/a'), 'a', { before: null, isUnchanged })).toMatchObject({
      refusal: {
        code: 'unavailable',
        message: 'The config file cannot be written: its folder does not exist',
      },
    });
  });

  it('[EDT11] does not overwrite what has changed at the last moment', async () => {
    const path = join(folder, 'a.yaml');
    writeFileSync(path, old);
    const outcome = await saveConfigFile(path, 'b', { before: Buffer.from(old), isUnchanged: () => false });
    expect(outcome).toMatchObject({ refusal: { code: 'conflict' } });
    expect(readFileSync(path, 'utf8')).toBe(old);
  });
});
