/**
 * Loads uWebSockets.js, even on Linux systems whose glibc is older than its binary requires: Debian 12 has 2.36, the
 * binary wants 2.38. There, a patched copy is written once and loaded instead.
 *
 * The copy is kept in `node_modules/.cache/callboard`, beside the original package, so that it belongs to the same
 * user and is deleted with it. Where that folder cannot be written (an image with a read-only `node_modules`), the
 * copy goes to a folder of the user's own under the system's temporary one. That folder is refused when another user
 * owns it or can write to it, because this process runs the code in it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { limits } from '../../../schema/limits.ts';
import { patchedForOlderGlibc } from './elf-patch.ts';

export type Uws = typeof import('uWebSockets.js');

/** uWebSockets.js cannot be used on this machine; the message says why, `cause` is the first failure. */
export class UwsLoadError extends Error {
  override readonly name = 'UwsLoadError';
}

const require = createRequire(import.meta.url);
const packageName = 'uWebSockets.js';
let loaded: Uws | undefined;

/** The module, loaded at the first call. Throws {@link UwsLoadError}. */
export function loadUws(): Uws {
  loaded ??= loadedAnyhow();
  return loaded;
}

function loadedAnyhow(): Uws {
  // uWebSockets.js reads this as it is loaded. Its default, 4 kB, is less than the cookies that browsers may send.
  process.env['UWS_HTTP_MAX_HEADERS_SIZE'] ??= String(limits.requestHeadBytesMax);
  try {
    return checked(require(packageName));
  } catch (cause) {
    if (!glibcIsOlder(2, 38)) {
      throw new UwsLoadError(`${packageName} cannot be loaded: ${messageOf(cause)}`, { cause });
    }
    return patchedCopyLoaded(cause);
  }
}

function patchedCopyLoaded(cause: unknown): Uws {
  const folder = dirname(require.resolve(packageName));
  const file = join(folder, `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`);
  let copy: string;
  try {
    copy = patchedCopy(file, cacheFolders(folder));
  } catch (error) {
    throw new UwsLoadError(`${packageName} wants glibc 2.38 and could not be patched: ${messageOf(error)}`, {
      cause,
    });
  }
  const module: { exports: unknown } = { exports: {} };
  try {
    process.dlopen(module, copy);
    return checked(module.exports);
  } catch (error) {
    throw new UwsLoadError(`the patched ${packageName} cannot be loaded: ${messageOf(error)}`, { cause });
  }
}

/** Folders in which a copy may be kept, best first. */
export function cacheFolders(packageFolder: string): readonly string[] {
  const user = process.getuid?.() ?? 'user';
  return [join(dirname(packageFolder), '.cache', 'callboard'), join(tmpdir(), `callboard-${user}`)];
}

/**
 * Returns the path of a patched copy of `file`, and writes one if no folder has it yet. An existing copy is used only
 * if each of its bytes equals what the patch makes of `file` now. Otherwise it is replaced by renaming, so that a
 * process that has the old copy open keeps it and nobody sees half a file. Throws when `file` is not what the patch
 * expects, or no folder can be used.
 */
export function patchedCopy(file: string, folders: readonly string[]): string {
  const original = readFileSync(file);
  const outcome = patchedForOlderGlibc(original);
  if (!outcome.ok) throw new Error(`${file}: ${outcome.reason}`);
  const hash = createHash('sha256').update(original).digest('hex').slice(0, 32);
  const failures: string[] = [];
  for (const folder of folders) {
    try {
      return copyIn(folder, `uws-${hash}.node`, outcome.bytes);
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throw new Error(failures.join('; '));
}

function copyIn(folder: string, name: string, bytes: Buffer): string {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const { uid, mode } = lstatSync(folder);
  const mine = process.getuid === undefined || uid === process.getuid() || uid === 0;
  if (!mine || (mode & 0o022) !== 0) throw new Error(`${folder} can be written by other users`);
  const copy = join(folder, name);
  if (holds(copy, bytes)) return copy;
  const draft = `${copy}.${randomUUID()}`;
  try {
    writeFileSync(draft, bytes, { mode: 0o555, flag: 'wx' });
    renameSync(draft, copy);
  } finally {
    rmSync(draft, { force: true });
  }
  return copy;
}

function holds(file: string, bytes: Buffer): boolean {
  try {
    return readFileSync(file).equals(bytes);
  } catch {
    return false;
  }
}

/** Whether this process runs on a glibc older than `major.minor`. False on musl and on other systems. */
function glibcIsOlder(major: number, minor: number): boolean {
  if (process.platform !== 'linux') return false;
  // Otherwise the report looks up the names of this machine's network peers, which can take seconds.
  const excludeNetwork = field(process.report, 'excludeNetwork');
  Reflect.set(process.report, 'excludeNetwork', true);
  const report: unknown = process.report.getReport();
  Reflect.set(process.report, 'excludeNetwork', excludeNetwork);
  const version = field(field(report, 'header'), 'glibcVersionRuntime');
  if (typeof version !== 'string') return false;
  const [runningMajor = 0, runningMinor = 0] = version.split('.').map(Number);
  return runningMajor < major || (runningMajor === major && runningMinor < minor);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function checked(value: unknown): Uws {
  if (!isUws(value)) throw new Error(`${packageName} does not export what it should`);
  return value;
}

function isUws(value: unknown): value is Uws {
  return ['App', 'us_listen_socket_close', 'us_socket_local_port'].every(
    (name) => typeof field(value, name) === 'function',
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
