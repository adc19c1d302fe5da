/**
 * The contract of `Journal` and `ReadModel` (actors/ports.ts; SPEC [JRN2]–[JRN11]): every backend, the fake
 * included, passes it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import { JournalRejected } from '../../actors/ports.ts';
import type { MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, message, newId, session, start, trace } from './sample-entries.ts';

export function journalContract(backend: JournalBackend): void {
  describe(`journal and read model: ${backend.name}`, () => {
    let store: OpenJournal;
    beforeAll(async () => {
      store = await backend.open();
    });
    afterAll(() => store.close());
    const append = (...batch: JournalEntry[]) => store.journal.append(batch);
    const newSession = async (): Promise<SessionId> => {
      const id = newId<SessionId>();
      await append(entry.sessionCreated(session(id)));
      return id;
    };

    it('[JRN11] numbers entries upwards, in the order given, across batches', async () => {
      const id = await newSession();
      const batch = Array.from({ length: 300 }, () => entry.activity(id, 'thinking'));
      const first = await store.journal.append(batch);
      const second = await store.journal.append(batch.slice(0, 3).map((one) => ({ ...one })));
      const seqs = [...first, ...second];
      expect(seqs).toHaveLength(303);
      expect(seqs.every((seq, index) => index === 0 || seq > (seqs[index - 1] ?? Infinity))).toBe(true);
      expect(seqs.every(Number.isSafeInteger)).toBe(true);
    });

    it('[JRN11] answers an empty batch with no numbers', async () => {
      expect(await append()).toEqual([]);
    });

    it('[JRN2] rejects a batch with an event that is never written, and writes nothing of it', async () => {
      const id = newId<SessionId>();
      const batch: JournalEntry[] = [
        entry.sessionCreated(session(id)),
        { type: 'logs.created', sessionId: null, data: [], at: start },
      ];
      await expect(store.journal.append(batch)).rejects.toBeInstanceOf(JournalRejected);
      expect(await store.readModel.session(id)).toBeUndefined();
    });

    it('[JRN3] reads back what was appended, with absent keys absent', async () => {
      const [id, messageId, traceId] = [newId<SessionId>(), newId<MessageId>(), newId<TraceId>()];
      const bare = session(id);
      const plain = message(messageId, id, { content: 'Grüße 👋\n"quoted"' });
      const run = trace(traceId, {
        sessionId: id,
        metadata: { messageId, nested: { list: [1, null, 'x'] } },
      });
      await append(
        entry.sessionCreated(bare),
        entry.messageCreated(plain),
        entry.trace('trace.created', run),
      );
      expect(await store.readModel.session(id)).toStrictEqual(bare);
      expect(await store.readModel.message(messageId)).toStrictEqual(plain);
      expect(await store.readModel.trace(traceId)).toStrictEqual(run);
      expect(Object.keys((await store.readModel.session(id)) ?? {})).toEqual(Object.keys(bare));

      const full = session(id, { description: 'D', status: 'archived', title: 'T' });
      const labelled = message(newId(), id, { role: 'tool', toolCallId: 'call_1', name: 'clock' });
      const ended = trace(traceId, { status: 'completed', durationMs: 12 });
      await append(
        entry.sessionUpdated(full),
        entry.messageCreated(labelled),
        entry.trace('trace.updated', ended),
      );
      expect(await store.readModel.session(id)).toStrictEqual(full);
      expect(await store.readModel.message(labelled.id)).toStrictEqual(labelled);
      expect(await store.readModel.trace(traceId)).toStrictEqual(ended);
      await append(entry.sessionUpdated(bare));
      expect(await store.readModel.session(id)).toStrictEqual(bare);
    });

    it('[JRN3] knows nothing of what was never written', async () => {
      expect(await store.readModel.session(newId())).toBeUndefined();
      expect(await store.readModel.storedSession(newId())).toBeUndefined();
      expect(await store.readModel.message(newId())).toBeUndefined();
      expect(await store.readModel.trace(newId())).toBeUndefined();
      expect(await store.readModel.messages(newId(), { limit: 10 })).toEqual([]);
      expect(await store.readModel.toolCalls(newId())).toEqual([]);
    });

    it('[JRN3] keeps the last runtime config', async () => {
      const config = { features: { traces: true, extra: false }, theme: 'light' } as const;
      await append(entry.config({ features: {}, theme: 'dark' }), entry.config(config));
      expect(await store.readModel.runtimeConfig()).toStrictEqual(config);
      const withUrls = { apiUrl: 'http://a', websocketUrl: 'ws://a', ...config };
      await append(entry.config(withUrls));
      expect(JSON.stringify(await store.readModel.runtimeConfig())).toBe(JSON.stringify(withUrls));
    });

    it('[JRN3] keeps the answers of named commands, those of a deleted session too', async () => {
      const id = await newSession();
      const command = { key: newId(), fingerprint: 'f', result: { nested: [1, null, 'x'] } };
      const completed = (data: typeof command): JournalEntry => ({
        type: 'command.completed',
        sessionId: id,
        data,
        at: start,
      });
      await append(completed(command), entry.sessionDeleted(id));
      expect(await store.readModel.completedCommand(command.key)).toStrictEqual(command);
      expect(await store.readModel.completedCommand(newId())).toBeUndefined();
    });

    it('[JRN4] deletes a session with its messages, turns and tool calls; traces stay', async () => {
      const id = await newSession();
      const [messageId, traceId, turnId] = [newId<MessageId>(), newId<TraceId>(), newId<TurnId>()];
      await append(
        entry.messageCreated(message(messageId, id)),
        entry.trace('trace.created', trace(traceId, { sessionId: id })),
        entry.turnQueued(id, turnId),
        entry.tool({ type: 'tool.call', id: newId(), sessionId: id, turnId, status: 'running' }),
      );
      await append(entry.sessionDeleted(id));
      expect(await store.readModel.session(id)).toBeUndefined();
      expect(await store.readModel.storedSession(id)).toBeUndefined();
      expect(await store.readModel.message(messageId)).toBeUndefined();
      expect(await store.readModel.messages(id, { limit: 10 })).toEqual([]);
      expect(await store.readModel.toolCalls(turnId)).toEqual([]);
      expect(await store.readModel.sessionsWithOpenTurns()).not.toContain(id);
      expect(await store.readModel.trace(traceId)).toStrictEqual(trace(traceId, { sessionId: id }));
    });

    it.each(['in the same batch', 'in a later batch'])(
      '[JRN5] a session that was deleted is not brought back by events %s',
      async (when) => {
        const id = await newSession();
        const [messageId, turnId] = [newId<MessageId>(), newId<TurnId>()];
        const after = [
          entry.sessionUpdated(session(id)),
          entry.activity(id, 'idle'),
          entry.messageCreated(message(messageId, id)),
          entry.checkpoint({ sessionId: id, messageId, offset: 0, text: 'x' }),
          entry.turnQueued(id, turnId),
          entry.turnStarted(id, turnId),
          entry.tool({ type: 'tool.call', id: newId(), sessionId: id, turnId, status: 'running' }),
        ];
        if (when === 'in the same batch') {
          await append(entry.sessionDeleted(id), ...after);
        } else {
          await append(entry.sessionDeleted(id));
          await append(...after);
        }
        expect(await store.readModel.session(id)).toBeUndefined();
        expect(await store.readModel.message(messageId)).toBeUndefined();
        expect(await store.readModel.toolCalls(turnId)).toEqual([]);
        expect(await store.readModel.sessionsWithOpenTurns()).not.toContain(id);
      },
    );

    it('[JRN6] adds checkpointed text at its offset, once', async () => {
      const id = await newSession();
      const messageId = newId<MessageId>();
      const at = (offset: number, text: string) =>
        entry.checkpoint({ sessionId: id, messageId, offset, text });
      const content = async () => (await store.readModel.message(messageId))?.content;
      await append(entry.messageCreated(message(messageId, id, { content: 'On👋e' })));
      await append(at(5, ' two'));
      expect(await content()).toBe('On👋e two');
      await append(at(9, ' 👋three'), at(17, ' four'));
      expect(await content()).toBe('On👋e two 👋three four');
      await append(at(9, ' 👋three'), at(17, ' four'));
      expect(await content()).toBe('On👋e two 👋three four');
      await append(at(9, ' 3'));
      expect(await content()).toBe('On👋e two 3');
      expect((await store.readModel.messages(id, { limit: 5 })).map((one) => one.content)).toEqual([
        'On👋e two 3',
      ]);
    });

    it('[JRN6] a whole message wins over the checkpoints before it, and starts them anew', async () => {
      const id = await newSession();
      const messageId = newId<MessageId>();
      const at = (offset: number, text: string) =>
        entry.checkpoint({ sessionId: id, messageId, offset, text });
      const content = async () => (await store.readModel.message(messageId))?.content;
      await append(entry.messageCreated(message(messageId, id, { content: 'a' })), at(1, 'b'));
      expect(await content()).toBe('ab');
      await append(at(2, 'c'), entry.messageUpdated(message(messageId, id, { content: 'whole' })));
      expect(await content()).toBe('whole');
      await append(entry.messageUpdated(message(messageId, id, { content: 'again' })), at(5, '!'));
      expect(await content()).toBe('again!');
      await append(at(6, '?'));
      expect(await content()).toBe('again!?');
    });

    it('[JRN6] leaves nothing of a checkpoint whose message does not exist', async () => {
      const id = await newSession();
      const messageId = newId<MessageId>();
      await append(entry.checkpoint({ sessionId: id, messageId, offset: 0, text: 'early' }));
      expect(await store.readModel.message(messageId)).toBeUndefined();
      await append(entry.messageCreated(message(messageId, id, { content: 'late' })));
      expect((await store.readModel.message(messageId))?.content).toBe('late');
    });

    it('[JRN8] stores any text that engines and tools produce', async () => {
      const id = await newSession();
      const [messageId, turnId, toolId] = [newId<MessageId>(), newId<TurnId>(), newId<ToolCallId>()];
      await append(
        entry.messageCreated(message(messageId, id, { content: "a\n'b' \\ $1 ? 漢字 👩‍👩‍👧 \u{10FFFF}" })),
        entry.tool({
          type: 'tool.result',
          id: toolId,
          sessionId: id,
          turnId,
          status: 'completed',
          result: 'x'.repeat(1_000_000),
        }),
      );
      expect((await store.readModel.message(messageId))?.content).toBe(
        "a\n'b' \\ $1 ? 漢字 👩‍👩‍👧 \u{10FFFF}",
      );
      const [call] = await store.readModel.toolCalls(turnId);
      expect(call?.result).toHaveLength(1_000_000);
    });

    it('[JRN9] lists messages oldest first, the newest page first', async () => {
      const id = await newSession();
      const messages = Array.from({ length: 7 }, (_, index) =>
        message(newId(), id, { content: `message ${index}` }),
      );
      await append(...messages.slice(0, 5).map(entry.messageCreated));
      await append(...messages.slice(5).map(entry.messageCreated));
      // Writing a message again does not move it.
      await append(entry.messageUpdated(messages[1] ?? message(newId(), id)));
      const page = (limit: number, before?: MessageId) => store.readModel.messages(id, { limit, before });
      expect(await page(100)).toStrictEqual(messages);
      expect(await page(3)).toStrictEqual(messages.slice(4));
      expect(await page(3, messages[4]?.id)).toStrictEqual(messages.slice(1, 4));
      expect(await page(3, messages[1]?.id)).toStrictEqual(messages.slice(0, 1));
      expect(await page(3, messages[0]?.id)).toEqual([]);
      expect(await page(3, newId())).toEqual([]);
      const other = await newSession();
      const stranger = message(newId(), other);
      await append(entry.messageCreated(stranger));
      expect(await page(3, stranger.id)).toEqual([]);
    });

    it('[JRN9] lists a page of messages that stream, each with all its text', async () => {
      const id = await newSession();
      const messages = Array.from({ length: 4 }, () => message(newId(), id, { content: '' }));
      await append(...messages.map(entry.messageCreated));
      for (let round = 0; round < 3; round++) {
        await append(
          ...messages.map((one) =>
            entry.checkpoint({ sessionId: id, messageId: one.id, offset: round, text: String(round) }),
          ),
        );
      }
      const page = await store.readModel.messages(id, { limit: 2, before: messages[3]?.id });
      expect(page.map((one) => [one.id, one.content])).toEqual([
        [messages[1]?.id, '012'],
        [messages[2]?.id, '012'],
      ]);
    });

    it('[JRN9] lists sessions by their last update, page by page, none twice', async () => {
      const ids = Array.from({ length: 6 }, () => newId<SessionId>());
      // Far in the future: in front of what other tests have made. Two share each time.
      const at = (index: number) => isoTimestamp(start + 1e12 + Math.floor(index / 2));
      await append(...ids.map((id, index) => entry.sessionCreated(session(id, { updatedAt: at(index) }))));
      const expected = ids.toReversed();
      const page = async (limit: number, before?: SessionId) =>
        (await store.readModel.sessions({ limit, before })).map((one) => one.id);
      expect(await page(6)).toEqual(expected);
      const walked: SessionId[] = [];
      for (let before: SessionId | undefined; walked.length < 6; before = walked.at(-1)) {
        walked.push(...(await page(1, before)));
      }
      expect(walked).toEqual(expected);
      expect(await page(3, newId())).toEqual([]);
      await append(entry.sessionUpdated(session(ids[0] ?? newId(), { updatedAt: at(100) })));
      expect((await page(1))[0]).toBe(ids[0]);
    });

    it('[JRN9] lists traces by creation, newest first, page by page', async () => {
      const ids = Array.from({ length: 5 }, () => newId<TraceId>());
      const at = isoTimestamp(start + 1e12);
      await append(
        ...ids.map((id) => entry.trace('trace.created', trace(id, { createdAt: at, updatedAt: at }))),
      );
      await append(
        entry.trace('trace.updated', trace(ids[2] ?? newId(), { createdAt: at, status: 'failed' })),
      );
      const page = async (limit: number, before?: TraceId) =>
        (await store.readModel.traces({ limit, before })).map((one) => one.id);
      const expected = ids.toReversed();
      expect(await page(5)).toEqual(expected);
      expect(await page(2, expected[1])).toEqual(expected.slice(2, 4));
      expect(await page(2, newId())).toEqual([]);
    });

    it('[JRN10] wakes a session with its queued and running turns, oldest first', async () => {
      const id = await newSession();
      const turns = [1, 2, 3, 4].map(() => entry.turnQueued(id, newId()));
      const ids = turns.map((turn) => turn.data.turnId);
      const [first, second, third] = [
        ids[0] ?? newId<TurnId>(),
        ids[1] ?? newId<TurnId>(),
        ids[2] ?? newId<TurnId>(),
      ];
      await append(...turns);
      await append(entry.turnStarted(id, first), entry.turnStep(id, first, 1));
      await append(entry.turnEnded(id, first, 'completed'), entry.turnStarted(id, second));
      await append(entry.turnStep(id, second, 1), entry.turnStep(id, second, 2));
      await append(entry.turnEnded(id, third, 'cancelled'));
      const stored = await store.readModel.storedSession(id);
      expect(stored?.session).toStrictEqual(session(id));
      expect(stored?.turns.map(({ turnId, status, step }) => [turnId, status, step])).toEqual([
        [second, 'running', 2],
        [ids[3], 'queued', 0],
      ]);
      const { timestamp: _, ...identity } = turns[3]?.data ?? { timestamp: '' };
      expect(stored?.turns[1]).toStrictEqual({ ...identity, status: 'queued', step: 0 });
    });

    it('[JRN10] finds the sessions that have open turns, oldest turn first', async () => {
      const [idle, busy, waiting] = [await newSession(), await newSession(), await newSession()];
      const [done, running] = [newId<TurnId>(), newId<TurnId>()];
      await append(
        entry.turnQueued(idle, done),
        entry.turnQueued(waiting, newId()),
        entry.turnQueued(busy, running),
        entry.turnQueued(waiting, newId()),
        entry.turnStarted(idle, done),
        entry.turnEnded(idle, done, 'failed'),
        entry.turnStarted(busy, running),
      );
      const found = await store.readModel.sessionsWithOpenTurns();
      expect(found.filter((id) => [idle, busy, waiting].includes(id))).toEqual([waiting, busy]);
    });

    it('[JRN10] keeps tool calls whole, in the order in which they were made', async () => {
      const id = await newSession();
      const turnId = newId<TurnId>();
      const [first, second] = [newId<ToolCallId>(), newId<ToolCallId>()];
      const long = JSON.stringify({ text: 'y'.repeat(5000) });
      const call = (toolId: ToolCallId, argumentsJson: string) =>
        entry.tool({
          type: 'tool.call',
          id: toolId,
          sessionId: id,
          turnId,
          status: 'running',
          argumentsJson,
        });
      await append(call(first, long));
      await append(call(second, '{}'));
      await append(
        entry.tool({
          type: 'tool.result',
          id: first,
          sessionId: id,
          turnId,
          status: 'failed',
          argumentsJson: long,
          result: 'z'.repeat(3000),
          at: start + 5,
        }),
      );
      expect(await store.readModel.toolCalls(turnId)).toStrictEqual([
        {
          id: first,
          sessionId: id,
          turnId,
          modelCallId: 'call_1',
          name: 'clock',
          status: 'failed',
          argumentsJson: long,
          result: 'z'.repeat(3000),
          agentId: 'agent',
        },
        {
          id: second,
          sessionId: id,
          turnId,
          modelCallId: 'call_1',
          name: 'clock',
          status: 'running',
          argumentsJson: '{}',
          agentId: 'agent',
        },
      ]);
    });

    it('[JRN11] takes a batch of the greatest size', async () => {
      const id = await newSession();
      const messages = Array.from({ length: 1000 }, (_, index) =>
        message(newId(), id, { content: `${index}` }),
      );
      const seqs = await append(...messages.map(entry.messageCreated));
      expect(new Set(seqs).size).toBe(1000);
      const stored = await store.readModel.messages(id, { limit: 5000 });
      expect(stored.map((one) => one.content)).toEqual(messages.map((one) => one.content));
    });
  });
}
