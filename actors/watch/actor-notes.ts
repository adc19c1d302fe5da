/**
 * Notes on actors: the last event that each received, and since when it is in its state. A snapshot tells neither, so
 * an `inspect` observer keeps them while an inspector watches. Noting pieces of text must be cheap: an answer
 * receives every token.
 */
import type { AnyActorRef, AnyTransitionDefinition, InspectionEvent } from 'xstate';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { assert } from '../../schema/unreachable.ts';
import { hearsTokens, ownTimeOf, stateKeyOf } from './actor-state.ts';

export type ActorNote = {
  /** The state at the last look, for detecting changes. */
  state: string;
  since: Milliseconds | null;
  /** False: the actor existed before an inspector watched. */
  sinceExact: boolean;
  lastEvent: { readonly type: string; readonly at: Milliseconds } | null;
  /** The transitions caused by the last event that it handled. */
  transitions: readonly AnyTransitionDefinition[];
  /** The event that caused `transitions`. */
  handled: object | null;
};

/** What an inspection event means for inspectors. */
export type Noted = 'changed' | 'streamed' | 'nothing';

export class ActorNotes {
  readonly #now: () => Milliseconds;
  readonly #notes = new WeakMap<object, ActorNote>();

  constructor(now: () => Milliseconds) {
    this.#now = now;
  }

  of(actor: AnyActorRef): ActorNote | undefined {
    return this.#notes.get(actor);
  }

  /** Notes an actor that exists already: only the actor itself can tell since when it is in its state. */
  found(actor: AnyActorRef): void {
    if (this.#notes.has(actor)) return;
    this.#notes.set(actor, { ...newNote(), state: stateKeyOf(actor), since: ownTimeOf(actor) });
  }

  take(event: InspectionEvent): Noted {
    const actor = actorOf(event);
    const note = this.#noteOf(actor);
    switch (event.type) {
      case '@xstate.actor':
        return 'changed';
      case '@xstate.event':
        note.lastEvent = { type: event.event.type, at: this.#now() };
        return 'nothing';
      case '@xstate.microstep':
        note.transitions =
          note.handled === event.event ? [...note.transitions, ...event._transitions] : event._transitions;
        note.handled = event.event;
        return 'nothing';
      case '@xstate.snapshot': {
        const state = stateKeyOf(actor);
        if (state === note.state) return hearsTokens(actor) ? 'streamed' : 'changed';
        note.state = state;
        note.since = this.#now();
        note.sinceExact = true;
        return 'changed';
      }
      default:
        return 'nothing';
    }
  }

  #noteOf(actor: AnyActorRef): ActorNote {
    let note = this.#notes.get(actor);
    if (note === undefined) {
      note = newNote();
      this.#notes.set(actor, note);
    }
    return note;
  }
}

function newNote(): ActorNote {
  return { state: '', since: null, sinceExact: false, lastEvent: null, transitions: [], handled: null };
}

/** The actor that an inspection event is about: XState's type is wider than what it sends. */
export function actorOf({ actorRef }: InspectionEvent): AnyActorRef {
  assert('id' in actorRef && 'system' in actorRef, 'an inspected actor is an actor');
  return actorRef as AnyActorRef;
}
