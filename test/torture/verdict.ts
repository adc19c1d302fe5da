/**
 * The verdict on a store that was tortured: what was acknowledged is there once, nothing contradicts the
 * invariants, and the read model is what the journal replayed would give (I2, I4–I8, I10, I11).
 */
import { isDeepStrictEqual } from 'node:util';
import type { JournalEntry } from '../../actors/ports.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { memoryStorage } from '../fakes/memory-storage.ts';
import type { Acknowledged, TorturedClient } from './tortured-client.ts';

/** Each list names what is wrong; all are empty when nothing is. */
export type Verdict = {
  /** Acknowledged commands without their effect. */
  readonly lost: readonly string[];
  /** Commands or events that took effect twice, or got two answers. */
  readonly duplicated: readonly string[];
  /** Tool calls that ran more than once. */
  readonly rerun: readonly string[];
  /** Turns, tool calls and traces without an end. */
  readonly unterminated: readonly string[];
  /** Events out of order, seen before their commit, or rows that the journal does not imply. */
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

function duplicates(names: readonly string[]): readonly string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
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

/** Events that may come once per thing, with the thing they are about. */
function onceOnly(entry: JournalEntry): string | null {
  switch (entry.type) {
    case 'session.created':
    case 'session.deleted':
    case 'message.created':
    case 'trace.created':
      return `${entry.type} ${entry.data.id}`;
    case 'tool.call':
    case 'tool.result':
      return `${entry.type} ${entry.data.id}`;
    case 'turn.queued':
    case 'turn.ended':
      return `${entry.type} ${entry.data.turnId}`;
    case 'turn.step.started':
      return `${entry.type} ${entry.data.turnId} ${entry.data.step}`;
    case 'command.completed':
      return `${entry.type} ${entry.data.key}`;
    default:
      return null;
  }
}

function duplicatedEvents(log: readonly JournalEntry[]): readonly string[] {
  const prompts = log.flatMap((entry) =>
    entry.type === 'message.created' && entry.data.role === 'user'
      ? [`${entry.data.sessionId} ${entry.data.content}`]
      : [],
  );
  return [...duplicates(log.map(onceOnly).filter((name) => name !== null)), ...duplicates(prompts)];
}

async function unterminated(storage: Storage, log: readonly JournalEntry[]): Promise<readonly string[]> {
  const open = new Set<string>();
  for (const entry of log) {
    if (entry.type === 'turn.queued') open.add(`turn ${entry.data.turnId}`);
    if (entry.type === 'turn.ended') open.delete(`turn ${entry.data.turnId}`);
    if (entry.type === 'tool.call') open.add(`tool call ${entry.data.id}`);
    if (entry.type === 'tool.result') open.delete(`tool call ${entry.data.id}`);
    if (entry.type === 'trace.created') open.add(`trace ${entry.data.id}`);
    if (entry.type === 'trace.updated' && entry.data.status !== 'running')
      open.delete(`trace ${entry.data.id}`);
  }
  const rows = await storage.readModel.sessionsWithOpenTurns();
  return [...open, ...rows.map((id) => `session ${id} has open turns`)];
}

/** I4–I8 over the journal, session by session. */
function disordered(log: readonly JournalEntry[]): readonly string[] {
  const faults: string[] = [];
  const bySession = Map.groupBy(log, (entry) => entry.sessionId);
  for (const [session, entries] of bySession) {
    if (session === null) continue;
    const seen = new Set<string>();
    const activities: string[] = [];
    for (const [index, entry] of entries.entries()) {
      const missing = prerequisite(entry).filter((name) => !seen.has(name));
      if (missing.length > 0) faults.push(`${entry.type} of ${session} without ${missing.join(', ')}`);
      for (const name of established(entry)) seen.add(name);
      if (entry.type === 'agent.activity') activities.push(entry.data.state);
      if (
        entry.type === 'session.deleted' &&
        index !== entries.length - 1 &&
        !isBookkeeping(entries.slice(index + 1))
      ) {
        faults.push(`something of ${session} follows session.deleted`);
      }
    }
    if (activities.length > 0 && activities.at(-1) !== 'idle') faults.push(`${session} does not end idle`);
  }
  return faults;
}

/** The stored answer of the deletion itself may follow it. */
function isBookkeeping(entries: readonly JournalEntry[]): boolean {
  return entries.every((entry) => entry.type === 'command.completed');
}

function prerequisite(entry: JournalEntry): readonly string[] {
  switch (entry.type) {
    case 'session.created':
    case 'command.completed':
      return [];
    case 'message.updated':
      return [`message ${entry.data.id}`];
    case 'message.checkpoint':
      return [`message ${entry.data.messageId}`];
    case 'tool.result':
      return [`tool call ${entry.data.id}`];
    case 'trace.updated':
      return [`trace ${entry.data.id}`];
    case 'turn.started':
    case 'turn.ended':
      return [`turn ${entry.data.turnId}`];
    case 'turn.step.started':
      return [`started ${entry.data.turnId}`];
    default:
      return ['session'];
  }
}

function established(entry: JournalEntry): readonly string[] {
  switch (entry.type) {
    case 'session.created':
      return ['session'];
    case 'message.created':
      return [`message ${entry.data.id}`];
    case 'tool.call':
      return [`tool call ${entry.data.id}`];
    case 'trace.created':
      return [`trace ${entry.data.id}`];
    case 'turn.queued':
      return [`turn ${entry.data.turnId}`];
    case 'turn.started':
      return [`started ${entry.data.turnId}`];
    default:
      return [];
  }
}

/** I2: whatever a client saw is in the journal. */
function seenButNotStored(client: TorturedClient, log: readonly JournalEntry[]): readonly string[] {
  const stored = new Set(log.map((entry) => JSON.stringify([entry.type, entry.data])));
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
    ...(await Promise.all(sessions.map((id) => readModel.messages(id, page)))),
    ...(await Promise.all(turns.map((id) => readModel.toolCalls(id)))),
  ];
}
