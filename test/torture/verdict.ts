/**
 * The verdict on a tortured store: every acknowledged command is there once, nothing contradicts the invariants, and
 * the read model equals the replayed journal (I2, I4–I8, I10, I11).
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
import type { Acknowledged, TorturedClient } from './tortured-client.ts';

/** Each list names faults of one kind; all are empty when there are none. */
export type Verdict = {
  /** Acknowledged commands without their effect. */
  readonly lost: readonly string[];
  /** Commands or events that took effect twice, or got two answers. */
  readonly duplicated: readonly string[];
  /** Tool calls that ran more than once. */
  readonly rerun: readonly string[];
  /** Turns, tool calls and traces without an end. */
  readonly unterminated: readonly string[];
  /** Events out of order, events received before their commit, or rows that do not follow from the journal. */
  readonly disordered: readonly string[];
};

export async function judge(
  storage: Storage,
  client: TorturedClient,
  toolRuns: readonly string[],
): Promise<Verdict> {
  const log = await allEvents(storage);
  return {
    lost: await lostCommands(storage, log, [...client.acknowledged.values()]),
    duplicated: [...client.contradictions, ...duplicatedEvents(log)],
    rerun: duplicates(toolRuns),
    unterminated: await unterminated(storage, log),
    disordered: [
      ...disordered(log),
      ...seenButNotStored(client, log),
      ...(await replayDifferences(storage, log)),
    ],
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
  acknowledged: readonly Acknowledged[],
): Promise<readonly string[]> {
  const keys = new Set(log.flatMap((entry) => (entry.type === 'command.completed' ? [entry.data.key] : [])));
  const lost: string[] = [];
  for (const { key, status, method } of acknowledged) {
    if (status >= 400) lost.push(`${key} was answered ${status}`);
    else if (![...keys].some((stored) => stored.endsWith(` ${key}`))) lost.push(`${method} ${key}`);
  }
  const created = log.flatMap((entry) => (entry.type === 'message.created' ? [entry] : []));
  const deleted = new Set(log.flatMap((entry) => (entry.type === 'session.deleted' ? [entry.data.id] : [])));
  for (const { data } of created) {
    if (deleted.has(data.sessionId)) continue;
    if ((await storage.readModel.message(data.id)) === undefined) lost.push(`message ${data.id}`);
  }
  return lost;
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
  const page = { limit: 5000 };
  const sessions = [...new Set(log.map((entry) => entry.sessionId))].filter(
    (id): id is SessionId => id !== null,
  );
  const turns = log.flatMap((entry) => (entry.type === 'turn.queued' ? [entry.data.turnId] : []));
  return [
    await readModel.sessions(page),
    await readModel.traces(page),
    (await readModel.runtimeConfig()) ?? null,
    ...(await Promise.all(sessions.map((id) => readModel.messages(id, page, 'all')))),
    ...(await Promise.all(turns.map((id) => readModel.toolCalls(id)))),
    ...(await Promise.all(turns.map((id) => readModel.turnSteps(id)))),
  ];
}
