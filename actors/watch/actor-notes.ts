/**
 * Notes on actors: what each heard last and since when it is in its state, kept by an `inspect` observer while somebody
 * watches. A snapshot tells neither. Pieces of text are noted as cheaply as can be: an answer hears every token.
 */
import type { AnyActorRef, AnyTransitionDefinition, InspectionEvent } from 'xstate';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { assert } from '../../schema/unreachable.ts';
import { hearsTokens, ownTimeOf, stateKeyOf } from './actor-state.ts';

export type ActorNote = {
  /** Where it was when last looked at; compared to tell when that changes. */
  state: string;
  since: Milliseconds | null;
  /** False: it was there before somebody watched. */
  sinceExact: boolean;
  lastEvent: { readonly type: string; readonly at: Milliseconds } | null;
  /** Taken by the last event that it handled. */
  transitions: readonly AnyTransitionDefinition[];
  /** What `transitions` belongs to. */
  handled: object | null;
};

/** What an inspection event means for those who show actors. */
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

  /** An actor that is there already: since when it is in its state, only it can tell. */
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

/** What XState says it is about is always an actor of its own. */
export function actorOf({ actorRef }: InspectionEvent): AnyActorRef {
  assert('id' in actorRef && 'system' in actorRef, 'an inspected actor is an actor');
  return actorRef as AnyActorRef;
}
