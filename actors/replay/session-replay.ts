/**
 * Replay: runs a session's journal, event by event, through the machines that wrote it. Each event is stored with its
 * causes; a sandbox receives the same causes, and the events that its actors then emit are compared with the
 * journal's.
 */
import { machinesVersion } from '../../machines/machines-version.ts';
import type { ActorPath } from '../../schema/actor-view.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { historyBases } from '../../schema/session-history.ts';
import { readCauses, type StoredCauses } from '../causes/stored-causes.ts';
import type { CausedEvent } from '../ports.ts';
import { CauseFeeder } from './cause-feeder.ts';
import { ReplayJournal } from './replay-journal.ts';
import type { ReplaySandbox, SandboxView, Told } from './replay-sandbox.ts';

export type ReplayStep = {
  readonly committed: CausedEvent;
  readonly basis: (typeof historyBases)[number];
  readonly actor: ActorPath | null;
  /** The events sent to the actors since the previous step. */
  readonly inputs: readonly Told[];
  /** The actors after the step; call it before the next step. */
  readonly views: () => readonly SandboxView[];
  readonly untaken: readonly { readonly actor: ActorPath; readonly transitions: readonly string[] }[];
  readonly note: string | null;
};

type Outcome = Pick<ReplayStep, 'basis' | 'actor' | 'note'>;

const closed: Outcome = {
  basis: 'closed',
  actor: null,
  note: 'The process had ended. When the session woke, what was open was closed from its rows; text since the last checkpoint is lost',
};

/** Why steps are not replayed until the session wakes the next time. */
const recordedBecause = {
  uncaused:
    'The journal does not have what led here: it is older than causes are, or its beginning is deleted',
  lost: 'What led here was too much to be kept',
  incomplete: 'What led here refers to events that the journal has no more',
  broken: 'An event here, or what led to it, is not as a server writes it',
} as const;

const saidByClient = 'A client said this about a trace of its own, which is no actor of the session';

export class SessionReplay {
  readonly #events: readonly CausedEvent[];
  readonly #journal: ReplayJournal;
  readonly #feeder: CauseFeeder;
  #sandbox: ReplaySandbox | null = null;
  #recordedBecause: string = recordedBecause.uncaused;

  /** `events` are of one session, from its first or any later one on. */
  constructor(sessionId: SessionId, events: readonly CausedEvent[]) {
    this.#events = events;
    this.#journal = new ReplayJournal(events);
    this.#feeder = new CauseFeeder(sessionId, this.#journal);
  }

  /** The actors as they are after the step that was computed last; `null`: they are not known there. */
  get sandbox(): ReplaySandbox | null {
    return this.#sandbox;
  }

  /**
   * One step per event. Steps that are not requested are not computed. Those before the index `from` are only gone
   * through: their `untaken` is empty, because to find it takes longer than everything else. A number that is given to
   * `next` replaces `from`. An event that cannot be replayed because it is broken is shown as it is.
   */
  *steps(from = 0): Generator<ReplayStep, void, number | undefined> {
    let shownFrom = from;
    for (const [index, committed] of this.#events.entries()) {
      shownFrom = (yield this.#step(index, committed, index >= shownFrom)) ?? shownFrom;
    }
    this.#sandbox?.stop();
  }

  #step(index: number, committed: CausedEvent, isShown: boolean): ReplayStep {
    const { event, cause } = committed;
    try {
      const isLooked = cause !== undefined && isShown;
      const before = (isLooked ? this.#sandbox?.possible() : undefined) ?? new Map();
      const fed = cause === undefined ? nothingFed : this.#feed(cause, index);
      const outcome = this.#outcome(event, fed);
      this.#journal.passed(event);
      const untaken = this.#untaken(before);
      const sandbox = this.#sandbox;
      return { committed, ...outcome, inputs: fed.inputs, untaken, views: () => sandbox?.views() ?? [] };
    } catch (error) {
      this.#sleep(`${recordedBecause.broken} (${error instanceof Error ? error.message : String(error)})`);
      const note = this.#recordedBecause;
      return { committed, basis: 'recorded', actor: null, inputs: [], untaken: [], views: () => [], note };
    }
  }

  #feed(cause: string, index: number): Fed {
    const causes = readCauses(cause);
    if (causes === null || causes.machines !== machinesVersion()) {
      return this.#sleep(otherVersion(causes));
    }
    if (causes.causes === null) return this.#sleep(recordedBecause.lost);
    this.#sandbox?.begin();
    const fed = this.#feeder.feed(this.#sandbox, causes.causes, index);
    if (fed.sandbox !== this.#sandbox) this.#sandbox?.stop();
    this.#sandbox = fed.sandbox;
    if (fed.incomplete) this.#recordedBecause = recordedBecause.incomplete;
    return fed;
  }

  #sleep(because: string): Fed {
    this.#sandbox?.stop();
    this.#sandbox = null;
    this.#recordedBecause = because;
    return nothingFed;
  }

  #outcome(event: DomainEvent, fed: Fed): Outcome {
    if (isOfClient(event)) return { basis: 'recorded', actor: null, note: saidByClient };
    if (fed.closed) return closed;
    if (this.#sandbox === null) return { basis: 'recorded', actor: null, note: this.#recordedBecause };
    const { said } = this.#sandbox;
    const place = said.findIndex((one) => isSame(one.event, event));
    const [first] = said;
    if (place < 0) {
      if (first?.event.type === event.type) said.shift();
      const instead = first === undefined ? 'nothing' : first.event.type;
      return {
        basis: 'differing',
        actor: first?.actor ?? null,
        note: `Fed with what was heard then, the machines say ${instead} here`,
      };
    }
    const actor = said[place]?.actor ?? null;
    said.splice(0, place + 1);
    if (place > 0) {
      return {
        basis: 'differing',
        actor,
        note: `The machines say ${first?.event.type} before, and it is not here`,
      };
    }
    return { basis: 'replayed', actor, note: fed.note };
  }

  #untaken(before: ReadonlyMap<ActorPath, readonly string[]>): ReplayStep['untaken'] {
    const sandbox = this.#sandbox;
    if (sandbox === null) return [];
    return [...before].flatMap(([actor, possible]) => {
      const transitions = possible.filter((id) => !sandbox.taken(actor).has(id));
      return transitions.length === 0 ? [] : [{ actor, transitions }];
    });
  }
}

type Fed = Pick<ReturnType<CauseFeeder['feed']>, 'closed' | 'inputs' | 'note'>;

const nothingFed: Fed = { closed: false, inputs: [], note: null };

/** Traces of clients have actors of their own, beside those of the session. */
function isOfClient(event: DomainEvent): boolean {
  switch (event.type) {
    case 'trace.created':
    case 'trace.updated':
    case 'trace.span.appended':
      return event.data.origin === 'client';
    default:
      return false;
  }
}

function otherVersion(causes: StoredCauses | null): string {
  const version = causes === null ? 'that is not known' : causes.machines;
  return `Said by machines of version ${version}; these are ${machinesVersion()}`;
}

function isSame(one: DomainEvent, other: DomainEvent): boolean {
  return JSON.stringify(comparable(one)) === JSON.stringify(comparable(other));
}

function comparable(event: object): readonly unknown[] {
  return ['type', 'at', 'commandId', 'data', 'record'].map((key) => Reflect.get(event, key) ?? null);
}
