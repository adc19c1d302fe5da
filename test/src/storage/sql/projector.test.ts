/** The rows of a batch, without a database; `replay.test.ts` proves the rest. */
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../../actors/ports.ts';
import type { FileId, MessageId, SessionId, TurnId } from '../../../../schema/ids.ts';
import { emptyProjection, type Projection } from '../../../../src/storage/sql/projection.ts';
import { project } from '../../../../src/storage/sql/projector.ts';
import { entry, message, newId, session } from '../../../contract/sample-entries.ts';

const id = newId<SessionId>();
const messageId = newId<MessageId>();
const checkpoint = (offset: number, text: string) =>
  entry.checkpoint({ sessionId: id, messageId, offset, text });

/** Of a batch that deletes no message. */
function projected(batch: readonly JournalEntry[]): Projection {
  const projections = project(batch);
  expect(projections).toHaveLength(1);
  return projections[0] ?? emptyProjection();
}

describe('projector', () => {
  it('keeps the last state of each row only', () => {
    const projection = projected([
      entry.sessionCreated(session(id)),
      entry.activity(id, 'thinking'),
      entry.sessionUpdated(session(id, { title: 'Second' })),
      entry.sessionUpdated(session(id, { title: 'Third' })),
      entry.messageCreated(message(messageId, id, { content: 'a' })),
      entry.messageUpdated(message(messageId, id, { content: 'b' })),
    ]);
    expect([...projection.createdSessions.values()]).toMatchObject([
      { title: 'Third', activity: 'thinking' },
    ]);
    expect(projection.changedSessions.size).toBe(0);
    expect([...projection.messages.values()]).toMatchObject([{ content: 'b' }]);
  });

  it('[JRN6] folds a checkpoint into a message of the same batch, and joins checkpoints that touch', () => {
    const folded = projected([
      entry.messageCreated(message(messageId, id, { content: 'ab' })),
      checkpoint(2, 'cd'),
      checkpoint(3, 'X'),
    ]);
    expect([...folded.messages.values()]).toMatchObject([{ content: 'abcX' }]);
    expect(folded.pieces.size).toBe(0);

    const joined = projected([checkpoint(2, 'cd'), checkpoint(4, 'ef'), checkpoint(4, 'gh')]);
    expect([...joined.pieces.values()]).toMatchObject([
      [
        { offset_units: 2, text: 'cdef' },
        { offset_units: 4, text: 'gh' },
      ],
    ]);
  });

  it('[JRN27] keeps messages apart that have the same id in two sessions', () => {
    const other = newId<SessionId>();
    const file = {
      type: 'file',
      fileId: newId<FileId>(),
      name: 'a',
      mediaType: 'text/plain',
      bytes: 1,
    } as const;
    const marks = [{ offset: 0, part: file }];
    const both = [
      entry.messageUpdated(message(messageId, id, { content: 'mine', marks })),
      entry.messageUpdated(message(messageId, other, { content: 'theirs', marks })),
    ];
    const { messages, messageTerms, fileReferences, changedReferences } = projected(both);
    for (const rows of [messages, messageTerms, fileReferences, changedReferences]) {
      expect([...rows.values()].map((row) => row.session_id)).toEqual([id, other]);
    }
    const { pieces, messages: told } = projected([
      ...both.slice(1),
      checkpoint(0, 'cd'),
      entry.checkpoint({ sessionId: other, messageId, offset: 6, text: '!' }),
    ]);
    expect([...told.values()].map(({ content }) => content)).toEqual(['theirs!']);
    expect([...pieces.values()]).toMatchObject([[{ session_id: id, text: 'cd' }]]);
    const gone = projected([entry.messageDeleted(id, messageId), entry.messageDeleted(other, messageId)]);
    expect(gone.deletedMessages.size).toBe(2);
  });

  it('[JRN4] forgets what a batch said of a session that it then deletes', () => {
    const projection = projected([
      entry.sessionCreated(session(id)),
      entry.messageCreated(message(messageId, id)),
      entry.turnQueued(id, newId()),
      entry.sessionDeleted(id),
    ]);
    expect(projection.createdSessions.size).toBe(0);
    expect(projection.messages.size).toBe(0);
    expect(projection.queuedTurns.size).toBe(0);
    expect([...projection.deletedSessions]).toEqual([id]);
  });

  it('merges the changes of a turn, and applies them to one that the batch queued', () => {
    const turnId = newId<TurnId>();
    const changed = projected([entry.turnStarted(id, turnId), entry.turnStep(id, turnId, 2)]);
    expect(changed.changedTurns.get(turnId)).toEqual({ status: 'running', step: 2 });
    const queued = projected([entry.turnQueued(id, turnId), entry.turnEnded(id, turnId, 'cancelled')]);
    expect(queued.changedTurns.size).toBe(0);
    expect(queued.queuedTurns.get(turnId)).toMatchObject({ status: 'cancelled', reason: 'because' });
  });
});
