/** The journal of one session at a time, read when somebody needs it, and kept. */
import type { InspectedJournalEvent } from '../../../../schema/session-journal.ts';
import type { InspectReads } from './inspect-reads.ts';

type Kept = { readonly sessionId: string; readonly events: readonly InspectedJournalEvent[] };

export class ReadJournal {
  readonly #reads: () => Pick<InspectReads, 'journal'>;
  #kept: Kept | null = null;

  constructor(reads: () => Pick<InspectReads, 'journal'>) {
    this.#reads = reads;
  }

  /**
   * Every event as far as the server replays them; what is known already is not read again. Also the events behind a
   * step are needed to replay it: of text a cause has the length, and the words are in a later event. Rejects when the
   * server does.
   */
  async whole(sessionId: string): Promise<readonly InspectedJournalEvent[]> {
    const events = this.#kept?.sessionId === sessionId ? [...this.#kept.events] : [];
    let next: number | null = events.at(-1)?.seq ?? 0;
    while (next !== null && events.length < eventsMax) {
      const page = await this.#reads().journal(sessionId, next);
      events.push(...page.events);
      next = page.next;
    }
    this.#kept = { sessionId, events };
    return events;
  }
}

/** As `historyEventsMax`, without the server's limits. */
const eventsMax = 20_000;
