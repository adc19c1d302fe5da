/**
 * One process per store on PostgreSQL (SPEC [JRN24]): a session-level advisory lock on the journal's own connection.
 * The server lets go of the lock when that connection ends, however it ends, so a killed process leaves nothing behind.
 *
 * The connection can break while the process lives. The next connection takes the lock again before it writes anything.
 * If another process wrote meanwhile, what this process holds in memory is out of date: it must never write again.
 *
 * The lock belongs to one connection to the server. A proxy that shares connections between transactions would lend
 * it to strangers: docs/configuration.md says so.
 */
import type { Client } from 'pg';
import { JournalUnavailable, type Log } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { StoreInUseError } from '../storage-open-error.ts';

/** `exclusive`: one process. `shared`: as many as take it shared, and none that takes it exclusively. */
export type ProcessLockMode = 'exclusive' | 'shared';

/** Another process wrote to the store while this one had lost its lock. */
export class StoreTakenOver extends Error {
  override readonly name = 'StoreTakenOver';
}

/** Another process holds the lock. */
class StoreInUse extends JournalUnavailable {}

const inUse = 'is in use by another Callboard process';

export class PostgresProcessLock {
  readonly #mode: ProcessLockMode;
  readonly #tryLock: string;
  readonly #writer: string;
  /** What held the lock for this process last. */
  #holder: Backend | undefined;
  /** The greatest `seq` that this process knows to be committed; `undefined` until it has held the lock once. */
  #newestSeq: number | undefined;

  /** `writer`: the name under which this process's batches are numbered in `journal_batches`. */
  constructor(options: { readonly mode: ProcessLockMode; readonly writer: string }) {
    this.#mode = options.mode;
    const attempt = options.mode === 'exclusive' ? 'pg_try_advisory_lock' : 'pg_try_advisory_lock_shared';
    // Without a schema the keys are null and nothing is locked: opening the store then fails for want of a schema.
    this.#tryLock = `select coalesce(${attempt}(hashtext('callboard process'), hashtext(current_schema())), true) as locked`;
    this.#writer = options.writer;
  }

  async #tried(client: Client): Promise<boolean> {
    const { rows } = await client.query<{ locked: boolean }>(this.#tryLock);
    return rows[0]?.locked === true;
  }

  /**
   * The server may not have noticed yet that this process's last connection broke, and so hold the lock for nobody.
   * Ends that connection and waits for the lock. False if this process never held it, or another process was faster.
   */
  async #takenFromOldConnection(client: Client): Promise<boolean> {
    if (this.#holder === undefined) return false;
    const { rowCount } = await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start::text = $2',
      [this.#holder.pid, this.#holder.started],
    );
    if (rowCount === 0) return false;
    for (let waited = 0; waited < limits.processLockRetakeMs; waited += limits.processLockPollMs) {
      if (await this.#tried(client)) return true;
      await pause(limits.processLockPollMs);
    }
    return false;
  }

  /** The tables exist and the lock is held: from now on, other writers' batches behind `newestSeq` are noticed. */
  opened(newestSeq: number): void {
    this.#newestSeq = newestSeq;
  }

  committed(seqs: readonly number[]): void {
    const newest = seqs.at(-1);
    if (newest !== undefined && this.#newestSeq !== undefined) this.#newestSeq = newest;
  }

  /**
   * Takes the lock on a new connection, before anything else is sent on it. Rejects with `StoreInUse`, a {@link JournalUnavailable},
   * while another process holds it, and with {@link StoreTakenOver} when another process has written since this one
   * last held it.
   */
  async take(client: Client): Promise<void> {
    await client.query(keepalives);
    if (!(await this.#tried(client)) && !(await this.#takenFromOldConnection(client))) {
      throw new StoreInUse(`The database ${inUse}`);
    }
    this.#holder = await backendOf(client);
    if (this.#newestSeq === undefined || this.#mode === 'shared') return;
    const { rows: foreign } = await client.query(
      'select 1 from journal_batches where writer <> $1 and events > 0 and after_seq >= $2 limit 1',
      [this.#writer, this.#newestSeq],
    );
    if (foreign.length > 0)
      throw new StoreTakenOver('The database was taken over by another Callboard process');
  }
}

/** The server's own process behind a connection. */
type Backend = { readonly pid: number; readonly started: string };

async function backendOf(client: Client): Promise<Backend | undefined> {
  const { rows } = await client.query<Backend>(
    'select pid, backend_start::text as started from pg_stat_activity where pid = pg_backend_pid()',
  );
  return rows[0];
}

function pause(delay: Milliseconds): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delay));
}

/**
 * A holder that vanishes without a word, such as a machine that loses its network, is given up by the server after
 * 10 + 3 × 5 s. The settings mean nothing on a Unix socket, where no holder can vanish.
 */
const keepalives =
  'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3; set tcp_user_timeout = 25000';

/**
 * Takes the lock for the first time: `connect` connects and takes it. While another process holds it, tries again
 * every `limits.processLockPollMs` for `waitMs`, so that in a rolling deploy the new process waits until the old one
 * has drained. Then rejects with {@link StoreInUseError}.
 */
export async function firstProcessLock(options: {
  readonly connect: () => Promise<void>;
  readonly place: string;
  readonly waitMs: Milliseconds;
  readonly log: Log;
}): Promise<void> {
  const { connect, place, waitMs, log } = options;
  const deadline = Date.now() + waitMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await connect();
    } catch (cause) {
      if (!(cause instanceof StoreInUse)) throw cause;
      if (Date.now() >= deadline) {
        throw new StoreInUseError(
          `PostgreSQL at ${place} ${inUse}, which did not leave within ${waitMs} ms; stop that process first`,
          { cause },
        );
      }
      if (attempt === 1) log.info(`PostgreSQL at ${place} ${inUse}: waiting for it to leave`, { waitMs });
    }
    await pause(limits.processLockPollMs);
  }
}
