/**
 * The state of the inspector page, and its actions. The data comes from the live server or from a stored session, in
 * the same shapes, so the components do not know which.
 */
import { batch, computed, effect, type Signal, signal } from '@preact/signals';
import type { ActorView } from '../../../schema/actor-view.ts';
import type { OperatorCommand } from '../../../schema/operator-command.ts';
import type { InspectedSession } from '../../../schema/wire/inspect-frame.ts';
import { CallboardError } from '../../client/client-error.ts';
import { followTheme } from '../chat/theme-choice.ts';
import { type Place, rootOfSession, rootPathOf } from './address.ts';
import { type Chart, chartOf, possibleTransitions } from './chart/chart.ts';
import { dark, type Lighting } from './chart/chart-lighting.ts';
import type { InspectSource, OpenedSource, RecordingFile } from './inspect-source.ts';
import { filteredLog, type LogFilter, type LoggedEvent, wholeLog } from './log/event-log.ts';
import type { InspectReads } from './time/inspect-reads.ts';
import { Past } from './time/past.ts';
import { Present } from './time/present.ts';
import { ReadJournal } from './time/read-journal.ts';
import { Recordings } from './time/recordings.ts';
import { type ActorFilter, everything, treeRows } from './tree/actor-tree.ts';
import { WhatIf } from './what-if/what-if.ts';

/** Why the server refuses to let the user inspect; `null`: as far as known, it does not. */
export type Refused = 'unauthorized' | 'forbidden' | null;

export class Inspector {
  readonly #source: InspectSource;
  #opened: OpenedSource;

  /** The file that holds the page and what it shows; `null`: the page is a server's. */
  readonly file: RecordingFile | null;
  readonly place: Signal<Place>;
  /** True while the list of stored sessions is shown instead of the tree. */
  readonly isChoosing = signal(false);
  readonly refused = signal<Refused>(null);
  /** The latest error message for the user. */
  readonly notice = signal<string | null>(null);
  readonly charts = signal<ReadonlyMap<string, Chart>>(new Map());
  readonly filter = signal<ActorFilter>(everything);
  readonly closed = signal<ReadonlySet<string>>(new Set());
  /** The filter of the log, for the list and the sequence diagram. */
  readonly logFilter = signal<LogFilter>({ ...wholeLog, pieces: false });
  /** Shows only what the selected actor sent or received. */
  readonly isMineOnly = signal(false);
  /** Counts up once a second, so that times are shown anew. */
  readonly tick = signal(0);
  readonly #asleep = signal<InspectedSession | null>(null);
  readonly present: Present;
  readonly past: Past;
  readonly whatIf: WhatIf;

  constructor(source: InspectSource) {
    this.#source = source;
    this.#opened = source.open();
    this.file = source.file;
    this.place = signal(source.address.read());
    this.present = new Present({ charts: this.charts, refused: (error) => this.#failed(error) });
    this.past = new Past({
      reads: () => this.#reads,
      failed: (error) => this.#failed(error),
      moved: (seq) => this.moveTo(seq),
    });
    const journal = new ReadJournal(() => this.#reads);
    this.whatIf = new WhatIf({ journal, failed: (error) => this.#failed(error) });
  }

  readonly isPast = computed(() => this.place.value.seq !== null);
  /** True while what is shown never happened: what-if moves from a step of the past. */
  readonly isHypothetical = computed(() => this.whatIf.moment.value !== null);
  readonly #shown = computed(() => {
    const moment = this.whatIf.moment.value;
    if (moment !== null) return { all: new Map(moment.actors.map((view) => [view.id, view] as const)) };
    return this.isPast.value ? this.past.actors.value : this.present.actors.value;
  });
  readonly actors = computed(() => {
    const shown = this.#shown.value;
    const asleep = this.#asleep.value;
    if (this.isPast.value || asleep === null || asleep.actors.some(({ id }) => shown.all.has(id)))
      return shown;
    return { all: new Map([...shown.all, ...asleep.actors.map((view) => [view.id, view] as const)]) };
  });
  readonly log = computed<readonly LoggedEvent[]>(() =>
    this.isPast.value ? this.past.log.value : this.present.log.value,
  );
  readonly shownLog = computed(() =>
    filteredLog(this.log.value, {
      ...this.logFilter.value,
      actorId: this.isMineOnly.value ? this.selectedId.value : null,
    }),
  );
  readonly rows = computed(() => {
    const filter = this.filter.value;
    if (filter.longerThanMs > 0) this.tick.value;
    return treeRows(this.actors.value.all, { filter, closed: this.closed.value, now: this.now() });
  });
  /** The selected actor: the one that the user chose or, in the past, the one that acted at this step. */
  readonly selectedId = computed(() => {
    const { actorId, seq } = this.place.value;
    if (actorId !== null || seq === null) return actorId;
    const heard = this.whatIf.moment.value?.moved.findLast(({ to }) => to !== null)?.to;
    if (heard !== undefined && heard !== null) return heard;
    const step = this.past.step.value;
    return step?.actorId ?? step?.inputs.at(-1)?.actorId ?? step?.actors[0]?.id ?? null;
  });
  readonly selected = computed<ActorView | null>(() => {
    const id = this.selectedId.value;
    return id === null ? null : (this.actors.value.all.get(id) ?? null);
  });
  /**
   * The context of the selected actor at the step before; `null`: the actor was not there. `undefined`: there is no step
   * before, or it is not loaded.
   */
  readonly contextBefore = computed<string | null | undefined>(() => {
    const moment = this.whatIf.moment.value;
    const isMoved = (moment?.moved.length ?? 0) > 0;
    const before = isMoved ? null : this.past.stepBefore.value;
    const actors = isMoved ? moment?.before : before?.actors;
    if (!this.isPast.value || actors === undefined) return undefined;
    return actors.find(({ id }) => id === this.selectedId.value)?.context ?? null;
  });
  readonly chart = computed<Chart | null>(() => {
    const chartId = this.selected.value?.chartId ?? null;
    return chartId === null ? null : (this.charts.value.get(chartId) ?? null);
  });
  /** Ids of the transitions that the selected actor did not take at this step. */
  readonly untaken = computed<readonly string[]>(() => {
    const id = this.selectedId.value;
    if (!this.isPast.value || (this.whatIf.moment.value?.moved.length ?? 0) > 0) return [];
    return this.past.step.value?.untaken.find(({ actorId }) => actorId === id)?.transitions ?? [];
  });
  readonly lighting = computed<Lighting>(() => {
    const view = this.selected.value;
    if (view === null) return dark;
    return {
      active: new Set(view.states),
      taken: new Set(view.transitions),
      possible: new Set(this.untaken.value),
    };
  });
  /** Transitions that the selected actor can take next, if their conditions hold. */
  readonly possible = computed(() => {
    const chart = this.chart.value;
    const view = this.selected.value;
    return chart === null || view === null || view.status !== 'active'
      ? []
      : possibleTransitions(chart, ['', ...view.states]);
  });
  readonly commands = computed<readonly OperatorCommand[]>(() => {
    if (this.isPast.value) return [];
    const live = this.present.commands.value;
    return live.length > 0 ? live : (this.#asleep.value?.commands ?? []);
  });

  /** The present of the shown view, from which durations are computed: the server's time, or the step's. */
  now(): number {
    const hypothetical = this.whatIf.moment.value?.now;
    return hypothetical ?? (this.isPast.value ? (this.past.step.value?.at ?? 0) : this.present.now());
  }

  start(): void {
    setInterval(() => {
      this.tick.value++;
    }, 1000);
    addEventListener('popstate', () => this.#arrive(this.#source.address.read()));
    // The theme is in the config; the tree only tells that the config changed.
    let configured = -1;
    effect(() => {
      const at = this.present.actors.value.all.get('runtimeConfig')?.lastEvent?.at ?? 0;
      if (at === configured || !this.present.isComplete.value) return;
      configured = at;
      void this.#attempt(async () => followTheme(await this.#reads.theme()));
    });
    this.#enter();
  }

  /** Starts again with the key that the user just entered. */
  unlock(): void {
    this.#opened = this.#source.open();
    this.refused.value = null;
    this.#enter();
  }

  get hasKey(): boolean {
    return this.#opened.hasKey;
  }

  get #reads(): InspectReads {
    return this.#opened.reads;
  }

  #enter(): void {
    void this.#readCharts();
    if (this.#opened.connect !== null) this.present.connect(this.#opened.connect);
    this.#arrive(this.place.value);
  }

  async #readCharts(): Promise<void> {
    await this.#attempt(async () => {
      const { machines } = await this.#reads.machines();
      this.charts.value = new Map(machines.map((machine) => [machine.id, chartOf(machine)]));
    });
  }

  /** Selects an actor, live or in the past, whichever is shown; `null` selects none. */
  select(actorId: string | null): void {
    const { seq, sessionId } = this.place.value;
    const session = /^session\.([^/]+)/.exec(actorId ?? '')?.[1] ?? null;
    this.#go({ seq, actorId, sessionId: seq === null ? session : sessionId });
  }

  /** Shows the session as it was at `seq`; 0: its first step. */
  replay(sessionId: string, seq: number, actorId: string | null = null): void {
    this.isChoosing.value = false;
    this.#go({ sessionId, seq, actorId }, this.place.value.seq === null ? 'push' : 'replace');
  }

  moveTo(seq: number | null): void {
    const { sessionId, actorId } = this.place.value;
    if (sessionId !== null && seq !== null) this.#go({ sessionId, seq, actorId });
  }

  /** Puts the shown step into the sandbox. */
  askWhatIf(): void {
    const { sessionId } = this.place.value;
    const step = this.past.step.value;
    if (sessionId !== null && step !== null) void this.whatIf.begin(sessionId, step.seq);
  }

  /** Returns to the present, at the same session. */
  goLive(): void {
    this.isChoosing.value = false;
    const { sessionId } = this.place.value;
    this.#go({ sessionId, seq: null, actorId: null }, 'push');
  }

  recordings(): Recordings {
    return new Recordings(
      () => this.#reads,
      (error) => {
        this.notice.value = String(error);
      },
    );
  }

  /** The id with the title; with `undefined` if the session is gone. */
  async titleOf(id: string): Promise<readonly [id: string, title: string | undefined]> {
    return [id, await this.#reads.title(id).catch(() => undefined)];
  }

  troubles(): ReturnType<InspectReads['troubles']> {
    return this.#reads.troubles();
  }

  /** The shown recording as a file; `null`: it could not be had, and the user was told why. */
  async recordingFile(sessionId: string): Promise<Awaited<ReturnType<InspectReads['recording']>> | null> {
    let found: Awaited<ReturnType<InspectReads['recording']>> | null = null;
    await this.#attempt(async () => {
      found = await this.#reads.recording(sessionId);
    });
    return found;
  }

  async obey({ request, label }: OperatorCommand): Promise<void> {
    await this.#attempt(async () => {
      await this.#reads.obey(request);
      this.notice.value = `Done: ${label}`;
      const { sessionId } = this.place.value;
      if (sessionId !== null && this.#asleep.value !== null) void this.#wakeUp(sessionId);
    });
  }

  #go(place: Place, how: 'push' | 'replace' = 'replace'): void {
    this.#source.address.write(place, how);
    this.#arrive(place);
  }

  #arrive(given: Place): void {
    const root = given.sessionId === null ? null : rootOfSession(given.sessionId);
    const place = given.seq === null && given.actorId === null ? { ...given, actorId: root } : given;
    const focus = place.seq === null && place.actorId !== null ? rootPathOf(place.actorId) : null;
    const { sessionId, seq } = this.place.value;
    batch(() => {
      if (place.sessionId !== sessionId || place.seq !== seq) this.whatIf.leave();
      this.place.value = place;
      this.present.keep(place.seq === null ? place.actorId : null);
      this.present.focus(focus);
      if (place.sessionId !== null && place.seq !== null) this.past.open(place.sessionId, place.seq);
      else this.past.close();
      if (place.sessionId !== this.#asleep.value?.sessionId) this.#asleep.value = null;
    });
    const isElsewhere = focus !== null && !this.present.actors.value.all.has(focus);
    if (isElsewhere && place.sessionId !== null) void this.#wakeUp(place.sessionId);
  }

  /** Shows a session that is not in memory in the state in which it would wake. */
  async #wakeUp(sessionId: string): Promise<void> {
    await this.#attempt(async () => {
      const session = await this.#reads.session(sessionId);
      if (this.place.value.sessionId === sessionId && !this.isPast.value) this.#asleep.value = session;
    });
  }

  async #attempt(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const code: string = error instanceof CallboardError ? error.code : '';
    if (code === 'unauthorized' || code === 'forbidden') this.refused.value = code;
    else this.notice.value = error instanceof Error ? error.message : String(error);
  }
}
