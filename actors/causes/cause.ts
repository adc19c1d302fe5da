/**
 * A cause: something that reached a session's actors from outside their machines. Whatever else happens in a session
 * follows from its causes, so feeding them to the same machines says the same events again (SPEC [INS8]).
 */
import type { AnswerEvent } from '../../machines/answer.ts';
import type { SessionEvent, SessionInput } from '../../machines/chat-session-context.ts';
import type { ToolCallEvent } from '../../machines/tool-call.ts';
import type { TurnEvent } from '../../machines/turn-context.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { ToolCallId } from '../../schema/ids.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

/** Which actor below the session: one turn runs at a time, with one answer. `null`: the session itself. */
export type CauseAddress = null | 'turn' | 'answer' | ToolCallId;

/** What an actor is told by the registry, an engine or a tool. */
export type HeardEvent =
  | SessionCommand
  | Extract<SessionEvent, { type: 'session.park' | 'session.interrupt' }>
  | Extract<TurnEvent, { type: `engine.${string}` }>
  | Extract<ToolCallEvent, { type: 'tool.completed' | 'tool.failed' | 'tool.progress' }>
  | Extract<AnswerEvent, { type: 'answer.checkpoint' }>;

export type Cause =
  /** The process had ended, and the event was made from the rows, without an actor. */
  | { readonly kind: 'closed' }
  /** The session's actor began with this. */
  | { readonly kind: 'woke'; readonly input: SessionInput }
  | { readonly kind: 'heard'; readonly to: CauseAddress; readonly event: HeardEvent }
  /** The timer that the session's actors set as the `timer`th since it woke ran out. */
  | { readonly kind: 'timer'; readonly timer: number; readonly at: Milliseconds }
  /** Pieces for the answer, one behind the other; `at`: of the last. Their words are in the journal anyway. */
  | { readonly kind: 'text' | 'reasoning'; units: number; at: Milliseconds }
  /** There were more than are kept. */
  | { readonly kind: 'lost' };
