/**
 * A cause: something that reached a session's actors from outside their machines. Everything else that happens in a
 * session follows from its causes, so feeding the causes to the same machines makes them emit the same events again
 * (SPEC [INS8]).
 */
import type { AnswerEvent } from '../../machines/answer.ts';
import type { SessionEvent, SessionInput } from '../../machines/chat-session-context.ts';
import type { ToolCallEvent } from '../../machines/tool-call.ts';
import type { TurnEvent } from '../../machines/turn-context.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { ToolCallId } from '../../schema/ids.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

/** The receiving actor below the session: one turn runs at a time, with one answer. `null`: the session itself. */
export type CauseAddress = null | 'turn' | 'answer' | ToolCallId;

/** An event that the registry, an engine or a tool sent to an actor. */
export type HeardEvent =
  | SessionCommand
  | Extract<SessionEvent, { type: 'session.park' | 'session.interrupt' | 'title.made' | 'title.failed' }>
  | Extract<TurnEvent, { type: `engine.${string}` | `source.${string}` }>
  | Extract<ToolCallEvent, { type: 'tool.completed' | 'tool.failed' | 'tool.progress' }>
  | Extract<AnswerEvent, { type: 'answer.checkpoint' }>;

export type Cause =
  /** The process had ended, and recovery made the event from the rows, without an actor. */
  | { readonly kind: 'closed' }
  /** The session's actor started with this input. */
  | { readonly kind: 'woke'; readonly input: SessionInput }
  | { readonly kind: 'heard'; readonly to: CauseAddress; readonly event: HeardEvent }
  /** A timer of the session's actors fired: the `timer`th that they had set since the session woke. */
  | { readonly kind: 'timer'; readonly timer: number; readonly at: Milliseconds }
  /** Consecutive pieces for the answer; `at` is the time of the last. Their text is in the journal anyway. */
  | { readonly kind: 'text' | 'reasoning'; units: number; at: Milliseconds }
  /** There were more causes than are kept. */
  | { readonly kind: 'lost' };
