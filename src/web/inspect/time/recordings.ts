/** The stored sessions that pass the filters: read from the server page by page, as many as are to be shown. */
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { Recording } from '../../../../schema/recording.ts';
import type { InspectReads } from './inspect-reads.ts';

/** Empty: any. */
export type RecordingFilter = {
  /** A part of the title or id. */
  readonly q: string;
  readonly outcome: string;
  readonly state: string;
  readonly tool: string;
  readonly model: string;
  /** Days, `YYYY-MM-DD` in the browser's time zone, both included. */
  readonly from: string;
  readonly to: string;
};

export const anyRecording: RecordingFilter = {
  ...{ q: '', outcome: '', state: '', tool: '', model: '' },
  ...{ from: '', to: '' },
};

/** Rows that are shown at first, and with each *Show more*. */
const rowsShown = 200;

export class Recordings {
  readonly #reads: () => Pick<InspectReads, 'recordings'>;
  readonly #failed: (error: unknown) => void;
  readonly #filter = signal(anyRecording);
  readonly #found = signal<readonly Recording[]>([]);
  readonly #isReading = signal(false);
  /** `before` of the next page; `null`: there is none. */
  readonly #next = signal<string | null | undefined>(undefined);
  /** The names that were seen, whatever the filter: what can be chosen. */
  readonly #tools = signal<ReadonlySet<string>>(new Set());
  readonly #models = signal<ReadonlySet<string>>(new Set());
  #rows = rowsShown;
  /** Counts the filters: what was read for an earlier one is not shown. */
  #asked = 0;

  constructor(reads: () => Pick<InspectReads, 'recordings'>, failed: (error: unknown) => void) {
    this.#reads = reads;
    this.#failed = failed;
  }

  readonly filter: ReadonlySignal<RecordingFilter> = this.#filter;
  /** The one that changed last first. */
  readonly found: ReadonlySignal<readonly Recording[]> = this.#found;
  readonly isReading: ReadonlySignal<boolean> = this.#isReading;
  readonly next: ReadonlySignal<string | null | undefined> = this.#next;
  readonly tools: ReadonlySignal<ReadonlySet<string>> = this.#tools;
  readonly models: ReadonlySignal<ReadonlySet<string>> = this.#models;

  /** Reads from the beginning. */
  show(filter: RecordingFilter): void {
    this.#asked++;
    this.#rows = rowsShown;
    batch(() => {
      this.#filter.value = filter;
      this.#found.value = [];
      this.#next.value = undefined;
    });
    void this.#read(this.#asked);
  }

  more(): void {
    if (this.#isReading.peek()) return;
    this.#rows += rowsShown;
    void this.#read(this.#asked);
  }

  async #read(asked: number): Promise<void> {
    this.#isReading.value = true;
    try {
      while (this.#next.peek() !== null && this.#found.peek().length < this.#rows) {
        const page = await this.#reads().recordings(
          recordingsQueryOf(this.#filter.peek(), this.#next.peek()),
        );
        if (asked !== this.#asked) return;
        batch(() => {
          this.#found.value = [...this.#found.peek(), ...page.recordings];
          this.#next.value = page.next;
          this.#tools.value = withNames(this.#tools.peek(), page.recordings, 'tools');
          this.#models.value = withNames(this.#models.peek(), page.recordings, 'models');
        });
      }
    } catch (error) {
      if (asked === this.#asked) this.#failed(error);
    } finally {
      if (asked === this.#asked) this.#isReading.value = false;
    }
  }
}

function withNames(
  known: ReadonlySet<string>,
  recordings: readonly Recording[],
  kind: 'tools' | 'models',
): ReadonlySet<string> {
  const names = recordings.flatMap(({ standing }) => standing[kind]);
  return names.every((name) => known.has(name)) ? known : new Set([...known, ...names].sort());
}

/** What the server is asked; what is not filtered by is left out. */
export function recordingsQueryOf(
  { from, to, ...named }: RecordingFilter,
  before?: string | null,
): URLSearchParams {
  const query = new URLSearchParams(Object.entries(named).filter(([, value]) => value !== ''));
  // The server leaves out both ends.
  if (from !== '') query.set('updatedAfter', new Date(startOfDay(from) - 1).toISOString());
  if (to !== '') query.set('updatedBefore', new Date(startOfDay(to, 1)).toISOString());
  if (before !== undefined && before !== null) query.set('before', before);
  return query;
}

/** Ms since the epoch, in the browser's time zone; `later`: days after it. */
function startOfDay(day: string, later = 0): number {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + later);
  return date.getTime();
}
