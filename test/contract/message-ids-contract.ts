/**
 * The contract of message ids (actors/ports.ts; SPEC [JRN27]), for every backend. Arbitrary journals of three sessions
 * whose messages have the same ids are compared with each session alone, whose messages have ids of their own.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import {
  type MessageId,
  messageIdSchema,
  type SessionId,
  sessionIdSchema,
  type TurnId,
} from '../../schema/ids.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { arbitraryBatches, arbitraryMessageIds, arbitrarySessionIds } from './entry-arbitrary.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, message, newId, participant, session } from './sample-entries.ts';

/** The ids of the arbitrary journals. */
const anyId = /([a-f])\1{7}-0000-4000-8000-\d{12}/g;

/** Gives the same id the same new id. */
class Names {
  readonly #names = new Map<string, string>();
  readonly #kept: (id: string) => boolean;

  constructor(kept: (id: string) => boolean = () => false) {
    this.#kept = kept;
  }

  of(id: string): string {
    if (this.#kept(id)) return id;
    const name = this.#names.get(id) ?? randomUUID();
    this.#names.set(id, name);
    return name;
  }

  session(id: SessionId): SessionId {
    return sessionIdSchema.parse(this.of(id));
  }

  messages(): readonly MessageId[] {
    return arbitraryMessageIds.map((id) => messageIdSchema.parse(this.of(id)));
  }

  renamed<Value>(value: Value): Value {
    return JSON.parse(JSON.stringify(value).replaceAll(anyId, (id) => this.of(id)));
  }

  /** The ids of the arbitrary journal again. */
  undone(value: unknown): unknown {
    const before = new Map([...this.#names].map(([id, name]) => [name, id]));
    const uuid = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g;
    return JSON.parse((JSON.stringify(value) ?? 'null').replaceAll(uuid, (name) => before.get(name) ?? name));
  }
}

export function messageIdsContract(backend: JournalBackend, numRuns: number): void {
  describe(`ids of messages: ${backend.name}`, () => {
    let store: OpenJournal;
    beforeAll(async () => {
      store = await backend.open();
    });
    afterAll(() => store.close());

    /** Takes part in this session alone, so that a search finds no other. */
    const only = (id: SessionId) => participantIdSchema.parse(`app:${id}`);

    /** Everything that can be read of a session. */
    async function everything(names: Names, original: SessionId): Promise<unknown> {
      const { readModel } = store;
      const id = names.session(original);
      const page = { limit: 100 };
      const outline = await readModel.transcripts.outline(id, 'all');
      const told = typeof outline === 'object' ? outline : null;
      return names.undone({
        stored: await readModel.storedSession(id),
        all: await readModel.messages(id, page, 'all'),
        current: await readModel.messages(id, page, 'current'),
        outline,
        told: told && (await readModel.transcripts.messages(id, told.messages)),
        turns: told && (await readModel.transcripts.turns(told.turns)),
        copy: await readModel.copyOf(id, 'all'),
        runs: await readModel.sessionRuns(id, page),
        calls: await readModel.sessionToolCalls(id, page),
        size: await readModel.historySize(id),
        isOpen: (await readModel.sessionsWithOpenTurns()).includes(id),
        found: await Promise.all(
          [...'aeimoxAE059', 'zanzibar'].map((q) =>
            readModel.findSessions({ q, participant: only(id), limit: 5 }).then((found) =>
              // They show the text that is stored, to which a batch may have folded checkpoints.
              found.map(({ snippets = [] }) => snippets.map(({ messageId }) => messageId)),
            ),
          ),
        ),
        messages: await Promise.all(
          names.messages().map(async (one) => ({
            message: await readModel.message(id, one),
            isDeleted: await readModel.isDeletedMessage(id, one),
            place: await readModel.place(id, one),
            copy: await readModel.copyOf(id, one),
            before: await readModel.messages(id, { ...page, before: one }, 'all'),
            above: await readModel.messages(id, { ...page, before: one }, 'current'),
            conversation: await readModel.conversation({
              sessionId: id,
              promptId: one,
              answerId: one,
              limit: 9,
            }),
          })),
        ),
      });
    }

    /** With a participant of its own, right after its creation. */
    const withOnly = (entries: readonly JournalEntry[]) =>
      entries.flatMap((one) =>
        one.type === 'session.created'
          ? [one, entry.participant('participant.added', participant(one.data.id, { id: only(one.data.id) }))]
          : [one],
      );

    const ofSession = (batch: readonly JournalEntry[], id: SessionId) =>
      batch.filter(({ sessionId }) => sessionId === id);

    it('[JRN27] are unique within their session alone: sessions with the same ids do not affect each other', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryBatches, async (batches) => {
          const isMessage = (id: string) => arbitraryMessageIds.some((one) => one === id);
          // Also the runs before this one had messages with these ids.
          const together = arbitrarySessionIds.map((id) => ({ id, names: new Names(isMessage) }));
          const alone = arbitrarySessionIds.map((id) => ({ id, names: new Names() }));
          const renamedIn = (owners: typeof alone, batch: readonly JournalEntry[]) =>
            withOnly(
              batch.flatMap((one) => {
                const owner = owners.find(({ id }) => id === one.sessionId);
                return owner === undefined ? [] : [owner.names.renamed(one)];
              }),
            );
          for (const batch of batches) {
            const renamed = renamedIn(together, batch);
            if (renamed.length > 0) await store.journal.append(renamed);
          }
          for (const owner of alone) {
            for (const batch of batches) {
              const renamed = renamedIn([owner], ofSession(batch, owner.id));
              if (renamed.length > 0) await store.journal.append(renamed);
            }
          }
          for (const [index, { id, names }] of together.entries()) {
            const other = alone[index];
            if (other === undefined) throw new Error('each session is there twice');
            expect(await everything(names, id)).toStrictEqual(await everything(other.names, id));
          }
        }),
        { numRuns },
      );
      // Each case makes the tables longer, and PostgreSQL writes them to disk.
    }, 240_000);

    it('[JRN27] a deletion deletes what is below a message of its session, and nothing of another', async () => {
      const [mine, theirs] = [newId<SessionId>(), newId<SessionId>()];
      const [above, below] = [newId<MessageId>(), newId<MessageId>()];
      const turns = new Map<SessionId, TurnId[]>();
      for (const id of [mine, theirs]) {
        const answered = entry.turnQueued(id, newId());
        const silent = entry.turnQueued(id, newId());
        const { answerId } = silent.data;
        await store.journal.append([
          entry.sessionCreated(session(id)),
          entry.messageCreated(message(above, id, { content: 'above' })),
          entry.messageCreated(message(below, id, { content: 'below', parentId: above, promptId: above })),
          entry.branchSelected(id, below),
          { ...answered, data: { ...answered.data, promptId: above, answerId: below } },
          { ...silent, data: { ...silent.data, promptId: above, answerId } },
          ...[answered, silent].flatMap(({ data: { turnId } }) => [
            entry.turnStepEnded(id, turnId, 1, 'thought'),
            entry.tool({ type: 'tool.call', id: newId(), sessionId: id, turnId, status: 'running' }),
          ]),
        ]);
        turns.set(id, [answered.data.turnId, silent.data.turnId]);
      }
      const left = async (id: SessionId) => {
        const of = turns.get(id) ?? [];
        const rows = of.map(async (turn) => [
          (await store.readModel.turn(turn)) === undefined ? 0 : 1,
          (await store.readModel.turnSteps(turn)).length,
          (await store.readModel.toolCalls(turn)).length,
        ]);
        return (await Promise.all(rows)).flat().join('');
      };
      const ids = async (id: SessionId) =>
        (await store.readModel.messages(id, { limit: 9 }, 'all')).map((one) => one.id);
      await store.journal.append([entry.messageDeleted(theirs, above)]);
      expect([await ids(mine), await ids(theirs)]).toEqual([[above, below], []]);
      expect([await left(mine), await left(theirs)]).toEqual(['111111', '000000']);
      // The owner of the one cannot tell by the other's id whether it was deleted.
      expect(await store.readModel.isDeletedMessage(mine, above)).toBe(false);
      await store.journal.append([entry.messageDeleted(mine, above)]);
      expect(await store.readModel.isDeletedMessage(mine, above)).toBe(true);
      await store.journal.append([entry.sessionDeleted(theirs)]);
      expect(await store.readModel.isDeletedMessage(mine, above)).toBe(true);
    });
  });
}
