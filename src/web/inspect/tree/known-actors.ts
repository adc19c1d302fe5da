/**
 * The live tree as it is known here: one actor view per id, replaced by what the server says. Actors of the focus that
 * came to their end are kept for a while as they were last, or nobody would see how they ended.
 */
import type { ActorView } from '../../../../schema/actor-view.ts';
import type { InspectEventOf } from '../../../../schema/wire/inspect-event.ts';
import type {
  InspectChanges,
  InspectEvents,
  InspectSnapshot,
} from '../../../../schema/wire/inspect-frame.ts';
import { activePaths, type Chart } from '../chart/chart.ts';
import { briefActor } from './brief-actor.ts';

/** How long an actor is shown after its end, ms. */
export const endedShownMs = 8000;
/** Ended actors that are kept, the newest ones. */
const endedMax = 200;

type ActorInspected = InspectEventOf<'@xstate.actor'>;
type SnapshotInspected = InspectEventOf<'@xstate.snapshot'>;
type Ended = { readonly view: ActorView; readonly at: number };

export class KnownActors {
  readonly #actors = new Map<string, ActorView>();
  readonly #ended = new Map<string, Ended>();
  #focus: string | null = null;

  /** What is running, and what ended since `now` - {@link endedShownMs} or is `kept`. Not to be kept: it changes. */
  shown(now: number, kept: string | null): ReadonlyMap<string, ActorView> {
    for (const [id, { at }] of this.#ended) {
      if (now - at > endedShownMs && id !== kept) this.#ended.delete(id);
    }
    if (this.#ended.size === 0) return this.#actors;
    const shown = new Map(this.#actors);
    for (const [id, { view }] of this.#ended) if (!shown.has(id)) shown.set(id, view);
    return shown;
  }

  /** The actor whose events are told; ended actors elsewhere are forgotten. */
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

  /** The focus is told sooner than the tree, and with contexts; what is not in it any more has ended. */
  focused({ actorId, at, events, actors }: InspectEvents, charts: ReadonlyMap<string, Chart>): void {
    const there = new Set<string>(actors.map(({ id }) => id));
    for (const event of events) {
      if (event.type === '@xstate.actor' && !there.has(event.sessionId)) this.#noteBirth(event, at, charts);
      if (event.type === '@xstate.snapshot') this.#noteEnd(event, at, charts);
    }
    for (const id of [...this.#actors.keys()]) {
      if (isBelow(id, actorId) && !there.has(id)) this.#remove(id, at);
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
    if (view === undefined || this.#focus === null || !isBelow(id, this.#focus) || this.#ended.has(id))
      return;
    this.#keepEnded({ at, view: { ...view, status: view.status === 'active' ? 'stopped' : view.status } });
  }

  /** An actor that came and went between two frames was in neither of them; only its events tell of it. */
  #noteBirth(event: ActorInspected, at: number, charts: ReadonlyMap<string, Chart>): void {
    if (this.#actors.has(event.sessionId) || this.#ended.has(event.sessionId)) return;
    this.#keepEnded({ at, view: briefActor(event, charts) });
  }

  /** The last that is heard of an actor says how it ended; the tree will not. */
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

/** Is it that actor, or one below it? */
export function isBelow(id: string, root: string): boolean {
  return id === root || id.startsWith(`${root}/`);
}
