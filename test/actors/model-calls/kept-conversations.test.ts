/**
 * Conversations that are kept in memory ([JRN29]). Property: whatever a session lives through, and whenever a model call asks,
 * a kept conversation is that of the store. Examples: a session that goes on reads the store once; what leaves memory, is
 * too long, or changes while the store answers is not kept.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeptConversations } from '../../../actors/model-calls/kept-conversations.ts';
import type { JournalEntry } from '../../../actors/ports.ts';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { ConversationQuery } from '../../../schema/conversation-window.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { TurnOutcome } from '../../../schema/turn-record.ts';
import { entry, message, newId, session } from '../../contract/sample-entries.ts';
import { cases } from '../../effort.ts';
import { memoryStorage } from '../../fakes/memory-storage.ts';

const turnEnded = entry.turnEnded;

/** A session in a store in memory, whose events are told to the kept conversations when they are committed. */
async function world() {
  const { journal, readModel } = memoryStorage();
  let reads = 0;
  let beforeAnswer = async () => {};
  const kept = new KeptConversations({
    conversation: async (query) => {
      reads++;
      const window = await readModel.conversation(query);
      await beforeAnswer();
      return window;
    },
  });
  const append = async (...entries: JournalEntry[]) => {
    await journal.append(entries);
    for (const one of entries) kept.committed(one);
  };
  const id = newId<SessionId>();
  await append(entry.sessionCreated(session(id)));

  async function ask(parentId: MessageId | null, content = 'a question') {
    const prompt = message(newId(), id, { content, parentId });
    const queued = entry.turnQueued(id, newId());
    const turn = { ...queued, data: { ...queued.data, promptId: prompt.id } };
    const { turnId, answerId } = turn.data;
    await append(entry.messageCreated(prompt), turn, entry.turnStarted(id, turnId));
    const query = { sessionId: id, promptId: prompt.id, answerId, limit: limits.historyMessagesMax };
    return { query, turnId };
  }
  type Asked = Awaited<ReturnType<typeof ask>>;

  async function answer({ query, turnId }: Asked, content: string, outcome: TurnOutcome = 'completed') {
    const { answerId, promptId } = query;
    const fact: MessageFact = message(answerId, id, {
      role: 'assistant',
      content,
      promptId,
      parentId: promptId,
    });
    await append(
      entry.messageCreated({ ...fact, content: '', status: 'streaming' }),
      entry.messageUpdated(fact),
      turnEnded(id, turnId, outcome),
    );
    return answerId;
  }

  async function call({ turnId }: Asked, step: number, result: string) {
    const about = { id: newId<ToolCallId>(), sessionId: id, turnId, step } as const;
    await append(
      entry.turnStepEnded(id, turnId, step, 'a'),
      entry.tool({ ...about, type: 'tool.call', status: 'running' }),
      entry.tool({ ...about, type: 'tool.result', status: 'completed', result }),
    );
  }

  return {
    id,
    kept,
    append,
    ask,
    answer,
    call,
    stored: (query: ConversationQuery) => readModel.conversation(query),
    reads: () => reads,
    whileAnswering: (run: () => Promise<void>) => {
      beforeAnswer = run;
    },
  };
}

it('[JRN29] a session that goes on reads the store once, and is told the same', async () => {
  const { ask, answer, call, kept, stored, reads } = await world();
  let leaf: MessageId | null = null;
  for (let turn = 0; turn < limits.historyMessagesMax; turn++) {
    const asked = await ask(leaf, `question ${turn}`);
    expect(await kept.read(asked.query)).toEqual(await stored(asked.query));
    if (turn % 3 === 0) {
      await call(asked, 1, `result ${turn}`);
      expect(await kept.read(asked.query)).toEqual(await stored(asked.query));
    }
    leaf = await answer(asked, `answer ${turn}`);
  }
  expect(reads()).toBe(1);
});

it('[JRN29] is what the store would answer, whatever the session lives through', async () => {
  const outcome = fc.constantFrom<TurnOutcome>('completed', 'failed', 'cancelled', 'interrupted');
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('ask' as const), below: fc.nat(3), calls: fc.nat(2), outcome }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('ask and say nothing' as const), outcome }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('ask again' as const), goesOn: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('note' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave memory' as const) }) },
  );
  let known = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const { id, ask, answer, call, kept, stored, append, reads } = await world();
      const leaves: MessageId[] = [];
      const isSame = async (query: ConversationQuery) =>
        expect(await kept.read(query)).toEqual(await stored(query));
      let asks = 0;
      let last: Awaited<ReturnType<typeof ask>> | undefined;
      for (const one of steps) {
        switch (one.do) {
          case 'ask': {
            // Mostly below the last message.
            const asked = await ask(leaves.at(one.below === 3 ? -2 : -1) ?? null);
            await isSame(asked.query);
            for (let count = 1; count <= one.calls; count++) {
              await call(asked, count, 'r'.repeat(count));
              await isSame(asked.query);
            }
            asks += 1 + one.calls;
            leaves.push(await answer(asked, `answer ${asks}`, one.outcome));
            last = asked;
            break;
          }
          case 'ask and say nothing': {
            const asked = await ask(leaves.at(-1) ?? null);
            await isSame(asked.query);
            asks++;
            await append(turnEnded(id, asked.turnId, one.outcome));
            leaves.push(asked.query.promptId);
            break;
          }
          case 'ask again': {
            if (last === undefined) break;
            const { promptId, answerId } = last.query;
            const queued = entry.turnQueued(id, newId<TurnId>());
            const goesOn = one.goesOn ? { answerId, continuesAt: 3 } : {};
            const data = { ...queued.data, promptId, ...goesOn };
            await append({ ...queued, data }, entry.turnStarted(id, data.turnId));
            const again = { query: { ...last.query, answerId: data.answerId }, turnId: data.turnId };
            await isSame(again.query);
            asks++;
            const said = await answer(again, 'another answer');
            if (!one.goesOn) leaves.push(said);
            break;
          }
          case 'note': {
            const note = message(newId(), id, {
              role: 'assistant',
              content: 'noted',
              parentId: leaves.at(-1) ?? null,
            });
            await append(entry.messageCreated(note));
            leaves.push(note.id);
            break;
          }
          case 'delete': {
            const which = leaves[one.which % Math.max(1, leaves.length)];
            if (which === undefined) break;
            await append(entry.messageDeleted(id, which));
            leaves.length = 0;
            last = undefined;
            break;
          }
          case 'leave memory':
            kept.end(id);
        }
      }
      known += asks - reads();
    }),
    { numRuns: cases({ quick: 100, full: 1000 }) },
  );
  expect(known).toBeGreaterThan(100);
});

it('[JRN29] is not kept when the session changes while the store answers', async () => {
  const { id, ask, answer, kept, append, reads, whileAnswering, stored } = await world();
  const first = await ask(null);
  whileAnswering(() => append(entry.messageDeleted(id, newId())));
  await kept.read(first.query);
  whileAnswering(async () => {});
  const second = await ask(await answer(first, 'an answer'));
  expect(await kept.read(second.query)).toEqual(await stored(second.query));
  expect(reads()).toBe(2);
});

it('[JRN29] what is too long is read from the store each time', async () => {
  const { ask, answer, kept, reads } = await world();
  const first = await ask(null, 'x'.repeat(limits.keptConversationUnitsMax + 1));
  await kept.read(first.query);
  await kept.read(first.query);
  expect(reads()).toBe(2);
  const second = await ask(await answer(first, 'an answer'));
  await kept.read(second.query);
  expect(reads()).toBe(3);
});

it('[JRN29] when all together are too long, the one that was used longest ago goes', async () => {
  const read: SessionId[] = [];
  const kept = new KeptConversations({
    conversation: async ({ sessionId, promptId }) => {
      read.push(sessionId);
      const content = 'x'.repeat(limits.keptConversationUnitsMax);
      const messages = [message(promptId, sessionId, { content })];
      return { path: [promptId], messages, turns: [], continued: [], isCut: false };
    },
  });
  const ask = (sessionId: SessionId): ConversationQuery => {
    const queued = entry.turnQueued(sessionId, newId());
    kept.committed(queued);
    const { promptId, answerId } = queued.data;
    return { sessionId, promptId, answerId, limit: limits.historyMessagesMax };
  };
  const most = limits.keptConversationsUnitsMax / limits.keptConversationUnitsMax;
  const queries = Array.from({ length: most + 1 }, () => ask(newId<SessionId>()));
  const [first, second] = queries;
  if (first === undefined || second === undefined) throw new Error('there are two');
  for (const query of queries.slice(0, -1)) await kept.read(query);
  await kept.read(first);
  for (const query of queries.slice(-1)) await kept.read(query);
  expect(read).toHaveLength(most + 1);
  await kept.read(first);
  expect(read).toHaveLength(most + 1);
  await kept.read(second);
  expect(read).toHaveLength(most + 2);
});
