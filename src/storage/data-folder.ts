/**
 * The data folder, in which the embedded database, files and built pages are. It and what is in it are for the user alone
 * whom the server runs as.
 */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorCode, StorageOpenError } from './storage-open-error.ts';

const folderMode = 0o700;
const fileMode = 0o600;
/** The rights of everybody but the owner. */
const othersMode = 0o077;
/** What the server makes in its data folder, and the config file, which some keep there. */
const ownNames = /^(?:callboard\..*|admin\.sock|files|pages)$/;

/**
 * Makes the folder if it is missing, and takes the rights of other users from it. A folder that holds anything else than
 * Callboard's own, such as a home, is left as it is. Throws {@link StorageOpenError} when nothing can be written there.
 */
export function prepareFolder(folder: string): void {
  try {
    makeFolder(resolve(folder));
    if (isOwn(folder)) tighten(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new StorageOpenError(`Data folder ${folder} cannot be written: ${folderFault(cause)}`, { cause });
  }
}

/**
 * Makes one level at a time: where nothing can be created in an existing folder (`/proc`), Node's recursive mkdir
 * never returns.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: folderMode });
}

function isOwn(folder: string): boolean {
  return readdirSync(folder).every((name) => ownNames.test(name));
}

/**
 * Makes the database file if it is missing, and takes the rights of other users from it and from the files that SQLite
 * keeps beside it. SQLite gives those that it makes later the mode of the database.
 */
export function prepareDatabaseFile(path: string): void {
  try {
    // Never opens a file that exists: closing it would take the locks that this process may have on it.
    closeSync(openSync(path, 'wx', fileMode));
  } catch (cause) {
    if (errorCode(cause) !== 'EEXIST') throw cause;
  }
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    const file = `${path}${suffix}`;
    if (existsSync(file) && lstatSync(file).isFile()) tighten(file);
  }
}

/** Only the owner of a file can change its mode, and Windows has none. */
function tighten(path: string): void {
  const { uid, mode } = statSync(path);
  if (process.getuid === undefined || uid !== process.getuid()) return;
  if ((mode & othersMode) !== 0) chmodSync(path, mode & 0o7777 & ~othersMode);
}

function folderFault(cause: unknown): string {
  const code = errorCode(cause);
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EEXIST':
    case 'ENOTDIR':
      return 'there is a file in its place or above it';
    case 'ENOENT':
      return 'no folder can be made there';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return code ?? String(cause);
  }
}
