/**
 * The traces of clients: each is an actor of its own, which wakes from its rows with the first command and leaves
 * memory when it was idle. Commands of one trace are handled one after the other: each sees everything before it
 * stored, so that what an append repeats can be looked up.
 */
import { type Actor, type AnyActorRef, createActor } from 'xstate';
import { type ClientTraceInput, clientTraceMachine } from '../../machines/client-trace.ts';
import type { SessionOwner } from '../../schema/authorization.ts';
import type { TraceCommand } from '../../schema/client-trace.ts';
import type { SessionId, TraceId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import {
  accepted,
  type Outcome,
  type Refusal,
  refusal,
  refused,
  sessionNotFound,
  traceNotFound,
} from '../../schema/refusal.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Trace } from '../../schema/trace.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { type Clock, JournalUnavailable, type Log, type ReadModel } from '../ports.ts';
import type { PendingReplies } from '../sessions/pending-replies.ts';
import { publishing } from '../sessions/publishing.ts';
import { outcomeOfKey } from '../sessions/repeated-command.ts';

type TraceActor = Actor<typeof clientTraceMachine>;

/** One trace in memory. */
type Seat = {
  actor: TraceActor | null;
  /** The session that it belongs to: noted before that session is looked up, so that no deletion is missed. */
  sessionId: SessionId | null;
  /** True once that session was deleted. */
  sessionIsGone: boolean;
  /** Settles when the newest command was answered. */
  last: Promise<unknown>;
  /** Commands that are not answered yet. */
  commands: number;
  usedAt: Milliseconds;
};

export type TraceRegistryOptions = {
  readonly outbox: Pick<Outbox, 'accept' | 'settled'>;
  readonly replies: PendingReplies;
  readonly readModel: ReadModel;
  readonly clock: Clock;
  readonly log: Log;
  /** Why no command can be taken now, or `null`. */
  readonly admission: () => Refusal | null;
  /** Called with each actor before it starts. */
  readonly starting: (actor: AnyActorRef) => void;
};

export class TraceRegistry {
  readonly #options: TraceRegistryOptions;
  /** The least recently used first. */
  readonly #seats = new Map<TraceId, Seat>();
  readonly #logic: typeof clientTraceMachine;

  constructor(options: TraceRegistryOptions) {
    this.#options = options;
    this.#logic = publishing(clientTraceMachine, options.outbox.accept);
  }

  /** The running actors. */
  actors(): readonly AnyActorRef[] {
    return [...this.#seats.values()].flatMap(({ actor }) => (actor === null ? [] : [actor]));
  }

  /**
   * Passes the command to its trace. Resolves once the effect is durable, or is known not to happen, however long that
   * takes. Never rejects.
   */
  async dispatch(id: TraceId, command: TraceCommand): Promise<Outcome<unknown>> {
    const seat = this.#admitted(id);
    if ('code' in seat) return refused(seat);
    seat.commands++;
    const outcome = seat.last.then(() => this.#obeyed(id, seat, command));
    seat.last = outcome;
    return await outcome.finally(() => {
      seat.commands--;
      seat.usedAt = this.#options.clock.now();
    });
  }

  /** Call it when a session's deletion was emitted: from then on its traces belong to no session (I7). */
  readonly sessionDeleted = (session: SessionId): void => {
    for (const seat of this.#seats.values()) {
      if (seat.sessionId !== session) continue;
      seat.sessionIsGone = true;
      seat.actor?.send({ type: 'session.gone' });
    }
  };

  /** The journal refused events of this trace: its actor has state that is not stored, and wakes anew from its rows. */
  reject(id: TraceId): void {
    const seat = this.#seats.get(id);
    seat?.actor?.stop();
    if (seat !== undefined) seat.actor = null;
  }

  passivateIdle(before: Milliseconds): void {
    for (const [id, seat] of this.#seats) {
      if (seat.commands === 0 && seat.usedAt < before) this.#leave(id, seat);
    }
  }

  stop(): void {
    for (const [id, seat] of this.#seats) this.#leave(id, seat);
  }

  #admitted(id: TraceId): Seat | Refusal {
    const obstacle = this.#options.admission();
    if (obstacle !== null) return obstacle;
    let seat = this.#seats.get(id);
    if (seat === undefined) {
      if (!this.#makeRoom()) {
        return refusal('overloaded', 'Every trace in memory is busy; try again');
      }
      const usedAt = this.#options.clock.now();
      seat = {
        ...{ actor: null, sessionId: null, sessionIsGone: false, last: Promise.resolve(), commands: 0 },
        usedAt,
      };
    }
    if (seat.commands >= limits.traceCommandsMax) {
      return refusal('session_busy', 'Too many commands of this trace wait; try again');
    }
    this.#seats.delete(id);
    this.#seats.set(id, seat);
    return seat;
  }

  #makeRoom(): boolean {
    if (this.#seats.size < limits.tracesLiveMax) return true;
    for (const [id, seat] of this.#seats) {
      if (seat.commands > 0) continue;
      this.#leave(id, seat);
      return true;
    }
    return false;
  }

  #leave(id: TraceId, seat: Seat): void {
    seat.actor?.stop();
    seat.actor = null;
    this.#seats.delete(id);
  }

  async #obeyed(id: TraceId, seat: Seat, command: TraceCommand): Promise<Outcome<unknown>> {
    try {
      return await this.#obey(id, seat, command);
    } catch (cause) {
      if (cause instanceof JournalUnavailable) return refused(unreadable);
      this.#options.log.error('A command to a trace failed', { traceId: id, cause });
      return refused(failed);
    }
  }

  async #obey(id: TraceId, seat: Seat, given: TraceCommand): Promise<Outcome<unknown>> {
    const { readModel, replies } = this.#options;
    if (given.idempotency !== undefined) {
      const earlier = await outcomeOfKey(readModel, given.idempotency);
      if (earlier !== null) return earlier;
    }
    const command = await this.#ofOwner(given);
    const awake = await this.#awake(id, seat, command);
    if (!awake.ok) return awake;
    const stored =
      command.type === 'trace.append'
        ? await readModel.spansWith(
            id,
            command.spans.map((span) => span.id),
          )
        : [];
    const reply = replies.expect(command.commandId);
    const { actor } = seat;
    // It has left: another command may have crashed it while this one looked something up.
    if (actor === null) return refused(failed);
    actor.send(command.type === 'trace.append' ? { ...command, stored } : command);
    return await reply;
  }

  /** A trace that outlives its session is the session's owner's, so that is noted when it is made. */
  async #ofOwner(command: TraceCommand): Promise<TraceCommand> {
    if (command.type !== 'trace.create' || command.sessionId === null) return command;
    return { ...command, owner: ownerOf(await this.#options.readModel.sessionAccess(command.sessionId)) };
  }

  async #awake(id: TraceId, seat: Seat, command: TraceCommand): Promise<Outcome<null>> {
    if (seat.actor !== null) return accepted(null);
    const stored = (await this.#options.readModel.trace(id)) ?? null;
    if (stored !== null && stored.origin !== 'client') {
      const message = `Trace ${id} is that of a run: clients cannot change it`;
      return refused(refusal('conflict', message));
    }
    if (stored === null && command.type !== 'trace.create') return refused(traceNotFound(id));
    const wanted = command.type === 'trace.create' && stored === null ? command.sessionId : sessionOf(stored);
    const sessionId = await this.#sessionThere(seat, wanted);
    if (stored === null && wanted !== null && sessionId === null) return refused(sessionNotFound(wanted));
    const { readModel } = this.#options;
    const spans = stored === null ? 0 : await readModel.spanCount(id);
    const access = stored === null ? undefined : await readModel.traceAccess(id);
    const owner = ownerOf(access);
    this.#start(id, seat, { id, stored, spans, owner, sessionId: seat.sessionIsGone ? null : sessionId });
    return accepted(null);
  }

  /**
   * `null`: the session does not exist, or is being deleted. Once this has resolved, a later deletion is told to the
   * seat.
   */
  async #sessionThere(seat: Seat, id: SessionId | null): Promise<SessionId | null> {
    seat.sessionId = id;
    seat.sessionIsGone = false;
    if (id === null) return null;
    // A deletion that was emitted before the seat noted the session may not be stored yet.
    await this.#options.outbox.settled(id);
    const session = await this.#options.readModel.session(id);
    return session === undefined || seat.sessionIsGone ? null : id;
  }

  #start(id: TraceId, seat: Seat, input: ClientTraceInput): void {
    const actor = createActor(this.#logic, { id: `clientTrace.${id}`, input });
    actor.subscribe({
      error: (cause) => {
        this.#options.log.error('The actor of a trace failed', { traceId: id, cause });
        if (seat.actor === actor) seat.actor = null;
      },
    });
    seat.actor = actor;
    this.#options.starting(actor);
    actor.start();
  }
}

/** `undefined`: nobody. */
function ownerOf(access: SessionOwner | undefined): SessionOwner | undefined {
  return access === undefined || access.owner === null
    ? undefined
    : { owner: access.owner, tenant: access.tenant };
}

function sessionOf(stored: Trace | null): SessionId | null {
  return stored?.sessionId ?? null;
}

const unreadable = refusal('unavailable', 'The database is unavailable; try again');
const failed = refusal('internal', 'The command failed');
