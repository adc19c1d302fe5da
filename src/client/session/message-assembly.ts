/**
 * Applies frames to the state of a session, and merges a state read over REST with the frames that arrived meanwhile.
 *
 * The merge rule: text only grows until its `message.updated`, so of two states of a growing message the longer one
 * is the later, and a piece that is already there changes nothing. `message.updated` sets the final content, whatever
 * was there. So it does not matter whether REST was read before or after an event was applied.
 */
import type { ChatMessage } from '../../../schema/chat-message.ts';
import type { MessageId } from '../../../schema/ids.ts';
import type { ReasoningPartial } from '../../../schema/reasoning.ts';
import type { TextDelta } from '../../../schema/wire/callboard-v1-frame.ts';
import type { ProtocolViolation } from '../protocol-violation.ts';
import type { EventFrame, TextFrame } from '../server-frame.ts';
import {
  messageEntryOf,
  nothingKnown,
  type Reasoning,
  rankOfSnapshot,
  type SessionState,
  stateFromRest,
  withEntry,
} from './session-state.ts';
import { continued, later } from './text-assembly.ts';

export type SessionFrame = EventFrame | TextFrame;

export type Applied = {
  readonly state: SessionState;
  /** The frame contradicts the state. The text is left unchanged, and must be read again. */
  readonly violation?: ProtocolViolation & { readonly messageId: MessageId };
};

/** For how many messages reasoning is kept; beyond that, the oldest is forgotten. */
const reasoningMessagesMax = 100;

/** The state after a frame of its session. */
export function applied(state: SessionState, frame: SessionFrame): Applied {
  switch (frame.event) {
    case 'session.created':
    case 'session.updated': {
      // Every change advances `updatedAt` ([SES3]); an older one is a repetition.
      const isOlder = state.info !== undefined && frame.data.updatedAt < state.info.updatedAt;
      return { state: isOlder ? state : { ...state, info: frame.data } };
    }
    case 'session.deleted':
      return { state: { ...nothingKnown, deleted: true } };
    case 'agent.activity':
      return { state: { ...state, activity: frame.data.state } };
    case 'message.created':
      return { state: withCreated(state, frame.data, frame.seq ?? rankOfSnapshot) };
    case 'message.updated':
      return { state: withEnd(state, frame.data, frame.seq ?? rankOfSnapshot) };
    case 'message.partial':
      return withSnapshot(state, frame.data);
    case 'message.delta':
      return withDelta(state, frame.data);
    case 'message.reasoning.delta':
      return withReasoningDelta(state, frame.data);
    case 'message.reasoning.partial':
      return { state: withReasoning(state, frame.data, false) };
    case 'message.reasoning.completed':
      return { state: withReasoning(state, frame.data, true) };
    default:
      return { state };
  }
}

export type Rest = {
  readonly session: Parameters<typeof stateFromRest>[0];
  readonly messages: readonly ChatMessage[];
};

export type Merged = {
  readonly state: SessionState;
  /** A text has a gap that no later frame closed: snapshots must be requested again. */
  readonly violation?: ProtocolViolation | undefined;
};

/**
 * The state that REST returned, with every frame applied that arrived since the request. Pieces that arrived before
 * their snapshot (on a connection that was lost, for example) may leave a gap that the snapshot closes.
 *
 * @param known The state from before, when no durable event was missed: reading again makes no text shorter.
 */
export function merged(rest: Rest, frames: readonly SessionFrame[], known?: SessionState): Merged {
  let state = withKnownTexts(stateFromRest(rest.session, rest.messages), known);
  const open = new Map<MessageId, ProtocolViolation>();
  for (const frame of frames) {
    const next = applied(state, frame);
    state = next.state;
    if (next.violation !== undefined) open.set(next.violation.messageId, next.violation);
    else if (frame.event === 'message.partial' || frame.event === 'message.updated')
      open.delete(frame.data.id);
    else if (frame.event === 'message.reasoning.partial' || frame.event === 'message.reasoning.completed') {
      open.delete(frame.data.messageId);
    } else if (frame.event === 'session.deleted') open.clear();
  }
  const [violation] = open.values();
  return { state, violation };
}

function withKnownTexts(state: SessionState, known: SessionState | undefined): SessionState {
  if (known === undefined) return state;
  const entries = state.entries.map((entry) => {
    const before = messageEntryOf(known, entry.message.id);
    if (before === undefined) return entry;
    const content = before.ended
      ? before.message.content
      : (later(before.message.content, entry.message.content) ?? entry.message.content);
    return { ...entry, ended: before.ended, message: { ...entry.message, content } };
  });
  return { ...state, entries, activity: known.activity, reasoning: known.reasoning };
}

function withCreated(state: SessionState, message: ChatMessage, seq: number): SessionState {
  const known = messageEntryOf(state, message.id);
  if (known === undefined) {
    return withEntry(state, { message: { ...message, streaming: false }, rank: seq, ended: false });
  }
  // A message known from REST keeps its place; one known only from a snapshot now gets one.
  const rank = known.rank === rankOfSnapshot ? seq : known.rank;
  if (known.ended) return withEntry(state, { ...known, rank });
  const content = later(known.message.content, message.content) ?? message.content;
  return withEntry(state, { ...known, rank, message: { ...known.message, content } });
}

function withEnd(state: SessionState, message: ChatMessage, seq: number): SessionState {
  const rank = messageEntryOf(state, message.id)?.rank ?? seq;
  return withEntry(state, { message: { ...message, streaming: false }, rank, ended: true });
}

/**
 * A snapshot is the server's present text, and the next pieces continue it: it replaces the local text unless it is
 * older.
 */
function withSnapshot(state: SessionState, message: ChatMessage): Applied {
  const known = messageEntryOf(state, message.id);
  if (known?.ended) return { state };
  const rank = known?.rank ?? rankOfSnapshot;
  const content = known === undefined ? message.content : later(known.message.content, message.content);
  const next = withEntry(state, {
    message: { ...message, content: content ?? message.content, streaming: true },
    rank,
    ended: false,
  });
  return content === undefined ? violated(next, 'contradiction', message.id, 'a snapshot') : { state: next };
}

function withDelta(state: SessionState, delta: TextDelta): Applied {
  const known = messageEntryOf(state, delta.messageId);
  if (known === undefined)
    return violated(state, 'stray-delta', delta.messageId, 'a delta of an unknown message');
  const { message } = known;
  const next = continued(message.content, delta);
  switch (next.kind) {
    case 'known':
      return { state };
    case 'extended':
      if (known.ended) return violated(state, 'stray-delta', message.id, 'a delta after the final text');
      return {
        state: withEntry(state, { ...known, message: { ...message, content: next.text, streaming: true } }),
      };
    case 'gap':
      return violated(
        state,
        'gap',
        message.id,
        `offset ${delta.offset} after ${message.content.length} units`,
      );
    case 'contradiction':
      return violated(state, 'contradiction', message.id, `offset ${delta.offset} with another text`);
  }
}

function withReasoningDelta(state: SessionState, delta: TextDelta): Applied {
  const known = state.reasoning.get(delta.messageId)?.text ?? '';
  const next = continued(known, delta);
  if (next.kind === 'known') return { state };
  if (next.kind === 'gap')
    return violated(state, 'gap', delta.messageId, `offset ${delta.offset} of reasoning`);
  if (next.kind === 'contradiction' && delta.offset > 0) {
    return violated(state, 'contradiction', delta.messageId, `offset ${delta.offset} of reasoning`);
  }
  // A piece at 0 with a different text begins the reasoning of another model call.
  const text = next.kind === 'extended' ? next.text : delta.text;
  return { state: withReasoningText(state, delta.messageId, { text, ended: false }) };
}

function withReasoning(
  state: SessionState,
  { messageId, text }: ReasoningPartial,
  ended: boolean,
): SessionState {
  const known = state.reasoning.get(messageId);
  if (!ended && known !== undefined && later(known.text, text) === known.text) return state;
  return withReasoningText(state, messageId, { text, ended });
}

function withReasoningText(state: SessionState, id: MessageId, reasoning: Reasoning): SessionState {
  const kept = new Map(state.reasoning).set(id, reasoning);
  const [oldest] = kept.keys();
  if (kept.size > reasoningMessagesMax && oldest !== undefined) kept.delete(oldest);
  return { ...state, reasoning: kept };
}

function violated(
  state: SessionState,
  kind: ProtocolViolation['kind'],
  messageId: MessageId,
  what: string,
): Applied {
  return { state, violation: { kind, messageId, message: `${what} (message ${messageId})` } };
}
