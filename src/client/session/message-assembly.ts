/**
 * Applies frames to the state of a session, and merges a state read over REST with the frames that arrived meanwhile.
 *
 * The merge rule: text only grows until the message ends, so of two states of a growing message the longer one is the
 * later, and a piece that is already there changes nothing. Events say what is, never by how much it changed, and come
 * in order; so those that are older than what REST returned are put right by those that follow. So it does not matter
 * whether REST was read before or after an event was applied.
 */
import type { ChatMessage } from '../../../schema/chat-message.ts';
import type { MessageId } from '../../../schema/ids.ts';
import type { MessagePart } from '../../../schema/message-part.ts';
import type { ReasoningPartial } from '../../../schema/reasoning.ts';
import type { TextDelta } from '../../../schema/wire/callboard-v1-frame.ts';
import type { ProtocolViolation } from '../protocol-violation.ts';
import type { EventFrame, TextFrame } from '../server-frame.ts';
import {
  endingAt,
  isPlaced,
  messageOf,
  nothingKnown,
  type Reasoning,
  type Rest,
  type SessionMessage,
  type SessionState,
  shown,
  stateFromRest,
  withMessage,
  withNewLeaf,
  withoutMessage,
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
      const leafId = state.info?.leafId;
      const next = isOlder ? state : endingAt({ ...state, info: frame.data }, leafId);
      // Where none is told, `branch.selected` has said so; an event from before there were branches has none either.
      return { state: endingAt(next, frame.data.leafId ?? leafId) };
    }
    case 'session.deleted':
      return { state: { ...nothingKnown, deleted: true } };
    case 'branch.selected':
      return { state: endingAt(state, frame.data.leafId ?? undefined) };
    case 'agent.activity':
      return { state: { ...state, activity: frame.data.state } };
    case 'message.created':
      return { state: withNewLeaf(withCreated(state, frame.data), frame.data) };
    case 'message.updated':
      return { state: withUpdated(state, frame.data) };
    case 'message.deleted':
      return { state: withoutMessage(state, frame.data.id) };
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

export type Merged = {
  readonly state: SessionState;
  /** A text has a gap that no later frame closed: snapshots must be requested again. */
  readonly violation?: ProtocolViolation | undefined;
};

/**
 * The state that REST returned, with every frame applied that arrived since the request. Pieces that arrived before
 * their snapshot (on a connection that was lost, for example) may leave a gap that the snapshot closes.
 *
 * @param known The state from before, when no durable event was missed: what it lacks is taken from REST.
 */
export function merged(rest: Rest, frames: readonly SessionFrame[], known?: SessionState): Merged {
  let state = withKnown(stateFromRest(rest), known);
  const open = new Map<MessageId, ProtocolViolation>();
  for (const frame of frames) {
    const next = applied(state, frame);
    state = next.state;
    if (next.violation !== undefined) open.set(next.violation.messageId, next.violation);
    else if (
      frame.event === 'message.partial' ||
      frame.event === 'message.updated' ||
      frame.event === 'message.deleted'
    ) {
      open.delete(frame.data.id);
    } else if (frame.event === 'message.reasoning.partial' || frame.event === 'message.reasoning.completed') {
      open.delete(frame.data.messageId);
    } else if (frame.event === 'session.deleted') open.clear();
  }
  const [violation] = open.values();
  return { state, violation };
}

/** The frames that follow continue what was known, so that wins, but for texts that were wrong. */
function withKnown(read: SessionState, known: SessionState | undefined): SessionState {
  if (known === undefined) return read;
  const messages = new Map(read.messages.map((message) => [message.id, message]));
  for (const message of known.messages) {
    const other = messages.get(message.id);
    const text =
      other?.streaming === true && message.streaming
        ? later(message.content, other.content)
        : message.content;
    messages.set(message.id, text === undefined && other !== undefined ? other : withText(message, text));
  }
  return { ...known, messages: [...messages.values()], order: undefined, floor: read.floor ?? known.floor };
}

function withCreated(state: SessionState, message: ChatMessage): SessionState {
  const known = messageOf(state, message.id);
  const told = shown(message);
  if (known === undefined) return withMessage(state, told);
  // What is known of it is as new as this, or newer.
  const next = isPlaced(known) ? known : { ...message, ...known };
  return withMessage(state, known.streaming ? { ...next, ...textOf(known, told) } : next);
}

/** Ends an answer or opens it again; changes a message that waits, or places it. */
function withUpdated(state: SessionState, message: ChatMessage): SessionState {
  const known = messageOf(state, message.id);
  const next = shown(message);
  const goesOn = next.streaming && known !== undefined;
  const changed = withMessage(state, goesOn ? { ...next, ...textOf(known, next) } : next);
  return known?.queueRank === undefined ? changed : withNewLeaf(changed, message);
}

/** A snapshot is the server's present text, and the next pieces continue it: it replaces the local text unless it is older. */
function withSnapshot(state: SessionState, message: ChatMessage): Applied {
  const known = messageOf(state, message.id);
  if (known !== undefined && !known.streaming) return { state };
  const next = { ...message, streaming: true };
  if (known === undefined) return { state: withMessage(state, next) };
  const isContradiction = later(known.content, message.content) === undefined;
  const after = withMessage(state, { ...next, ...textOf(known, next) });
  return isContradiction ? violated(after, 'contradiction', message.id, 'a snapshot') : { state: after };
}

/** The text and parts of the one that is later; if they contradict each other, those of `told`. */
function textOf(known: SessionMessage, told: SessionMessage): Pick<SessionMessage, 'content' | 'parts'> {
  const isKnownLonger = known.content.length > told.content.length && known.content.startsWith(told.content);
  const { content, parts } = isKnownLonger ? known : told;
  return { content, parts };
}

/** With its text up to here. */
function withText(message: SessionMessage, content = message.content): SessionMessage {
  if (content === message.content) return message;
  const added = content.slice(message.content.length);
  const last = message.parts.at(-1);
  const parts: MessagePart[] =
    last?.type === 'text'
      ? message.parts.with(-1, { ...last, text: last.text + added })
      : [...message.parts, { type: 'text', text: added }];
  return { ...message, content, parts };
}

function withDelta(state: SessionState, delta: TextDelta): Applied {
  const known = messageOf(state, delta.messageId);
  if (known === undefined)
    return violated(state, 'stray-delta', delta.messageId, 'a delta of an unknown message');
  const next = continued(known.content, delta);
  switch (next.kind) {
    case 'known':
      return { state };
    case 'extended':
      if (!known.streaming) return violated(state, 'stray-delta', known.id, 'a delta after the final text');
      return { state: withMessage(state, withText(known, next.text)) };
    case 'gap':
      return violated(state, 'gap', known.id, `offset ${delta.offset} after ${known.content.length} units`);
    case 'contradiction':
      return violated(state, 'contradiction', known.id, `offset ${delta.offset} with another text`);
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
