/** One page of a session's journal, with causes, for those who replay it themselves (SPEC INS). */
import type { CausedEvent, EventLog, ReadModel } from '../../actors/ports.ts';
import { approximateBytes } from '../../schema/approximate-bytes.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { InspectedJournal } from '../../schema/session-journal.ts';

export type JournalPorts = {
  readonly eventLog: EventLog;
  readonly readModel: Pick<ReadModel, 'session'>;
};

/** `undefined`: there is neither a session nor an event of one. Rejects with `JournalUnavailable`. */
export async function journalPage(
  { eventLog, readModel }: JournalPorts,
  sessionId: SessionId,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<InspectedJournal | undefined> {
  // One more than is sent, so that the last page knows that it is the last.
  const found = await eventLog.ofSession({ sessionId, after, limit: limit + 1 });
  if (found.length === 0 && after === 0 && (await readModel.session(sessionId)) === undefined)
    return undefined;
  const events = fitting(found.slice(0, limit));
  return {
    sessionId,
    events: events.map(({ seq, event, cause }) => ({
      seq,
      event: { ...event },
      ...(cause === undefined ? {} : { cause }),
    })),
    next: events.length < found.length ? (events.at(-1)?.seq ?? null) : null,
  };
}

/** As many of the first events as one page may hold; at least one. */
function fitting(events: readonly CausedEvent[]): readonly CausedEvent[] {
  let bytes = 0;
  const tooMany = events.findIndex((event, index) => {
    bytes += approximateBytes(event);
    return index > 0 && bytes > limits.journalPageBytes;
  });
  return tooMany < 0 ? events : events.slice(0, tooMany);
}
