/**
 * Stored files: takes in bytes, records them, and deletes what nobody refers to (SPEC [FIL1]–[FIL20]). Bytes are durable
 * before their row is written, and the row is gone before its bytes are.
 */
import type { SessionOwner } from '../../schema/authorization.ts';
import { type StoredFile, storedFileSchema } from '../../schema/file.ts';
import type { FileId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import {
  accepted,
  fileNotFound,
  type Outcome,
  type Refusal,
  refusal,
  refused,
} from '../../schema/refusal.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Named } from '../door/command-door.ts';
import { CommandsInFlight } from '../door/commands-in-flight.ts';
import type { StoredBytes } from '../door/stored-byte-limit.ts';
import {
  type ContentProbe,
  type FileReader,
  type FileRecords,
  type FileStore,
  FileStoreUnavailable,
  type FileWrite,
} from '../file-store.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { type Clock, type Ids, JournalUnavailable, type Log, type ReadModel } from '../ports.ts';
import { keyConflict, outcomeOfKey, unconfirmed } from '../sessions/repeated-command.ts';
import { RoomForFile } from './room-for-file.ts';

export type StoredFilesOptions = {
  readonly store: FileStore;
  readonly records: FileRecords;
  readonly createProbe: () => ContentProbe;
  readonly outbox: Pick<Outbox, 'accept' | 'settled'>;
  readonly readModel: Pick<ReadModel, 'completedCommand'>;
  /** How much owners may store; absent: as much as they like. */
  readonly bytes?: Pick<StoredBytes, 'isLimited' | 'admit' | 'refused'>;
  /** Why no command can be taken now, or `null`. */
  readonly admission: () => Refusal | null;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
};

/** A file that arrives. Its name is harmless; its body may be cut off, which rejects. */
export type ArrivingFile = {
  readonly name: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly named?: Named;
  /** Whose it will be; absent: nobody's. */
  readonly owner?: SessionOwner | undefined;
};

type OwnedFile = { readonly file: StoredFile; readonly owner: SessionOwner | undefined };

export class StoredFiles {
  readonly #options: StoredFilesOptions;
  readonly #inFlight = new CommandsInFlight();
  /** Files whose bytes are durable and whose row may not be. */
  readonly #recording = new Set<FileId>();
  #arriving = 0;
  #sent = 0;

  constructor(options: StoredFilesOptions) {
    this.#options = options;
  }

  /** Resolves when bytes and row are durable. Rejects when the body does, and then leaves nothing. */
  readonly store = async (given: ArrivingFile): Promise<Outcome<StoredFile>> => {
    const obstacle = this.#options.admission();
    if (obstacle !== null) return refused(obstacle);
    if (this.#arriving >= limits.filesArrivingMax) {
      return refused(refusal('overloaded', 'Too many files are being received; try again'));
    }
    this.#arriving++;
    try {
      return await this.#receive(given);
    } catch (cause) {
      if (cause instanceof JournalUnavailable) return refused(unreadable);
      if (!(cause instanceof FileStoreUnavailable)) throw cause;
      return refused(this.#storeFailed(cause));
    } finally {
      this.#arriving--;
    }
  };

  /** Rejects with `JournalUnavailable`. */
  readonly file = (id: FileId): Promise<StoredFile | undefined> => this.#options.records.file(id);

  /** Opens the bytes of a file; the reader must be closed. */
  readonly open = async (file: StoredFile): Promise<Outcome<FileReader>> => {
    if (this.#sent >= limits.filesSentMax) {
      return refused(refusal('overloaded', 'Too many files are being sent; try again'));
    }
    this.#sent++;
    let isOpen = false;
    try {
      const reader = await this.#options.store.open(file.id);
      if (reader === undefined) return refused(await this.#missing(file.id));
      isOpen = true;
      if (reader.bytes === file.bytes) return accepted(this.#counted(reader));
      await this.#counted(reader).close();
      this.#options.log.error('A stored file has another length than it should', {
        ...{ file: file.id, bytes: reader.bytes, expected: file.bytes },
      });
      return refused(damaged);
    } catch (cause) {
      if (!(cause instanceof FileStoreUnavailable)) throw cause;
      return refused(this.#storeFailed(cause));
    } finally {
      if (!isOpen) this.#sent--;
    }
  };

  /**
   * Deletes those of the next files after `after` that are older than `graceMs` and to which no message refers.
   * Returns what to pass next; `null`: that was all. Rejects when the database or the store is unavailable.
   */
  readonly collect = async (after: number, graceMs: Milliseconds): Promise<number | null> => {
    const { records, clock, admission } = this.#options;
    const obstacle = admission();
    if (obstacle !== null) throw new JournalUnavailable(obstacle.message);
    const storedBefore = clock.now() - graceMs;
    const { ids, last } = await records.unreferenced({ after, limit: limits.fileRoundFiles, storedBefore });
    if (ids.length > 0) await this.#delete(ids);
    return last;
  };

  /**
   * Removes bytes that have no row and were stored before `before`, which is when this process started: a crash came
   * between the bytes and their row, or between a row's deletion and that of its bytes. Returns how many.
   */
  readonly removeOrphans = async (before: Milliseconds, pause: () => Promise<void>): Promise<number> => {
    let removed = 0;
    let batch: FileId[] = [];
    const flush = async () => {
      removed += await this.#removeUnknown(batch);
      batch = [];
    };
    for await (const { id, storedAt } of this.#options.store.list()) {
      if (storedAt < before && !this.#recording.has(id)) batch.push(id);
      if (batch.length < limits.fileRoundFiles) continue;
      await flush();
      await pause();
    }
    await flush();
    return removed;
  };

  async #receive({ name, body, named, owner }: ArrivingFile): Promise<Outcome<StoredFile>> {
    const { ids, store, createProbe } = this.#options;
    const id = ids.next<FileId>();
    const probe = createProbe();
    const write = await store.write(id);
    const room = new RoomForFile(this.#options, { owner, named });
    let isTaken = false;
    try {
      for await (const chunk of body) {
        const reason = await room.refusalOf(chunk.length);
        if (reason !== null) return refused(reason);
        probe.take(chunk);
        await write.append(chunk);
      }
      const file: StoredFile = { id, name, ...(await probe.end()) };
      const ofFile = named && { ...named, fingerprint: `${named.fingerprint} ${file.sha256} ${name}` };
      const take = () => {
        isTaken = true;
        return this.#keepOnce({ file, owner }, write, ofFile).finally(() => room.release());
      };
      return await this.#inTime(
        ofFile === undefined ? take() : this.#inFlight.run(ofFile, keyConflict, take),
      );
    } finally {
      if (!isTaken) {
        room.release();
        await write.discard();
      }
    }
  }

  /** Keeps the file unless its name stands for an earlier one, whose outcome it then returns. */
  async #keepOnce(given: OwnedFile, write: FileWrite, named: Named): Promise<Outcome<unknown>> {
    let earlier: Outcome<unknown> | null = null;
    try {
      if (named !== undefined) earlier = await outcomeOfKey(this.#options.readModel, named);
      if (earlier === null) await write.commit();
    } catch (error) {
      await write.discard();
      throw error;
    }
    if (earlier === null) return await this.#record(given, named);
    await write.discard();
    return earlier;
  }

  async #record({ file, owner }: OwnedFile, named: Named): Promise<Outcome<StoredFile>> {
    const { outbox, clock, records } = this.#options;
    this.#recording.add(file.id);
    const at = clock.now();
    outbox.accept({
      type: 'file.stored',
      sessionId: null,
      at,
      data: file,
      ...(owner === undefined ? {} : { record: owner }),
    });
    if (named !== undefined) {
      outbox.accept({ type: 'command.completed', sessionId: null, at, data: { ...named, result: file } });
    }
    await outbox.settled(null);
    this.#recording.delete(file.id);
    // The journal may have rejected the event. If it cannot be read just now, it has been written just now.
    const row = await records.file(file.id).catch(() => file);
    return row === undefined ? refused(notRecorded) : accepted(file);
  }

  /**
   * Nobody waits longer than a command does. Everything else goes on: the row may still be written, the bytes stay for
   * it, and a repetition joins under the name.
   */
  async #inTime(outcome: Promise<Outcome<unknown>>): Promise<Outcome<StoredFile>> {
    const late = Promise.withResolvers<Outcome<unknown>>();
    const cancel = this.#options.clock.after(limits.commandWaitMsMax, () =>
      late.resolve(refused(unconfirmed)),
    );
    try {
      const first = await Promise.race([outcome, late.promise]);
      return first.ok ? accepted(storedFileSchema.parse(first.value)) : first;
    } finally {
      cancel();
    }
  }

  async #delete(ids: readonly FileId[]): Promise<void> {
    const { outbox, clock, log } = this.#options;
    const at = clock.now();
    for (const id of ids) outbox.accept({ type: 'file.deleted', sessionId: null, at, data: { id } });
    await outbox.settled(null);
    const removed = await this.#removeUnknown(ids);
    log.debug('Files were deleted to which no message refers', { files: removed });
  }

  async #removeUnknown(ids: readonly FileId[]): Promise<number> {
    const { records, store } = this.#options;
    const known = await records.known(ids);
    const unknown = ids.filter((id) => !known.has(id));
    for (const id of unknown) await store.remove(id);
    return unknown.length;
  }

  #counted(reader: FileReader): FileReader {
    let isClosed = false;
    const close = async () => {
      if (isClosed) return;
      isClosed = true;
      this.#sent--;
      await reader.close();
    };
    return { ...reader, close };
  }

  /** A file may have been deleted since its row was read. */
  async #missing(id: FileId): Promise<Refusal> {
    if ((await this.#options.records.file(id)) === undefined) return fileNotFound(id);
    this.#options.log.error('The bytes of a stored file are missing', { file: id });
    return damaged;
  }

  #storeFailed(cause: FileStoreUnavailable): Refusal {
    this.#options.log.error(cause.message);
    return refusal(
      'unavailable',
      cause.isFull
        ? 'There is no room left for files; try again later'
        : 'Files are not available; try again',
    );
  }
}

const unreadable = refusal('unavailable', 'The database is unavailable; try again');
const notRecorded = refusal('internal', 'The file could not be recorded');
const damaged = refusal('internal', 'The file is damaged');
