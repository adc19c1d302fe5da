/** Where the Unix socket is at which a running server takes commands from its command line. */
import { createHash } from 'node:crypto';
import { lstatSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** macOS takes 103 bytes, Linux 107. */
const pathBytesMax = 103;

export type SocketPlace = {
  readonly path: string;
  /** A folder to be made for it, because the path in the data folder would be too long. */
  readonly folder: string | null;
};

/**
 * `admin.sock` in the data folder. If that path is too long for a socket: in a folder of the system's folder for temporary
 * files, named by the data folder.
 */
export function socketPlace(dataFolder: string): SocketPlace {
  const path = join(resolve(dataFolder), 'admin.sock');
  if (Buffer.byteLength(path) <= pathBytesMax) return { path, folder: null };
  const digest = createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `callboard-${digest}`);
  return { path: join(folder, 'admin.sock'), folder };
}

/**
 * Whether what is at the path can be trusted: anybody can make a folder among the temporary files. The data folder says whose
 * server it is.
 */
export function isTrusted({ folder }: SocketPlace, dataFolder: string): boolean {
  if (folder === null) return true;
  const found = lstatSync(folder, { throwIfNoEntry: false });
  const data = statSync(dataFolder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && (found.mode & 0o077) === 0 && found.uid === data?.uid;
}
