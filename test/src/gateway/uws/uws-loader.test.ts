/** Loading uWebSockets.js on this machine, and the patched copies that older systems need. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { patchedForOlderGlibc } from '../../../../src/gateway/uws/elf-patch.ts';
import { cacheFolders, loadUws, patchedCopy } from '../../../../src/gateway/uws/uws-loader.ts';

const packageFolder = dirname(createRequire(import.meta.url).resolve('uWebSockets.js'));
const file = join(packageFolder, 'uws_linux_x64_137.node');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callboard-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('loads on this machine, once', () => {
  const uws = loadUws();
  expect(typeof uws.App).toBe('function');
  expect(loadUws()).toBe(uws);
});

describe('the patched copy', () => {
  const patched = () => {
    const outcome = patchedForOlderGlibc(readFileSync(file));
    return outcome.ok ? outcome.bytes : Buffer.alloc(0);
  };

  it('is written whole, for its owner to write, and named after what it was made from', () => {
    const copy = patchedCopy(file, [join(folder, 'a', 'b')]);
    expect(copy).toMatch(/\/a\/b\/uws-[0-9a-f]{32}\.node$/);
    expect(readFileSync(copy).equals(patched())).toBe(true);
    expect(statSync(copy).mode & 0o222).toBe(0);
    expect(readdirSync(dirname(copy))).toHaveLength(1);
  });

  it('is used again when it is sound', () => {
    const copy = patchedCopy(file, [folder]);
    const { ino } = statSync(copy);
    expect(patchedCopy(file, [folder])).toBe(copy);
    expect(statSync(copy).ino).toBe(ino);
  });

  it('is replaced when a byte of it has changed, or a part of it is missing', () => {
    const copy = patchedCopy(file, [folder]);
    for (const broken of [Buffer.from('half'), Buffer.concat([patched(), Buffer.from([0])])]) {
      rmSync(copy);
      writeFileSync(copy, broken);
      patchedCopy(file, [folder]);
      expect(readFileSync(copy).equals(patched())).toBe(true);
    }
  });

  it('is not kept in a folder that others can write to, nor behind a link', () => {
    const open = join(folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    const link = join(folder, 'link');
    symlinkSync(folder, link);
    for (const bad of [open, link]) {
      expect(() => patchedCopy(file, [bad])).toThrow('can be written by other users');
      expect(dirname(patchedCopy(file, [bad, join(folder, 'good')]))).toBe(join(folder, 'good'));
    }
    expect(readdirSync(open)).toEqual([]);
  });

  it('goes to the next folder when one cannot be used', () => {
    const occupied = join(folder, 'file');
    writeFileSync(occupied, '');
    expect(dirname(patchedCopy(file, [occupied, join(folder, 'next')]))).toBe(join(folder, 'next'));
    expect(() => patchedCopy(file, [occupied])).toThrow();
  });

  it('is not made of anything unexpected', () => {
    const other = join(folder, 'other.node');
    writeFileSync(other, 'no library');
    expect(() => patchedCopy(other, [folder])).toThrow(`${other}: shorter than an ELF header`);
    expect(readdirSync(folder)).toEqual(['other.node']);
  });

  it('is looked for beside the package first, then in a folder of this user alone', () => {
    const [beside, own] = cacheFolders('/app/node_modules/uWebSockets.js');
    expect(beside).toBe('/app/node_modules/.cache/callboard');
    expect(own).toBe(join(tmpdir(), `callboard-${process.getuid?.()}`));
  });
});
