/**
 * Goal: whatever has happened to a session, its transcript can be imported, and a model is told the same of the copy.
 * Method: random worlds, with crashes and every command, half of them after a beginning that has what is rare; at rest,
 * the transcript of each session is read back into empty tables, and the conversations up to each of its messages are
 * compared.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copiedConversation } from '../../actors/door/copied-conversation.ts';
import { startsTurn } from '../../schema/chat-message.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { jsonTranscript } from '../../src/transcripts/json-transcript.ts';
import { readTranscript } from '../../src/transcripts/read-transcript.ts';
import { idOf } from '../arbitraries/ids.ts';
import { entry, newId } from '../contract/sample-entries.ts';
import { cases } from '../effort.ts';
import { copiedTranscripts } from '../fakes/copied-transcript.ts';
import { conversationInMemory } from '../fakes/memory-conversation.ts';
import { copyInMemory } from '../fakes/memory-places.ts';
import { MemoryTables } from '../fakes/memory-tables.ts';
import { heal } from './healing.ts';
import { perform } from './moves.ts';
import { type Scenario, type Step, scenario } from './scenario.ts';
import { World } from './world.ts';

/** A question whose answer makes a call, and another answer to it that fails: a session with everything that is rare. */
function eventful(): readonly Step[] {
  const ask: Step = { do: 'order', kind: 'ask', session: 0, target: 0, named: false, socket: null };
  const flow: Step = { do: 'flow' };
  const model = { do: 'model', pick: 0 } as const;
  return [
    { ...ask, kind: 'create' },
    flow,
    ask,
    flow,
    { ...model, part: { say: 'text', text: 'one' } },
    { ...model, part: { say: 'tool', tool: 'lookup', payload: 'small' } },
    { ...model, part: { say: 'finish', tokens: 0, reason: 'tool-calls' } },
    flow,
    { do: 'tool', pick: 0, how: 'answer', payload: 'small' },
    flow,
    { ...model, part: { say: 'text', text: 'two' } },
    { ...model, part: { say: 'finish', tokens: 0, reason: 'stop' } },
    flow,
    { ...ask, kind: 'regenerate', target: 1 },
    flow,
    { ...model, part: { say: 'text', text: 'three' } },
    { ...model, part: { say: 'error' } },
    flow,
  ];
}

const begunEventfully = scenario.map(({ steps, ...rest }) => ({
  ...rest,
  steps: [...eventful(), ...steps],
}));

/** The rows of a world at rest. */
async function lived({ flushIntervalMs, steps }: Scenario): Promise<MemoryTables> {
  const world = new World({ invariants: [], flushIntervalMs });
  try {
    await world.step(() => world.start());
    for (const step of steps) await perform(world, step);
    await heal(world);
    return world.storage.tables;
  } finally {
    world.process?.die();
  }
}

async function transcriptOf(tables: MemoryTables, id: SessionId): Promise<string> {
  const reads = copiedTranscripts(() => {
    const [session, conversation] = [tables.session(id), copyInMemory(tables, id, 'all')];
    return session && conversation && { session, conversation };
  });
  const outline = await reads.outline(id, 'all');
  if (outline === undefined || outline === 'too long') throw new Error('there is no outline');
  let text = '';
  for await (const piece of jsonTranscript(outline, reads)) text += piece;
  return text;
}

/** Reads the transcript into empty tables, under new ids. */
async function importOf(text: string, id: SessionId): Promise<MemoryTables> {
  async function* body() {
    yield Buffer.from(text);
  }
  const read = await readTranscript(body());
  if (!read.ok) throw new Error(`refused: ${JSON.stringify(read)}`);
  const tables = new MemoryTables();
  let count = 0;
  const next = <Id extends string>() => idOf<Id>(99, count++);
  const at = '2026-01-01T00:00:00.000Z';
  tables.apply(entry.sessionCreated({ id, title: 'Copy', status: 'active', createdAt: at, updatedAt: at }));
  tables.apply(entry.imported(id, copiedConversation(read.value.conversation, id, { next })));
  return tables;
}

/** What a model would be told if it answered each message that can be answered; ids by the order in which they come. */
function toldOf(
  tables: MemoryTables,
  sessionId: SessionId,
  messages: readonly MessageId[],
): readonly string[] {
  return messages.map((promptId) => {
    const answerId = newId<MessageId>();
    const told = conversationInMemory(tables, {
      sessionId,
      promptId,
      answerId,
      limit: limits.historyMessagesMax,
    });
    const names = new Map<string, string>();
    return JSON.stringify(told, sorted).replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
      const name = names.get(id) ?? `id ${names.size}`;
      names.set(id, name);
      return name;
    });
  });
}

/** For JSON: the keys of objects in the order of the alphabet. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

describe('transcripts of what sessions live through', () => {
  it('[TRN9] [TRN14] can be imported, and a model is told the same of the copy', async () => {
    const seen = { sessions: 0, branches: 0, calls: 0, unended: 0 };
    await fc.assert(
      fc.asyncProperty(fc.oneof(scenario, begunEventfully), async (given) => {
        const tables = await lived(given);
        for (const { id } of tables.sessions()) {
          const copy = copyInMemory(tables, id, 'all');
          if (copy === undefined) throw new Error('a session has a copy');
          const there = newId<SessionId>();
          const imported = await importOf(await transcriptOf(tables, id), there);
          const again = copyInMemory(imported, there, 'all');
          expect(
            again?.messages.map(({ content, status, marks = [] }) => [content, status, marks.length]),
          ).toEqual(copy.messages.map(({ content, status, marks = [] }) => [content, status, marks.length]));
          const asked = copy.messages.flatMap(({ role }, index) => (startsTurn(role) ? [index] : []));
          const [one, other] = [copy, again].map((each) =>
            asked.map((index) => each?.messages[index]?.id ?? newId<MessageId>()),
          );
          expect(toldOf(imported, there, other ?? [])).toEqual(toldOf(tables, id, one ?? []));
          const parents = copy.messages.map(({ parentId }) => parentId);
          seen.sessions++;
          seen.branches += new Set(parents).size < parents.length ? 1 : 0;
          seen.calls += copy.calls.length;
          seen.unended += copy.messages.filter(({ status }) => status !== undefined).length;
        }
      }),
      {
        numRuns: cases({ quick: 40, full: 500 }),
        // Whatever the others are, one world has a branch, a call and an answer that did not end well.
        examples: [[{ flushIntervalMs: 0, steps: eventful() }]],
      },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
  }, 120_000);
});
