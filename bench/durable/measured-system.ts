/** The real actors over a journal whose commits are timed. No engine runs: only the cost of commands is measured. */

import { type LiveSystem, startLiveSystem } from '../../actors/live-system.ts';
import type { Engine, Journal, Log, Publisher, ReadModel } from '../../actors/ports.ts';
import type { ChatMessage } from '../../schema/chat-message.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { Outcome } from '../../schema/refusal.ts';
import { systemClock } from '../../src/clock.ts';
import { systemIds } from '../../src/ids.ts';
import { leasesOf } from '../../src/leases.ts';
import { createToolBox } from '../../src/tools/tool-box.ts';
import { noFiles } from './no-files.ts';

export const silentLog: Log = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

export const nobody: Publisher = {
  durable: () => {},
  volatile: () => {},
  stream: () => {},
  isHeard: () => false,
};

const noEngine: Engine = {
  name: 'none',
  stream: () => {
    throw new Error('no engine runs in this bench');
  },
};

export type MeasuredSystem = {
  readonly system: LiveSystem;
  /** Milliseconds of each commit since the last call. */
  readonly takeCommits: () => readonly number[];
};

export async function measuredSystem(storage: {
  readonly journal: Journal;
  readonly readModel: ReadModel;
}): Promise<MeasuredSystem> {
  let commits: number[] = [];
  const journal: Journal = {
    append: async (batch) => {
      const start = performance.now();
      const seqs = await storage.journal.append(batch);
      commits.push(performance.now() - start);
      return seqs;
    },
  };
  const system = await startLiveSystem({
    journal,
    readModel: storage.readModel,
    files: noFiles,
    publisher: nobody,
    engine: noEngine,
    tools: createToolBox([]),
    clock: systemClock,
    ids: systemIds,
    log: silentLog,
    leases: leasesOf('bench'),
    random: Math.random,
  });
  return {
    system,
    takeCommits: () => {
      const taken = commits;
      commits = [];
      return taken;
    },
  };
}

export async function newSession({ system }: MeasuredSystem): Promise<SessionId> {
  return acceptedValue(await system.door.createSession({ title: 'Bench' })).id;
}

/** Two durable events: `message.created` and `session.updated`. */
export async function addNote({ system }: MeasuredSystem, session: SessionId): Promise<ChatMessage> {
  return acceptedValue(
    await system.door.addMessage(session, {
      role: 'assistant',
      content: 'The quick brown fox jumps over the lazy dog, again and again and again.',
      toolCallId: undefined,
      name: undefined,
    }),
  );
}

export const eventsPerNote = 2;

export function acceptedValue<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal.code}: ${outcome.refusal.message}`);
  return outcome.value;
}
