/**
 * Titles that the store is known to have. A session is updated with each of its messages, and its title seldom is: a
 * title that is known need not be indexed again.
 */
import type { JournalEntry } from '../../../actors/ports.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';

/** One for each journal, which alone writes titles. */
export class KnownTitles {
  /** Noted least recently first. */
  readonly #titles = new Map<SessionId, string>();

  /** `false` also if nothing is known of the session. */
  has(session: SessionId, title: string): boolean {
    return this.#titles.get(session) === title;
  }

  /** A batch was committed. */
  committed(batch: readonly JournalEntry[]): void {
    for (const entry of batch) {
      switch (entry.type) {
        case 'session.created':
        case 'session.updated':
          this.#note(entry.data.id, entry.data.title);
          break;
        case 'session.deleted':
          this.#titles.delete(entry.data.id);
          break;
        default:
      }
    }
  }

  /** A batch failed: perhaps it was written nevertheless. */
  forget(): void {
    this.#titles.clear();
  }

  #note(session: SessionId, title: string): void {
    this.#titles.delete(session);
    this.#titles.set(session, title);
    const [oldest] = this.#titles.keys();
    if (this.#titles.size > limits.titlesKnownMax && oldest !== undefined) this.#titles.delete(oldest);
  }
}
