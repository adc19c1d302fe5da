/**
 * I5. Over the journal: a call begins, then ends once; none is left open. A call that needs a person waits first, and
 * runs only after its approval.
 */
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('I5');

export const toolCalls: Invariant = {
  name: 'I5',
  says: '`tool.call` precedes its one and only `tool.result`; every call ends.',
  watch: (_history, truth) => {
    const open = new Map<string, string>();
    /** Open calls that nobody has approved yet. */
    const awaiting = new Set<string>();
    const ended = new Set<string>();
    return {
      hear: (fact) => {
        if (fact.kind !== 'committed') return;
        const { event } = fact;
        if (event.type === 'tool.call') {
          const { id, sessionId, status, approval, progress } = event.data;
          holds(!ended.has(id), () => `call ${id} goes on after its end`);
          if (!open.has(id)) {
            holds(progress === undefined, () => `call ${id} makes progress before it began`);
            const waits = status === 'awaitingApproval';
            holds(waits === (event.record.needsApproval === true), () => `call ${id} begins as ${status}`);
            if (waits) awaiting.add(id);
            open.set(id, sessionId);
            return;
          }
          // The event is repeated after the approval, and with progress.
          holds(status === 'running', () => `call ${id} is ${status} again`);
          if (awaiting.delete(id)) {
            holds(approval?.decision === 'approved', () => `call ${id} runs, and nobody approved it`);
          } else {
            holds(progress !== undefined, () => `call ${id} began twice`);
          }
        } else if (event.type === 'tool.result') {
          const { id, status } = event.data;
          holds(!ended.has(id), () => `call ${id} ended twice`);
          holds(open.delete(id), () => `call ${id} ended before it began`);
          const isAllowed = status !== 'completed' || !awaiting.delete(id);
          holds(isAllowed, () => `call ${id} has a result, and nobody let it run`);
          holds(
            status !== 'running' && status !== 'awaitingApproval' && event.record.result !== undefined,
            () => `call ${id} ended as ${status}`,
          );
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
