/**
 * Storage in memory, for tests of code that uses the ports. It passes the contract suite of the real backends
 * (`test/contract/`). It applies entries one by one, on purpose with other code than `src/storage/sql/projector.ts`,
 * so that the suite compares two independent implementations.
 */
import { randomUUID } from 'node:crypto';
import type { FileRecords } from '../../actors/file-store.ts';
import {
  type EventLog,
  type Journal,
  type JournalEntry,
  JournalRejected,
  JournalUnavailable,
  type Page,
  type ReadModel,
  type Retention,
} from '../../actors/ports.ts';
import type { SessionOwner } from '../../schema/authorization.ts';
import { eventCatalogue, isVolatile } from '../../schema/event-catalogue.ts';
import type { SessionId } from '../../schema/ids.ts';
import { epochSchema } from '../../schema/wire/cursor.ts';
import { wireNamespaces } from '../../schema/wire-event-table.ts';
import { copiedTranscripts } from './copied-transcript.ts';
import { MemoryBytes } from './memory-bytes.ts';
import { conversationInMemory, runsInMemory } from './memory-conversation.ts';
import { copyInMemory, placeInMemory } from './memory-places.ts';
import { listedTurn } from './memory-rows.ts';
import { foundInMemory } from './memory-search.ts';
import { MemoryTables } from './memory-tables.ts';
import { workInMemory } from './memory-work.ts';

/** A committed entry. */
export type CommittedEntry = { readonly seq: number; readonly entry: JournalEntry };

export type MemoryStorage = {
  readonly journal: Journal;
  readonly readModel: ReadModel;
  readonly eventLog: EventLog;
  readonly retention: Retention;
  readonly files: FileRecords;
  /** The rows, for checks without waiting. */
  readonly tables: MemoryTables;
  /** Everything committed so far, in `seq` order. */
  readonly committed: () => readonly CommittedEntry[];
  /** How many entries each committed batch had. */
  readonly batchSizes: () => readonly number[];
  /** How many appends have been called, failed ones included. */
  readonly appends: () => number;
  /**
   * Makes appends wait before they commit from now on. `release()` lets the waiting one and all later ones continue;
   * `step()` only the waiting one (or, if none waits, the next).
   */
  readonly hold: () => MemoryHold;
  /** Makes the next `times` appends (default 1) reject with `error`, without writing anything. */
  readonly failNextAppends: (error?: Error, times?: number) => void;
  /** Appends and reads reject with `JournalUnavailable` until {@link MemoryStorage.recover}. */
  readonly breakDown: () => void;
  readonly recover: () => void;
  /** Resolves when an append is called and not yet committed or rejected; at once if there is one. */
  readonly appendStarted: () => Promise<void>;
  /** Resolves when at least `count` entries are committed; at once if they are. */
  readonly committedAtLeast: (count: number) => Promise<void>;
};

export type MemoryHold = { readonly release: () => void; readonly step: () => void };

/**
 * An empty storage. Appends resolve some microtasks after the call, like a very fast database.
 *
 * @example
 * const storage = memoryStorage();
 * const hold = storage.hold();
 * const answer = storage.journal.append(batch); // waits
 * await storage.appendStarted();
 * hold.release();
 * await answer;
 */
export function memoryStorage(options: { readonly firstSeq?: number } = {}): MemoryStorage {
  const tables = new MemoryTables();
  const bytes = new MemoryBytes();
  const log: CommittedEntry[] = [];
  const sizes: number[] = [];
  const failures: Error[] = [];
  const watchers = new Set<() => void>();
  let nextSeq = options.firstSeq ?? 1;
  let appendCalls = 0;
  let appending = false;
  let broken = false;
  let held = false;
  let permits = 0;
  let forgottenSeq = 0;

  const announce = () => {
    for (const watcher of [...watchers]) watcher();
  };
  const when = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const watcher = () => {
        if (!condition()) return;
        watchers.delete(watcher);
        resolve();
      };
      watchers.add(watcher);
      watcher();
    });
  const passHold = async () => {
    await when(() => !held || permits > 0);
    if (held) permits -= 1;
  };

  const commit = (batch: readonly JournalEntry[]): number[] => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    if (broken) throw new JournalUnavailable('the memory storage is broken down');
    const unwritable = batch.find(isVolatile);
    if (unwritable !== undefined) throw new JournalRejected(`${unwritable.type} is never written`);
    const seqs = batch.map((entry) => {
      const seq = nextSeq++;
      log.push({ seq, entry });
      tables.apply(entry);
      bytes.note(entry);
      tables.owners.noteTrace(entry);
      return seq;
    });
    sizes.push(batch.length);
    return seqs;
  };

  const journal: Journal = {
    append: async (batch) => {
      if (appending) throw new Error('append was called before the last one had answered');
      appending = true;
      appendCalls += 1;
      announce();
      try {
        await passHold();
        return commit(batch);
      } finally {
        appending = false;
        announce();
      }
    },
  };

  const read = async <Value>(answer: () => Value): Promise<Value> => {
    if (broken) throw new JournalUnavailable('the memory storage is broken down');
    return answer();
  };
  const isOwnedBy = (id: SessionId, { owner, tenant }: SessionOwner) => {
    const held = tables.owners.ofSession(id);
    return held.owner === owner && held.tenant === tenant;
  };
  const readModel: ReadModel = {
    sessions: (page, visibleTo) => read(() => foundInMemory(tables, { ...page, visibleTo })),
    findSessions: (query) => read(() => foundInMemory(tables, query)),
    session: (id) => read(() => tables.session(id)),
    storedSession: (id) =>
      read(() => {
        const session = tables.session(id);
        return session && { session, turns: tables.openTurns(id), waiting: tables.tree(id).waiting };
      }),
    sessionAccess: (id) => read(() => tables.owners.access(id, tables.session(id) !== undefined)),
    storedSessions: (owner, atMost) =>
      read(() => Math.min(atMost, tables.sessions(({ id }) => isOwnedBy(id, owner)).length)),
    storedBytes: (owner) => read(() => tables.files.bytesOf(owner) + bytes.of((id) => isOwnedBy(id, owner))),
    tokensSpent: (principal, day) => read(() => tables.spending.of(principal, day)),
    participants: (session) => read(() => tables.participants.of(session)),
    messages: (session, page, branch) =>
      read(() => {
        if (branch === 'all') return pageOf(tables.messages(session).reverse(), page).reverse();
        const before = tables.messages(session).find(({ id }) => id === page.before);
        const list =
          before === undefined || before.queueRank !== undefined
            ? tables.currentMessages(session)
            : [...tables.tree(session).pathTo(before.id)];
        return pageOf(list.reverse(), page).reverse();
      }),
    messageSizes: async (...query) =>
      (await readModel.messages(...query)).map(({ id, content, marks }) => ({
        id,
        bytes: Buffer.byteLength(content) + (marks === undefined ? 0 : JSON.stringify(marks).length),
      })),
    messagesOf: (session, ids) =>
      read(() => ids.map((id) => tables.message(session, id)).filter((one) => one !== undefined)),
    message: (session, id) => read(() => tables.message(session, id)),
    copyOf: (session, upTo) => read(() => copyInMemory(tables, session, upTo)),
    transcripts: copiedTranscripts((id) => {
      const [session, conversation] = [tables.session(id), copyInMemory(tables, id, 'all')];
      const running = tables.turns(id).filter(({ turn }) => turn.status === 'running');
      const answers = new Set(running.map(({ turn }) => turn.answerId));
      return (
        session &&
        conversation && { session, participants: tables.participants.of(id), conversation, running: answers }
      );
    }),
    place: (session, id) => read(() => placeInMemory(tables, session, id)),
    isDeletedMessage: (session, id) => read(() => tables.isDeletedMessage(session, id)),
    conversation: (query) => read(() => conversationInMemory(tables, query)),
    traces: (page, session, visibleTo) =>
      read(() => {
        const shown = tables
          .traces()
          .filter(({ id, sessionId }) => tables.owners.showsTrace(id, sessionId, visibleTo));
        const older = pageOf(shown, { ...page, limit: Number.POSITIVE_INFINITY });
        const wanted = session === undefined ? older : older.filter(({ sessionId }) => sessionId === session);
        return wanted.slice(0, page.limit);
      }),
    spans: (trace, { limit, after }) =>
      read(() => {
        const spans = tables.spans.of(trace);
        const from = after === undefined ? 0 : spans.findIndex(({ id }) => id === after) + 1;
        return after !== undefined && from === 0 ? [] : spans.slice(from, from + limit);
      }),
    spansWith: (trace, ids) => read(() => tables.spans.of(trace).filter(({ id }) => ids.includes(id))),
    spanCount: (trace) => read(() => tables.spans.of(trace).length),
    endedTraces: ({ before, limit }) =>
      read(() =>
        tables
          .traces()
          .filter(({ status }) => status === 'completed' || status === 'failed')
          .filter(({ updatedAt }) => Date.parse(updatedAt) < before)
          .toSorted((one, other) => Date.parse(one.updatedAt) - Date.parse(other.updatedAt))
          .slice(0, limit)
          .map(({ id }) => ({ id, spans: tables.spans.of(id).length })),
      ),
    trace: (id) => read(() => tables.trace(id)),
    traceAccess: (id) =>
      read(() => {
        const trace = tables.trace(id);
        return trace && { sessionId: trace.sessionId ?? null, ...tables.owners.ofTrace(id) };
      }),
    toolCalls: (turn) => read(() => tables.toolCalls(turn)),
    sessionRuns: (session, { limit }) => read(() => runsInMemory(tables, session, limit)),
    toolCall: (id) => read(() => tables.toolCall(id)),
    sessionToolCalls: (session, page) =>
      read(() => pageOf(tables.sessionToolCalls(session).reverse(), page).reverse()),
    historySize: (session) =>
      read(() => {
        const path = tables.tree(session).pathTo(tables.session(session)?.leafId);
        const bytes = path.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
        return { messages: path.length, bytes };
      }),
    toolCallsWith: (status, page, visibleTo) =>
      read(() => {
        const shown = tables
          .allToolCalls()
          .filter(({ sessionId }) => tables.owners.shows(sessionId, visibleTo));
        // The call before which the page begins may have another status by now.
        const older = pageOf(shown.reverse(), { ...page, limit: Number.POSITIVE_INFINITY });
        return older
          .filter((call) => call.status === status)
          .slice(0, page.limit)
          .reverse();
      }),
    sessionWork: (ids) => read(() => new Map(ids.map((id) => [id, workInMemory(tables, id)]))),
    turnSteps: (turn) => read(() => tables.turnSteps(turn)),
    turn: (id) =>
      read(() => {
        const found = tables.allTurns().find(({ turn }) => turn.turnId === id);
        return found && listedTurn(found);
      }),
    turnsWith: (status, page, visibleTo) =>
      read(() => {
        const rows = tables
          .allTurns()
          .filter(({ turn }) => tables.owners.shows(turn.sessionId, visibleTo))
          .reverse()
          .map((one) => ({ ...listedTurn(one), id: one.turn.turnId }));
        // The turn before which the page begins may have another status by now.
        return pageOf(rows, { ...page, limit: Number.POSITIVE_INFINITY })
          .filter((turn) => turn.status === status)
          .slice(0, page.limit)
          .map(({ id: _, ...turn }) => turn);
      }),
    sessionsWithOpenTurns: () => read(() => tables.sessionsWithOpenTurns()),
    runtimeConfig: () => read(() => tables.server.runtimeConfig),
    registeredTools: () => read(() => tables.server.registeredTools),
    audit: ({ limit, before = Number.POSITIVE_INFINITY }) =>
      read(() =>
        log
          .filter(({ seq, entry }) => seq < before && eventCatalogue[entry.type].namespace === 'audit')
          .toReversed()
          .slice(0, limit)
          .map(({ seq, entry: { cause: _, ...event } }) => ({ seq, event })),
      ),
    storedKeys: () => read(() => tables.server.storedKeys),
    configHistory: (page) => read(() => pageOf(tables.server.configHistory(), page)),
    completedCommand: (key) => read(() => tables.completedCommand(key)),
    layout: (owner) => read(() => tables.server.layout(owner)),
  };

  const files: FileRecords = {
    file: (id) => read(() => tables.files.file(id)),
    access: (ids, visibleTo) =>
      read(() => tables.files.access(ids, (session) => tables.owners.shows(session, visibleTo))),
    known: (ids) => read(() => tables.files.known(ids)),
    unreferenced: (query) => read(() => tables.files.unreferenced(query)),
  };

  const eventLog: EventLog = {
    epoch: epochSchema.parse(randomUUID()),
    range: () => read(() => ({ oldest: forgottenSeq + 1, newest: log.at(-1)?.seq ?? forgottenSeq })),
    read: (query) =>
      read(() =>
        log
          .filter(({ seq, entry }) => {
            const namespace = wireNamespaces.find((one) => one === eventCatalogue[entry.type].namespace);
            if (seq <= query.after || namespace === undefined || !query.namespaces.includes(namespace))
              return false;
            return query.sessionId === undefined || entry.sessionId === query.sessionId;
          })
          .slice(0, query.limit)
          .map(({ seq, entry: { cause: _, ...event } }) => ({ seq, event })),
      ),
    ofSession: ({ sessionId, after, limit }) =>
      read(() =>
        log
          .filter(({ seq, entry }) => seq > after && entry.sessionId === sessionId)
          .slice(0, limit)
          .map(({ seq, entry: { cause, ...event } }) => ({
            seq,
            event,
            ...(cause === undefined ? {} : { cause }),
          })),
      ),
  };
  const retention: Retention = {
    sweep: () =>
      read(() => {
        const kept = log.filter(({ seq }) => seq > forgottenSeq);
        log.splice(0, log.length, ...kept);
        return false;
      }),
    forget: (before) =>
      read(() => {
        const kept = log.find(({ seq, entry }) => seq > forgottenSeq && entry.at >= before);
        forgottenSeq = log.findLast(({ seq }) => kept === undefined || seq < kept.seq)?.seq ?? forgottenSeq;
        return false;
      }),
  };

  return {
    journal,
    readModel,
    eventLog,
    retention,
    files,
    tables,
    committed: () => [...log],
    batchSizes: () => [...sizes],
    appends: () => appendCalls,
    hold: () => {
      held = true;
      return {
        release: () => {
          held = false;
          permits = 0;
          announce();
        },
        step: () => {
          permits += 1;
          announce();
        },
      };
    },
    failNextAppends: (error = new JournalUnavailable('the test says so'), times = 1) => {
      for (let count = 0; count < times; count++) failures.push(error);
    },
    breakDown: () => {
      broken = true;
    },
    recover: () => {
      broken = false;
    },
    appendStarted: () => when(() => appending),
    committedAtLeast: (count) => when(() => log.length >= count),
  };
}

/** `rows` are newest first; returns the page that follows the row `before`. */
function pageOf<Row extends { readonly id: string }>(rows: readonly Row[], page: Page<string>): Row[] {
  if (page.before === undefined) return rows.slice(0, page.limit);
  const index = rows.findIndex((row) => row.id === page.before);
  return index < 0 ? [] : rows.slice(index + 1, index + 1 + page.limit);
}
