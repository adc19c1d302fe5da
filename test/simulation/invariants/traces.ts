/** I6. Over the journal: a trace begins once, its status only moves forward, and nothing follows a terminal one. */
import type { Trace, TraceStatus } from '../../../schema/trace.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('I6');
const ranks: Readonly<Record<TraceStatus, number>> = { pending: 0, running: 1, completed: 2, failed: 2 };

export const traces: Invariant = {
  name: 'I6',
  says: '`trace.created` first; statuses only move forward; a terminal one is last; spans between them, each once; `durationMs` ≥ 0.',
  watch: () => {
    const known = new Map<string, Trace>();
    const spans = new Set<string>();
    return {
      hear: (fact) => {
        if (fact.kind !== 'committed') return;
        const { event } = fact;
        if (event.type === 'trace.span.appended') {
          const { id, traceId, startedAt, endedAt } = event.data;
          const status = known.get(traceId)?.status;
          holds(status === 'running', () => `span ${id} came while trace ${traceId} was ${status}`);
          holds(!spans.has(`${traceId} ${id}`), () => `span ${id} of trace ${traceId} came twice`);
          holds(startedAt <= endedAt, () => `span ${id} ended before it began`);
          spans.add(`${traceId} ${id}`);
          return;
        }
        if (event.type !== 'trace.created' && event.type !== 'trace.updated') return;
        const { id, status, durationMs, createdAt, updatedAt } = event.data;
        const before = known.get(id);
        if (event.type === 'trace.created')
          holds(before === undefined, () => `trace ${id} was created twice`);
        else {
          holds(before !== undefined, () => `trace ${id} was updated before it was created`);
          holds(
            ranks[status] > ranks[before.status],
            () => `trace ${id} went from ${before.status} to ${status}`,
          );
        }
        const isTerminal = ranks[status] === 2;
        holds(
          isTerminal === (durationMs !== undefined),
          () => `trace ${id} is ${status} with ${durationMs} ms`,
        );
        holds((durationMs ?? 0) >= 0 && updatedAt >= createdAt, () => `trace ${id} took ${durationMs} ms`);
        known.set(id, event.data);
      },
      rest: () => {
        for (const { id, status, origin } of known.values()) {
          // A client ends its trace when it wants to.
          if (origin === 'client') continue;
          holds(ranks[status] === 2, () => `trace ${id} is ${status} for ever`);
        }
      },
    };
  },
};
