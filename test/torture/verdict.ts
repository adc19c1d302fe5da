/**
 * The verdict on a tortured store: every acknowledged command is there once, nothing contradicts the invariants, trees
 * are trees, the read model equals the replayed journal (I2, I4–I8, I10, I11), and a client that resumed was told what
 * is stored.
 */
import { isDeepStrictEqual } from 'node:util';
import type { JournalEntry } from '../../actors/ports.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { baselineEvents } from '../../schema/wire/shown-event.ts';
import { failureIdOf } from '../../src/gateway/stream/failure-id.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { memoryStorage } from '../fakes/memory-storage.ts';
import { disordered, duplicatedEvents, duplicates, unterminatedIn } from './journal-faults.ts';
import { pushFaults } from './push-faults.ts';
import type { Acknowledged, TorturedClient } from './tortured-client.ts';
import { remainingMessages, treeFaults } from './tree-faults.ts';

/** Each list names faults of one kind; all are empty when there are none. */
export type Verdict = {
  /** Acknowledged commands without their effect, and what agents pushed and is not there. */
  readonly lost: readonly string[];
  /** Commands or events that took effect twice, or got two answers. */
  readonly duplicated: readonly string[];
  /** Tool calls that ran more than once. */
  readonly rerun: readonly string[];
  /** Turns, tool calls and traces without an end. */
  readonly unterminated: readonly string[];
  /** Events out of order, events received before their commit, or rows that do not follow from the journal. */
  readonly disordered: readonly string[];
  /** Messages that make no tree, leaves and branches that are not there, messages that still wait. */
  readonly misplaced: readonly string[];
  /** What a client that resumed after each death knows otherwise than REST. */
  readonly misled: readonly string[];
};

export const faultless: Verdict = {
  lost: [],
  duplicated: [],
  rerun: [],
  unterminated: [],
  disordered: [],
  misplaced: [],
  misled: [],
};

/** What was seen of the server from outside, besides the client's answers. */
export type Seen = {
  /** The runs of the probe. */
  readonly toolRuns: readonly string[];
  /** Acknowledged files whose bytes the server does not give. */
  readonly lostFiles: readonly string[];
  readonly misled: readonly string[];
};

const page = { limit: 5000 };

export async function judge(
  storage: Storage,
  client: TorturedClient,
  { toolRuns, lostFiles, misled }: Seen,
): Promise<Verdict> {
  const log = await allEvents(storage);
  const pushed = await pushFaults(storage.readModel, log, client.said);
  return {
    lost: [...(await lostCommands(storage, log, client)), ...lostFiles, ...pushed.lost],
    duplicated: [
      ...client.contradictions,
      ...duplicatedEvents(log),
      ...refusedInVain(client, log),
      ...pushed.duplicated,
    ],
    rerun: duplicates(toolRuns),
    unterminated: await unterminated(storage, log),
    disordered: [
      ...disordered(log),
      ...seenButNotStored(client, log),
      ...(await replayDifferences(storage, log)),
    ],
    misplaced: await misplaced(storage),
    misled,
  };
}

async function allEvents(storage: Storage): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (let after = 0; ; ) {
    const page = await storage.events({ after, limit: 1000 });
    const last = page.at(-1);
    if (last === undefined) return entries;
    entries.push(...page.map(({ entry }) => entry));
    after = last.seq;
  }
}

async function lostCommands(
  storage: Storage,
  log: readonly JournalEntry[],
  client: TorturedClient,
): Promise<readonly string[]> {
  const keys = completedKeys(log);
  const lost: string[] = [];
  for (const { key, status, method } of client.acknowledged.values()) {
    if (isTooLate(client, { key, status })) continue;
    if (status >= 400) lost.push(`${key} was answered ${status}`);
    else if (!keys.has(key)) lost.push(`${method} ${key}`);
  }
  for (const [id, session] of remainingMessages(log)) {
    if ((await storage.readModel.message(session, id)) === undefined) lost.push(`message ${id}`);
  }
  return lost;
}

/** The client's names of the commands that took effect. */
function completedKeys(log: readonly JournalEntry[]): ReadonlySet<string> {
  // A key is stored behind its owner, who has no spaces.
  return new Set(
    log.flatMap((entry) =>
      entry.type === 'command.completed' ? [entry.data.key.slice(entry.data.key.indexOf(' ') + 1)] : [],
    ),
  );
}

function isTooLate({ mayConflict }: TorturedClient, answer: Pick<Acknowledged, 'key' | 'status'>): boolean {
  return answer.status === 409 && mayConflict.has(answer.key);
}

/** Commands that were refused, and took effect. */
function refusedInVain(client: TorturedClient, log: readonly JournalEntry[]): readonly string[] {
  const keys = completedKeys(log);
  return [...client.acknowledged.values()].flatMap(({ key, status }) =>
    status >= 400 && keys.has(key) ? [`${key} was refused, and took effect`] : [],
  );
}

async function misplaced({ readModel }: Storage): Promise<readonly string[]> {
  const sessions = await readModel.sessions(page);
  const faults = sessions.map(async (session) =>
    treeFaults({
      session,
      all: await readModel.messages(session.id, page, 'all'),
      current: await readModel.messages(session.id, page, 'current'),
    }),
  );
  return (await Promise.all(faults)).flat();
}

async function unterminated(storage: Storage, log: readonly JournalEntry[]): Promise<readonly string[]> {
  const rows = await storage.readModel.sessionsWithOpenTurns();
  return [...unterminatedIn(log), ...rows.map((id) => `session ${id} has open turns`)];
}

/** I2: every event that a client received is in the journal. */
function seenButNotStored(client: TorturedClient, log: readonly JournalEntry[]): readonly string[] {
  const stored = new Set(
    log
      .flatMap((entry) => baselineEvents(entry, { previewUnitsMax: limits.previewUnitsMax, failureIdOf }))
      .map(({ type, data }) => JSON.stringify([type, data])),
  );
  return client.frames
    .filter(({ event, data }) => !stored.has(JSON.stringify([event, data])))
    .map(({ event, data }) => `a client saw ${event} ${JSON.stringify(data)}, which is not stored`);
}

async function replayDifferences(storage: Storage, log: readonly JournalEntry[]): Promise<readonly string[]> {
  const replayed = memoryStorage();
  for (const entry of log) await replayed.journal.append([entry]);
  const [stored, expected] = await Promise.all([contents(storage, log), contents(replayed, log)]);
  return stored.flatMap((row, index) =>
    isDeepStrictEqual(row, expected[index])
      ? []
      : [`stored ${JSON.stringify(row)}, replayed ${JSON.stringify(expected[index])}`],
  );
}

async function contents(
  { readModel }: Pick<Storage, 'readModel'>,
  log: readonly JournalEntry[],
): Promise<unknown[]> {
  const sessions = [...new Set(log.map((entry) => entry.sessionId))].filter(
    (id): id is SessionId => id !== null,
  );
  const turns = log.flatMap((entry) => (entry.type === 'turn.queued' ? [entry.data.turnId] : []));
  return [
    await readModel.sessions(page),
    await readModel.traces(page),
    (await readModel.runtimeConfig()) ?? null,
    await readModel.registeredTools(),
    ...(await Promise.all(sessions.map((id) => readModel.messages(id, page, 'all')))),
    ...(await Promise.all(sessions.map((id) => readModel.messages(id, page, 'current')))),
    ...(await Promise.all(sessions.map((id) => readModel.participants(id)))),
    ...(await Promise.all(turns.map((id) => readModel.toolCalls(id)))),
    ...(await Promise.all(turns.map((id) => readModel.turnSteps(id)))),
  ];
}
