/**
 * The live tree as sent to inspectors: the JSON of every actor's view, by path. Actors only report that they changed;
 * once per interval a bounded number of the changed ones are examined, and each view that differs is sent. So ten
 * changes cost one examination, and a delayed examination sees the newest state.
 */
import type { AnyActorRef } from 'xstate';
import { actorsFrom, pathOfActor, rootOf, viewOf } from '../../actors/watch/actor-tree.ts';
import type { LiveActors, TreeWatcher } from '../../actors/watch/live-actors.ts';
import type { ActorPath } from '../../schema/actor-view.ts';
import { limits } from '../../schema/limits.ts';

export type TreeNews = {
  /** The views that are new or changed, as JSON. */
  readonly changed: readonly string[];
  readonly removed: readonly ActorPath[];
  /** How many events actors have handled since the last examination. */
  readonly events: number;
  /** How many changed roots were not examined. */
  readonly waiting: number;
};

export class TreeMirror implements TreeWatcher {
  readonly #live: LiveActors;
  readonly #views = new Map<ActorPath, string>();
  readonly #pathsBelow = new Map<AnyActorRef, readonly ActorPath[]>();
  readonly #changed = new Set<AnyActorRef>();
  /** Answers whose text has grown. */
  readonly #streamed = new Set<AnyActorRef>();
  /** The answers with grown text that are to be examined next. */
  readonly #due = new Set<AnyActorRef>();
  readonly #gone = new Set<AnyActorRef>();
  #events = 0;
  readonly #unwatch: () => void;

  /** Watches until `stop` is called. */
  constructor(live: LiveActors) {
    this.#live = live;
    for (const root of live.roots()) this.#changed.add(root);
    this.#unwatch = live.watch(this);
  }

  /** True when every root has been examined since it began or changed. */
  get isComplete(): boolean {
    return this.#changed.size === 0;
  }

  /** JSON of every view, parents first. An iteration includes views that are added meanwhile. */
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

  /** Counts text grown so far as one change. Call it from time to time. */
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
      // An actor that has ended is not sent again, even if another one runs under its path since.
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

  /** Examines the actors of a root; returns how many there are. */
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
