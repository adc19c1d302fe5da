/** Where the Unix socket is at which a running server takes commands from its command line. */
import { createHash } from 'node:crypto';
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
 * files, named by user and data folder.
 */
export function socketPlace(dataFolder: string): SocketPlace {
  const path = join(resolve(dataFolder), 'admin.sock');
  if (Buffer.byteLength(path) <= pathBytesMax) return { path, folder: null };
  const digest = createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `callboard-${process.getuid?.() ?? 0}-${digest}`);
  return { path: join(folder, 'admin.sock'), folder };
}
