/**
 * Files on disk, one per id: `<folder>/<first two digits of the id>/<id>`. A file is written as `<folder>/arriving/<id>`,
 * flushed to the disk, and then moved to its place, so that it is there whole or not at all (SPEC [FIL16]).
 *
 * Equal files are stored twice: with one copy of the bytes for several ids, a deletion would have to know of all others
 * at the very moment when another is being stored.
 */
import type { Dirent } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ByteRange,
  type FileReader,
  type FileStore,
  FileStoreUnavailable,
  type FileWrite,
} from '../../actors/file-store.ts';
import { type FileId, fileIdSchema } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { assert } from '../../schema/unreachable.ts';
import { type DiskCalls, diskCalls } from './disk-calls.ts';

const folderMode = 0o700;
const fileMode = 0o600;
const fullCodes = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/**
 * Makes the folder and removes what earlier processes left half-written: no two processes may use one folder. Rejects
 * with {@link FileStoreUnavailable}.
 */
export async function openDiskFileStore(folder: string, calls: DiskCalls = diskCalls): Promise<FileStore> {
  await diskWork('be opened', async () => {
    await calls.rm(join(folder, 'arriving'), { recursive: true, force: true });
    await calls.mkdir(join(folder, 'arriving'), { recursive: true, mode: folderMode });
    // The folder may be older than this program, with the rights that somebody gave it.
    await calls.chmod(folder, folderMode);
  });
  return new DiskFileStore(folder, calls);
}

class DiskFileStore implements FileStore {
  readonly #folder: string;
  readonly #calls: DiskCalls;

  constructor(folder: string, calls: DiskCalls) {
    this.#folder = folder;
    this.#calls = calls;
  }

  readonly write = (id: FileId): Promise<FileWrite> =>
    diskWork('take a file', async () => {
      const arriving = join(this.#folder, 'arriving', checked(id));
      const handle = await this.#calls.open(arriving, 'wx', fileMode);
      return new DiskFileWrite(this.#calls, handle, { arriving, folder: this.#folderOf(id), id });
    });

  readonly open = (id: FileId): Promise<FileReader | undefined> =>
    diskWork('be read', async () => {
      const handle = await unlessMissing(this.#calls.open(this.#pathOf(id), 'r'));
      if (handle === undefined) return undefined;
      try {
        return diskFileReader(handle, (await handle.stat()).size);
      } catch (error) {
        await handle.close();
        throw error;
      }
    });

  readonly remove = (id: FileId): Promise<void> =>
    diskWork('delete a file', async () => {
      await unlessMissing(this.#calls.unlink(this.#pathOf(id)));
    });

  async *list(): ReturnType<FileStore['list']> {
    for await (const folder of this.#entries(this.#folder)) {
      if (!folder.isDirectory() || folder.name.length !== 2) continue;
      for await (const { name } of this.#entries(join(this.#folder, folder.name))) {
        const id = fileIdSchema.safeParse(name);
        if (!id.success) continue;
        const found = await diskWork('be listed', () =>
          unlessMissing(this.#calls.stat(this.#pathOf(id.data))),
        );
        if (found !== undefined) yield { id: id.data, storedAt: found.mtimeMs };
      }
    }
  }

  async *#entries(folder: string): AsyncGenerator<Dirent> {
    try {
      for await (const entry of await this.#calls.opendir(folder)) yield entry;
    } catch (error) {
      throw unavailable('be listed', error);
    }
  }

  #folderOf(id: FileId): string {
    return join(this.#folder, checked(id).slice(0, 2));
  }

  #pathOf(id: FileId): string {
    return join(this.#folderOf(id), id);
  }
}

class DiskFileWrite implements FileWrite {
  readonly #calls: DiskCalls;
  readonly #handle: FileHandle;
  readonly #place: { readonly arriving: string; readonly folder: string; readonly id: FileId };

  constructor(
    calls: DiskCalls,
    handle: FileHandle,
    place: { readonly arriving: string; readonly folder: string; readonly id: FileId },
  ) {
    this.#calls = calls;
    this.#handle = handle;
    this.#place = place;
  }

  readonly append = (chunk: Uint8Array): Promise<void> =>
    diskWork('take a file', async () => {
      for (let written = 0; written < chunk.length; ) {
        written += (await this.#handle.write(chunk, written)).bytesWritten;
      }
    });

  readonly commit = async (): Promise<void> => {
    const { arriving, folder, id } = this.#place;
    try {
      await diskWork('take a file', async () => {
        await this.#handle.sync();
        await this.#handle.close();
        await this.#calls.mkdir(folder, { recursive: true, mode: folderMode });
        await this.#calls.rename(arriving, join(folder, id));
        await this.#syncFolder(folder);
        await this.#syncFolder(join(folder, '..'));
      });
    } catch (error) {
      await this.discard();
      throw error;
    }
  };

  readonly discard = async (): Promise<void> => {
    const { arriving, folder, id } = this.#place;
    await this.#handle.close().catch(() => {});
    // Where one of these fails, the next start removes the rest.
    await this.#calls.unlink(arriving).catch(() => {});
    await this.#calls.unlink(join(folder, id)).catch(() => {});
  };

  /** A name survives a power cut only when its folder was flushed. Windows cannot do that, and does not need to. */
  async #syncFolder(folder: string): Promise<void> {
    if (process.platform === 'win32') return;
    const handle = await this.#calls.open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

function diskFileReader(handle: FileHandle, bytes: number): FileReader {
  async function* read({ start, end }: ByteRange): AsyncGenerator<Uint8Array> {
    assert(start >= 0 && start <= end && end <= bytes, 'the range is within the file');
    for (let position = start; position < end; ) {
      const length = Math.min(limits.fileChunkBytes, end - position);
      const buffer = Buffer.allocUnsafeSlow(length);
      const { bytesRead } = await diskWork('be read', () => handle.read(buffer, 0, length, position));
      if (bytesRead === 0) throw unavailable('be read', new Error('the file has become shorter'));
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
  return { bytes, read, close: () => handle.close().catch(() => {}) };
}

/** An id becomes a path, so it must be one that this program made: the types alone do not prove it. */
function checked(id: FileId): string {
  return fileIdSchema.parse(id);
}

async function unlessMissing<Value>(work: Promise<Value>): Promise<Value | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function diskWork<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw unavailable(what, error);
  }
}

function unavailable(what: string, cause: unknown): FileStoreUnavailable {
  const isFull = fullCodes.includes(codeOf(cause) ?? '');
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FileStoreUnavailable(`The store of files cannot ${what}: ${reason}`, { isFull, cause });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
