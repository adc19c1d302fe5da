/** Stored files on fakes: what is durable when, what is left when something fails, and what is deleted. */
import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileReader } from '../../../actors/file-store.ts';
import type { StoredFile } from '../../../schema/file.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { refusal } from '../../../schema/refusal.ts';
import { entry, newId, session } from '../../contract/sample-entries.ts';
import { acceptedValue } from '../../fakes/actor-world.ts';
import { type MemoryStoredFiles, memoryStoredFiles } from '../../fakes/memory-stored-files.ts';
import { createManualClock, type ManualClock } from '../../src/engines/manual-clock.ts';

const day = limits.fileGraceMs;

function world(): MemoryStoredFiles & { readonly clock: ManualClock } {
  const clock = createManualClock();
  return Object.assign(memoryStoredFiles(clock), { clock });
}

async function* bodyOf(...chunks: readonly string[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
}
const arriving = (text: string, key?: string) => ({
  name: 'a.txt',
  body: bodyOf(text),
  ...(key === undefined ? {} : { named: { key, fingerprint: 'POST /files' } }),
});
const put = async ({ files }: MemoryStoredFiles, text: string): Promise<StoredFile> =>
  acceptedValue(await files.store(arriving(text)));
/** All steps of one search. */
async function collect({ files }: MemoryStoredFiles, graceMs: number): Promise<void> {
  for (let after: number | null = 0; after !== null; ) after = await files.collect(after, graceMs);
}

describe('storing a file', () => {
  it('[FIL3] is answered when the row is committed, and the bytes were durable before it was written', async () => {
    const one = world();
    const hold = one.storage.hold();
    let isAnswered = false;
    const answer = one.files.store(arriving('text')).finally(() => {
      isAnswered = true;
    });
    await one.storage.appendStarted();
    expect([one.store.count().files, isAnswered]).toEqual([1, false]);
    hold.release();
    const file = acceptedValue(await answer);
    expect(await one.storage.files.file(file.id)).toEqual(file);
    expect(String(one.store.bytesOf(file.id))).toBe('text');
    expect(one.storage.committed().map(({ entry: { type } }) => type)).toEqual(['file.stored']);
  });

  it('[FIL6] leaves nothing when the body is cut off anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ maxLength: 9 }), { maxLength: 5 }), async (chunks) => {
        const one = world();
        const cut = new Error('the client went away');
        async function* body() {
          yield* bodyOf(...chunks);
          throw cut;
        }
        await expect(one.files.store({ name: 'a', body: body() })).rejects.toBe(cut);
        expect(one.store.count()).toEqual({ files: 0, writes: 0 });
        expect(one.storage.committed()).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('[FIL7] a full store is a refusal that can be retried, leaves nothing, and is used again', async () => {
    const one = world();
    one.store.fill(true);
    const refused = { ok: false, refusal: { code: 'unavailable', retryable: true } };
    expect(await one.files.store(arriving('text'))).toMatchObject(refused);
    one.store.fill(false);
    async function* filling() {
      yield Buffer.from('some');
      one.store.fill(true);
      yield Buffer.from('more');
    }
    expect(await one.files.store({ name: 'a', body: filling() })).toMatchObject(refused);
    async function* fullAtTheEnd() {
      one.store.fill(false);
      yield Buffer.from('all of it');
      one.store.fill(true);
    }
    expect(await one.files.store({ name: 'a', body: fullAtTheEnd() })).toMatchObject(refused);
    expect(one.store.count()).toEqual({ files: 0, writes: 0 });
    expect(one.storage.committed()).toEqual([]);
    one.store.fill(false);
    await put(one, 'fits');
  });

  it('[FIL5] more files at once than the limit are refused, retryable, and later ones are not', async () => {
    const one = world();
    const go = Promise.withResolvers<void>();
    async function* slow() {
      await go.promise;
      yield Buffer.from('x');
    }
    const all = Array.from({ length: limits.filesArrivingMax }, () =>
      one.files.store({ name: 'a', body: slow() }),
    );
    expect(await one.files.store(arriving('text'))).toMatchObject({
      refusal: { code: 'overloaded', retryable: true },
    });
    go.resolve();
    for (const outcome of await Promise.all(all)) expect(outcome.ok).toBe(true);
    await put(one, 'text');
  });

  it('[FIL3] is refused before anything is read while no command is admitted', async () => {
    const one = world();
    one.admission = () => refusal('unavailable', 'not now');
    let isRead = false;
    async function* body() {
      isRead = true;
      yield Buffer.from('x');
    }
    expect(await one.files.store({ name: 'a', body: body() })).toMatchObject({
      refusal: { message: 'not now' },
    });
    expect(isRead).toBe(false);
  });

  it('[FIL3] waits no longer than a command for the journal; the row may come later, and the bytes stay', async () => {
    const one = world();
    const hold = one.storage.hold();
    const answer = one.files.store(arriving('text', 'key'));
    await one.storage.appendStarted();
    while (one.clock.runNext());
    expect(await answer).toMatchObject({ refusal: { code: 'unavailable', retryable: true } });
    // The command goes on under its name: a repetition joins it.
    const joining = one.files.store(arriving('text', 'key'));
    for (let turn = 0; turn < 5; turn++) await tick();
    hold.release();
    await one.storage.committedAtLeast(2);
    const again = acceptedValue(await joining);
    expect(acceptedValue(await one.files.store(arriving('text', 'key')))).toEqual(again);
    expect(String(one.store.bytesOf(again.id))).toBe('text');
    expect(one.store.count()).toEqual({ files: 1, writes: 0 });
  });

  it('[FIL8] a key stores one file, however often and at once it is used, with the same bytes and name', async () => {
    const one = world();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => one.files.store(arriving('text', 'key'))),
    );
    const files = answers.map(acceptedValue);
    expect(new Set(files.map(({ id }) => id)).size).toBe(1);
    expect(acceptedValue(await one.files.store(arriving('text', 'key')))).toEqual(files[0]);
    const conflict = { refusal: { code: 'conflict' } };
    expect(await one.files.store(arriving('other', 'key'))).toMatchObject(conflict);
    expect(await one.files.store({ ...arriving('text', 'key'), name: 'b.txt' })).toMatchObject(conflict);
    expect(one.store.count()).toEqual({ files: 1, writes: 0 });
  });

  it('[FIL8] a key that cannot be looked up is refused, retryable, and leaves nothing', async () => {
    const one = world();
    async function* body() {
      yield Buffer.from('x');
      one.storage.breakDown();
    }
    expect(await one.files.store({ ...arriving('', 'key'), body: body() })).toMatchObject({
      refusal: { code: 'unavailable', retryable: true },
    });
    expect(one.store.count()).toEqual({ files: 0, writes: 0 });
  });
});

describe('reading a file', () => {
  const read = async (reader: FileReader) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of reader.read({ start: 0, end: reader.bytes })) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  it('[FIL14] more readers at once than the limit are refused, retryable, until one has gone', async () => {
    const one = world();
    const file = await put(one, 'text');
    const readers: FileReader[] = [];
    for (let count = 0; count < limits.filesSentMax; count++)
      readers.push(acceptedValue(await one.files.open(file)));
    expect(await one.files.open(file)).toMatchObject({ refusal: { code: 'overloaded', retryable: true } });
    await readers[0]?.close();
    await readers[0]?.close();
    const last = acceptedValue(await one.files.open(file));
    expect(await read(last)).toBe('text');
    expect((await one.files.open(file)).ok).toBe(false);
  });

  it('[FIL15] bytes that are missing, or not as many as they were, are a 500; a deleted file is a 404', async () => {
    const one = world();
    const file = await put(one, 'text');
    expect(await one.files.open({ ...file, bytes: 3 })).toMatchObject({ refusal: { code: 'internal' } });
    await one.store.remove(file.id);
    expect(await one.files.open(file)).toMatchObject({ refusal: { code: 'internal' } });
    await one.storage.journal.append([entry.fileDeleted(file.id)]);
    expect(await one.files.open(file)).toMatchObject({ refusal: { code: 'not_found' } });
  });
});

describe('deleting files', () => {
  it('[FIL20] [FIL21] deletes what is old and unreferenced, its row first, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ isOld: fc.boolean(), refers: fc.constantFrom('no', 'kept', 'deleted') }), {
          minLength: 1,
          maxLength: limits.fileRoundFiles + 20,
        }),
        async (plans) => {
          const one = world();
          const [kept, gone] = [newId<SessionId>(), newId<SessionId>()];
          await one.storage.journal.append([kept, gone].map((id) => entry.sessionCreated(session(id))));
          const wanted: string[] = [];
          for (const isOld of [true, false]) {
            for (const plan of plans.filter((other) => other.isOld === isOld)) {
              const { id } = await put(one, 'text');
              const sessionId = plan.refers === 'kept' ? kept : gone;
              const reference = { fileId: id, messageId: newId<MessageId>(), sessionId };
              if (plan.refers !== 'no') one.storage.tables.files.refer(reference);
              if (!isOld || plan.refers === 'kept') wanted.push(id);
            }
            one.clock.step(day);
          }
          await one.storage.journal.append([entry.sessionDeleted(gone)]);
          one.clock.step(-day / 2);
          await collect(one, day);
          const left: string[] = [];
          for await (const { id } of one.store.list()) left.push(id);
          expect(left.sort()).toEqual(wanted.sort());
          for (const id of wanted)
            expect(one.storage.tables.files.file(id as StoredFile['id'])).toBeDefined();
          const deleted = one.storage.committed().filter(({ entry: { type } }) => type === 'file.deleted');
          expect(deleted).toHaveLength(plans.length - wanted.length);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('[FIL20] bytes stay as long as the deletion of their row is not committed', async () => {
    const one = world();
    await put(one, 'text');
    one.clock.step(day * 2);
    const hold = one.storage.hold();
    const collected = collect(one, day);
    await one.storage.appendStarted();
    await tick();
    expect(one.store.count().files).toBe(1);
    hold.release();
    await collected;
    expect(one.store.count().files).toBe(0);
  });

  it('[FIL20] nothing is deleted while no command is admitted', async () => {
    const one = world();
    await put(one, 'text');
    one.clock.step(day * 2);
    one.admission = () => refusal('unavailable', 'not now');
    await expect(collect(one, day)).rejects.toThrow('not now');
    expect(one.store.count().files).toBe(1);
  });

  it('[FIL18] bytes without a row are removed after a start; rows keep theirs, and what came later stays', async () => {
    const one = world();
    const known = await put(one, 'known');
    const orphan = newId<StoredFile['id']>();
    await (await one.store.write(orphan)).commit();
    one.clock.step(1000);
    const startedAt = one.clock.now();
    const late = newId<StoredFile['id']>();
    await (await one.store.write(late)).commit();
    expect(await one.files.removeOrphans(startedAt, async () => {})).toBe(1);
    expect([known.id, orphan, late].map((id) => one.store.bytesOf(id) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('[FIL18] a file that is being recorded is no orphan', async () => {
    const one = world();
    const hold = one.storage.hold();
    const answer = one.files.store(arriving('text'));
    await one.storage.appendStarted();
    expect(await one.files.removeOrphans(one.clock.now() + 1, async () => {})).toBe(0);
    hold.release();
    expect(one.store.bytesOf(acceptedValue(await answer).id)).toBeDefined();
  });
});
