/** I7. Over the journal: a session is created before anything else is said of it, and deleted after. */
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('I7');

export const sessions: Invariant = {
  name: 'I7',
  says: '`session.created` first; nothing of a session follows `session.deleted`.',
  watch: () => {
    const created = new Set<string>();
    const deleted = new Set<string>();
    const streamed = (session: string, what: string) => {
      holds(!deleted.has(session), () => `${what} of session ${session} followed its end`);
    };
    return {
      hear: (fact) => {
        if (fact.kind === 'streamed') streamed(fact.event.sessionId, fact.event.type);
        if (fact.kind !== 'committed' || fact.event.sessionId === null) return;
        const { type, sessionId } = fact.event;
        if (type === 'session.created') {
          holds(!created.has(sessionId), () => `session ${sessionId} was created twice`);
          created.add(sessionId);
        }
        holds(created.has(sessionId), () => `${type} came before session ${sessionId} was created`);
        // The stored answer of the deletion is no event of the session: clients never see it.
        if (type !== 'command.completed') streamed(sessionId, type);
        if (type === 'session.deleted') deleted.add(sessionId);
      },
    };
  },
};
