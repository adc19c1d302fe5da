/** Opens the store of files of a database, or one that refuses: a server whose data folder is useless still serves. */
import { join } from 'node:path';
import { type FileStore, FileStoreUnavailable } from '../../actors/file-store.ts';
import type { Log } from '../../actors/ports.ts';
import type { Epoch } from '../../schema/wire/cursor.ts';
import { prepareFolder } from '../storage/data-folder.ts';
import { openDiskFileStore } from './disk-file-store.ts';

/** `<data folder>/files/<epoch>`: another database has another epoch, and never meets these files ([FIL17]). */
export async function openFiles(options: {
  readonly dataFolder: string;
  readonly epoch: Epoch;
  readonly log: Log;
}): Promise<FileStore> {
  try {
    prepareFolder(options.dataFolder);
    return await openDiskFileStore(join(options.dataFolder, 'files', options.epoch));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    options.log.warn('Files cannot be stored until the server is started with a usable data folder', {
      reason,
    });
    return unavailableFileStore(reason);
  }
}

function unavailableFileStore(reason: string): FileStore {
  const fail = () => Promise.reject(new FileStoreUnavailable(reason, { isFull: false }));
  return {
    write: fail,
    open: fail,
    remove: fail,
    async *list() {
      yield* [];
    },
  };
}
