/** Whose an event is that belongs to no session: that of a trace is of whoever made the trace. */
import type { SessionAccess } from '../../../schema/authorization.ts';
import type { DomainEvent } from '../../../schema/event-catalogue.ts';

const noMembers: SessionAccess['members'] = new Map();

/** `undefined`: it belongs to a session, or to the server. */
export function ownAccessOf(event: DomainEvent): SessionAccess | undefined {
  if (event.sessionId !== null) return undefined;
  switch (event.type) {
    case 'trace.created':
    case 'trace.updated':
    case 'trace.span.appended':
      return event.record === undefined ? undefined : { ...event.record, members: noMembers };
    default:
      return undefined;
  }
}
