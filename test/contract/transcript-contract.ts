/** The contract of `ReadModel.transcripts` (actors/transcript-reads.ts; SPEC [TRN2], [TRN4], [TRN5]), for every backend. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copiedConversation } from '../../actors/door/copied-conversation.ts';
import type { JournalEntry } from '../../actors/ports.ts';
import { TranscriptChanged } from '../../actors/transcript-reads.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../../schema/ids.ts';
import type { ImportedConversation } from '../../schema/imported-conversation.ts';
import type { TranscriptBranch } from '../../schema/transcript.ts';
import { jsonTranscript } from '../../src/transcripts/json-transcript.ts';
import { readTranscript } from '../../src/transcripts/read-transcript.ts';
import { anyConversation } from '../arbitraries/conversations.ts';
import { copiedTranscripts } from '../fakes/copied-transcript.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, message, newId, session } from './sample-entries.ts';

export function transcriptContract(backend: JournalBackend, numRuns: number): void {
  describe(`transcripts: ${backend.name}`, () => {
    let store: OpenJournal;
    beforeAll(async () => {
      store = await backend.open();
    });
    afterAll(() => store.close());
    const append = (...batch: JournalEntry[]) => store.journal.append(batch);

    async function imported(conversation: ImportedConversation) {
      const id = newId<SessionId>();
      const copy = copiedConversation(conversation, id, { next: newId });
      await append(entry.sessionCreated(session(id)), entry.imported(id, copy));
      return { id, copy };
    }

    async function outlineOf(
      id: SessionId,
      branch: TranscriptBranch = 'all',
      reads = store.readModel.transcripts,
    ) {
      const outline = await reads.outline(id, branch);
      if (outline === undefined || outline === 'too long') throw new Error('there is no outline');
      return outline;
    }

    async function told(id: SessionId, branch: TranscriptBranch, reads = store.readModel.transcripts) {
      const outline = await outlineOf(id, branch, reads);
      let text = '';
      for await (const piece of jsonTranscript(outline, reads)) text += piece;
      return text;
    }

    it('[TRN9] tell what was imported, all of it or the current branch, and what is read back is the same', async () => {
      await fc.assert(
        fc.asyncProperty(anyConversation, async (conversation) => {
          const { id, copy } = await imported(conversation);
          const { session: stored } = await outlineOf(id);
          const expected = copiedTranscripts(() => ({ session: stored, conversation: copy }));
          for (const branch of ['all', 'current'] as const) {
            const text = await told(id, branch);
            expect(JSON.parse(text)).toEqual(JSON.parse(await told(id, branch, expected)));
          }
          async function* body() {
            yield Buffer.from(await told(id, 'all'));
          }
          const back = await readTranscript(body());
          if (!back.ok) throw new Error(JSON.stringify(back));
          const again = await imported(back.value.conversation);
          const next = () => {
            let count = 0;
            return <Id extends string>() => String(count++).padStart(36, '0') as string as Id;
          };
          const [one, other] = [copy, again.copy].map((each) =>
            copiedConversation(each, id, { next: next() }),
          );
          expect(other).toEqual(one);
        }),
        { numRuns },
      );
    });

    /** A question, its answer and a call, all ended; then another question. */
    async function talked() {
      const id = newId<SessionId>();
      const [q1, q2] = [message(newId(), id), message(newId(), id, { content: 'And?' })];
      const turn = entry.turnQueued(id, newId());
      const { turnId, answerId } = turn.data;
      const answer = message(answerId, id, {
        role: 'assistant',
        content: 'So.',
        parentId: q1.id,
        promptId: q1.id,
      });
      const callId = newId<ToolCallId>();
      const call = { id: callId, sessionId: id, turnId };
      await append(
        entry.sessionCreated(session(id)),
        entry.messageCreated(q1),
        { ...turn, data: { ...turn.data, promptId: q1.id } },
        entry.turnStarted(id, turnId),
        entry.tool({ ...call, type: 'tool.call', status: 'running' }),
        entry.tool({ ...call, type: 'tool.result', status: 'completed', result: 'here' }),
        entry.messageCreated({ ...answer, status: 'streaming', content: 'S' }),
        entry.messageUpdated(answer),
        entry.turnEnded(id, turnId, 'completed'),
        entry.messageCreated({ ...q2, parentId: answerId }),
        entry.branchSelected(id, q2.id),
      );
      return { id, q1, q2, answer, turnId, callId };
    }

    it('[TRN5] leave out what waits, streams or runs, with what is below it', async () => {
      const { id, q1, q2, answer, turnId } = await talked();
      const ids = async (branch: TranscriptBranch) => {
        const { messages, turns, leafId } = await outlineOf(id, branch);
        return [messages.map((one) => one.id), turns.map((one) => one.id), leafId];
      };
      const ended = [[q1.id, answer.id, q2.id], [turnId], q2.id];
      expect(await ids('all')).toEqual(ended);
      const waiting = message(newId(), id, { queueRank: 1 });
      const turn = entry.turnQueued(id, newId());
      const { data } = { ...turn, data: { ...turn.data, promptId: q2.id } };
      const streaming = message(data.answerId, id, {
        role: 'assistant',
        parentId: q2.id,
        promptId: q2.id,
        status: 'streaming',
      });
      await append(
        entry.messageCreated(waiting),
        { ...turn, data },
        entry.turnStarted(id, data.turnId),
        entry.messageCreated(streaming),
        entry.branchSelected(id, streaming.id),
      );
      expect(await ids('all')).toEqual(ended);
      expect(await ids('current')).toEqual(ended);
      const { status: _, ...whole } = streaming;
      await append(entry.messageUpdated(whole));
      // Its turn still runs.
      expect(await ids('all')).toEqual(ended);
      await append(entry.turnEnded(id, data.turnId, 'completed'));
      expect(await ids('all')).toEqual([
        [q1.id, answer.id, q2.id, whole.id],
        [turnId, data.turnId],
        whole.id,
      ]);
    });

    it('[TRN4] notice when what was outlined goes on, or goes', async () => {
      const { id, answer, turnId } = await talked();
      const reads = store.readModel.transcripts;
      const { messages, turns } = await outlineOf(id);
      const calls = await reads.callsOf(turns);
      expect((await reads.messages(id, messages)).map((one) => one.content)).toEqual([
        'Hello',
        'So.',
        'And?',
      ]);
      expect((await reads.turns(turns)).map((one) => one.turnId)).toEqual([turnId]);
      expect((await reads.calls(calls)).map((one) => one.result)).toEqual(['here']);
      await append(entry.messageUpdated({ ...answer, status: 'streaming' }));
      await expect(reads.messages(id, messages)).rejects.toThrow(TranscriptChanged);
      await append(entry.messageUpdated({ ...answer, content: 'So. And more.' }));
      await expect(reads.messages(id, messages)).rejects.toThrow(TranscriptChanged);
      await append(entry.messageUpdated(answer));
      expect(await reads.messages(id, messages)).toHaveLength(3);
      await append(entry.messageDeleted(id, answer.id));
      await expect(reads.messages(id, messages)).rejects.toThrow(TranscriptChanged);
      await expect(reads.turns(turns)).rejects.toThrow(TranscriptChanged);
      await expect(reads.callsOf(turns)).rejects.toThrow(TranscriptChanged);
      await expect(reads.calls(calls)).rejects.toThrow(TranscriptChanged);
    });

    it('[TRN4] of a session that is gone, or was never there, are none', async () => {
      const { id } = await talked();
      const reads = store.readModel.transcripts;
      const { messages } = await outlineOf(id);
      await append(entry.sessionDeleted(id));
      expect(await reads.outline(id, 'all')).toBeUndefined();
      await expect(reads.messages(id, messages)).rejects.toThrow(TranscriptChanged);
      expect(await reads.outline(newId(), 'current')).toBeUndefined();
      expect(await reads.callsOf([])).toEqual([]);
      const unknown = {
        id: newId<TurnId>(),
        promptId: newId<MessageId>(),
        answerId: newId<MessageId>(),
        bytes: 0,
      };
      await expect(reads.callsOf([unknown])).rejects.toThrow(TranscriptChanged);
    });
  });
}
