/**
 * The live tree as inspectors are told it: the JSON of every actor's view, by path. Actors say only that they changed;
 * once per interval those that did are looked at, at most so many, and what differs from before is the news. So ten
 * changes cost one look, and a look that waits sees the newest state.
 */
import type { AnyActorRef } from 'xstate';
import { actorsFrom, pathOfActor, rootOf, viewOf } from '../../actors/watch/actor-tree.ts';
import type { LiveActors, TreeWatcher } from '../../actors/watch/live-actors.ts';
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
  /** Answers whose text grew. */
  readonly #streamed = new Set<AnyActorRef>();
  /** Those of them whose turn to be looked at has come. */
  readonly #due = new Set<AnyActorRef>();
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

  changed(root: AnyActorRef): void {
    this.#events++;
    this.#changed.add(root);
  }

  streamed(answer: AnyActorRef): void {
    this.#events++;
    this.#streamed.add(answer);
  }

  gone(root: AnyActorRef): void {
    this.#gone.add(root);
    this.#changed.delete(root);
  }

  /** From now on growing text counts as a change, once. To be called now and then. */
  noticeText(): void {
    for (const answer of this.#streamed) this.#due.add(answer);
    this.#streamed.clear();
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
      actors += this.#lookAt(root, changed, removed);
    }
    for (const answer of this.#due) {
      if (actors++ >= limits.inspectLookActorsMax) break;
      this.#due.delete(answer);
      // One that has gone is not shown again, nor in the place of one that woke since.
      const isThere = this.#pathsBelow.has(rootOf(answer)) && this.#views.has(pathOfActor(answer));
      if (isThere) this.#show(answer, changed);
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
    for (const actor of actors) paths.push(this.#show(actor, changed));
    for (const path of this.#pathsBelow.get(root) ?? [])
      if (!paths.includes(path)) this.#remove(path, removed);
    this.#pathsBelow.set(root, paths);
    return actors.length;
  }

  #show(actor: AnyActorRef, changed: string[]): ActorPath {
    const view = viewOf(actor, this.#live.notes);
    const json = JSON.stringify(view);
    if (this.#views.get(view.id) !== json) {
      this.#views.set(view.id, json);
      changed.push(json);
    }
    return view.id;
  }

  #remove(path: ActorPath, removed: ActorPath[]): void {
    if (this.#views.delete(path)) removed.push(path);
  }
}
