/**
 * The patch for older glibc, on the package's real binary and on other files. It must refuse any file that it does
 * not expect, and never throw.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elfImage } from '../../../../src/gateway/uws/elf-image.ts';
import { patchedForOlderGlibc } from '../../../../src/gateway/uws/elf-patch.ts';
import { cases } from '../../../effort.ts';

const folder = dirname(createRequire(import.meta.url).resolve('uWebSockets.js'));
const binary = (arch: string, abi = '137') => readFileSync(join(folder, `uws_linux_${arch}_${abi}.node`));
const x64 = binary('x64');

function patchedBytes(original: Buffer): Buffer {
  const outcome = patchedForOlderGlibc(original);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.bytes;
}

function refusalOf(bytes: Buffer): string | undefined {
  const outcome = patchedForOlderGlibc(bytes);
  return outcome.ok ? undefined : outcome.reason;
}

/** Every symbol with the name of its version. */
function importsOf(bytes: Buffer): Set<string> {
  const image = elfImage(bytes);
  const versions = new Map(image.versionNeeds.map((need) => [need.index, need.name]));
  return new Set([...image.symbols()].map(({ name, version }) => `${name}@${versions.get(version) ?? ''}`));
}

describe.each([
  ['x64', 'GLIBC_2.2.5', ['sscanf', 'strtol', 'strtoul']],
  ['arm64', 'GLIBC_2.17', ['strtol', 'strtoul']],
])('the binary for Linux on %s', (arch, base, names) => {
  const original = binary(arch);
  const patched = patchedBytes(original);

  it('needs GLIBC_2.38 for these symbols before, and for none after', () => {
    const before = importsOf(original);
    const after = importsOf(patched);
    const gone = [...before].filter((symbol) => !after.has(symbol)).sort();
    expect(gone).toEqual(names.map((name) => `__isoc23_${name}@GLIBC_2.38`));
    for (const name of names) expect(after).toContain(`${name}@${base}`);
    expect(elfImage(patched).versionNeeds.map((need) => need.name)).not.toContain('GLIBC_2.38');
    expect(after.size).toBeGreaterThanOrEqual(before.size - names.length);
  });

  it('changes a handful of bytes and leaves the original alone', () => {
    expect(original.equals(binary(arch))).toBe(true);
    expect(patched.length).toBe(original.length);
    let changed = 0;
    for (let index = 0; index < original.length; index++) if (original[index] !== patched[index]) changed++;
    // Per symbol: up to 4 bytes of its name and 2 of its version; 8 for the version need.
    expect(changed).toBeGreaterThan(0);
    expect(changed).toBeLessThanOrEqual(names.length * 6 + 8);
  });

  it('refuses to patch twice', () => {
    expect(refusalOf(patched)).toBe('GLIBC_2.38 is needed 0 times');
  });
});

describe('what is not that binary', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 'shorter than an ELF header'],
    ['zeros', Buffer.alloc(4096), 'no ELF magic'],
    ['text', Buffer.from('#!/bin/sh\n'.repeat(100)), 'no ELF magic'],
    ['this Node', readFileSync(process.execPath), 'not a shared library'],
  ])('refuses %s', (_what, bytes, reason) => {
    const given = refusalOf(bytes);
    // Node itself may be built as a position-independent executable, which counts as a shared library.
    if (bytes.length > 1_000_000) expect(given).toBeDefined();
    else expect(given).toBe(reason);
  });

  it('refuses binaries of other systems', () => {
    for (const name of ['uws_darwin_arm64_137.node', 'uws_win32_x64_137.node']) {
      expect(refusalOf(readFileSync(join(folder, name)))).toBe('no ELF magic');
    }
  });

  it('refuses another architecture, another class and another byte order', () => {
    const altered = (change: (bytes: Buffer) => void) => {
      const copy = Buffer.from(x64);
      change(copy);
      return refusalOf(copy);
    };
    expect(altered((bytes) => bytes.writeUInt16LE(40, 18))).toContain('architecture');
    expect(altered((bytes) => bytes.writeUInt8(1, 4))).toContain('64-bit');
    expect(altered((bytes) => bytes.writeUInt8(2, 5))).toContain('64-bit');
    expect(altered((bytes) => bytes.writeUInt16LE(2, 16))).toContain('not a shared library');
  });

  it('refuses when a fourth symbol needs the new version too', () => {
    const copy = Buffer.from(x64);
    const image = elfImage(copy);
    const tooNew = image.versionNeeds.find((need) => need.name === 'GLIBC_2.38');
    const victim = [...image.symbols()].find((symbol) => symbol.name === 'fstat');
    copy.writeUInt16LE(tooNew?.index ?? 0, victim?.versionAt ?? 0);
    expect(refusalOf(copy)).toBe('fstat needs GLIBC_2.38 too');
  });

  it('refuses the file cut off anywhere', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: x64.length - 1 }), (length) => {
        expect(refusalOf(x64.subarray(0, length))).toBeDefined();
      }),
      { numRuns: cases({ quick: 10, full: 50 }) },
    );
  });

  it('never throws, and never changes anything but the tables, whatever bytes of the headers are broken', () => {
    const image = elfImage(x64);
    const [firstNeed] = image.versionNeeds;
    const headers = x64.length - 31 * 64;
    const place = fc.oneof(
      fc.integer({ min: 0, max: 63 }),
      fc.integer({ min: headers, max: x64.length - 1 }),
      fc.integer({ min: firstNeed?.hashAt ?? 0, max: (firstNeed?.hashAt ?? 0) + 0x170 }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        (breaks) => {
          const copy = Buffer.from(x64);
          for (const [at, value] of breaks) copy.writeUInt8(value, at);
          const outcome = patchedForOlderGlibc(copy);
          if (outcome.ok) expect(outcome.bytes.length).toBe(copy.length);
          else expect(outcome.reason).not.toBe('');
        },
      ),
      { numRuns: cases({ quick: 20, full: 100 }) },
    );
  });
});
