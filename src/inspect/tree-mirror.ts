/**
 * The live tree as inspectors are told it: the JSON of every actor's view, by path. Actors say only that they changed;
 * once per interval those that did are looked at, at most so many, and what differs from before is the news. So ten
 * changes cost one look, and a look that waits sees the newest state.
 */
import type { AnyActorRef } from 'xstate';
import { actorsFrom, viewOf } from '../../actors/actor-tree.ts';
import type { LiveActors, TreeWatcher } from '../../actors/live-actors.ts';
import type { ActorPath } from '../../schema/actor-view.ts';
import { limits } from '../../schema/limits.ts';

export type TreeNews = {
  /** JSON of the views that are new or changed. */
  readonly changed: readonly string[];
  readonly removed: readonly ActorPath[];
  /** Events that actors handled since the last look. */
  readonly events: number;
  /** Roots that changed and were not looked at. */
  readonly waiting: number;
};

export class TreeMirror implements TreeWatcher {
  readonly #live: LiveActors;
  readonly #views = new Map<ActorPath, string>();
  readonly #pathsBelow = new Map<AnyActorRef, readonly ActorPath[]>();
  readonly #changed = new Set<AnyActorRef>();
  /** Only text grew. */
  #streamed = new Set<AnyActorRef>();
  readonly #gone = new Set<AnyActorRef>();
  #events = 0;
  readonly #unwatch: () => void;

  /** Watches until `stop`. */
  constructor(live: LiveActors) {
    this.#live = live;
    for (const root of live.roots()) this.#changed.add(root);
    this.#unwatch = live.watch(this);
  }

  /** Every root has been looked at once since it began or changed. */
  get isComplete(): boolean {
    return this.#changed.size === 0;
  }

  /** JSON of every view, parents first; a walk over it shows what is added meanwhile. */
  views(): IterableIterator<string> {
    return this.#views.values();
  }

  touched(root: AnyActorRef, how: 'changed' | 'streamed'): void {
    this.#events++;
    if (how === 'changed') this.#changed.add(root);
    else this.#streamed.add(root);
  }

  gone(root: AnyActorRef): void {
    this.#gone.add(root);
    this.#changed.delete(root);
    this.#streamed.delete(root);
  }

  /** From now on growing text counts as a change, once. To be called now and then. */
  noticeText(): void {
    for (const root of this.#streamed) this.#changed.add(root);
    this.#streamed = new Set();
  }

  look(): TreeNews {
    const removed: ActorPath[] = [];
    const changed: string[] = [];
    for (const root of this.#gone) {
      for (const path of this.#pathsBelow.get(root) ?? []) this.#remove(path, removed);
      this.#pathsBelow.delete(root);
    }
    this.#gone.clear();
    let actors = 0;
    for (const root of this.#changed) {
      if (actors >= limits.inspectLookActorsMax) break;
      this.#changed.delete(root);
      this.#streamed.delete(root);
      actors += this.#lookAt(root, changed, removed);
    }
    const events = this.#events;
    this.#events = 0;
    return { changed, removed, events, waiting: this.#changed.size };
  }

  stop(): void {
    this.#unwatch();
  }

  /** How many actors it has. */
  #lookAt(root: AnyActorRef, changed: string[], removed: ActorPath[]): number {
    const actors = actorsFrom(root);
    const paths: ActorPath[] = [];
    for (const actor of actors) {
      const view = viewOf(actor, this.#live.notes);
      paths.push(view.id);
      const json = JSON.stringify(view);
      if (this.#views.get(view.id) === json) continue;
      this.#views.set(view.id, json);
      changed.push(json);
    }
    for (const path of this.#pathsBelow.get(root) ?? [])
      if (!paths.includes(path)) this.#remove(path, removed);
    this.#pathsBelow.set(root, paths);
    return actors.length;
  }

  #remove(path: ActorPath, removed: ActorPath[]): void {
    if (this.#views.delete(path)) removed.push(path);
  }
}
