/**
 * Finds the parts of an actor's event that the journal contains, which a stored cause leaves out. Storing and
 * replaying both use this module, so that both find the same parts.
 */
import type { DomainEvent, DomainEventOf } from '../../schema/event-catalogue.ts';

/** An event from outside, as far as it is known. */
export type HeardParts = { readonly type: string; readonly [field: string]: unknown };

/** How many later events are searched for a part; one message can cause many. */
export const sightMax = 1000;

/**
 * `events` are the event stored with the cause and the following ones of its session. `to` and `commandId` of `heard`
 * are known. `null`: the journal has no part of it.
 */
export function journaledParts(
  heard: HeardParts,
  to: string | null,
  events: readonly DomainEvent[],
): Readonly<Record<string, unknown>> | null {
  const { commandId } = heard;
  switch (heard.type) {
    case 'session.create': {
      const created = find(events, 'session.created', (event) => event.commandId === commandId);
      if (created === null) return null;
      const { title, description, options } = created.data;
      return { title, description, options, owner: created.record };
    }
    case 'message.add': {
      const created = find(events, 'message.created', (event) => event.commandId === commandId);
      if (created === null) return null;
      const { id, role, content, marks = [], toolCallId, name, author } = created.data;
      const queued = find(events, 'turn.queued', (event) => event.commandId === commandId);
      const message = { id, role, content, marks, toolCallId, name };
      if (queued === null) return { message, author };
      const { scopes, chargedTo } = queued.data;
      return { message, author, turn: turnOf(queued), scopes, chargedTo };
    }
    case 'session.fork':
    case 'session.import': {
      const imported = find(events, 'session.imported', (event) => event.commandId === commandId);
      if (imported === null) return null;
      const { sessionId: _, ...conversation } = imported.data;
      const created = find(events, 'session.created', (event) => event.commandId === commandId);
      return { conversation, owner: created?.record };
    }
    case 'title.made': {
      const named = find(events, 'session.updated', () => true);
      return named === null ? null : { title: named.data.title };
    }
    case 'message.edit': {
      const created = find(events, 'message.created', (event) => event.commandId === commandId);
      if (created === null) return null;
      const { content, marks = [], author } = created.data;
      return { content, marks, author };
    }
    case 'engine.toolCall':
    case 'source.toolCall': {
      const call = find(events, 'tool.call', ({ data }) => data.id === heard['callId']);
      if (call === null) return null;
      const { modelCallId, argumentsJson } = call.record;
      return { call: { id: call.data.id, modelCallId, name: call.data.name, argumentsJson } };
    }
    case 'source.toolResult': {
      const ended = find(events, 'tool.result', ({ data }) => data.id === heard['callId']);
      return ended === null ? null : { result: ended.record.result };
    }
    case 'source.step': {
      const ended = find(events, 'turn.step.ended', () => true);
      return ended === null ? null : { answerUnits: ended.data.answerUnits };
    }
    case 'engine.finished': {
      const ended = find(events, 'turn.step.ended', () => true);
      if (ended === null) return null;
      const { turnId: _, sessionId: __, timestamp: ___, step: ____, ...end } = ended.data;
      return end;
    }
    case 'tool.completed':
    case 'tool.failed': {
      const ended = find(events, 'tool.result', ({ data }) => data.id === to);
      const key = heard.type === 'tool.completed' ? 'result' : 'error';
      if (ended === null) return null;
      const { result, files } = ended.record;
      return { [key]: result, ...(files === undefined ? {} : { files }) };
    }
    case 'tool.progress': {
      const told = find(events, 'tool.call', ({ data }) => data.id === to && data.progress !== undefined);
      return told === null ? null : { progress: told.data.progress };
    }
    default:
      return null;
  }
}

/** The client's name for the command, which is only stored with its answer. */
export function journaledName(commandId: unknown, events: readonly DomainEvent[]) {
  const completed = find(events, 'command.completed', (event) => event.commandId === commandId);
  if (completed === null) return null;
  const { key, fingerprint } = completed.data;
  return { key, fingerprint };
}

function turnOf({ data }: DomainEventOf<'turn.queued'>) {
  const { turnId, sessionId, promptId, answerId, traceId } = data;
  return { turnId, sessionId, promptId, answerId, traceId };
}

function find<Type extends DomainEvent['type']>(
  events: readonly DomainEvent[],
  type: Type,
  test: (event: DomainEventOf<Type>) => boolean,
): DomainEventOf<Type> | null {
  for (let index = 0; index < events.length && index < sightMax; index++) {
    const event = events[index];
    if (event !== undefined && isOf(event, type) && test(event)) return event;
  }
  return null;
}

function isOf<Type extends DomainEvent['type']>(
  event: DomainEvent,
  type: Type,
): event is DomainEvent & DomainEventOf<Type> {
  return event.type === type;
}
