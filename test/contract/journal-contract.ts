/**
 * The contract of `Journal` (actors/ports.ts; SPEC [JRN2]–[JRN8], [JRN11]), for every backend, including the fake.
 * Written entries are checked through the read model, whose lists have a contract of their own.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import { JournalRejected } from '../../actors/ports.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { CommandId, MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { exampleTool } from '../fakes/example-tool.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, message, newId, session, start, trace } from './sample-entries.ts';

export function journalContract(backend: JournalBackend): void {
  describe(`journal: ${backend.name}`, () => {
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
      const volatile: DomainEvent = { type: 'logs.created', sessionId: null, data: [], at: start };
      // The type forbids it; the store does not rely on the type.
      const batch = [entry.sessionCreated(session(id)), volatile as DomainEvent as JournalEntry];
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
      expect(await store.readModel.message(id, messageId)).toStrictEqual(plain);
      expect(await store.readModel.trace(traceId)).toStrictEqual(run);
      expect(Object.keys((await store.readModel.session(id)) ?? {})).toEqual(Object.keys(bare));

      const full = session(id, { description: 'D', status: 'archived', title: 'T' });
      const labelled = message(newId(), id, { role: 'tool', toolCallId: 'call_1', name: 'clock' });
      const cutOff = message(newId(), id, { role: 'assistant', finishReason: 'length' });
      const ended = trace(traceId, { status: 'completed', durationMs: 12 });
      await append(
        entry.sessionUpdated(full),
        entry.messageCreated(labelled),
        entry.messageUpdated(cutOff),
        entry.trace('trace.updated', ended),
      );
      expect(await store.readModel.session(id)).toStrictEqual(full);
      expect(await store.readModel.message(id, labelled.id)).toStrictEqual(labelled);
      expect(await store.readModel.message(id, cutOff.id)).toStrictEqual(cutOff);
      expect(await store.readModel.trace(traceId)).toStrictEqual(ended);
      await append(entry.sessionUpdated(bare));
      expect(await store.readModel.session(id)).toStrictEqual(bare);
    });

    it('[WHO5] keeps who sent a message, and who changed it; of some nobody knows it', async () => {
      const id = newId<SessionId>();
      const ada = {
        id: participantIdSchema.parse('jwt:https://id.example:ada'),
        name: 'Ada "A." \u202eevol',
      };
      const bob = { id: participantIdSchema.parse('key:bob') };
      const known = message(newId(), id, { author: ada });
      const unknown = message(newId(), id);
      await append(
        entry.sessionCreated(session(id)),
        entry.messageCreated(known),
        entry.messageCreated(unknown),
      );
      expect(await store.readModel.message(id, known.id)).toStrictEqual(known);
      expect(await store.readModel.message(id, unknown.id)).toStrictEqual(unknown);
      const changed = message(known.id, id, { content: 'Otherwise', edited: true, author: bob });
      await append(entry.messageUpdated(changed));
      expect(await store.readModel.messages(id, { limit: 9 }, 'all')).toStrictEqual([changed, unknown]);
    });

    it('[JRN3] knows nothing of what was never written', async () => {
      expect(await store.readModel.session(newId())).toBeUndefined();
      expect(await store.readModel.storedSession(newId())).toBeUndefined();
      expect(await store.readModel.message(newId(), newId())).toBeUndefined();
      expect(await store.readModel.trace(newId())).toBeUndefined();
      expect(await store.readModel.messages(newId(), { limit: 10 }, 'all')).toEqual([]);
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

    it('[JRN3] [RTL5] keeps the last of each registered tool, in the order of their names', async () => {
      const other = { ...exampleTool, name: 'Zebra' };
      const changed = { ...exampleTool, active: false, secretVersion: 2 };
      await append(entry.toolRegistered(exampleTool), entry.toolRegistered(other));
      await append(
        entry.toolUpdated({ ...exampleTool, description: 'Another' }),
        entry.toolDeactivated(changed),
      );
      expect(await store.readModel.registeredTools()).toStrictEqual([other, changed]);
    });

    it('[CFG6] keeps the history of the runtime config, newest first, in pages', async () => {
      const changes = [{ key: 'theme', from: 'dark', to: 'light' }];
      const all = Array.from({ length: 5 }, (_, index) => ({
        id: newId<CommandId>(),
        by: `owner ${index}`,
        kind: 'patched' as const,
        changes,
      }));
      await append(...all.slice(0, 3).map(entry.configChanged));
      await append(...all.slice(3).map(entry.configChanged));
      const shown = all.map((change) => ({ ...change, at: isoTimestamp(start) })).reverse();
      expect((await store.readModel.configHistory({ limit: 100 })).slice(0, 5)).toStrictEqual(shown);
      const page = { limit: 2, before: shown[1]?.id };
      expect(await store.readModel.configHistory(page)).toStrictEqual(shown.slice(2, 4));
      expect(await store.readModel.configHistory({ limit: 2, before: newId() })).toEqual([]);
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
      expect(await store.readModel.message(id, messageId)).toBeUndefined();
      expect(await store.readModel.messages(id, { limit: 10 }, 'all')).toEqual([]);
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
        expect(await store.readModel.message(id, messageId)).toBeUndefined();
        expect(await store.readModel.toolCalls(turnId)).toEqual([]);
        expect(await store.readModel.sessionsWithOpenTurns()).not.toContain(id);
      },
    );

    it('[JRN6] adds checkpointed text at its offset, once', async () => {
      const id = await newSession();
      const messageId = newId<MessageId>();
      const at = (offset: number, text: string) =>
        entry.checkpoint({ sessionId: id, messageId, offset, text });
      const content = async () => (await store.readModel.message(id, messageId))?.content;
      await append(entry.messageCreated(message(messageId, id, { content: 'On👋e' })));
      await append(at(5, ' two'));
      expect(await content()).toBe('On👋e two');
      await append(at(9, ' 👋three'), at(17, ' four'));
      expect(await content()).toBe('On👋e two 👋three four');
      await append(at(9, ' 👋three'), at(17, ' four'));
      expect(await content()).toBe('On👋e two 👋three four');
      await append(at(9, ' 3'));
      expect(await content()).toBe('On👋e two 3');
      expect((await store.readModel.messages(id, { limit: 5 }, 'all')).map((one) => one.content)).toEqual([
        'On👋e two 3',
      ]);
    });

    it('[JRN6] a whole message wins over the checkpoints before it, and starts them anew', async () => {
      const id = await newSession();
      const messageId = newId<MessageId>();
      const at = (offset: number, text: string) =>
        entry.checkpoint({ sessionId: id, messageId, offset, text });
      const content = async () => (await store.readModel.message(id, messageId))?.content;
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
      expect(await store.readModel.message(id, messageId)).toBeUndefined();
      await append(entry.messageCreated(message(messageId, id, { content: 'late' })));
      expect((await store.readModel.message(id, messageId))?.content).toBe('late');
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
      expect((await store.readModel.message(id, messageId))?.content).toBe(
        "a\n'b' \\ $1 ? 漢字 👩‍👩‍👧 \u{10FFFF}",
      );
      const [call] = await store.readModel.toolCalls(turnId);
      expect(call?.result).toHaveLength(1_000_000);
    });

    it('[TOOL11] keeps the arguments of a call with its first event, and reads them with every one', async () => {
      for (const deleted of [false, true]) {
        const id = await newSession();
        const call = {
          id: newId<ToolCallId>(),
          sessionId: id,
          turnId: newId<TurnId>(),
          argumentsJson: '{"a":1}',
        };
        const told = [
          entry.tool({ ...call, type: 'tool.call', status: 'awaitingApproval' }),
          entry.tool({ ...call, type: 'tool.call', status: 'running', approval: { decision: 'approved' } }),
          entry.tool({ ...call, type: 'tool.result', status: 'completed', result: 'done' }),
        ];
        await append(...told);
        if (deleted) {
          await append({ type: 'session.deleted', sessionId: id, at: start, data: { id } });
        }
        const events = await store.eventLog.ofSession({ sessionId: id, after: 0, limit: 100 });
        expect(events.map(({ event }) => event).filter(({ type }) => type.startsWith('tool.'))).toEqual(told);
        const read = { after: 0, limit: 1000, namespaces: ['tools'], sessionId: id } as const;
        expect((await store.eventLog.read(read)).map(({ event }) => event)).toEqual(told);
      }
    });

    it('[JRN11] takes a batch of the greatest size', async () => {
      const id = await newSession();
      const messages = Array.from({ length: 1000 }, (_, index) =>
        message(newId(), id, { content: `${index}` }),
      );
      const seqs = await append(...messages.map(entry.messageCreated));
      expect(new Set(seqs).size).toBe(1000);
      const stored = await store.readModel.messages(id, { limit: 5000 }, 'all');
      expect(stored.map((one) => one.content)).toEqual(messages.map((one) => one.content));
    });
  });
}
