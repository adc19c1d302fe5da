/** Sends log entries to clients: all entries of one tick become one `logs.created` (SPEC [LOG3]). */
import type { Clock } from '../../actors/ports.ts';
import type { DomainEventOf } from '../../schema/event-catalogue.ts';
import { limits } from '../../schema/limits.ts';
import type { LogEntry } from '../../schema/log-entry.ts';

export type LogListener = (event: DomainEventOf<'logs.created'>) => void;

/** Batches entries per tick. Entries logged while listeners run are not fed: that would never end. */
export class LogFeed {
  private readonly clock: Clock;
  /** Called with the error of a listener that threw. */
  private readonly onListenerFailed: (error: unknown) => void;
  private readonly listeners = new Set<LogListener>();
  private waiting: LogEntry[] = [];
  private isScheduled = false;
  private isDelivering = false;

  constructor(clock: Clock, onListenerFailed: (error: unknown) => void) {
    this.clock = clock;
    this.onListenerFailed = onListenerFailed;
  }

  /** Returns a function that removes the listener. */
  listen(listener: LogListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  add(entry: LogEntry): void {
    if (this.isDelivering || this.listeners.size === 0) return;
    this.waiting.push(entry);
    if (this.waiting.length > limits.logBurstEntriesMax) this.waiting.shift();
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.clock.soon(() => this.deliver());
  }

  private deliver(): void {
    this.isScheduled = false;
    const data = this.waiting;
    this.waiting = [];
    this.isDelivering = true;
    try {
      for (const listener of this.listeners) {
        try {
          listener({ type: 'logs.created', sessionId: null, data, at: this.clock.now() });
        } catch (error) {
          this.onListenerFailed(error);
        }
      }
    } finally {
      this.isDelivering = false;
    }
  }
}
