/** The contract of `FileStore` (actors/file-store.ts; SPEC [FIL1], [FIL15], [FIL16]), for the fake and each real store. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileStore, FileStoreUnavailable } from '../../actors/file-store.ts';
import type { FileId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { newId } from './sample-entries.ts';

export type FileStoreBackend = {
  readonly name: string;
  readonly open: () => Promise<{ readonly store: FileStore; readonly close: () => Promise<void> }>;
};

export function fileStoreContract(backend: FileStoreBackend): void {
  describe(`file store: ${backend.name}`, () => {
    let store: FileStore;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ store, close } = await backend.open());
    });
    afterAll(() => close());

    const put = async (chunks: readonly Uint8Array[]): Promise<FileId> => {
      const id = newId<FileId>();
      const write = await store.write(id);
      for (const chunk of chunks) await write.append(chunk);
      await write.commit();
      return id;
    };
    const bytesOf = async (
      id: FileId,
      range?: { start: number; end: number },
    ): Promise<Buffer | undefined> => {
      const reader = await store.open(id);
      if (reader === undefined) return undefined;
      const chunks: Uint8Array[] = [];
      for await (const chunk of reader.read(range ?? { start: 0, end: reader.bytes })) chunks.push(chunk);
      await reader.close();
      expect(Math.max(0, ...chunks.map(({ length }) => length))).toBeLessThanOrEqual(limits.fileChunkBytes);
      return Buffer.concat(chunks);
    };
    const listed = async (): Promise<FileId[]> => {
      const ids: FileId[] = [];
      for await (const { id } of store.list()) ids.push(id);
      return ids;
    };

    it('[FIL1] [FIL10] any bytes in any chunks are read as they were written, whole and by any range', async () => {
      const chunks = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(chunks, fc.nat(), fc.nat(), async (given, one, other) => {
          const whole = Buffer.concat(given);
          const id = await put(given);
          expect(await bytesOf(id)).toEqual(whole);
          const ends = [one, other].map((at) => at % (whole.length + 1)).sort((a, b) => a - b);
          const [start = 0, end = 0] = ends;
          expect(await bytesOf(id, { start, end })).toEqual(whole.subarray(start, end));
        }),
        { numRuns: 40 },
      );
    });

    it('[FIL14] a large file is read in chunks', async () => {
      const large = Buffer.alloc(limits.fileChunkBytes * 3 + 7, 'large');
      const id = await put([large]);
      expect((await bytesOf(id))?.equals(large)).toBe(true);
      const range = { start: limits.fileChunkBytes - 1, end: limits.fileChunkBytes * 2 + 1 };
      expect((await bytesOf(id, range))?.equals(large.subarray(range.start, range.end))).toBe(true);
    });

    it('[FIL16] nothing is seen of a file before it is committed, or after it was discarded', async () => {
      const id = newId<FileId>();
      const write = await store.write(id);
      await write.append(Buffer.from('half'));
      expect(await store.open(id)).toBeUndefined();
      expect(await listed()).not.toContain(id);
      await write.discard();
      expect(await store.open(id)).toBeUndefined();
      expect(await listed()).not.toContain(id);
      const again = await store.write(id);
      await again.append(Buffer.from('whole'));
      await again.commit();
      expect(String(await bytesOf(id))).toBe('whole');
      expect(await listed()).toContain(id);
    });

    it('[FIL16] two writes of one id do not mix', async () => {
      const id = newId<FileId>();
      const write = await store.write(id);
      await expect(store.write(id)).rejects.toBeInstanceOf(FileStoreUnavailable);
      await write.append(Buffer.from('first'));
      await write.commit();
      expect(String(await bytesOf(id))).toBe('first');
    });

    it('[FIL15] a removed file is gone, but who has it open reads on; removing it again does nothing', async () => {
      const id = await put([Buffer.from('to the end')]);
      const reader = await store.open(id);
      await store.remove(id);
      await store.remove(id);
      expect(await store.open(id)).toBeUndefined();
      expect(await listed()).not.toContain(id);
      const chunks: Uint8Array[] = [];
      for await (const chunk of reader?.read({ start: 3, end: 10 }) ?? []) chunks.push(chunk);
      await reader?.close();
      expect(Buffer.concat(chunks).toString()).toBe('the end');
    });

    it('[FIL16] an empty file is a file', async () => {
      expect(await bytesOf(await put([]))).toEqual(Buffer.alloc(0));
    });
  });
}
