/** The newest log entries, in memory (SPEC [LOG2]). */
import { limits } from '../../schema/limits.ts';
import type { LogEntry } from '../../schema/log-entry.ts';

export type LogRing = {
  /** Skips `offset` entries and returns the next `limit`, oldest first. */
  readonly entries: (offset: number, limit: number) => readonly LogEntry[];
};

/** Keeps `capacity` entries (default `logRingEntriesMax`), then drops the oldest for each new one. */
export class BoundedLogRing implements LogRing {
  private readonly kept: LogEntry[] = [];
  private readonly capacity: number;

  constructor(capacity: number = limits.logRingEntriesMax) {
    this.capacity = capacity;
  }

  add(entry: LogEntry): void {
    this.kept.push(entry);
    if (this.kept.length > this.capacity) this.kept.shift();
  }

  entries(offset: number, limit: number): readonly LogEntry[] {
    return this.kept.slice(offset, offset + limit);
  }
}
