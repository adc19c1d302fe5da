/**
 * The running actors, for inspectors. XState's `inspect` hook is attached only while needed: to every root while an
 * inspector wants the tree, otherwise to the root whose events are wanted. A late inspector gets the tree by walking
 * it (`actor-tree.ts`), so nothing is kept while nobody watches.
 *
 * An error in here must never reach the observed actor: an observer that throws would stop it.
 */
import type { AnyActorRef, InspectionEvent, Subscription } from 'xstate';
import type { ActorPath } from '../../schema/actor-view.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { Emission } from '../../schema/text-piece.ts';
import type { Clock, Log } from '../ports.ts';
import { ActorNotes, actorOf } from './actor-notes.ts';
import { actorsFrom, pathOfActor, rootOf } from './actor-tree.ts';

/** Is told which roots have changed. */
export type TreeWatcher = {
  /** Called when something below the root has changed. */
  readonly changed: (root: AnyActorRef) => void;
  /** Called when only the answer's text has grown. */
  readonly streamed: (answer: AnyActorRef) => void;
  readonly gone: (root: AnyActorRef) => void;
};

/** Receives everything that happens below one root. */
export type RootListener = {
  /** Called when the root exists: at once, or when it starts. */
  readonly began: (root: AnyActorRef) => void;
  readonly inspected: (event: InspectionEvent) => void;
  readonly emitted: (actor: AnyActorRef, emission: Emission) => void;
};

export type LiveActorsOptions = {
  /** The roots that are running now. */
  readonly roots: () => Iterable<AnyActorRef>;
  readonly clock: Clock;
  readonly log: Log;
};

export class LiveActors {
  readonly #options: LiveActorsOptions;
  readonly #watchers = new Set<TreeWatcher>();
  readonly #listeners = new Map<RootListener, ActorPath>();
  /** The subscriptions attached to each observed root. */
  readonly #observed = new Map<AnyActorRef, Subscription[]>();
  /** The subscription to each actor's emissions. */
  readonly #heard = new Map<AnyActorRef, Subscription>();
  #committed = new WeakMap<DomainEvent, number>();
  #notes: ActorNotes;

  constructor(options: LiveActorsOptions) {
    this.#options = options;
    this.#notes = this.#newNotes();
  }

  get notes(): ActorNotes {
    return this.#notes;
  }

  /** How many roots have something attached; 0 while nobody watches. */
  get observedRoots(): number {
    return this.#observed.size;
  }

  roots(): Iterable<AnyActorRef> {
    return this.#options.roots();
  }

  find(path: ActorPath): AnyActorRef | undefined {
    for (const root of this.roots()) if (pathOfActor(root) === path) return root;
    return undefined;
  }

  /** Call it when a root was made and has not started yet. */
  started(root: AnyActorRef): void {
    if (this.#watchers.size > 0 || this.#listeners.size > 0)
      this.#guarded(() => this.#observe(root, { isNew: true }));
  }

  /** Watches until the returned function is called. */
  watch(watcher: TreeWatcher): () => void {
    this.#watchers.add(watcher);
    for (const root of this.roots()) this.#observe(root, { isNew: false });
    return () => {
      this.#watchers.delete(watcher);
      this.#release();
    };
  }

  /** Listens until the returned function is called. Calls `began` at once if the root is running. */
  listen(rootPath: ActorPath, listener: RootListener): () => void {
    this.#listeners.set(listener, rootPath);
    const root = this.find(rootPath);
    if (root !== undefined) {
      this.#observe(root, { isNew: false });
      for (const actor of actorsFrom(root)) this.#hear(actor);
      listener.began(root);
    }
    return () => {
      this.#listeners.delete(listener);
      this.#release();
    };
  }

  /** The `seq` of an observed emission, once it has one. */
  seqOf(emission: DomainEvent): number | undefined {
    return this.#committed.get(emission);
  }

  /** Notes the `seq` of an event. Call it before the event is published. */
  committed(event: DomainEvent, seq: number): void {
    if (this.#listeners.size > 0) this.#committed.set(event, seq);
  }

  #newNotes(): ActorNotes {
    return new ActorNotes(this.#options.clock.now);
  }

  #isWanted(root: AnyActorRef): boolean {
    if (this.#watchers.size > 0) return true;
    const path = pathOfActor(root);
    return [...this.#listeners.values()].includes(path);
  }

  /** `isNew`: the root has not started, so none of its events was missed. */
  #observe(root: AnyActorRef, { isNew }: { readonly isNew: boolean }): void {
    if (this.#observed.has(root) || !this.#isWanted(root)) return;
    if (!isNew) for (const actor of actorsFrom(root)) this.#notes.found(actor);
    const gone = () => this.#guarded(() => this.#gone(root));
    this.#observed.set(root, [
      root.system.inspect((event: InspectionEvent) => this.#inspected(root, event)),
      root.subscribe({ error: gone, complete: gone }),
    ]);
    if (!isNew) return;
    for (const listener of this.#listenersOf(root)) {
      this.#hear(root);
      listener.began(root);
    }
    for (const watcher of this.#watchers) watcher.changed(root);
  }

  /** Called for every token, so it makes no closure and does nothing that is not needed. */
  #inspected(root: AnyActorRef, event: InspectionEvent): void {
    try {
      const noted = this.#notes.take(event);
      for (const watcher of this.#watchers) {
        if (noted === 'streamed') watcher.streamed(actorOf(event));
        else if (noted === 'changed') watcher.changed(root);
      }
      if (this.#listeners.size === 0) return;
      for (const listener of this.#listenersOf(root)) {
        if (event.type === '@xstate.actor') this.#hear(actorOf(event));
        listener.inspected(event);
      }
    } catch (cause) {
      this.#failed(cause);
    }
  }

  #listenersOf(root: AnyActorRef): RootListener[] {
    const path = pathOfActor(root);
    return [...this.#listeners].flatMap(([listener, wanted]) => (wanted === path ? [listener] : []));
  }

  #hear(actor: AnyActorRef): void {
    if (this.#heard.has(actor)) return;
    const root = rootOf(actor);
    const emitted = (emission: Emission): void =>
      this.#guarded(() => {
        for (const listener of this.#listenersOf(root)) listener.emitted(actor, emission);
      });
    const heard = actor.on('*', emitted);
    this.#heard.set(actor, heard);
    const ended = () => this.#heard.delete(actor);
    actor.subscribe({ error: ended, complete: ended });
  }

  #gone(root: AnyActorRef): void {
    this.#detach(root);
    for (const watcher of this.#watchers) watcher.gone(root);
  }

  #detach(root: AnyActorRef): void {
    for (const subscription of this.#observed.get(root) ?? []) subscription.unsubscribe();
    this.#observed.delete(root);
  }

  /** Detaches what no watcher needs any more. */
  #release(): void {
    for (const root of [...this.#observed.keys()]) if (!this.#isWanted(root)) this.#detach(root);
    if (this.#listeners.size === 0) {
      for (const heard of this.#heard.values()) heard.unsubscribe();
      this.#heard.clear();
      this.#committed = new WeakMap();
    }
    // Notes that are not kept up become wrong, so they are dropped.
    if (this.#observed.size === 0) this.#notes = this.#newNotes();
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (cause) {
      this.#failed(cause);
    }
  }

  #failed(cause: unknown): void {
    this.#options.log.error('Watching an actor failed', { cause });
  }
}
