/** The contract of `ReadModel.conversation` (actors/ports.ts; SPEC [JRN26]), for every backend. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { PastTurn } from '../../schema/conversation-window.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, message, newId, session, start } from './sample-entries.ts';

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

    /** A question with its turn, both stored, below a message. */
    async function asked(id: SessionId, content: string, parentId: MessageId | null) {
      const prompt = message(newId(), id, { content, parentId });
      const queued = entry.turnQueued(id, newId());
      const turn = { ...queued, data: { ...queued.data, promptId: prompt.id } };
      await append(entry.messageCreated(prompt), turn, entry.turnStarted(id, turn.data.turnId));
      return { prompt, ...turn.data };
    }
    type Asked = Awaited<ReturnType<typeof asked>>;
    const answer = ({ answerId, promptId, sessionId }: Asked, content: string): MessageFact => {
      return message(answerId, sessionId, { role: 'assistant', content, promptId, parentId: promptId });
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
    const read = (id: SessionId, promptId: MessageId, limit = 10, answerId = newId<MessageId>()) =>
      store.readModel.conversation({ sessionId: id, promptId, answerId, limit });

    it('[JRN26] has what was said on the path to a message, and beside it all that its turns did', async () => {
      const id = await newSession();
      const one = await asked(id, 'one', null);
      await append(
        entry.turnStepEnded(id, one.turnId, 1, 'a'),
        call(id, one.turnId, 'no'),
        entry.messageCreated(answer(one, 'Half')),
      );
      await append(
        entry.checkpoint({ sessionId: id, messageId: one.answerId, offset: 4, text: ' of it' }),
        entry.turnEnded(id, one.turnId, 'failed'),
      );
      const two = await asked(id, 'two', one.answerId);
      const other = await asked(id, 'another version', one.answerId);
      await append(entry.messageCreated(answer(other, 'Not on the path')));
      expect(await read(id, two.promptId)).toStrictEqual({
        path: [one.promptId, one.answerId, two.promptId],
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
        continued: [],
        isCut: false,
      });
      const note = message(newId(), id, { role: 'assistant', content: 'a note', parentId: two.promptId });
      await append(entry.turnEnded(id, two.turnId, 'cancelled'), entry.messageCreated(note));
      const three = await asked(id, 'three', note.id);
      const later = await read(id, three.promptId);
      expect(later?.messages).toStrictEqual([one.prompt, two.prompt, note, three.prompt]);
      expect(later?.turns.map(({ promptId, status, text }) => [promptId, status, text])).toEqual([
        [one.promptId, 'failed', 'Half of it'],
        [two.promptId, 'cancelled', ''],
      ]);
      expect(await read(await newSession(), one.promptId)).toBeUndefined();
      expect(await read(id, newId())).toBeUndefined();
    });

    it('[TREE26] has of a question where nothing was said its newest turn from before what follows', async () => {
      const id = await newSession();
      const one = await asked(id, 'one', null);
      const again = (at: number) => {
        const queued = entry.turnQueued(id, newId());
        return { ...queued, data: { ...queued.data, promptId: one.promptId }, at };
      };
      const [second, later] = [again(start + 1), again(start + 3)];
      const next = message(newId(), id, { parentId: one.promptId, createdAt: isoTimestamp(start + 2) });
      await append(
        entry.turnEnded(id, one.turnId, 'cancelled'),
        second,
        entry.turnStarted(id, second.data.turnId),
      );
      await append(entry.turnEnded(id, second.data.turnId, 'interrupted'), entry.messageCreated(next), later);
      const window = await read(id, next.id);
      expect(window?.turns.map(({ promptId, status }) => [promptId, status])).toEqual([
        [one.promptId, 'interrupted'],
      ]);
      // It was answered after all, on another branch: the turns that say nothing there are not told.
      await append(
        entry.messageCreated(
          message(second.data.answerId, id, { parentId: one.promptId, promptId: one.promptId }),
        ),
      );
      expect((await read(id, next.id))?.turns.map(({ status }) => status)).toEqual(['cancelled']);
    });

    it('[TREE26] has of an answer that went on each turn with what it said, and the turns before of one that goes on', async () => {
      const id = await newSession();
      const one = await asked(id, 'one', null);
      const goesOn = (continuesAt: number) => {
        const queued = entry.turnQueued(id, newId());
        return {
          ...queued,
          data: { ...queued.data, promptId: one.promptId, answerId: one.answerId, continuesAt },
        };
      };
      const [second, third] = [goesOn(4), goesOn(10)];
      await append(entry.messageCreated(answer(one, 'One,')), entry.turnEnded(id, one.turnId, 'cancelled'));
      await append(second, entry.turnStepEnded(id, second.data.turnId, 1, 'a'));
      await append(
        entry.messageUpdated(answer(one, 'One, two,')),
        entry.turnEnded(id, second.data.turnId, 'failed'),
      );
      await append(third);
      await append(entry.messageUpdated(answer(one, 'One, two, three')));
      const texts = (turns: readonly PastTurn[] | undefined) => turns?.map(({ text }) => text);
      const window = await read(id, one.promptId, 10, one.answerId);
      expect(window?.messages).toStrictEqual([one.prompt]);
      expect(window?.turns).toEqual([]);
      expect(texts(window?.continued)).toEqual(['One,', ' two, ']);
      // Where the text of a step ends is counted from the beginning of the turn's own text, as its event says it.
      expect(window?.continued[1]?.steps.map(({ answerUnits }) => answerUnits)).toEqual([7]);
      await append(entry.turnEnded(id, third.data.turnId, 'completed'));
      const two = await asked(id, 'two', one.answerId);
      const after = await read(id, two.promptId);
      expect(after?.messages).toStrictEqual([one.prompt, two.prompt]);
      expect(texts(after?.turns)).toEqual(['One,', ' two, ', 'three']);
      expect(after?.continued).toEqual([]);
    });

    it('[JRN26] is the newest of it, and says so; of a turn whose message is gone nothing is left', async () => {
      const id = await newSession();
      const one = await asked(id, 'one', null);
      await append(entry.messageCreated(answer(one, 'first')));
      const two = await asked(id, 'two', one.answerId);
      await append(entry.messageCreated(answer(two, 'second')));
      const three = await asked(id, 'three', two.answerId);
      const whole = await read(id, three.promptId, 5);
      expect(whole?.isCut).toBe(false);
      const window = await read(id, three.promptId, 4);
      expect(window).toMatchObject({ messages: [two.prompt, three.prompt], isCut: true });
      expect(window?.turns.map(({ text }) => text)).toEqual(['second']);
      expect(await read(id, three.promptId, 1)).toEqual({
        path: [three.promptId],
        messages: [three.prompt],
        turns: [],
        continued: [],
        isCut: true,
      });
    });

    it('[JRN26] has of long results the beginning, and their length in characters', async () => {
      const id = await newSession();
      const one = await asked(id, 'one', null);
      const characters = limits.toolResultModelUnitsMax + 2;
      await append(call(id, one.turnId, '😀'.repeat(characters)), call(id, one.turnId));
      const two = await asked(id, 'two', one.promptId);
      const calls = (await read(id, two.promptId))?.turns[0]?.calls;
      expect(calls?.map(({ result, resultCharacters }) => [result?.length, resultCharacters])).toEqual([
        [2 * (characters - 1), characters],
        [undefined, 0],
      ]);
    });

    it('[JRN26] leaves out the oldest turns when they made more calls than are read, whole', async () => {
      const id = await newSession();
      const one = await asked(id, 'one', null);
      const two = await asked(id, 'two', one.promptId);
      const some = limits.historyStepsReadMax / 2;
      const calls = (turnId: TurnId) => Array.from({ length: some }, () => call(id, turnId, 'a'));
      await append(...calls(one.turnId));
      await append(...calls(two.turnId).slice(1));
      const three = await asked(id, 'three', two.promptId);
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
