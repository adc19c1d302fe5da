/** Reads for transcripts, made of the copy of a whole conversation. */
import type { OutlinedMessage, TranscriptOutline, TranscriptReads } from '../../actors/transcript-reads.ts';
import { TranscriptChanged } from '../../actors/transcript-reads.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';
import type { ImportedConversation } from '../../schema/imported-conversation.ts';
import type { Participant } from '../../schema/participant.ts';
import type { TranscriptBranch } from '../../schema/transcript.ts';

export type Copied = {
  readonly session: ChatSession;
  readonly participants?: readonly Participant[];
  readonly conversation: ImportedConversation;
  /** Answers whose turns run. */
  readonly running?: ReadonlySet<MessageId>;
};

/** `find` is asked again for each read, with the session whose outline was read last. */
export function copiedTranscripts(find: (session: SessionId) => Copied | undefined): TranscriptReads {
  let asked: SessionId | undefined;
  const copy = () => {
    const found = asked === undefined ? undefined : find(asked);
    if (found === undefined) throw new TranscriptChanged('the session is gone');
    return found.conversation;
  };
  return {
    outline: async (session, branch) => {
      asked = session;
      const found = find(session);
      return found && outlined(found, branch);
    },
    messages: async (_session, wanted) => {
      const rows = new Map(copy().messages.map((message) => [message.id, message]));
      return wanted.map(({ id, status, bytes }) => {
        const message = rows.get(id);
        if (message === undefined || (message.status ?? 'complete') !== status || bytesOf(message) !== bytes)
          throw new TranscriptChanged(`message ${id} has changed`);
        return message;
      });
    },
    turns: async (wanted) => chosen(copy().turns, (turn) => turn.turnId, wanted),
    callsOf: async (wanted) => {
      if (wanted.length === 0) return [];
      const turns = new Set(wanted.map(({ id }) => id));
      chosen(copy().turns, (turn) => turn.turnId, wanted);
      return copy()
        .calls.filter(({ turnId }) => turns.has(turnId))
        .map(({ id, argumentsJson, result }) => ({ id, bytes: argumentsJson.length + result.length }));
    },
    calls: async (wanted) => chosen(copy().calls, ({ id }) => id, wanted),
  };
}

function chosen<Row, Id>(
  rows: readonly Row[],
  idOf: (row: Row) => Id,
  wanted: readonly { readonly id: Id }[],
): readonly Row[] {
  const byId = new Map(rows.map((row) => [idOf(row), row]));
  return wanted.map(({ id }) => {
    const row = byId.get(id);
    if (row === undefined) throw new TranscriptChanged(`${String(id)} is gone`);
    return row;
  });
}

function bytesOf(message: ImportedConversation['messages'][number]): number {
  return Buffer.byteLength(message.content) + JSON.stringify(message.marks ?? []).length;
}

function outlined(
  { session, participants = [], conversation, running = new Set() }: Copied,
  branch: TranscriptBranch,
): TranscriptOutline {
  const { turns } = conversation;
  const known = new Set(conversation.messages.map(({ id }) => id));
  const ended = new Set<MessageId>();
  const messages = conversation.messages.filter(({ id, parentId }) => {
    const stays = !running.has(id) && (parentId == null || ended.has(parentId));
    if (stays) ended.add(id);
    return stays;
  });
  const leafId = pathTo(conversation.leafId, conversation.messages).find((id) => ended.has(id)) ?? null;
  const told = branch === 'all' ? ended : new Set(pathTo(leafId, messages));
  return {
    session,
    participants,
    leafId,
    messages: messages
      .filter(({ id }) => told.has(id))
      .map(
        (message): OutlinedMessage => ({
          id: message.id,
          parentId: message.parentId ?? null,
          status: message.status ?? 'complete',
          bytes: bytesOf(message),
        }),
      ),
    turns: turns
      .filter(({ promptId, answerId }) => told.has(known.has(answerId) ? answerId : promptId))
      .map(({ turnId, promptId, answerId }) => ({ id: turnId, promptId, answerId, bytes: 0 })),
  };
}

/** From the leaf up. */
function pathTo(leafId: MessageId | null, messages: ImportedConversation['messages']): MessageId[] {
  const parents = new Map(messages.map(({ id, parentId }) => [id, parentId ?? null]));
  const path: MessageId[] = [];
  for (let id = leafId; id !== null; id = parents.get(id) ?? null) path.push(id);
  return path;
}
