/** I5. Over the journal: a call begins, ends once, and never the other way round; none is left open. */
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('I5');

export const toolCalls: Invariant = {
  name: 'I5',
  says: '`tool.call` precedes its one and only `tool.result`; every call ends.',
  watch: (_history, truth) => {
    const open = new Map<string, string>();
    const ended = new Set<string>();
    return {
      hear: (fact) => {
        if (fact.kind !== 'committed') return;
        const { event } = fact;
        if (event.type === 'tool.call') {
          const { id, sessionId } = event.data;
          holds(!open.has(id) && !ended.has(id), () => `call ${id} began twice`);
          open.set(id, sessionId);
        } else if (event.type === 'tool.result') {
          const { id, status, result } = event.data;
          holds(!ended.has(id), () => `call ${id} ended twice`);
          holds(open.delete(id), () => `call ${id} ended before it began`);
          holds(status !== 'running' && result !== undefined, () => `call ${id} ended as ${status}`);
          ended.add(id);
        }
      },
      rest: () => {
        for (const [id, session] of open) {
          holds(
            truth.tables.sessions().every((one) => one.id !== session),
            () => `call ${id} never ended`,
          );
        }
        holds(
          open.size === 0,
          () => `calls of a deleted session never ended: ${[...open.keys()].join(', ')}`,
        );
      },
    };
  },
};
