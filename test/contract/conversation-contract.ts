/** The contract of `ReadModel.conversation` (actors/ports.ts; SPEC [JRN26]), for every backend. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import type { ChatMessage } from '../../schema/chat-message.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, message, newId, session } from './sample-entries.ts';

export function conversationContract(backend: JournalBackend): void {
  describe(`conversations: ${backend.name}`, () => {
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

    /** A question with its turn, both stored. */
    async function asked(id: SessionId, content: string) {
      const prompt = message(newId(), id, { content });
      const queued = entry.turnQueued(id, newId());
      const turn = { ...queued, data: { ...queued.data, promptId: prompt.id } };
      await append(entry.messageCreated(prompt), turn);
      return { prompt, ...turn.data };
    }
    const said = (id: MessageId, sessionId: SessionId, content: string): ChatMessage => {
      return message(id, sessionId, { role: 'assistant', content });
    };
    const call = (sessionId: SessionId, turnId: TurnId, result?: string): JournalEntry =>
      entry.tool({
        type: result === undefined ? 'tool.call' : 'tool.result',
        id: newId<ToolCallId>(),
        sessionId,
        turnId,
        status: result === undefined ? 'running' : 'failed',
        ...(result === undefined ? {} : { result }),
      });
    const read = (id: SessionId, prompt: MessageId, limit = 10) =>
      store.readModel.conversation({ sessionId: id, promptId: prompt, limit });

    it('[JRN26] has what was said up to a message, and beside it all that its turns did', async () => {
      const id = await newSession();
      const [one, two] = [await asked(id, 'one'), await asked(id, 'two')];
      const note = message(newId(), id, { role: 'assistant', content: 'a note' });
      await append(
        entry.messageCreated(note),
        entry.turnStepEnded(id, one.turnId, 1, 'a'),
        call(id, one.turnId, 'no'),
      );
      await append(entry.messageCreated(said(one.answerId, id, 'Half')));
      await append(
        entry.checkpoint({ sessionId: id, messageId: one.answerId, offset: 4, text: ' of it' }),
        entry.turnEnded(id, one.turnId, 'failed'),
        entry.messageCreated(said(one.failureId, id, 'It failed')),
      );
      const three = await asked(id, 'three');
      expect(await read(id, two.promptId)).toStrictEqual({
        messages: [one.prompt, two.prompt],
        turns: [
          {
            promptId: one.promptId,
            status: 'failed',
            text: 'Half of it',
            steps: [
              {
                step: 1,
                answerUnits: 7,
                finishReason: 'tool-calls',
                usage: { inputTokens: 3 },
                model: 'a',
                continuation: { origin: 'a/b', step: { signed: 'a' } },
              },
            ],
            calls: [
              {
                id: expect.any(String),
                step: 1,
                name: 'clock',
                argumentsJson: '{}',
                result: 'no',
                resultCharacters: 2,
                failed: true,
              },
            ],
          },
        ],
        isCut: false,
      });
      const later = await read(id, three.promptId);
      expect(later?.messages).toStrictEqual([one.prompt, two.prompt, note, three.prompt]);
      expect(later?.turns.map(({ promptId, status, text }) => [promptId, status, text])).toEqual([
        [one.promptId, 'failed', 'Half of it'],
        [two.promptId, 'queued', ''],
      ]);
      expect(await read(await newSession(), one.promptId)).toBeUndefined();
      expect(await read(id, newId())).toBeUndefined();
    });

    it('[JRN26] is the newest of it, and says so; of a turn whose message is gone nothing is left', async () => {
      const id = await newSession();
      const [one, two] = [await asked(id, 'one'), await asked(id, 'two')];
      await append(entry.messageCreated(said(one.answerId, id, 'first')));
      await append(entry.messageCreated(said(two.answerId, id, 'second')));
      const three = await asked(id, 'three');
      const whole = await read(id, three.promptId, 5);
      expect(whole?.isCut).toBe(false);
      const window = await read(id, three.promptId, 4);
      expect(window).toMatchObject({ messages: [two.prompt, three.prompt], isCut: true });
      expect(window?.turns.map(({ text }) => text)).toEqual(['second']);
      expect(await read(id, three.promptId, 1)).toEqual({ messages: [three.prompt], turns: [], isCut: true });
    });

    it('[JRN26] has of long results the beginning, and their length in characters', async () => {
      const id = await newSession();
      const one = await asked(id, 'one');
      const characters = limits.toolResultModelUnitsMax + 2;
      await append(call(id, one.turnId, '😀'.repeat(characters)), call(id, one.turnId));
      const two = await asked(id, 'two');
      const calls = (await read(id, two.promptId))?.turns[0]?.calls;
      expect(calls?.map(({ result, resultCharacters }) => [result?.length, resultCharacters])).toEqual([
        [2 * (characters - 1), characters],
        [undefined, 0],
      ]);
    });

    it('[JRN26] leaves out the oldest turns when they made more calls than are read, whole', async () => {
      const id = await newSession();
      const [one, two] = [await asked(id, 'one'), await asked(id, 'two')];
      const some = limits.historyStepsReadMax / 2;
      const calls = (turnId: TurnId) => Array.from({ length: some }, () => call(id, turnId, 'a'));
      await append(...calls(one.turnId));
      await append(...calls(two.turnId).slice(1));
      const three = await asked(id, 'three');
      expect((await read(id, three.promptId))?.turns.map((turn) => turn.calls.length)).toEqual([
        some,
        some - 1,
      ]);
      await append(call(id, two.turnId, 'one more'));
      const window = await read(id, three.promptId);
      expect(window?.turns.map((turn) => turn.calls.length)).toEqual([some]);
      expect(window).toMatchObject({ messages: [two.prompt, three.prompt], isCut: true });
    });
  });
}
