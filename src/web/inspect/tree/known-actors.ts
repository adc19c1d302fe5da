/**
 * The browser's copy of the live tree: one actor view per id, replaced by what the server sends. Actors of the focus
 * are kept for a while after their end, or nobody would see how they ended.
 */
import { isAtOrBelow } from '../../../../schema/actor-path.ts';
import type { ActorView } from '../../../../schema/actor-view.ts';
import type { InspectEventOf } from '../../../../schema/wire/inspect-event.ts';
import type {
  InspectChanges,
  InspectEvents,
  InspectSnapshot,
} from '../../../../schema/wire/inspect-frame.ts';
import { activePaths, type Chart } from '../chart/chart.ts';
import { briefActor } from './brief-actor.ts';

/** How long an actor is shown after it ended, ms. */
export const endedShownMs = 8000;
/** How many ended actors are kept; the newest ones are. */
const endedMax = 200;

type ActorInspected = InspectEventOf<'@xstate.actor'>;
type SnapshotInspected = InspectEventOf<'@xstate.snapshot'>;
type Ended = { readonly view: ActorView; readonly at: number };

export class KnownActors {
  readonly #actors = new Map<string, ActorView>();
  readonly #ended = new Map<string, Ended>();
  #focus: string | null = null;

  /**
   * The running actors, and those that ended since `now` - {@link endedShownMs} or are `kept`. Do not hold on to the
   * map: it is modified.
   */
  shown(now: number, kept: string | null): ReadonlyMap<string, ActorView> {
    for (const [id, { at }] of this.#ended) {
      if (now - at > endedShownMs && id !== kept) this.#ended.delete(id);
    }
    if (this.#ended.size === 0) return this.#actors;
    const shown = new Map(this.#actors);
    for (const [id, { view }] of this.#ended) if (!shown.has(id)) shown.set(id, view);
    return shown;
  }

  /** Sets the actor whose events are received; ended actors outside of it are forgotten. */
  focus(actorId: string | null): void {
    this.#focus = actorId;
    this.#ended.clear();
  }

  snapshot({ first, actors }: InspectSnapshot): void {
    if (first) this.#actors.clear();
    this.#set(actors);
  }

  changes({ at, actors, removed }: InspectChanges): void {
    for (const id of removed) this.#remove(id, at);
    this.#set(actors);
  }

  /** Frames of the focus arrive before the tree's, and hold contexts. An actor that is no longer in one has ended. */
  focused({ actorId, at, events, actors }: InspectEvents, charts: ReadonlyMap<string, Chart>): void {
    const there = new Set<string>(actors.map(({ id }) => id));
    for (const event of events) {
      if (event.type === '@xstate.actor' && !there.has(event.sessionId)) this.#noteBirth(event, at, charts);
      if (event.type === '@xstate.snapshot') this.#noteEnd(event, at, charts);
    }
    for (const id of [...this.#actors.keys()]) {
      if (isAtOrBelow(id, actorId) && !there.has(id)) this.#remove(id, at);
    }
    this.#set(actors);
  }

  #set(actors: readonly ActorView[]): void {
    for (const view of actors) {
      this.#actors.set(view.id, view);
      this.#ended.delete(view.id);
    }
  }

  #remove(id: string, at: number): void {
    const view = this.#actors.get(id);
    this.#actors.delete(id);
    if (view === undefined || this.#focus === null || !isAtOrBelow(id, this.#focus) || this.#ended.has(id))
      return;
    this.#keepEnded({ at, view: { ...view, status: view.status === 'active' ? 'stopped' : view.status } });
  }

  /** An actor that started and ended between two frames is in neither; only its events show it. */
  #noteBirth(event: ActorInspected, at: number, charts: ReadonlyMap<string, Chart>): void {
    if (this.#actors.has(event.sessionId) || this.#ended.has(event.sessionId)) return;
    this.#keepEnded({ at, view: briefActor(event, charts) });
  }

  /** An actor's last event says how it ended; the tree does not. */
  #noteEnd(event: SnapshotInspected, at: number, charts: ReadonlyMap<string, Chart>): void {
    const { status, value = null } = event.snapshot;
    const view = this.#actors.get(event.sessionId) ?? this.#ended.get(event.sessionId)?.view;
    if (view === undefined || (status !== 'done' && status !== 'error')) return;
    const chart = view.chartId === null ? undefined : charts.get(view.chartId);
    const { transitions } = event.callboard;
    const heard = { type: event.event.type, at: Number(event.createdAt) };
    const states = chart === undefined ? view.states : [...activePaths(chart, value)];
    const ended: ActorView = {
      ...view,
      status,
      value,
      states,
      lastEvent: heard,
      transitions,
      since: heard.at,
    };
    if (this.#actors.has(view.id)) this.#actors.set(view.id, ended);
    else this.#ended.set(view.id, { at, view: ended });
  }

  #keepEnded(ended: Ended): void {
    this.#ended.set(ended.view.id, ended);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > endedMax && oldest !== undefined) this.#ended.delete(oldest);
  }
}
