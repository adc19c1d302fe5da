/**
 * I7. Over the journal: `session.created` comes before any other event of a session, and none follows
 * `session.deleted`.
 */
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('I7');

export const sessions: Invariant = {
  name: 'I7',
  says: '`session.created` first; nothing of a session follows `session.deleted`.',
  watch: () => {
    const created = new Set<string>();
    const deleted = new Set<string>();
    /** Text is published without a commit: none may follow the publication of the deletion. */
    const gone = new Set<string>();
    const follows = (ended: ReadonlySet<string>, session: string, what: string) => {
      holds(!ended.has(session), () => `${what} of session ${session} followed its end`);
    };
    return {
      hear: (fact) => {
        if (fact.kind === 'streamed') follows(gone, fact.event.sessionId, fact.event.type);
        if (fact.kind === 'published' && fact.event.type === 'session.deleted') gone.add(fact.event.data.id);
        if (fact.kind !== 'committed' || fact.event.sessionId === null) return;
        const { type, sessionId } = fact.event;
        if (type === 'session.created') {
          holds(!created.has(sessionId), () => `session ${sessionId} was created twice`);
          created.add(sessionId);
        }
        holds(created.has(sessionId), () => `${type} came before session ${sessionId} was created`);
        // The stored answer of the deletion is not an event of the session: clients never see it.
        if (type !== 'command.completed') follows(deleted, sessionId, type);
        if (type === 'session.deleted') deleted.add(sessionId);
      },
    };
  },
};
