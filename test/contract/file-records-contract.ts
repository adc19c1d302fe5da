/** The contract of `FileRecords` (actors/file-store.ts; SPEC [FIL3], [FIL20], [FIL21]), for every backend. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileRecords } from '../../actors/file-store.ts';
import type { Journal, JournalEntry, ReadModel } from '../../actors/ports.ts';
import type { SessionOwner } from '../../schema/authorization.ts';
import type { StoredFile } from '../../schema/file.ts';
import type { FileId, MessageId, SessionId, ToolCallId } from '../../schema/ids.ts';
import { type ParticipantId, participantIdSchema } from '../../schema/participant.ts';
import { entry, file, filePart, message, newId, session, start } from './sample-entries.ts';

export type FileRecordsBackend = {
  readonly name: string;
  readonly open: () => Promise<{
    readonly journal: Journal;
    readonly files: FileRecords;
    readonly toolCall: ReadModel['toolCall'];
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

    it('[FIL50] tells whose files are, and which are in a session that is visible, until it goes', async () => {
      const [ada, bob] = [participantIdSchema.parse('key:ada'), participantIdSchema.parse('key:bob')];
      const [hers, nobodys, told] = [file(newId()), file(newId()), file(newId())];
      const id = newId<SessionId>();
      const stored = (data: StoredFile, owner?: SessionOwner): JournalEntry => ({
        ...{ type: 'file.stored', sessionId: null, data, at: start },
        ...(owner === undefined ? {} : { record: owner }),
      });
      const tenant = 'tenant-of-ada';
      const question = message(newId(), id, { marks: [{ offset: 0, part: filePart(told) }] });
      await store.journal.append([
        stored(hers, { owner: ada, tenant }),
        stored(nobodys),
        stored(told, { owner: bob, tenant }),
        {
          type: 'session.created',
          sessionId: id,
          data: session(id),
          at: start,
          record: { owner: ada, tenant },
        },
        entry.messageCreated(question),
      ]);
      const ids = [hers.id, nobodys.id, told.id, newId<FileId>()];
      const access = async (principal: ParticipantId, of: string | null, all = false) => {
        const found = await store.files.access(ids, { principal, tenant: of, all, only: null });
        return ids.map((one) => found.get(one));
      };
      const seen = async (...asked: Parameters<typeof access>) =>
        (await access(...asked)).map((one) => one?.isInSeenSession);
      expect(await access(ada, tenant)).toEqual([
        { owner: ada, tenant, isInSeenSession: false },
        { owner: null, tenant: null, isInSeenSession: false },
        { owner: bob, tenant, isInSeenSession: true },
        undefined,
      ]);
      expect(await seen(bob, tenant)).toEqual([false, false, false, undefined]);
      // A tenant is a wall, also for whoever has the same name behind it, or sees everything of its own.
      expect(await seen(ada, null)).toEqual([false, false, false, undefined]);
      expect(await seen(bob, null, true)).toEqual([false, false, false, undefined]);
      expect(await seen(bob, tenant, true)).toEqual([false, false, true, undefined]);
      expect(await store.files.access([], { principal: ada, tenant, all: true, only: null })).toEqual(
        new Map(),
      );
      await store.journal.append([entry.messageDeleted(id, question.id)]);
      expect(await seen(ada, tenant)).toEqual([false, false, false, undefined]);
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

    describe('[FIL22] a file is referred to', () => {
      const stored = async () => {
        const one = file(newId());
        const id = newId<SessionId>();
        await store.journal.append([entry.fileStored(one), entry.sessionCreated(session(id))]);
        const part = filePart(one);
        const isKept = async () => !(await unreferenced(start + 1, 100)).includes(one.id);
        expect(await isKept()).toBe(false);
        return { id, part, isKept, marks: [{ offset: 0, part }] };
      };
      const appended = (...entries: readonly JournalEntry[]) => store.journal.append(entries);

      it('by a message from its event on, until the message goes with what is above it', async () => {
        const { id, isKept, marks } = await stored();
        const [first, second] = [newId<MessageId>(), newId<MessageId>()];
        await appended(entry.messageCreated(message(first, id)));
        await appended(entry.messageCreated(message(second, id, { parentId: first, marks })));
        expect(await isKept()).toBe(true);
        await appended(entry.messageDeleted(id, first));
        expect(await isKept()).toBe(false);
      });

      it('by a message that waits, until it is changed to one without it', async () => {
        const { id, isKept, marks } = await stored();
        const waiting = message(newId(), id, { queueRank: 1, marks });
        await appended(entry.messageCreated(waiting));
        await appended(entry.messageUpdated({ ...waiting, content: 'More' }));
        expect(await isKept()).toBe(true);
        const { marks: _, ...without } = waiting;
        await appended(entry.messageUpdated(without));
        expect(await isKept()).toBe(false);
        // All of it at once is the same.
        await appended(entry.messageUpdated(waiting), entry.messageUpdated(without));
        expect(await isKept()).toBe(false);
        await appended(entry.messageUpdated(without), entry.messageUpdated(waiting));
        expect(await isKept()).toBe(true);
      });

      it('by a call that returned it, whatever its answer says, until the question goes', async () => {
        const { id, part, isKept } = await stored();
        const prompt = message(newId(), id);
        const queued = entry.turnQueued(id, newId());
        const { turnId, answerId } = queued.data;
        const turn = { ...queued, data: { ...queued.data, promptId: prompt.id } };
        const call = { id: newId<ToolCallId>(), sessionId: id, turnId };
        await appended(
          entry.messageCreated(prompt),
          turn,
          entry.tool({
            ...{ ...call, type: 'tool.result', status: 'completed', result: 'taken' },
            files: { answerId, files: [part] },
          }),
        );
        expect(await isKept()).toBe(true);
        expect((await store.toolCall(call.id))?.files).toEqual([part]);
        const answer = message(answerId, id, { role: 'assistant', parentId: prompt.id, promptId: prompt.id });
        await appended(entry.messageCreated(answer), entry.messageUpdated(answer));
        expect(await isKept()).toBe(true);
        await appended(entry.messageDeleted(id, prompt.id));
        expect(await isKept()).toBe(false);
      });

      it('by a call of a turn that said nothing, until its question goes', async () => {
        const { id, part, isKept } = await stored();
        const prompt = message(newId(), id);
        const queued = entry.turnQueued(id, newId());
        const { turnId, answerId } = queued.data;
        await appended(
          entry.messageCreated(prompt),
          { ...queued, data: { ...queued.data, promptId: prompt.id } },
          entry.tool({
            ...{ id: newId(), sessionId: id, turnId, type: 'tool.result', status: 'completed', result: '' },
            files: { answerId, files: [part] },
          }),
        );
        expect(await isKept()).toBe(true);
        await appended(entry.messageDeleted(id, prompt.id));
        expect(await isKept()).toBe(false);
      });

      it('[JRN27] by a message of its session, whatever becomes of one with the same id in another', async () => {
        const { id, isKept, marks } = await stored();
        const other = newId<SessionId>();
        const same = newId<MessageId>();
        await appended(
          entry.sessionCreated(session(other)),
          entry.messageCreated(message(same, id, { marks })),
          entry.messageCreated(message(same, other, { marks })),
        );
        await appended(entry.messageUpdated(message(same, other, { queueRank: 1 })));
        expect(await isKept()).toBe(true);
        await appended(entry.messageUpdated(message(same, other, { queueRank: 1, marks })));
        await appended(entry.messageDeleted(id, same));
        expect(await isKept()).toBe(true);
        await appended(entry.sessionDeleted(other));
        expect(await isKept()).toBe(false);
      });

      it('by each session that was copied, until it is deleted', async () => {
        const { id, isKept, marks } = await stored();
        const question = message(newId(), id, { marks });
        await appended(entry.messageCreated(question), entry.branchSelected(id, question.id));
        const copy = newId<SessionId>();
        const copied = message(newId(), copy, { marks });
        await appended(
          entry.sessionCreated(session(copy)),
          entry.imported(copy, { leafId: copied.id, messages: [copied], turns: [], calls: [] }),
        );
        await appended(entry.sessionDeleted(id));
        expect(await isKept()).toBe(true);
        await appended(entry.sessionDeleted(copy));
        expect(await isKept()).toBe(false);
        // Nothing of a session that has gone refers to anything.
        await appended(entry.messageCreated(copied));
        expect(await isKept()).toBe(false);
      });
    });
  });
}
