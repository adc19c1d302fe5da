/** The newest log entries, in memory (SPEC [LOG2]). */
import { limits } from '../../schema/limits.ts';
import type { LogEntry } from '../../schema/log-entry.ts';

export type LogRing = {
  /** Skips `offset` entries and returns the next `limit`, oldest first. */
  readonly entries: (offset: number, limit: number) => readonly LogEntry[];
};

/**
 * Keeps `capacity` entries (default `logRingEntriesMax`). Then each new one takes the place of the oldest of those whose
 * message is there most often, so that a client who makes the server say one thing over and over pushes out nothing else.
 */
export class BoundedLogRing implements LogRing {
  private readonly kept: LogEntry[] = [];
  private readonly counts = new Map<string, number>();
  private readonly capacity: number;

  constructor(capacity: number = limits.logRingEntriesMax) {
    this.capacity = capacity;
  }

  add(entry: LogEntry): void {
    this.kept.push(entry);
    this.count(entry, 1);
    if (this.kept.length <= this.capacity) return;
    const most = Math.max(...this.counts.values());
    const oldest = this.kept.findIndex(({ message }) => this.counts.get(message) === most);
    for (const dropped of this.kept.splice(oldest, 1)) this.count(dropped, -1);
  }

  entries(offset: number, limit: number): readonly LogEntry[] {
    return this.kept.slice(offset, offset + limit);
  }

  private count({ message }: LogEntry, change: 1 | -1): void {
    const count = (this.counts.get(message) ?? 0) + change;
    if (count > 0) this.counts.set(message, count);
    else this.counts.delete(message);
  }
}
