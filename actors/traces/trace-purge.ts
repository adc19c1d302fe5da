/** Purges traces that ended long ago, a few at a time. One that runs is never purged. */
import type { TraceId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { type Clock, JournalUnavailable, type ReadModel } from '../ports.ts';
import type { EndedTrace } from '../trace-reads.ts';

export type TracePurgeOptions = {
  readonly outbox: Pick<Outbox, 'accept' | 'settled' | 'available' | 'isFull'>;
  readonly readModel: Pick<ReadModel, 'endedTraces'>;
  readonly clock: Clock;
  /** Called with each trace that is gone. */
  readonly gone: (trace: TraceId) => void;
};

/**
 * Returns a function that purges some of the traces that ended before `before`, and resolves with whether more are
 * left. It rejects with {@link JournalUnavailable}.
 */
export function tracePurge({ outbox, readModel, clock, gone }: TracePurgeOptions) {
  return async (before: Milliseconds): Promise<boolean> => {
    if (!outbox.available || outbox.isFull) throw new JournalUnavailable('the journal is behind');
    const ended = await readModel.endedTraces({ before, limit: limits.tracePurgeTraces });
    const ids = fitting(ended);
    if (ids.length === 0) return false;
    outbox.accept({ type: 'trace.purged', sessionId: null, at: clock.now(), data: { ids } });
    await outbox.settled(null);
    for (const id of ids) gone(id);
    return ids.length < ended.length || ended.length === limits.tracePurgeTraces;
  };
}

/** As many as one transaction deletes without holding up others; at least one. */
function fitting(ended: readonly EndedTrace[]): TraceId[] {
  let spans = 0;
  return ended.flatMap(({ id, spans: own }, index) => {
    spans += own;
    return index > 0 && spans > limits.tracePurgeSpans ? [] : [id];
  });
}
