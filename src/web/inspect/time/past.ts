/**
 * The time machine: a stored session, the step that is shown, and playing through the steps. Steps are loaded when
 * somebody goes near them, so a long session opens as fast as a short one.
 */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { HistoryStep, SessionHistory } from '../../../../schema/session-history.ts';
import { storedLog } from '../log/event-log.ts';
import { placeOfSeq, playDelayMs, type Steps, withPage } from './history-steps.ts';
import type { HistoryStart, InspectReads } from './inspect-reads.ts';
import type { Shown } from './present.ts';

const pageSteps = 60;
/** Steps are loaded before somebody is as near as this to those that are missing. */
const nearSteps = 15;
/** A session with no more steps than this is loaded as a whole. */
const wholeSteps = 400;

export type PastOptions = {
  readonly reads: () => Pick<InspectReads, 'history'>;
  /** Called with the error of a failed read, to be shown to the user. */
  readonly failed: (error: unknown) => void;
  /** Called when a step is shown to which nobody gave the address, with its `seq`. */
  readonly moved: (seq: number) => void;
};

export class Past {
  readonly #options: PastOptions;
  readonly #known: Signal<Steps | null> = signal(null);
  readonly #index = signal(-1);
  readonly #isLoading = signal(false);
  #sessionId: string | null = null;
  /** The `seq` of the address, until its step is loaded. */
  #sought: number | null = null;
  #shown: HistoryStep | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly isPlaying = signal(false);
  readonly speed = signal(1);

  constructor(options: PastOptions) {
    this.#options = options;
  }

  readonly known: ReadonlySignal<Steps | null> = this.#known;
  /** Index of the shown step in the session; -1: none yet. */
  readonly place: ReadonlySignal<number> = this.#index;
  /** True while the step at `place` is being loaded; what is shown until then is the one before. */
  readonly isMissing = computed(() => this.#at(this.#index.value) === null && this.#isLoading.value);
  readonly step: ReadonlySignal<HistoryStep | null> = computed(() => {
    const step = this.#at(this.#index.value);
    if (step !== null) this.#shown = step;
    return this.#known.value === null ? null : this.#shown;
  });
  /** The step before the shown one; `null`: there is none, or it is not loaded. */
  readonly stepBefore = computed(() => this.#at(this.#index.value - 1));
  readonly actors: ReadonlySignal<Shown> = computed(() => ({
    all: new Map((this.step.value?.actors ?? []).map((view) => [view.id, view])),
  }));
  readonly log = computed(() => storedLog(this.#known.value?.steps ?? []));

  /** Shows the session at `seq`, or at the last step before it. */
  open(sessionId: string, seq: number): void {
    if (this.#sessionId !== sessionId) {
      this.close();
      this.#sessionId = sessionId;
    }
    if (this.#showSeq(seq)) return;
    this.#sought = seq;
    void this.#load();
  }

  close(): void {
    this.pause();
    this.#sessionId = null;
    this.#sought = null;
    this.#shown = null;
    batch(() => {
      this.#known.value = null;
      this.#index.value = -1;
    });
  }

  /** Shows the step at `index`, as near as there is one; loads it if it is missing. */
  goTo(index: number): void {
    const count = this.#known.value?.count ?? 0;
    if (count === 0) return;
    this.#index.value = Math.min(count - 1, Math.max(0, index));
    const step = this.#at(this.#index.value);
    if (step !== null) this.#options.moved(step.seq);
    void this.#load();
  }

  play(): void {
    const count = this.#known.value?.count ?? 0;
    if (this.#index.value >= count - 1) this.goTo(0);
    this.isPlaying.value = true;
    this.#playOn();
  }

  pause(): void {
    this.isPlaying.value = false;
    clearTimeout(this.#timer);
  }

  #at(index: number): HistoryStep | null {
    const known = this.#known.value;
    return known?.steps[index - known.offset] ?? null;
  }

  #playOn(): void {
    const known = this.#known.value;
    const index = this.#index.value;
    if (known === null || index >= known.count - 1) {
      this.pause();
      return;
    }
    const delay = playDelayMs(known.steps, index - known.offset, this.speed.value);
    this.#timer = setTimeout(
      () => {
        if (this.#at(index + 1) !== null) this.goTo(index + 1);
        this.#playOn();
      },
      // The next step may still be on its way.
      Math.max(50, delay),
    );
  }

  /** False: the step is not among the loaded ones. */
  #showSeq(seq: number): boolean {
    const known = this.#known.value;
    const last = known?.steps.at(-1);
    const first = known?.steps[0];
    if (known === null || last === undefined || first === undefined) return false;
    const isAtEnd = known.offset + known.steps.length >= known.count;
    if ((seq < first.seq && known.offset > 0) || (seq > last.seq && !isAtEnd)) return false;
    this.#sought = null;
    this.#index.value = known.offset + placeOfSeq(known.steps, seq);
    void this.#load();
    return true;
  }

  /** What has to be loaded next; `null`: nothing. */
  #missing(): HistoryStart | null {
    if (this.#sought !== null) return { around: this.#sought };
    const known = this.#known.value;
    const index = this.#index.value;
    if (known === null || index < 0) return null;
    const end = known.offset + known.steps.length;
    const before = { from: Math.max(0, known.offset - pageSteps) };
    if (index < known.offset - pageSteps || index > end + pageSteps) {
      return { from: Math.max(0, index - pageSteps / 2) };
    }
    const near = known.count <= wholeSteps ? known.count : nearSteps;
    if (index + near >= end && end < known.count) return { from: end };
    return index - near < known.offset && known.offset > 0 ? before : null;
  }

  /** One page after another, until nothing is missing where the user is by then. */
  async #load(): Promise<void> {
    const sessionId = this.#sessionId;
    if (sessionId === null || this.#isLoading.value) return;
    this.#isLoading.value = true;
    try {
      for (let start = this.#missing(); start !== null; start = this.#missing()) {
        const page = await this.#options.reads().history(sessionId, start, pageSteps);
        if (this.#sessionId !== sessionId) break;
        this.#take(page);
        if (page.steps.length === 0) break;
      }
    } catch (error) {
      if (this.#sessionId === sessionId) {
        this.#sought = null;
        this.#options.failed(error);
      }
    } finally {
      this.#isLoading.value = false;
    }
    // Another session was opened meanwhile.
    if (this.#sessionId !== sessionId) void this.#load();
  }

  #take(page: SessionHistory): void {
    const sought = this.#sought;
    const wasMissing = this.#at(this.#index.value) === null;
    batch(() => {
      this.#known.value = withPage(this.#known.value, page);
      if (sought !== null) {
        this.#sought = null;
        this.#index.value = page.steps.length === 0 ? -1 : page.offset + placeOfSeq(page.steps, sought);
      }
    });
    const step = this.#at(this.#index.value);
    if (step === null) return;
    // The address must name the number of the last step: more steps may follow later.
    const isBehindEnd = sought !== null && sought > step.seq && this.#index.value === page.events.count - 1;
    if (isBehindEnd || (sought === null && wasMissing)) this.#options.moved(step.seq);
  }
}
