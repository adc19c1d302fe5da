/**
 * The contract of what owners have stored (SPEC [LIM31]), for every backend. Method: sessions, messages, calls and files with
 * generated owners, cut into batches, and each sum compared with a plain one; and uploads at once, which must not pass a
 * bound together.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CauseLedger } from '../../actors/causes/cause-ledger.ts';
import { StoredBytes } from '../../actors/door/stored-byte-limit.ts';
import { StoredFiles } from '../../actors/files/stored-files.ts';
import { Outbox } from '../../actors/outbox/outbox.ts';
import type { JournalEntry } from '../../actors/ports.ts';
import { ownerKey, type SessionOwner } from '../../schema/authorization.ts';
import type { FileId, MessageId, SessionId, ToolCallId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { createContentProbe } from '../../src/files/content-probe.ts';
import { systemIds } from '../../src/ids.ts';
import { tickingClock } from '../fakes/actor-world.ts';
import { memoryFileStore } from '../fakes/memory-file-store.ts';
import { memoryStorage } from '../fakes/memory-storage.ts';
import { silentLog } from '../fakes/silent-log.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, file, message, newId, session, start } from './sample-entries.ts';

const ownerIds = ['key:anna', "jwt:https://a/:o'neill"];
const tenants = [null, 'shop'];

const owner = fc.record({ id: fc.constantFrom(...ownerIds), tenant: fc.constantFrom(...tenants) });
const bytes = fc.integer({ min: 0, max: 100_000 });

const step = fc.oneof(
  fc.record({ type: fc.constant('session' as const), owner: fc.option(owner, { nil: undefined }) }),
  fc.record({
    type: fc.constant('message' as const),
    of: fc.nat(),
    text: fc.string({ unit: 'grapheme', maxLength: 30 }),
    again: fc.boolean(),
  }),
  fc.record({ type: fc.constant('result' as const), of: fc.nat(), text: fc.string({ unit: 'binary' }) }),
  fc.record({ type: fc.constant('file' as const), owner: fc.option(owner, { nil: undefined }), bytes }),
  fc.record({ type: fc.constant('hand over' as const), of: fc.nat(), owner }),
  fc.record({ type: fc.constant('delete session' as const), of: fc.nat() }),
  fc.record({ type: fc.constant('delete file' as const), of: fc.nat() }),
);

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

type Held = { owner: SessionOwner | undefined; bytes: number };

export function storedBytesContract(backend: JournalBackend, numRuns: number): void {
  describe(`${backend.name}: bytes that owners have stored`, () => {
    let store: OpenJournal;
    let run = 0;
    beforeAll(async () => {
      store = await backend.open();
    });
    afterAll(() => store.close());

    it('[LIM31] are those of its files and its sessions, for each owner and tenant apart, until they are deleted', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ step, cut: fc.boolean() }), { minLength: 1, maxLength: 20 }),
          async (steps) => {
            // The runs before must not count.
            const suffix = `-${run++}`;
            const named = ({ id, tenant }: { id: string; tenant: string | null }): SessionOwner => ({
              owner: participantIdSchema.parse(id + suffix),
              tenant,
            });
            const sessions = new Map<SessionId, Held>();
            const files = new Map<FileId, Held>();
            const said = new Map<SessionId, MessageId>();
            let batch: JournalEntry[] = [];
            for (const { step: one, cut } of steps) {
              batch.push(...entriesOf(one));
              if (!cut || batch.length === 0) continue;
              await store.journal.append(batch);
              batch = [];
            }
            if (batch.length > 0) await store.journal.append(batch);
            for (const given of ownerIds.flatMap((id) => tenants.map((tenant) => ({ id, tenant })))) {
              const held = [...sessions.values(), ...files.values()];
              const own = held.filter((one) => one.owner && ownerKey(one.owner) === ownerKey(named(given)));
              const expected = own.reduce((sum, one) => sum + one.bytes, 0);
              expect(await store.readModel.storedBytes(named(given))).toBe(expected);
            }

            function entriesOf(one: Step): JournalEntry[] {
              if (one.type === 'session') {
                const id = newId<SessionId>();
                const record = one.owner && named(one.owner);
                sessions.set(id, { owner: record, bytes: limits.storedEventBytes });
                return [entry.sessionCreated(session(id), record)];
              }
              if (one.type === 'file') {
                const data = { ...file(newId()), bytes: one.bytes };
                const record = one.owner && named(one.owner);
                files.set(data.id, { owner: record, bytes: one.bytes });
                const stored = { type: 'file.stored', sessionId: null, data, at: start } as const;
                return [record === undefined ? stored : { ...stored, record }];
              }
              if (one.type === 'delete file') {
                const id = [...files.keys()][one.of % files.size];
                if (id === undefined) return [];
                files.delete(id);
                return [entry.fileDeleted(id)];
              }
              const id = [...sessions.keys()][one.of % sessions.size];
              const held = id && sessions.get(id);
              if (id === undefined || held === undefined) return [];
              if (one.type === 'delete session') {
                sessions.delete(id);
                return [entry.sessionDeleted(id)];
              }
              if (one.type === 'hand over') {
                held.owner = named(one.owner);
                const record = held.owner;
                return [{ type: 'session.updated', sessionId: id, data: session(id), at: start, record }];
              }
              held.bytes += limits.storedEventBytes + Buffer.byteLength(one.text);
              if (one.type === 'result') {
                const call = { id: newId<ToolCallId>(), sessionId: id, turnId: newId<TurnId>() };
                return [entry.tool({ ...call, type: 'tool.result', status: 'completed', result: one.text })];
              }
              const before = one.again ? said.get(id) : undefined;
              const data = message(before ?? newId(), id, { content: one.text });
              said.set(id, data.id);
              return [
                before === undefined
                  ? entry.messageCreated(data)
                  : { type: 'message.updated', sessionId: id, data, at: start },
              ];
            }
          },
        ),
        { numRuns },
      );
    });

    it('[LIM31] uploads at once never pass the bound together, and what fits is stored', async () => {
      const uploads = fc.array(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 3 }), {
        minLength: 1,
        maxLength: 6,
      });
      await fc.assert(
        fc.asyncProperty(uploads, fc.integer({ min: 1, max: 9000 }), async (sizes, max) => {
          const greedy = { owner: participantIdSchema.parse(`key:greedy-${run++}`), tenant: null };
          const limit = { max: () => max, refused: () => {} };
          const stored = new StoredBytes({ readModel: store.readModel, storedByteLimit: limit });
          const files = filesOver(store, stored);
          const give = async (chunks: readonly number[]) => {
            const body = (async function* () {
              for (const size of chunks) yield Buffer.alloc(size, 'x');
            })();
            const outcome = await files.store({ name: 'x', body, owner: greedy });
            if (!outcome.ok) expect(outcome.refusal.code).toBe('bytes_stored');
            return outcome.ok;
          };
          const kept = await Promise.all(sizes.map(give));
          const total = sizes.flatMap((chunks, index) => (kept[index] ? chunks : [])).reduce(plus, 0);
          expect(await store.readModel.storedBytes(greedy)).toBe(total);
          expect(total).toBeLessThanOrEqual(max);
          // Nothing that was refused goes on holding room.
          if (total < max) expect(await give([max - total])).toBe(true);
          expect(await give([1])).toBe(false);
        }),
        { numRuns: Math.ceil(numRuns / 2) },
      );
    });
  });
}

function filesOver(store: OpenJournal, bytes: StoredBytes): StoredFiles {
  const clock = tickingClock(start);
  const { files: fakeRecords } = memoryStorage();
  const outbox = new Outbox({
    journal: store.journal,
    publisher: {
      durable: (event) => bytes.committed(event),
      volatile: () => {},
      stream: () => {},
    },
    causes: new CauseLedger(),
    clock,
    log: silentLog,
    onReply: () => {},
    onRejected: () => {},
  });
  return new StoredFiles({
    store: memoryFileStore(clock.now),
    // A file without a row would be refused; this one is only asked whether there is one.
    records: { ...fakeRecords, file: () => Promise.reject(new Error('not read here')) },
    createProbe: createContentProbe,
    outbox,
    readModel: store.readModel,
    bytes,
    admission: () => null,
    clock,
    ids: systemIds,
    log: silentLog,
  });
}

function plus(one: number, other: number): number {
  return one + other;
}
