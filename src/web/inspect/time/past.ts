/** The time machine: a stored session, the step that is shown, and playing through the steps. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { HistoryStep } from '../../../../schema/session-history.ts';
import { storedLog } from '../log/event-log.ts';
import { placeOfSeq, playDelayMs, type Steps, withPage } from './history-steps.ts';
import type { InspectReads } from './inspect-reads.ts';
import type { Shown } from './present.ts';

const pageSteps = 200;

export type PastOptions = {
  readonly reads: () => InspectReads;
  /** Called with the error of a failed read, to be shown to the user. */
  readonly failed: (error: unknown) => void;
};

export class Past {
  readonly #options: PastOptions;
  readonly #known: Signal<Steps | null> = signal(null);
  readonly #seq = signal(0);
  #loading: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly isPlaying = signal(false);
  readonly speed = signal(1);

  constructor(options: PastOptions) {
    this.#options = options;
  }

  readonly known: ReadonlySignal<Steps | null> = this.#known;
  /** Index of the shown step; -1: none yet. */
  readonly place = computed(() => placeOfSeq(this.#known.value?.steps ?? [], this.#seq.value));
  readonly step: ReadonlySignal<HistoryStep | null> = computed(
    () => this.#known.value?.steps[this.place.value] ?? null,
  );
  readonly actors: ReadonlySignal<Shown> = computed(() => ({
    all: new Map((this.step.value?.actors ?? []).map((view) => [view.id, view])),
  }));
  readonly log = computed(() => storedLog(this.#known.value?.steps ?? []));

  /** Shows the session at `seq`, or at the last step before it; loads missing steps. */
  open(sessionId: string, seq: number): void {
    const isOther = this.#loading !== sessionId;
    batch(() => {
      this.#seq.value = seq;
      if (isOther) this.#known.value = null;
    });
    if (!isOther) return;
    this.pause();
    this.#loading = sessionId;
    void this.#load(sessionId);
  }

  close(): void {
    this.pause();
    this.#loading = null;
    this.#known.value = null;
  }

  play(moved: (seq: number) => void): void {
    const steps = this.#known.value?.steps ?? [];
    if (this.place.value >= steps.length - 1) moved(steps[0]?.seq ?? 0);
    this.isPlaying.value = true;
    this.#playOn(moved);
  }

  pause(): void {
    this.isPlaying.value = false;
    clearTimeout(this.#timer);
  }

  /** The `seq` of the step that many steps from here, within the session. */
  seqFrom(steps: number): number | null {
    const known = this.#known.value?.steps ?? [];
    return known[Math.min(known.length - 1, Math.max(0, this.place.value + steps))]?.seq ?? null;
  }

  #playOn(moved: (seq: number) => void): void {
    const steps = this.#known.value?.steps ?? [];
    const next = steps[this.place.value + 1];
    if (next === undefined) {
      this.pause();
      return;
    }
    const delay = playDelayMs(steps, this.place.value, this.speed.value);
    this.#timer = setTimeout(() => {
      moved(next.seq);
      this.#playOn(moved);
    }, delay);
  }

  async #load(sessionId: string): Promise<void> {
    let after: number | null = 0;
    try {
      while (after !== null) {
        const page = await this.#options.reads().history(sessionId, after, pageSteps);
        if (this.#loading !== sessionId) return;
        const known: Steps = withPage(this.#known.value, page);
        this.#known.value = known;
        after = known.next;
      }
    } catch (error) {
      if (this.#loading !== sessionId) return;
      this.#loading = null;
      this.#options.failed(error);
    }
  }
}
