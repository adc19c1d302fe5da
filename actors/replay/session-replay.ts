/**
 * Replay: a session's journal, event by event, through the machines that wrote it. For each event the messages are
 * found that make the actors of a sandbox say it, and what they say is compared with what the journal has. Where that
 * fails the step says so, and the replay goes on where the rows tell again what there is.
 */
import type { ActorPath } from '../../schema/actor-view.ts';
import { type DomainEvent, eventCatalogue } from '../../schema/event-catalogue.ts';
import { isEventName } from '../../schema/event-table.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { historyBases } from '../../schema/session-history.ts';
import type { Emission } from '../../schema/text-piece.ts';
import type { CommittedEvent } from '../ports.ts';
import { replayMove } from './replay-inputs.ts';
import { LookAhead } from './replay-look-ahead.ts';
import { ReplayRows } from './replay-rows.ts';
import { type ReplayInput, ReplaySandbox, type SandboxView } from './replay-sandbox.ts';

export type ReplayStep = {
  readonly committed: CommittedEvent;
  readonly basis: (typeof historyBases)[number];
  readonly actor: ActorPath | null;
  readonly inputs: readonly { readonly actor: ActorPath; readonly event: ReplayInput['event'] }[];
  /** As they are after the step; to be asked before the next. */
  readonly views: () => readonly SandboxView[];
  readonly untaken: readonly { readonly actor: ActorPath; readonly transitions: readonly string[] }[];
  readonly note: string | null;
};

type Told = Pick<ReplayStep, 'basis' | 'actor' | 'inputs' | 'untaken' | 'note'>;

const nothing = { actor: null, inputs: [], untaken: [] };
const unexplained: Told = {
  ...nothing,
  basis: 'unexplained',
  note: 'No message is known that makes the machines say this; what they do is shown again from the next quiet point on',
};
const closed: Told = {
  ...nothing,
  basis: 'closed',
  note: 'The process had ended. When the session woke, what was open was closed from its rows; text since the last checkpoint is lost',
};

export class SessionReplay {
  readonly #sessionId: SessionId;
  readonly #events: readonly CommittedEvent[];
  readonly #rows: ReplayRows;
  #sandbox: ReplaySandbox | null = null;
  /** Events to come that closed the rows. */
  #closing = 0;
  /** The session woke since the step before. */
  #hasWoken = false;

  /** `events`: of one session, from its first or any later one on. */
  constructor(sessionId: SessionId, events: readonly CommittedEvent[]) {
    this.#sessionId = sessionId;
    this.#events = events;
    this.#rows = new ReplayRows(sessionId);
  }

  /** One step per event. What is not asked for is not done. */
  *steps(): Generator<ReplayStep, void, void> {
    for (const [index, committed] of this.#events.entries()) {
      const { event } = committed;
      const told = this.#tell(event, new LookAhead(this.#events, index), index);
      this.#rows.apply(event);
      yield { committed, ...told, views: () => this.#views(committed) };
    }
    this.#sandbox?.stop();
  }

  #tell(event: DomainEvent, ahead: LookAhead, index: number): Told {
    if (this.#closing > 0) {
      this.#closing--;
      return closed;
    }
    if (this.#sandbox === null) this.#wake(event, ahead, index);
    const inputs: { actor: ActorPath; event: ReplayInput['event'] }[] = [];
    let note: string | null = null;
    let before = new Map<ActorPath, readonly string[]>();
    if (this.#sandbox !== null && this.#nextSaid() === undefined) {
      const move = replayMove(this.#sandbox, ahead);
      switch (move?.kind) {
        case 'closed':
          this.#sleep();
          this.#closing = move.count - 1;
          return closed;
        case 'woken':
          this.#sleep();
          this.#wake(event, ahead, index);
          break;
        case 'inputs': {
          before = this.#sandbox.possible();
          this.#sandbox.begin();
          note = move.note;
          for (const input of move.inputs) {
            const actor = this.#sandbox.send(input);
            if (actor !== null) inputs.push({ actor, event: input.event });
          }
          break;
        }
        default:
      }
    }
    const said = this.#nextSaid();
    if (this.#sandbox === null || said === undefined || !isSame(said.emission, event)) {
      this.#sleep();
      return unexplained;
    }
    this.#sandbox.said.shift();
    const sandbox = this.#sandbox;
    const untaken = [...before].flatMap(([actor, possible]) => {
      const transitions = possible.filter((id) => !sandbox.taken(actor).has(id));
      return transitions.length === 0 ? [] : [{ actor, transitions }];
    });
    if (this.#hasWoken && index > 0) note ??= 'The session woke here from its rows';
    this.#hasWoken = false;
    return { basis: 'replayed', actor: said.actor, inputs, untaken, note };
  }

  /** What only went to readers, or answered a command, is not in the journal. */
  #nextSaid() {
    const said = this.#sandbox?.said ?? [];
    while (said[0] !== undefined && !isJournaled(said[0].emission)) said.shift();
    return said[0];
  }

  #wake(event: DomainEvent, ahead: LookAhead, index: number): void {
    const agentId = ahead.agentId();
    if (event.type === 'session.created') {
      const at = event.at;
      this.#sandbox = new ReplaySandbox({
        sessionId: this.#sessionId,
        agentId,
        stored: null,
        at,
        parked: false,
      });
      return;
    }
    if (this.#rows.isMidTurn) return;
    const starts = this.#rows.isStartOfFirst(event);
    const at = starts ? event.at : (this.#events[index - 1]?.event.at ?? event.at);
    const input = this.#rows.waking({ agentId, at, parked: !starts && this.#rows.isAnyWaiting });
    this.#hasWoken = true;
    this.#sandbox = input === null ? null : new ReplaySandbox(input);
  }

  #sleep(): void {
    this.#sandbox?.stop();
    this.#sandbox = null;
  }

  #views({ event }: CommittedEvent): readonly SandboxView[] {
    if (this.#sandbox !== null) return this.#sandbox.views();
    // Closed from the rows: shown as it wakes.
    if (event.type !== 'turn.ended' || this.#closing > 0) return [];
    const input = this.#rows.waking({ agentId: '', at: event.at, parked: true });
    if (input === null) return [];
    const sandbox = new ReplaySandbox(input);
    const views = sandbox.views();
    sandbox.stop();
    return views;
  }
}

function isJournaled(emission: Emission): emission is DomainEvent {
  if (!isEventName(emission.type)) return false;
  const { delivery } = eventCatalogue[emission.type];
  return delivery === 'durable' || delivery === 'journal' || delivery === 'checkpoint';
}

function isSame(emission: Emission, event: DomainEvent): boolean {
  return JSON.stringify(comparable(emission)) === JSON.stringify(comparable(event));
}

function comparable(event: object): readonly unknown[] {
  return ['type', 'at', 'commandId', 'data', 'record'].map((key) => Reflect.get(event, key) ?? null);
}
