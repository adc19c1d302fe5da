/** A transcript for people, piece by piece, in a style: Markdown or plain text. */
import type { OutlinedMessage, TranscriptOutline, TranscriptReads } from '../../actors/transcript-reads.ts';
import type { MessageFact, MessageRole } from '../../schema/chat-message.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { MessageId } from '../../schema/ids.ts';
import type { ImportedCall } from '../../schema/imported-conversation.ts';
import { type MarkedPart, type MessagePart, partsOf } from '../../schema/message-part.ts';
import type { Participant } from '../../schema/participant.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { CallsInOrder, pagesOf } from './transcript-pages.ts';

type PartOf<Type extends MarkedPart['type']> = Extract<MarkedPart, { type: Type }>;

/** Where a message stands when all branches are told, counted from 1; `after` is `null` for the first of a conversation. */
export type ToldPlace = { readonly number: number; readonly after: number | null };

/** Each function returns a block without an empty line around it. */
export type TranscriptStyle = {
  readonly beginning: (session: ChatSession, participants: readonly Participant[]) => string;
  /** `place` is absent when only one branch is told. */
  readonly heading: (message: MessageFact, place: ToldPlace | undefined) => string;
  readonly reasoning: (part: PartOf<'reasoning'>) => string;
  /** `call` is absent when nothing else is known of it. */
  readonly call: (part: PartOf<'tool-call'>, call: ImportedCall | undefined) => string;
  readonly file: (part: PartOf<'file'>) => string;
  readonly source: (part: PartOf<'source'>) => string;
  readonly data: (part: PartOf<'data'>) => string;
  /** How an answer ended, if it did not end well. */
  readonly ending: (words: string) => string;
};

export async function* readableTranscript(
  { session, participants, messages, turns }: TranscriptOutline,
  reads: TranscriptReads,
  style: TranscriptStyle,
  isTree: boolean,
): AsyncGenerator<string> {
  yield style.beginning(session, participants);
  const turnsOf = Map.groupBy(turns, ({ answerId }) => answerId);
  const places = isTree ? placesOf(messages) : undefined;
  for (const page of pagesOf(messages, ({ bytes }) => bytes)) {
    for (const message of await reads.messages(session.id, page)) {
      yield `\n\n${style.heading(message, places?.get(message.id))}`;
      const calls = new CallsInOrder(reads, turnsOf.get(message.id) ?? []);
      for (const part of partsOf(message.content, message.marks ?? [])) {
        const block = await toldPart(part, style, calls);
        if (block !== '') yield `\n\n${block}`;
      }
      const ending = endingWords(message);
      if (ending !== null) yield `\n\n${style.ending(ending)}`;
    }
  }
  yield '\n';
}

async function toldPart(part: MessagePart, style: TranscriptStyle, calls: CallsInOrder): Promise<string> {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'reasoning':
      return style.reasoning(part);
    case 'tool-call':
      return style.call(part, await calls.find(part.callId));
    case 'file':
      return style.file(part);
    case 'source':
      return style.source(part);
    case 'data':
      return style.data(part);
    case 'step':
      return '';
    default:
      return unreachable(part);
  }
}

function placesOf(messages: readonly OutlinedMessage[]): ReadonlyMap<MessageId, ToldPlace> {
  const places = new Map<MessageId, ToldPlace>();
  for (const [index, { id, parentId }] of messages.entries()) {
    const after = parentId === null ? null : (places.get(parentId)?.number ?? null);
    places.set(id, { number: index + 1, after });
  }
  return places;
}

/** In `all`: whether the message follows another one than that which is told before it. */
export function isElsewhere({ number, after }: ToldPlace): boolean {
  return after === null ? number > 1 : after !== number - 1;
}

const roleNames: Readonly<Record<MessageRole, string>> = {
  user: 'User',
  assistant: 'Assistant',
  system: 'System',
  developer: 'Developer',
  tool: 'Tool',
};

/** `User (Ada Lovelace)`; whoever needs no credentials has no name. */
export function whoWords({ role, name, author }: MessageFact, written: (name: string) => string): string {
  const who = name === undefined ? roleNames[role] : `${roleNames[role]} ${written(name)}`;
  return author === undefined ? who : `${who} (${written(author.name ?? author.id)})`;
}

/** `Ada Lovelace (owner), coder (agent)`. */
export function participantWords(
  participants: readonly Participant[],
  written: (name: string) => string,
): string {
  const words = participants.map(({ id, name, role }) => `${written(name ?? id)} (${role})`);
  return words.length === 0 ? '' : `Participants: ${words.join(', ')}`;
}

function endingWords({ status = 'complete', finishReason, content }: MessageFact): string | null {
  switch (status) {
    case 'complete':
      return null;
    case 'streaming':
      return 'The answer is still being given.';
    case 'cut-off':
      return finishReason === 'content-filter'
        ? 'The answer was cut off by a filter.'
        : 'The answer was cut off at its output limit.';
    case 'cancelled':
      return 'The answer was cancelled.';
    case 'interrupted':
      return 'The answer was interrupted, because the server stopped.';
    case 'failed':
      return content === '' ? 'The answer failed.' : 'The answer failed here.';
    default:
      return unreachable(status);
  }
}
