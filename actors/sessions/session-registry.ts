/**
 * Session registry: a bounded map of running session actors. It wakes a session from its rows on the first command,
 * passes commands on in the order in which they came (I10), and passivates idle sessions.
 */
import type { SessionEvent, SessionInput } from '../../machines/chat-session-context.ts';
import { commandTable, isRefusedWhileDraining } from '../../schema/command-table.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { RunningAgent } from '../../schema/execution-tree.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import {
  accepted,
  type Outcome,
  type Refusal,
  refusal,
  refused,
  sessionNotFound,
} from '../../schema/refusal.ts';
import { runEndReasons } from '../../schema/run-end-reasons.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { CrashedSessions } from './crashed-sessions.ts';
import { lookedUp, needsLookup } from './looked-up.ts';
import { stopOrphans } from './orphaned-actors.ts';
import { holderOf } from './owner-limits.ts';
import { readWaking } from './recovery.ts';
import { earlierOutcome, isNamed, unconfirmed } from './repeated-command.ts';
import type { SessionActor } from './session-actor.ts';
import type { SessionRegistryOptions } from './session-registry-options.ts';
import { isIdle, isResponding, runningAgent, type SessionSeat, treeState } from './session-seat.ts';
import { SessionSeats } from './session-seats.ts';

type SessionOrder = Extract<SessionEvent, { type: 'session.park' | 'session.interrupt' }>;

export class SessionRegistry {
  readonly #options: SessionRegistryOptions;
  readonly #seats: SessionSeats;
  readonly #crashes: CrashedSessions;
  #draining = false;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
    const { clock, ownerLimits, sessionsLiveMax: liveMax = limits.sessionsLiveMax } = options;
    this.#seats = new SessionSeats({
      clock,
      liveMax,
      ownerLimits,
      passivate: (seat) => this.#passivate(seat),
      interrupt: (seat) => {
        const at = clock.now();
        this.#tell(seat, { type: 'session.park', at });
        this.#tell(seat, { type: 'session.interrupt', at, reason: runEndReasons.madeRoom });
      },
      wake: (id) => this.#wakeParked(id),
    });
    this.#crashes = new CrashedSessions({ clock: options.clock, wake: (id) => this.wake(id) });
  }

  /** Sessions in memory. */
  get size(): number {
    return this.#seats.size;
  }

  /** The actors of sessions that have woken. */
  *actors(): Iterable<SessionActor> {
    for (const { actor, phase } of this.#seats.values()) if (actor !== null && phase === 'live') yield actor;
  }

  /** Why no command can be taken now, or `null`. */
  admission(): Refusal | null {
    const { outbox } = this.#options;
    if (!outbox.available) return refusal('unavailable', 'The database is unavailable; try again');
    if (!outbox.isFull) return null;
    return refusal('overloaded', 'The server is overloaded; try again');
  }

  /**
   * Passes the command to its session. Resolves once the effect is durable, or is known not to happen, however long
   * that takes. Never rejects.
   */
  async dispatch(id: SessionId, command: SessionCommand): Promise<Outcome<unknown>> {
    const obstacle = this.admission() ?? this.#sessionAdmission(id, command);
    if (obstacle !== null) return refused(obstacle);
    const found = this.#seatFor(id, command);
    if (!found.ok) return found;
    const seat = found.value;
    const { commandId } = command;
    seat.unanswered = [...seat.unanswered, commandId];
    const reply = this.#options.replies.expect(commandId);
    seat.queue.push(command);
    this.#pump(seat);
    const outcome = await reply;
    seat.unanswered = seat.unanswered.filter((other) => other !== commandId);
    return outcome;
  }

  /**
   * Wakes a session that has turns to run or to close. Resolves with false when every session in memory is busy, so
   * that there is no room. Rejects when its rows cannot be read. `forCommand`: a client wants it, so that a session of
   * whoever has most may have to leave.
   */
  async wake(id: SessionId, { forCommand = false } = {}): Promise<boolean> {
    if (this.#seats.has(id)) return true;
    const { owners } = this.#options;
    if (owners !== undefined && owners.known(id) === undefined) {
      await owners.know([id]);
      if (this.#seats.has(id)) return true;
    }
    const holder = holderOf(owners?.known(id));
    if (!this.#seats.makeRoom(holder, { mayEvict: forCommand })) return false;
    const seat = this.#seats.take(id, holder);
    try {
      await this.#wake(seat);
      return true;
    } catch (cause) {
      this.#failWaking(seat, cause);
      throw cause;
    }
  }

  /**
   * The journal refused this session's events: the actor has state that is not stored, so it is stopped, and the
   * session wakes from its rows, because they may hold an unfinished turn.
   */
  reject(id: SessionId, cause: unknown): void {
    const seat = this.#seats.get(id);
    if (seat !== undefined) this.#abandon(seat, refusal('internal', 'The command could not be stored'));
    this.#restart(id, cause);
  }

  /** How many sessions' agents are answering. */
  responding(): number {
    return [...this.#seats.values()].filter(isResponding).length;
  }

  /** The turn that runs in the session, if it is in memory. */
  runningAgent(id: SessionId): RunningAgent | null {
    const seat = this.#seats.get(id);
    return seat === undefined ? null : runningAgent(seat);
  }

  /** From now on no turn starts: new ones are refused, queued ones stay queued for the next process. */
  park(): void {
    this.#draining = true;
    for (const seat of this.#seats.values()) {
      this.#tell(seat, { type: 'session.park', at: this.#options.clock.now() });
    }
  }

  /** Ends every running turn as interrupted, with its text kept. */
  interrupt(reason: string): void {
    for (const seat of this.#seats.values()) {
      this.#tell(seat, { type: 'session.interrupt', at: this.#options.clock.now(), reason });
    }
  }

  /** Passivates sessions that have been idle since before `since`. */
  passivateIdle(since: Milliseconds): void {
    for (const seat of this.#seats.values()) {
      if (seat.usedAt < since && isIdle(seat)) this.#passivate(seat);
    }
  }

  /** Lets each session wake anew, with the settings of then, as soon as its turns leave it alone. */
  outdate(): void {
    for (const seat of this.#seats.values()) {
      if (isIdle(seat)) this.#passivate(seat);
      else seat.isOutdated = true;
    }
  }

  /** Stops every actor without an event; the next start closes what they had open (I11). */
  stop(): void {
    this.#crashes.stop();
    for (const seat of this.#seats.values()) seat.actor?.stop();
    this.#seats.clear();
  }

  #sessionAdmission(id: SessionId, command: SessionCommand): Refusal | null {
    if (this.#draining && isRefusedWhileDraining(command)) {
      return refusal('shutting_down', 'The server is shutting down; try again');
    }
    const seat = this.#seats.get(id);
    if (seat?.isLeaving === true) return fullHouse;
    const unanswered = seat?.unanswered.length ?? 0;
    if (unanswered < limits.sessionCommandsMax) return null;
    return refusal('session_busy', `Session ${id} has ${unanswered} unanswered commands; try again`);
  }

  #seatFor(id: SessionId, command: SessionCommand): Outcome<SessionSeat> {
    const known = this.#seats.get(id);
    const owner = 'owner' in command ? command.owner : this.#options.owners?.known(id);
    const holder = holderOf(owner);
    const limited = this.#seats.ownerRefusal(command, owner, holder, known);
    if (limited !== null) return refused(limited);
    if (known?.isOutdated === true && isIdle(known)) this.#passivate(known);
    else if (known !== undefined) {
      this.#seats.use(known);
      return accepted(known);
    }
    if (!this.#seats.makeRoom(holder, { mayEvict: true })) return refused(fullHouse);
    const seat = this.#seats.take(id, holder);
    if (commandTable[command.type].creates) this.#start(seat, null);
    else void this.#wake(seat).catch((cause: unknown) => this.#failWaking(seat, cause));
    return accepted(seat);
  }

  /** A session that is gone or cannot be read counts as woken: its next command, or the next start, wakes it. */
  async #wakeParked(id: SessionId): Promise<boolean> {
    if (this.#draining) return false;
    try {
      return await this.wake(id);
    } catch (cause) {
      this.#options.log.error('A session that made room could not wake again', { sessionId: id, cause });
      return true;
    }
  }

  async #wake(seat: SessionSeat): Promise<void> {
    const { readModel, outbox, clock } = this.#options;
    await outbox.settled(seat.id);
    const afterCrash = this.#crashes.has(seat.id);
    const waking = await readWaking(readModel, seat.id, { now: clock.now(), afterCrash });
    // The seat was removed meanwhile. The next waking of the session closes what is open; it must be closed only
    // once.
    if (this.#seats.get(seat.id) !== seat) return;
    this.#crashes.woke(seat.id);
    if (waking === undefined) {
      await this.#answerRepeated(seat);
      this.#end(seat, sessionNotFound(seat.id));
      return;
    }
    this.#start(seat, { session: waking.session, queue: waking.queue }, waking.closing);
    this.#pump(seat);
  }

  #failWaking(seat: SessionSeat, cause: unknown): void {
    this.#options.log.error('Session could not be read', { sessionId: seat.id, cause });
    this.#end(seat, refusal('unavailable', 'The session could not be read; try again'));
  }

  /** `closing`: what its rows had open, which is written before its actor says anything. */
  #start(seat: SessionSeat, stored: SessionInput['stored'], closing: readonly DomainEvent[] = []): void {
    const { createSessionActor, settings, clock, outbox } = this.#options;
    const at = clock.now();
    const input = { sessionId: seat.id, stored, at, parked: this.#draining || seat.isLeaving, ...settings() };
    const causes = this.#options.causes.begin(seat.id);
    for (const event of closing) {
      causes.closed();
      // With the last of them, since a session that wakes may say nothing.
      if (event === closing.at(-1)) causes.woke(input);
      outbox.accept(event);
    }
    if (closing.length === 0) causes.woke(input);
    const actor = createSessionActor(input);
    seat.actor = actor;
    seat.phase = 'live';
    actor.subscribe({
      error: (cause) => this.#crashed(seat, cause),
      complete: () => void this.#deleted(seat),
    });
    actor.start();
  }

  /**
   * Passes queued commands to the actor, in order; a command that must be looked up first holds up the following
   * ones. A deleted session takes no command any more, but still answers repetitions.
   */
  #pump(seat: SessionSeat): void {
    while (seat.phase !== 'waking' && seat.checking === null) {
      const command = seat.queue.shift();
      if (command === undefined) {
        // An emptied array would keep 150 bytes for every session.
        seat.queue = [];
        return;
      }
      if (isNamed(command) || needsLookup(command)) {
        const ended = this.#sendUnlessRepeated(seat, command).finally(() => {
          seat.checking = null;
          this.#pump(seat);
        });
        seat.checking = { command, ended };
      } else {
        this.#send(seat, command);
      }
    }
  }

  #send(seat: SessionSeat, command: SessionCommand): void {
    if (seat.phase === 'live') this.#tell(seat, command);
    else this.#options.replies.refuse(command.commandId, sessionNotFound(seat.id));
  }

  #tell(seat: SessionSeat, event: SessionCommand | SessionOrder): void {
    if (seat.phase !== 'live' || seat.actor === null) return;
    this.#options.causes.of(seat.id).heard(null, event);
    seat.actor.send(event);
  }

  /** The session does not exist (any more), but the repetition of its deletion still gets the earlier answer. */
  async #answerRepeated(seat: SessionSeat): Promise<void> {
    for (const command of seat.queue.filter(isNamed)) {
      const earlier = await earlierOutcome(this.#options.readModel, seat.id, command);
      if (earlier !== null) this.#options.replies.answer(command.commandId, earlier);
    }
  }

  /**
   * What is looked up is as the actor knows it: if its turn or its leaf has changed meanwhile, which no command can have
   * done, it is looked up again.
   */
  async #sendUnlessRepeated(seat: SessionSeat, command: SessionCommand): Promise<void> {
    const { outbox, readModel, replies, log } = this.#options;
    await outbox.settled(seat.id);
    let earlier: Outcome<unknown> | null;
    let known = command;
    try {
      earlier = await earlierOutcome(readModel, seat.id, command);
      for (let attempt = 1; earlier === null && needsLookup(command); attempt++) {
        const before = treeState(seat);
        await outbox.settled(seat.id);
        const found = await lookedUp(this.#options, seat.id, command);
        if (treeState(seat) === before) {
          // Nothing may be awaited from here on until the command is sent: the session's turn could move on.
          if (found.ok) known = found.value;
          else earlier = found;
          break;
        }
        if (attempt >= limits.lookupAttemptsMax)
          throw new Error('the session changes faster than it can be read');
      }
    } catch (cause) {
      log.error('A repeated command could not be looked up', { sessionId: seat.id, cause });
      earlier = refused(unconfirmed);
    }
    if (earlier === null) {
      this.#send(seat, known);
      return;
    }
    replies.answer(command.commandId, earlier);
    // The actor of a session that was not created is not needed.
    if (commandTable[command.type].creates) this.#abandon(seat, sessionNotFound(seat.id));
  }

  /** The seat stays until the deletion is durable, so that no command wakes the session from its row again. */
  async #deleted(seat: SessionSeat): Promise<void> {
    seat.phase = 'ended';
    await this.#options.outbox.settled(seat.id);
    // A second seat may not take commands while this one has some: together they could exceed the bound.
    while (seat.checking !== null) await seat.checking.ended;
    this.#leave(seat);
  }

  #crashed(seat: SessionSeat, cause: unknown): void {
    if (seat.actor !== null) stopOrphans(seat.actor);
    this.#abandon(seat, refusal('internal', 'The session failed while handling the command'));
    this.#restart(seat.id, cause);
  }

  #restart(id: SessionId, cause: unknown): void {
    this.#crashes.add(id, this.#options.supervisor.decide(id, cause));
  }

  #abandon(seat: SessionSeat, reason: Refusal): void {
    seat.actor?.stop();
    this.#end(seat, reason);
  }

  #end(seat: SessionSeat, reason: Refusal): void {
    seat.phase = 'ended';
    this.#leave(seat);
    seat.queue.length = 0;
    for (const command of seat.unanswered) this.#options.replies.refuse(command, reason);
  }

  #leave(seat: SessionSeat): void {
    if (!this.#seats.remove(seat)) return;
    this.#options.causes.end(seat.id);
    this.#options.left(seat.id);
  }

  #passivate(seat: SessionSeat): void {
    seat.phase = 'ended';
    seat.actor?.stop();
    this.#leave(seat);
  }
}

const fullHouse = refusal('overloaded', 'Every session in memory is busy; try again');
