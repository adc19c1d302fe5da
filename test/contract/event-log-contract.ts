/**
 * The contract of `EventLog` and `Retention` (actors/ports.ts; SPEC [JRN17], [JRN18], [JRN20]), for every backend,
 * including the fake. Each test has its own store, because the effects of retention cannot be undone.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommittedEvent, JournalEntry } from '../../actors/ports.ts';
import { eventCatalogue } from '../../schema/event-catalogue.ts';
import { isWireNamespace } from '../../schema/event-table.ts';
import type { MessageId, SessionId, TurnId } from '../../schema/ids.ts';
import { epochSchema } from '../../schema/wire/cursor.ts';
import { wireNamespaces } from '../../schema/wire-event-table.ts';
import { arbitraryBatches, arbitrarySessionIds } from './entry-arbitrary.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, message, newId, session, start, toldOnce, trace } from './sample-entries.ts';

const day = 24 * 60 * 60 * 1000;
const all = wireNamespaces;

export function eventLogContract(backend: JournalBackend, numRuns: number): void {
  describe(`event log: ${backend.name}`, () => {
    /** Opens an empty store for one test. */
    const opened = async (test: (store: OpenJournal) => Promise<void>): Promise<void> => {
      const store = await backend.open();
      try {
        await test(store);
      } finally {
        await store.close();
      }
    };

    it('[JRN17] has a UUID as its epoch, which no other store has', () =>
      opened((one) =>
        opened(async (other) => {
          expect(epochSchema.safeParse(one.eventLog.epoch).success).toBe(true);
          expect(other.eventLog.epoch).not.toBe(one.eventLog.epoch);
        }),
      ));

    it('[JRN18] says how far it reaches', () =>
      opened(async ({ eventLog, journal }) => {
        expect(await eventLog.range()).toEqual({ oldest: 1, newest: 0 });
        expect(await eventLog.read({ after: 0, limit: 10, namespaces: all })).toEqual([]);
        const id = newId<SessionId>();
        const seqs = await journal.append([
          entry.sessionCreated(session(id)),
          entry.turnQueued(id, newId<TurnId>()),
        ]);
        // The greatest committed seq, even of an event that is not a wire event.
        expect(await eventLog.range()).toEqual({ oldest: 1, newest: seqs[1] });
      }));

    it('[JRN18] gives wire events as they were emitted, and nothing else', () =>
      opened(async ({ eventLog, journal }) => {
        const [id, turnId, messageId] = [newId<SessionId>(), newId<TurnId>(), newId<MessageId>()];
        const batch: JournalEntry[] = [
          { ...entry.sessionCreated(session(id)), commandId: newId() },
          entry.turnQueued(id, turnId),
          entry.turnStarted(id, turnId),
          entry.messageCreated(message(messageId, id, { content: 'Grüße 👋' })),
          entry.checkpoint({ sessionId: id, messageId, offset: 0, text: 'x' }),
          entry.tool({ type: 'tool.call', id: newId(), sessionId: id, turnId, status: 'running' }),
          entry.trace('trace.created', trace(newId(), { sessionId: id })),
          entry.config({ features: {}, theme: 'dark' }),
          entry.turnEnded(id, turnId, 'completed'),
        ];
        const seqs = await journal.append(batch);
        const wire = [0, 3, 5, 6, 7];
        expect(await eventLog.read({ after: 0, limit: 100, namespaces: all })).toStrictEqual(
          wire.map((index) => ({ seq: seqs[index], event: batch[index] })),
        );
        const seqsOf = async (query: Partial<Parameters<typeof eventLog.read>[0]>) =>
          (await eventLog.read({ after: 0, limit: 100, namespaces: all, ...query })).map(({ seq }) => seq);
        expect(await seqsOf({ namespaces: ['config', 'traces', 'config'] })).toEqual([seqs[6], seqs[7]]);
        expect(await seqsOf({ namespaces: [] })).toEqual([]);
        expect(await seqsOf({ namespaces: ['logs'] })).toEqual([]);
        expect(await seqsOf({ sessionId: id })).toEqual([0, 3, 5, 6].map((index) => seqs[index]));
        expect(await seqsOf({ sessionId: id, namespaces: ['tools'] })).toEqual([seqs[5]]);
        expect(await seqsOf({ sessionId: newId<SessionId>() })).toEqual([]);
        expect(await seqsOf({ after: seqs[3] ?? 0, limit: 2 })).toEqual([seqs[5], seqs[6]]);
        expect(await seqsOf({ after: seqs[8] ?? 0 })).toEqual([]);
      }));

    it(
      '[JRN18] read on from seq to seq, gives every wire event once, whatever is asked for',
      () =>
        opened(async ({ eventLog, journal }) => {
          const written: { seq: number; event: JournalEntry }[] = [];
          await fc.assert(
            fc.asyncProperty(
              arbitraryBatches,
              fc.uniqueArray(fc.constantFrom(...all), { minLength: 1 }),
              fc.option(fc.constantFrom(...arbitrarySessionIds), { nil: undefined }),
              fc.integer({ min: 1, max: 9 }),
              async (batches, namespaces, sessionId, limit) => {
                const before = written.at(-1)?.seq ?? 0;
                for (const batch of batches) {
                  const seqs = await journal.append(batch);
                  written.push(...batch.map((event, index) => ({ seq: seqs[index] ?? 0, event })));
                }
                const found: typeof written = [];
                for (;;) {
                  const after = found.at(-1)?.seq ?? before;
                  const page = await eventLog.read({ after, limit, namespaces, sessionId });
                  expect(page.length).toBeLessThanOrEqual(limit);
                  found.push(...page);
                  if (page.length < limit) break;
                }
                const expected = written.filter(({ seq, event }) => {
                  const { namespace } = eventCatalogue[event.type];
                  if (!isWireNamespace(namespace) || !namespaces.includes(namespace)) return false;
                  return seq > before && (sessionId === undefined || event.sessionId === sessionId);
                });
                expect(found.map(once)).toStrictEqual(expected.map(once));
                expect((await eventLog.range()).newest).toBe(written.at(-1)?.seq ?? 0);
              },
            ),
            { numRuns },
          );
        }),
      60_000,
    );

    it(
      '[INS9] gives every event of one session with its cause, those that are only journaled included, from seq to seq',
      () =>
        opened(async ({ eventLog, journal }) => {
          const written: { seq: number; event: JournalEntry; cause?: string }[] = [];
          await fc.assert(
            fc.asyncProperty(
              arbitraryBatches,
              fc.constantFrom(...arbitrarySessionIds),
              fc.integer({ min: 1, max: 9 }),
              fc.array(fc.option(fc.json(), { nil: undefined }), { maxLength: 20 }),
              async (batches, sessionId, limit, causes) => {
                for (const batch of batches) {
                  const caused = batch.map((_, index) => {
                    const cause = causes[index];
                    return cause === undefined ? {} : { cause };
                  });
                  const seqs = await journal.append(
                    batch.map((one, index) => ({ ...one, ...caused[index] })),
                  );
                  written.push(
                    ...batch.map((event, index) => ({ seq: seqs[index] ?? 0, event, ...caused[index] })),
                  );
                }
                const found: typeof written = [];
                for (;;) {
                  const after = found.at(-1)?.seq ?? 0;
                  const page = await eventLog.ofSession({ sessionId, after, limit });
                  expect(page.length).toBeLessThanOrEqual(limit);
                  found.push(...page);
                  if (page.length < limit) break;
                }
                expect(found.map(once)).toStrictEqual(
                  written.filter(({ event }) => event.sessionId === sessionId).map(once),
                );
              },
            ),
            { numRuns: Math.min(numRuns, 20) },
          );
        }),
      60_000,
    );

    it('[INS11] gives no cause to those who resume', () =>
      opened(async ({ eventLog, journal }) => {
        const id = newId<SessionId>();
        const created = entry.sessionCreated(session(id));
        const [seq = 0] = await journal.append([{ ...created, cause: '{"machines":"1.x","causes":[]}' }]);
        const resumed = await eventLog.read({ after: 0, limit: 10, namespaces: all });
        expect(resumed).toStrictEqual([{ seq, event: created }]);
      }));

    it('[JRN20] forgets what is too old up to the first event that is not, then deletes it', () =>
      opened(async ({ eventLog, journal, readModel, retention }) => {
        const id = newId<SessionId>();
        const messages = [0, 1, 2, 9, 1, 3].map((days) => ({
          ...entry.messageCreated(message(newId(), id)),
          at: start + days * day,
        }));
        const [, ...seqs] = await journal.append([entry.sessionCreated(session(id)), ...messages]);
        const newest = seqs.at(-1) ?? 0;
        const stored = async () =>
          (await eventLog.read({ after: 0, limit: 100, namespaces: all })).map(({ seq }) => seq);

        expect(await retention.forget(start)).toBe(false);
        expect(await eventLog.range()).toEqual({ oldest: 1, newest });
        expect(await retention.forget(start + 5 * day)).toBe(false);
        // The clock stepped back after the fourth message: the events behind it stay with it.
        expect(await eventLog.range()).toEqual({ oldest: (seqs[2] ?? 0) + 1, newest });
        // A reader that asked for the range a moment ago still finds every event that it promised.
        expect(await stored()).toHaveLength(7);
        expect(await retention.sweep()).toBe(false);
        expect(await stored()).toEqual(seqs.slice(3));
        expect(await retention.forget(start + 5 * day)).toBe(false);
        expect(await eventLog.range()).toEqual({ oldest: (seqs[2] ?? 0) + 1, newest });
        expect(await readModel.messages(id, { limit: 10 }, 'all')).toHaveLength(6);
        expect(await readModel.session(id)).toBeDefined();
      }));

    it('[JRN20] knows its newest seq, and goes on from it, when all is forgotten', () =>
      opened(async ({ eventLog, journal, retention }) => {
        const [last = 0] = await journal.append([entry.config({ features: {}, theme: 'dark' })]);
        await retention.forget(start + day);
        await retention.sweep();
        expect(await eventLog.range()).toEqual({ oldest: last + 1, newest: last });
        expect(await eventLog.read({ after: 0, limit: 10, namespaces: all })).toEqual([]);
        const [next = 0] = await journal.append([entry.config({ features: {}, theme: 'dark' })]);
        expect(next).toBeGreaterThan(last);
        expect(await eventLog.range()).toEqual({ oldest: last + 1, newest: next });
      }));

    it('[JRN20] works in steps, and says when there is more', () =>
      opened(async ({ eventLog, journal, retention }) => {
        const id = newId<SessionId>();
        await journal.append([entry.sessionCreated(session(id))]);
        for (let batch = 0; batch < 2; batch++) {
          await journal.append(Array.from({ length: 600 }, () => entry.activity(id, 'idle')));
        }
        const { newest } = await eventLog.range();
        for (let steps = 1; await retention.forget(start + 1); steps++) expect(steps).toBeLessThan(10);
        expect(await eventLog.range()).toEqual({ oldest: newest + 1, newest });
        for (let steps = 1; await retention.sweep(); steps++) expect(steps).toBeLessThan(10);
        expect(await eventLog.read({ after: 0, limit: 1, namespaces: all })).toEqual([]);
      }));
  });
}

/** Not every generated call has the first event that the arguments are read from ([TOOL11]). */
function once({ seq, event }: CommittedEvent) {
  return { seq, event: toldOnce(event) };
}
