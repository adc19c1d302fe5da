/** The store of bytes as a map. It passes the contract of the real one (`test/contract/file-store-contract.ts`). */
import { type ByteRange, type FileStore, FileStoreUnavailable } from '../../actors/file-store.ts';
import type { FileId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

export type MemoryFileStore = FileStore & {
  /** How many files are there, and how many are being written. */
  readonly count: () => { readonly files: number; readonly writes: number };
  /** From now on, writes reject as if the disk were full; `false`: no more. */
  readonly fill: (isFull: boolean) => void;
  readonly bytesOf: (id: FileId) => Buffer | undefined;
};

export function memoryFileStore(now: () => Milliseconds = () => 0): MemoryFileStore {
  const files = new Map<FileId, { readonly bytes: Buffer; readonly storedAt: Milliseconds }>();
  const writing = new Set<FileId>();
  let isFull = false;
  const room = () => {
    if (isFull) throw new FileStoreUnavailable('The store of files is full', { isFull: true });
  };

  return {
    count: () => ({ files: files.size, writes: writing.size }),
    fill: (full) => {
      isFull = full;
    },
    bytesOf: (id) => files.get(id)?.bytes,
    async write(id) {
      room();
      if (writing.has(id)) throw new FileStoreUnavailable('It is being written', { isFull: false });
      writing.add(id);
      const chunks: Uint8Array[] = [];
      return {
        async append(chunk) {
          room();
          chunks.push(chunk.slice());
        },
        async commit() {
          writing.delete(id);
          room();
          files.set(id, { bytes: Buffer.concat(chunks), storedAt: now() });
        },
        async discard() {
          writing.delete(id);
        },
      };
    },
    async open(id) {
      const file = files.get(id);
      if (file === undefined) return undefined;
      const { bytes } = file;
      async function* read({ start, end }: ByteRange) {
        for (let position = start; position < end; position += limits.fileChunkBytes)
          yield bytes.subarray(position, Math.min(end, position + limits.fileChunkBytes));
      }
      return { bytes: bytes.length, read, close: async () => {} };
    },
    async remove(id) {
      files.delete(id);
    },
    async *list() {
      for (const [id, { storedAt }] of files) yield { id, storedAt };
    },
  };
}
