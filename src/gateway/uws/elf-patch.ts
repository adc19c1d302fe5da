/**
 * The patch that lets uWebSockets.js's Linux binary load on a glibc older than 2.38
 * (docs/dependencies.md#uwebsocketsjs).
 *
 * The binary was linked on a newer system, where `strtol`, `strtoul` and `sscanf` became `__isoc23_…@GLIBC_2.38`.
 * Nothing else in it needs that version. The patch makes it import the plain functions of the architecture's first
 * glibc instead: it advances the names past `__isoc23_`, points their versions at the base version that the binary
 * already needs, and turns the need for GLIBC_2.38 into a second need for that base version. The only difference in
 * behaviour is that the newer functions also read `0b…` as binary numbers.
 *
 * A file that is not exactly as expected is refused, because a wrongly patched library crashes the process long after
 * it was loaded.
 */
import { ElfUnexpected, elfImage, expected, type VersionNeed } from './elf-image.ts';

export type PatchOutcome =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly reason: string };

const newVersion = 'GLIBC_2.38';
const newPrefix = '__isoc23_';
const newSymbols: ReadonlySet<string> = new Set(['__isoc23_strtol', '__isoc23_strtoul', '__isoc23_sscanf']);

/** By `e_machine`: the base version under which the architecture's first glibc exported every symbol. */
const baseVersions: ReadonlyMap<number, string> = new Map([
  [62, 'GLIBC_2.2.5'],
  [183, 'GLIBC_2.17'],
]);

/** Returns a patched copy and leaves `original` unchanged. Never throws: it refuses a file that it does not expect. */
export function patchedForOlderGlibc(original: Buffer): PatchOutcome {
  try {
    return { ok: true, bytes: patched(original) };
  } catch (error) {
    if (error instanceof ElfUnexpected) return { ok: false, reason: error.message };
    // Thrown by Node's bounds checks: a table points past the end of the file.
    if (error instanceof RangeError) return { ok: false, reason: 'a table lies outside the file' };
    throw error;
  }
}

function patched(original: Buffer): Buffer {
  const image = elfImage(original);
  const baseVersion = baseVersions.get(image.machine);
  expected(baseVersion !== undefined, 'built for an architecture without a known base version');
  const tooNew = onlyNeed(image.versionNeeds, newVersion);
  const base = onlyNeed(
    image.versionNeeds.filter((need) => need.library === tooNew.library),
    baseVersion,
  );
  expected(tooNew.library === 'libc.so.6', `${newVersion} is needed of ${tooNew.library}`);
  expected(tooNew.hash === elfHash(newVersion), `the hash of ${newVersion} is wrong`);
  expected(base.hash === elfHash(baseVersion), `the hash of ${baseVersion} is wrong`);

  const copy = Buffer.from(original);
  let symbolsPatched = 0;
  for (const symbol of image.symbols()) {
    // The highest bit hides a symbol; imports never have it set, so a symbol that does is refused by its name below.
    if ((symbol.version & 0x7fff) !== tooNew.index) continue;
    expected(symbol.version === tooNew.index, `${symbol.name} is hidden`);
    expected(!symbol.defined, `${symbol.name} is defined here`);
    expected(newSymbols.has(symbol.name), `${symbol.name} needs ${newVersion} too`);
    copy.writeUInt32LE(symbol.nameOffset + newPrefix.length, symbol.nameAt);
    copy.writeUInt16LE(base.index, symbol.versionAt);
    symbolsPatched++;
  }
  expected(symbolsPatched > 0, `no symbol needs ${newVersion}`);
  copy.writeUInt32LE(base.hash, tooNew.hashAt);
  copy.writeUInt32LE(base.nameOffset, tooNew.nameAt);
  return copy;
}

function onlyNeed(needs: readonly VersionNeed[], name: string): VersionNeed {
  const matching = needs.filter((need) => need.name === name);
  const [need] = matching;
  expected(need !== undefined && matching.length === 1, `${name} is needed ${matching.length} times`);
  return need;
}

/** The System V hash of a version name; the dynamic linker compares it before the name. */
function elfHash(name: string): number {
  let hash = 0;
  for (const byte of Buffer.from(name, 'latin1')) {
    hash = (hash * 16 + byte) >>> 0;
    const high = hash & 0xf000_0000;
    hash = ((hash ^ (high >>> 24)) & ~high) >>> 0;
  }
  return hash;
}
