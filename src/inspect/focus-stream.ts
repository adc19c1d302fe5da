/**
 * Collects for an inspector what happens below one actor: messages, the transitions they caused, and emissions to the
 * world. It collects references to values and serialises them when they are sent, because snapshots never change.
 */
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { actorOf } from '../../actors/watch/actor-notes.ts';
import { hearsTokens } from '../../actors/watch/actor-state.ts';
import { actorsFrom, pathOfActor } from '../../actors/watch/actor-tree.ts';
import type { RootListener } from '../../actors/watch/live-actors.ts';
import { isAtOrBelow } from '../../schema/actor-path.ts';
import type { ActorPath } from '../../schema/actor-view.ts';
import { limits } from '../../schema/limits.ts';
import type { Emission } from '../../schema/text-piece.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Happening, What } from './happening.ts';

export type Collected = { readonly happenings: readonly Happening[]; readonly dropped: number };

export class FocusStream implements RootListener {
  readonly #path: ActorPath;
  readonly #now: () => Milliseconds;
  #happenings: Happening[] = [];
  /** One entry per frequent kind, with a count. */
  readonly #standing = new Map<string, Happening>();
  readonly #transitions = new Map<AnyActorRef, Extract<InspectionEvent, { type: '@xstate.microstep' }>[]>();
  #dropped = 0;

  constructor(path: ActorPath, now: () => Milliseconds) {
    this.#path = path;
    this.#now = now;
  }

  /** Returns what happened since the previous call. */
  take(): Collected {
    const happenings = this.#happenings.filter((one) => this.#concerns(one));
    const dropped = this.#dropped;
    this.#happenings = [];
    this.#standing.clear();
    this.#dropped = 0;
    return { happenings, dropped };
  }

  began(root: AnyActorRef): void {
    for (const actor of actorsFrom(root)) this.#add(actor, { type: 'actor', snapshot: actor.getSnapshot() });
  }

  inspected(event: InspectionEvent): void {
    const actor = actorOf(event);
    switch (event.type) {
      case '@xstate.actor':
        this.#add(actor, { type: 'actor', snapshot: undefined });
        return;
      case '@xstate.event':
        this.#add(actor, { type: 'event', event: event.event, source: sourceOf(event) });
        return;
      case '@xstate.microstep': {
        const steps = this.#transitions.get(actor) ?? [];
        this.#transitions.set(actor, [...steps.filter((step) => step.event === event.event), event]);
        return;
      }
      case '@xstate.snapshot': {
        const steps = this.#transitions.get(actor) ?? [];
        this.#transitions.delete(actor);
        const transitions = steps.flatMap(({ _transitions }) => _transitions);
        this.#add(actor, { type: 'snapshot', event: event.event, snapshot: event.snapshot, transitions });
        return;
      }
      default:
    }
  }

  emitted(actor: AnyActorRef, emission: Emission): void {
    this.#add(actor, { type: 'emission', event: emission });
  }

  #add(actor: AnyActorRef, what: What): void {
    const at = this.#now();
    const happening: Happening = { actor, at, what, count: 1 };
    if (hearsTokens(actor) && what.type !== 'actor') {
      const kind = `${what.type} ${what.event.type}`;
      const standing = this.#standing.get(kind);
      if (standing?.actor === actor) {
        Object.assign(standing, { at, what, count: standing.count + 1 });
        return;
      }
      this.#standing.set(kind, happening);
    }
    this.#happenings.push(happening);
    if (this.#happenings.length <= limits.inspectEventsMax) return;
    const lost = this.#happenings.shift();
    for (const [kind, standing] of this.#standing) if (standing === lost) this.#standing.delete(kind);
    this.#dropped += lost?.count ?? 0;
  }

  #concerns({ actor, what }: Happening): boolean {
    if (isAtOrBelow(pathOfActor(actor), this.#path)) return true;
    const source = what.type === 'event' ? what.source : undefined;
    return source !== undefined && isAtOrBelow(pathOfActor(source), this.#path);
  }
}

/** XState's type declares fewer members of a sender than it has. */
function sourceOf({
  sourceRef,
}: Extract<InspectionEvent, { type: '@xstate.event' }>): AnyActorRef | undefined {
  return sourceRef !== undefined && 'id' in sourceRef && 'system' in sourceRef
    ? (sourceRef as AnyActorRef)
    : undefined;
}
