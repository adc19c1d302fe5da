/**
 * Session registry: a bounded map of running session actors. It wakes a session from its rows on the first
 * command, hands commands over in the order in which they came (I10), passivates what is idle, and decides what
 * happens when an actor dies of a bug.
 */
import type { SessionCommand } from '../schema/commands.ts';
import type { CommandId, SessionId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import { type Outcome, type Refusal, refusal, refused, sessionNotFound } from '../schema/refusal.ts';
import type { Outbox } from './outbox.ts';
import type { PendingReplies } from './pending-replies.ts';
import type { Clock, Log, ReadModel } from './ports.ts';
import { readWaking } from './recovery.ts';
import type { SessionActor, sessionActorFactory } from './session-actor.ts';

/** One session's place in memory. */
type Seat = {
  readonly id: SessionId;
  /** `null` while the session wakes, and once it has ended. */
  actor: SessionActor | null;
  phase: 'waking' | 'live' | 'ended';
  /** Commands that came while the session woke, in order. */
  arrived: SessionCommand[];
  /** Commands that were taken and not answered yet. */
  readonly unanswered: Set<CommandId>;
};

export type SessionRegistryOptions = {
  readonly outbox: Outbox;
  readonly replies: PendingReplies;
  readonly readModel: ReadModel;
  readonly clock: Clock;
  readonly log: Log;
  readonly agentId: string;
  readonly createSessionActor: ReturnType<typeof sessionActorFactory>;
};

export class SessionRegistry {
  readonly #options: SessionRegistryOptions;
  /** Least recently used first. */
  readonly #seats = new Map<SessionId, Seat>();

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
  }

  /** Sessions in memory. */
  get size(): number {
    return this.#seats.size;
  }

  /** Hands the command to its session; answers once the effect is durable. Never rejects. */
  async dispatch(id: SessionId, command: SessionCommand): Promise<Outcome<unknown>> {
    const obstacle = this.#admission(id);
    if (obstacle !== null) return refused(obstacle);
    const seat = this.#seatFor(id, command);
    if (seat === null) return refused(refusal('overloaded', 'Every session in memory is busy; try again'));
    seat.unanswered.add(command.commandId);
    const reply = this.#options.replies.expect(command.commandId);
    if (seat.actor === null) seat.arrived.push(command);
    else this.#send(seat, seat.actor, command);
    const outcome = await reply;
    seat.unanswered.delete(command.commandId);
    return outcome;
  }

  /** Wakes a session that has turns to run or to close. Rejects when its rows cannot be read. */
  async wake(id: SessionId, afterCrash = false): Promise<void> {
    if (this.#seats.has(id)) return;
    const seat = this.#newSeat(id);
    try {
      await this.#wake(seat, afterCrash);
    } catch (cause) {
      this.#failWaking(seat, cause);
      throw cause;
    }
  }

  /** The journal refused this session's events: the actor is ahead of the truth, so it goes. */
  reject(id: SessionId): void {
    const seat = this.#seats.get(id);
    if (seat !== undefined) this.#abandon(seat, refusal('internal', 'The command could not be stored'));
  }

  /** Stops every actor without a word; what they had open is closed at the next start (I11). */
  stop(): void {
    for (const seat of this.#seats.values()) seat.actor?.stop();
    this.#seats.clear();
  }

  #admission(id: SessionId): Refusal | null {
    const { outbox } = this.#options;
    if (!outbox.available) return refusal('unavailable', 'The database is unavailable; try again');
    if (outbox.backlog >= limits.journalQueueEventsMax)
      return refusal('overloaded', 'The server is overloaded; try again');
    const unanswered = this.#seats.get(id)?.unanswered.size ?? 0;
    if (unanswered >= limits.sessionCommandsMax) {
      return refusal('session_busy', `Session ${id} has ${unanswered} unanswered commands; try again`);
    }
    return null;
  }

  #seatFor(id: SessionId, command: SessionCommand): Seat | null {
    const known = this.#seats.get(id);
    if (known !== undefined) {
      this.#seats.delete(id);
      this.#seats.set(id, known);
      return known;
    }
    if (!this.#makeRoom()) return null;
    const seat = this.#newSeat(id);
    if (command.type === 'session.create') this.#start(seat, null);
    else void this.#wake(seat, false).catch((cause: unknown) => this.#failWaking(seat, cause));
    return seat;
  }

  #newSeat(id: SessionId): Seat {
    const seat: Seat = { id, actor: null, phase: 'waking', arrived: [], unanswered: new Set() };
    this.#seats.set(id, seat);
    return seat;
  }

  async #wake(seat: Seat, afterCrash: boolean): Promise<void> {
    const { readModel, outbox, clock } = this.#options;
    await outbox.settled(seat.id);
    const waking = await readWaking(readModel, seat.id, { now: clock.now(), afterCrash });
    if (waking === undefined) {
      this.#seats.delete(seat.id);
      seat.phase = 'ended';
      this.#refuseAll(seat, sessionNotFound(seat.id));
      return;
    }
    for (const event of waking.closing) outbox.accept(event);
    this.#start(seat, { session: waking.session, waiting: waking.waiting });
  }

  #failWaking(seat: Seat, cause: unknown): void {
    this.#options.log.error('Session could not be read', { sessionId: seat.id, cause });
    this.#seats.delete(seat.id);
    seat.phase = 'ended';
    this.#refuseAll(seat, refusal('unavailable', 'The session could not be read; try again'));
  }

  #start(seat: Seat, stored: Parameters<SessionRegistryOptions['createSessionActor']>[0]['stored']): void {
    const { createSessionActor, agentId, clock } = this.#options;
    const actor = createSessionActor({ sessionId: seat.id, agentId, stored, at: clock.now() });
    seat.actor = actor;
    seat.phase = 'live';
    actor.subscribe({
      error: (cause) => this.#crashed(seat, cause),
      complete: () => void this.#ended(seat),
    });
    actor.start();
    for (const command of seat.arrived.splice(0)) this.#send(seat, actor, command);
  }

  #send(seat: Seat, actor: SessionActor, command: SessionCommand): void {
    if (seat.phase === 'live') actor.send(command);
    else this.#options.replies.refuse(command.commandId, sessionNotFound(seat.id));
  }

  /** The session was deleted. Its seat stays until that is durable, lest a command wake the row once more. */
  async #ended(seat: Seat): Promise<void> {
    seat.phase = 'ended';
    await this.#options.outbox.settled(seat.id);
    this.#leave(seat);
  }

  /**
   * Supervision: a throwing action is a bug. The actor is gone; its session wakes again from its rows, which
   * closes what was open.
   */
  #crashed(seat: Seat, cause: unknown): void {
    this.#options.log.error('Session actor failed; it restarts from its rows', { sessionId: seat.id, cause });
    this.#abandon(seat, refusal('internal', 'The session failed while handling the command'));
    void this.wake(seat.id, true).catch(() => {
      // Said by #failWaking; the next command tries again.
    });
  }

  #abandon(seat: Seat, reason: Refusal): void {
    seat.phase = 'ended';
    seat.actor?.stop();
    this.#leave(seat);
    this.#refuseAll(seat, reason);
  }

  #leave(seat: Seat): void {
    if (this.#seats.get(seat.id) === seat) this.#seats.delete(seat.id);
  }

  #refuseAll(seat: Seat, reason: Refusal): void {
    for (const command of seat.unanswered) this.#options.replies.refuse(command, reason);
  }

  /** Keeps the map bounded: the least recently used idle session leaves; it wakes from its rows when needed. */
  #makeRoom(): boolean {
    if (this.#seats.size < limits.sessionsLiveMax) return true;
    for (const seat of this.#seats.values()) {
      if (!isIdle(seat)) continue;
      seat.phase = 'ended';
      seat.actor?.stop();
      this.#seats.delete(seat.id);
      return true;
    }
    return false;
  }
}

/** Nothing runs and nothing waits, so the rows say everything that the actor knows. */
function isIdle(seat: Seat): boolean {
  return (
    seat.phase === 'live' &&
    seat.unanswered.size === 0 &&
    seat.actor?.getSnapshot().matches({ open: { activity: 'idle' } }) === true
  );
}
