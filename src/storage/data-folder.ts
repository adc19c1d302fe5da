/** The data folder, in which the embedded database, files and built pages are. */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorCode, StorageOpenError } from './storage-open-error.ts';

/** Makes the folder if it is missing. Throws {@link StorageOpenError} when nothing can be written there. */
export function prepareFolder(folder: string): void {
  try {
    makeFolder(resolve(folder));
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
  mkdirSync(folder);
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
