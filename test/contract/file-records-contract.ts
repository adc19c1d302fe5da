/** The contract of `FileRecords` (actors/file-store.ts; SPEC [FIL3], [FIL20], [FIL21]), for every backend. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileRecords } from '../../actors/file-store.ts';
import type { Journal } from '../../actors/ports.ts';
import type { FileId, MessageId, SessionId } from '../../schema/ids.ts';
import { entry, file, newId, session, start } from './sample-entries.ts';

export type FileRecordsBackend = {
  readonly name: string;
  readonly open: () => Promise<{
    readonly journal: Journal;
    readonly files: FileRecords;
    /** Writes a reference, as the messages will. */
    readonly refer: (file: FileId, message: MessageId, session: SessionId) => Promise<void>;
    readonly close: () => Promise<void>;
  }>;
};

export function fileRecordsContract(backend: FileRecordsBackend): void {
  describe(`records of files: ${backend.name}`, () => {
    let store: Awaited<ReturnType<FileRecordsBackend['open']>>;
    beforeAll(async () => {
      store = await backend.open();
    });
    afterAll(() => store.close());

    /** Every unreferenced file, `limit` at a time. */
    const unreferenced = async (storedBefore: number, limit: number): Promise<FileId[]> => {
      const found: FileId[] = [];
      for (let after = 0; ; ) {
        const step = await store.files.unreferenced({ after, limit, storedBefore });
        found.push(...step.ids);
        if (step.last === null) return found;
        after = step.last;
      }
    };

    it('[FIL3] a file is known from its event on, as the event has it, until it is deleted', async () => {
      const [one, other] = [file(newId(), 'Überblick 概要.pdf'), file(newId())];
      expect(await store.files.file(one.id)).toBeUndefined();
      await store.journal.append([entry.fileStored(one), entry.fileStored(other)]);
      expect(await store.files.file(one.id)).toStrictEqual(one);
      expect(await store.files.known([one.id, newId(), other.id])).toEqual(new Set([one.id, other.id]));
      expect(await store.files.known([])).toEqual(new Set());
      // The same event again changes nothing.
      await store.journal.append([entry.fileStored({ ...one, name: 'another' })]);
      expect(await store.files.file(one.id)).toStrictEqual(one);
      await store.journal.append([entry.fileDeleted(one.id), entry.fileDeleted(newId())]);
      expect(await store.files.file(one.id)).toBeUndefined();
      expect(await store.files.known([one.id, other.id])).toEqual(new Set([other.id]));
      const both = file(newId());
      await store.journal.append([entry.fileStored(both), entry.fileDeleted(both.id)]);
      expect(await store.files.file(both.id)).toBeUndefined();
    });

    it.each([1, 3, 100])(
      '[FIL20] [FIL21] lists the old files to which no message refers, %d at a time',
      async (limit) => {
        const files = Array.from({ length: 7 }, () => file(newId()));
        const [old, young] = [files.slice(0, 5), files.slice(5)];
        const id = newId<SessionId>();
        await store.journal.append([
          entry.sessionCreated(session(id)),
          ...old.map(entry.fileStored),
          ...young.map((one) => ({ ...entry.fileStored(one), at: start + 10 })),
        ]);
        const ids = old.map((one) => one.id);
        const among = async (storedBefore: number) =>
          (await unreferenced(storedBefore, limit)).filter((found) => files.some((one) => one.id === found));
        expect(await among(start)).toEqual([]);
        expect(await among(start + 1)).toEqual(ids);
        const [first, second] = ids;
        if (first === undefined || second === undefined) throw new Error('there are five files');
        await store.refer(first, newId(), id);
        await store.refer(second, newId(), id);
        await store.refer(second, newId(), newId());
        expect(await among(start + 1)).toEqual(ids.slice(2));
        await store.journal.append([entry.sessionDeleted(id)]);
        // Another session refers to the second one still.
        expect(await among(start + 11)).toEqual([first, ...files.slice(2).map((one) => one.id)]);
      },
    );
  });
}
