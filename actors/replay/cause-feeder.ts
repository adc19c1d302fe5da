/** Feeds the causes of one event to a sandbox. */
import type { AnswerContext } from '../../machines/answer.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { journaledName, journaledParts, sightMax } from '../causes/journaled-parts.ts';
import type { StoredCause } from '../causes/stored-causes.ts';
import { isShortPlace, restoredInput, type SaidBefore, wholePlace } from '../causes/stored-input.ts';
import { isAnswerContext } from '../watch/actor-state.ts';
import type { ReplayJournal } from './replay-journal.ts';
import { ReplaySandbox, type SandboxEvent, type Told } from './replay-sandbox.ts';

export type Feeding = {
  /** `null`: the replay cannot continue. */
  readonly sandbox: ReplaySandbox | null;
  readonly inputs: readonly Told[];
  /** True when recovery made the event from the rows. */
  readonly closed: boolean;
  /** True when the journal lacks events to which the causes refer. */
  readonly incomplete: boolean;
  readonly note: string | null;
};

type Heard = Extract<StoredCause, { heard: object }>;

/** The place of a cause: its event with the following ones, and its index in the journal. */
type Place = { readonly events: readonly DomainEvent[]; readonly index: number };

type Piece = {
  readonly cause: { readonly text: number } | { readonly reasoning: number };
  readonly at: Milliseconds;
  readonly index: number;
};

export class CauseFeeder {
  readonly #sessionId: SessionId;
  readonly #journal: ReplayJournal;

  constructor(sessionId: SessionId, journal: ReplayJournal) {
    this.#sessionId = sessionId;
    this.#journal = journal;
  }

  /**
   * `index` is that of the event stored with the causes. If the result has another sandbox, the caller stops the
   * given one.
   */
  feed(sandbox: ReplaySandbox | null, causes: readonly StoredCause[], index: number): Feeding {
    const events = this.#journal.from(index, sightMax);
    const inputs: Told[] = [];
    let current = sandbox;
    let [closed, incomplete] = [false, false];
    let note: string | null = null;
    for (const cause of causes) {
      if (cause === 'closed') {
        closed = true;
        current = null;
      } else if ('woke' in cause) {
        const input = restoredInput(this.#sessionId, cause.woke, this.#journal);
        current = input === null ? null : new ReplaySandbox(input);
        if (current === null) incomplete = true;
        else inputs.push({ actor: current.root, event: { type: 'xstate.init', at: cause.woke.at, input } });
        if (index > 0 && !closed) note = 'The session woke here from its rows';
      } else if (current !== null) {
        const told = this.#tell(current, cause, { events, index });
        if (told === 'incomplete') {
          incomplete = true;
          current = null;
        } else if (told !== null) {
          inputs.push(told.told);
          note = told.note ?? note;
        }
      }
    }
    return { sandbox: current, inputs, closed, incomplete, note };
  }

  #tell(
    sandbox: ReplaySandbox,
    cause: Exclude<StoredCause, 'closed' | { woke: object }>,
    place: Place,
  ): { readonly told: Told; readonly note: string | null } | 'incomplete' | null {
    const usual = place.events[0]?.at ?? 0;
    if ('heard' in cause) {
      const event = restoredEvent(cause, place.events, this.#journal);
      return event === null ? 'incomplete' : noted(sandbox.send(cause.to ?? null, event));
    }
    const at = cause.at ?? usual;
    if ('timer' in cause) return noted(sandbox.runOut(cause.timer, at));
    const { answer } = sandbox;
    return isAnswerContext(answer) ? this.#piece(sandbox, answer, { cause, at, index: place.index }) : null;
  }

  /** Sends all pieces as one, with their text from the journal. */
  #piece(sandbox: ReplaySandbox, { messageId, text, reasoning }: AnswerContext, { cause, at, index }: Piece) {
    const isText = 'text' in cause;
    const units = isText ? cause.text : cause.reasoning;
    const found = isText
      ? this.#journal.textFrom(index, messageId, text.units, units)
      : this.#journal.reasoningFrom(index, messageId, reasoning.units, units);
    const type = isText ? 'answer.text' : 'answer.reasoning';
    const sent = sandbox.send('answer', { type, text: found.text, at });
    if (sent === null) return null;
    return {
      told: { actor: sent.actor, event: { type, units, at } },
      note: found.complete
        ? 'Of pieces of text the journal has the length; their words are those of the events, and pieces that came one after the other are one'
        : 'Of pieces of text the journal has the length; these words were lost with their process and dots stand for them',
    };
  }
}

function noted(told: Told | null): { readonly told: Told; readonly note: null } | null {
  return told === null ? null : { told, note: null };
}

/** The event as the actor received it; `null`: the journal lacks its other parts. */
function restoredEvent(
  cause: Heard,
  events: readonly DomainEvent[],
  before: SaidBefore,
): SandboxEvent | null {
  const { heard, more } = cause;
  const to = cause.to ?? null;
  const { type, at = events[0]?.at ?? 0, commandId = events[0]?.commandId, ...fields } = heard;
  const stamp = to === null && commandId !== undefined ? { commandId } : {};
  const known = { ...fields, ...stamp, type, at };
  const parts = more === undefined ? {} : journaledParts(known, to, events);
  if (parts === null) return null;
  const idempotency = to === null ? journaledName(commandId, events) : null;
  const event = { ...parts, ...known, ...(idempotency === null ? {} : { idempotency }) };
  const { call, approval, stored } = { call: undefined, approval: undefined, stored: undefined, ...event };
  if (isShortPlace(stored)) {
    const place = wholePlace(stored, before);
    return place === null ? null : { ...event, stored: place };
  }
  if (call === undefined || approval === undefined) return event;
  return { ...event, call: { ...Object(call), approval } };
}
