/**
 * What of an event clients see: most of it as it was emitted. Previews and the parts of messages are made here, when a
 * frame is (docs/protocol.md A3; I9).
 */
import { type AgentActivityFact, shownActivity } from '../agent-activity.ts';
import {
  type BaselineMessage,
  baselineMessage,
  failureText,
  isAnswer,
  type MessageFact,
  shownMessage,
} from '../chat-message.ts';
import { baselineSession } from '../chat-session.ts';
import type { DomainEvent, DomainEventOf, eventCatalogue } from '../event-catalogue.ts';
import type { EventName } from '../event-table.ts';
import type { MessageId, SessionId } from '../ids.ts';
import { isoTimestamp, type Milliseconds } from '../timestamp.ts';
import { baselineToolEvent, shownToolEvent, type ToolEvent } from '../tool-event.ts';
import { baselineTrace } from '../trace.ts';

/** Events that clients see in another form than they are emitted in: the compiler demands a case for each below. */
type ReshapedName = {
  [Name in EventName]: (typeof eventCatalogue)[Name] extends
    | { readonly emitted: unknown }
    | { readonly baseline: unknown }
    ? Name
    : never;
}[EventName];

/** The data as `callboard.v1` shows it. */
export function shownData(event: DomainEvent, previewUnitsMax: number): unknown {
  switch (event.type) {
    case 'tool.call':
    case 'tool.result':
      return shownCall(event, previewUnitsMax);
    case 'message.created':
    case 'message.updated':
      return shownMessage(event.data);
    case 'agent.activity':
      return shownActivity(event.data);
    case 'session.created':
    case 'session.updated':
    case 'message.deleted':
    case 'branch.selected':
    case 'config.flag.updated':
    case 'config.reset':
    case 'trace.created':
    case 'trace.updated':
    case 'trace.span.appended':
    case 'trace.purged':
    case 'turn.offered':
    case 'turn.claimed':
    case 'turn.withdrawn':
    case 'turn.retrying':
    case 'participant.added':
    case 'participant.updated':
    case 'participant.removed':
    case 'tool.registered':
    case 'tool.updated':
    case 'tool.deactivated':
    case 'key.created':
    case 'key.rotated':
    case 'key.revoked':
    case 'token.created':
    case 'session.handed-over':
    case 'session.commanded':
    case 'refusals.counted':
      return event.data;
    default:
      return sameData(event);
  }
}

/** An event as baseline sockets get it. */
export type BaselineEvent = { readonly type: EventName; readonly data: unknown };

export type BaselineForm = {
  readonly previewUnitsMax: number;
  /**
   * The id of the message in which baseline sockets are told that the answer failed after it had text; the same for
   * every frame of that answer.
   */
  readonly failureIdOf: (answerId: MessageId) => MessageId;
};

/** The events that baseline sockets get of it, in order; none: they do not see it at all (SPEC [APR8], [TREE42]). */
export function baselineEvents(event: DomainEvent, form: BaselineForm): readonly BaselineEvent[] {
  const { type } = event;
  switch (type) {
    case 'tool.call':
    case 'tool.result': {
      const data = baselineToolEvent(type, shownCall(event, form.previewUnitsMax));
      return data === null ? [] : [{ type, data }];
    }
    case 'message.created':
      return [{ type, data: baselineMessage(event.data) }];
    case 'message.updated':
      return baselineUpdate(event.data, event.at, form);
    case 'session.created':
    case 'session.updated':
      return [{ type, data: baselineSession(event.data) }];
    case 'agent.activity':
      return baselineActivity(event.data, event.at, form);
    case 'message.deleted':
    case 'branch.selected':
    case 'config.flag.updated':
    case 'config.reset':
    case 'trace.span.appended':
    case 'trace.purged':
    case 'turn.offered':
    case 'turn.claimed':
    case 'turn.withdrawn':
    case 'turn.retrying':
    case 'participant.added':
    case 'participant.updated':
    case 'participant.removed':
    case 'tool.registered':
    case 'tool.updated':
    case 'tool.deactivated':
    case 'key.created':
    case 'key.rotated':
    case 'key.revoked':
    case 'token.created':
    case 'session.handed-over':
    case 'session.commanded':
    case 'refusals.counted':
      return [];
    case 'trace.created':
    case 'trace.updated':
      return [{ type, data: baselineTrace(event.data) }];
    default:
      return [{ type, data: sameData(event) }];
  }
}

/** Baseline sockets are told of a message again only when an answer ended. */
function baselineUpdate(fact: MessageFact, at: Milliseconds, form: BaselineForm): readonly BaselineEvent[] {
  if (!isAnswer(fact) || fact.status === 'streaming') return [];
  const ended: BaselineEvent = { type: 'message.updated', data: baselineMessage(fact) };
  if (fact.status !== 'failed' || fact.content === '') return [ended];
  return [ended, { type: 'message.created', data: failureMessage(fact.sessionId, fact.id, at, form) }];
}

/** Between the two frames of the failure message there is the `session.updated` of it, as ever. */
function baselineActivity(
  fact: AgentActivityFact,
  at: Milliseconds,
  form: BaselineForm,
): readonly BaselineEvent[] {
  const { sessionId, failedAnswerId } = fact;
  const told: BaselineEvent = { type: 'agent.activity', data: shownActivity(fact) };
  if (failedAnswerId === undefined) return [told];
  return [{ type: 'message.updated', data: failureMessage(sessionId, failedAnswerId, at, form) }, told];
}

function failureMessage(
  sessionId: SessionId,
  answerId: MessageId,
  at: Milliseconds,
  { failureIdOf }: BaselineForm,
): BaselineMessage {
  return {
    id: failureIdOf(answerId),
    sessionId,
    role: 'assistant',
    content: failureText,
    createdAt: isoTimestamp(at),
  };
}

function shownCall(
  { data, record }: DomainEventOf<'tool.call'> | DomainEventOf<'tool.result'>,
  previewUnitsMax: number,
): ToolEvent {
  return shownToolEvent(data, { arguments: record.argumentsJson, result: record.result }, previewUnitsMax);
}

function sameData(event: Exclude<DomainEvent, { type: ReshapedName }>): unknown {
  return event.data;
}
