/** The seats of sessions in memory: bounded in number, and shared fairly among the owners of sessions ([LIM12], [LIM25]). */
import type { SessionOwner } from '../../schema/authorization.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { SessionId } from '../../schema/ids.ts';
import { isLimitKind } from '../../schema/limit-kind.ts';
import { limits } from '../../schema/limits.ts';
import type { Refusal } from '../../schema/refusal.ts';
import { unreachable } from '../../schema/unreachable.ts';
import type { Clock } from '../ports.ts';
import { type OwnerLimits, seatRefusal, turnRefusal } from './owner-limits.ts';
import { SeatShares } from './seat-shares.ts';
import { hasTurns, isIdle, isQuiet, newSeat, type SessionSeat } from './session-seat.ts';

export type SessionSeatsOptions = {
  readonly clock: Clock;
  /** How many there are, those that are leaving not counted. */
  readonly liveMax: number;
  readonly ownerLimits: OwnerLimits | undefined;
  /** Stops the actor of an idle seat, and removes the seat. */
  readonly passivate: (seat: SessionSeat) => void;
  /** Lets no turn begin in the session any more, and interrupts the running one. */
  readonly interrupt: (seat: SessionSeat) => void;
  /** Wakes a session that left with turns open; resolves with false when there is no room. */
  readonly wake: (id: SessionId) => Promise<boolean>;
};

export class SessionSeats {
  readonly #options: SessionSeatsOptions;
  readonly #seats = new Map<SessionId, SessionSeat>();
  /** Those that count: not those that are leaving. */
  readonly #shares = new SeatShares<SessionSeat>();
  /** Sessions that had to leave with turns open. */
  readonly #parked = new Set<SessionId>();

  constructor(options: SessionSeatsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#seats.size;
  }

  get #leaving(): number {
    return this.#seats.size - this.#shares.size;
  }

  get(id: SessionId): SessionSeat | undefined {
    return this.#seats.get(id);
  }

  has(id: SessionId): boolean {
    return this.#seats.has(id);
  }

  values(): Iterable<SessionSeat> {
    return this.#seats.values();
  }

  clear(): void {
    this.#seats.clear();
    this.#parked.clear();
  }

  /** Call `makeRoom` first. */
  take(id: SessionId, holder: string): SessionSeat {
    const seat = newSeat(id, holder, this.#options.clock.now());
    this.#seats.set(id, seat);
    this.#shares.add(seat);
    this.#parked.delete(id);
    return seat;
  }

  use(seat: SessionSeat): void {
    seat.usedAt = this.#options.clock.now();
    this.#shares.use(seat);
  }

  /** Returns false when it was removed before. */
  remove(seat: SessionSeat): boolean {
    if (this.#seats.get(seat.id) !== seat) return false;
    this.#seats.delete(seat.id);
    this.#shares.remove(seat);
    return true;
  }

  /**
   * Makes room for one more seat of this holder. Returns false when there is none. `mayEvict`: a busy seat may have to go
   * for it, which is for commands.
   */
  makeRoom(holder: string, { mayEvict }: { readonly mayEvict: boolean }): boolean {
    if (this.#shares.size < this.#options.liveMax) return true;
    const room = this.#shares.room(holder, isIdle);
    switch (room.kind) {
      case 'idle':
        this.#options.passivate(room.seat);
        return true;
      case 'busy':
        // One that leaves is in memory until it is quiet, so that those are bounded, too.
        if (!mayEvict || this.#leaving >= this.#options.liveMax) return false;
        this.#evict(room.seat);
        return true;
      case 'full':
        return false;
      default:
        return unreachable(room);
    }
  }

  /**
   * Why the owner may not give this command now, or `null`. Before it is refused a seat, its own idle session leaves.
   * `seat`: the session's, if it has one.
   */
  ownerRefusal(
    command: SessionCommand,
    owner: SessionOwner | undefined,
    holder: string,
    seat: SessionSeat | undefined,
  ): Refusal | null {
    const { ownerLimits } = this.#options;
    if (ownerLimits === undefined || owner === undefined || holder === '') return null;
    const settings = ownerLimits.settings();
    const reason =
      turnRefusal(command, seat, this.#shares.of(holder), settings) ??
      (seat === undefined ? this.#seatRefusal(holder, settings.ownerLiveSessionsMax) : null);
    if (reason !== null && isLimitKind(reason.code)) ownerLimits.refused(reason.code, owner);
    return reason;
  }

  #seatRefusal(holder: string, max: number): Refusal | null {
    if (max === 0 || this.#shares.held(holder) < max) return null;
    const idle = this.#shares.idleOf(holder, isIdle);
    if (idle === null) return seatRefusal(max);
    this.#options.passivate(idle);
    return null;
  }

  /** Its running turn ends as interrupted, and those that wait go on when there is room again. */
  #evict(seat: SessionSeat): void {
    seat.isLeaving = true;
    this.#shares.remove(seat);
    this.#options.interrupt(seat);
    this.#leaveOnceQuiet(seat);
  }

  #leaveOnceQuiet(seat: SessionSeat): void {
    if (this.#seats.get(seat.id) !== seat) return;
    if (!isQuiet(seat)) {
      this.#options.clock.after(limits.drainPollMs, () => this.#leaveOnceQuiet(seat));
      return;
    }
    if (hasTurns(seat)) this.#park(seat.id);
    this.#options.passivate(seat);
  }

  #park(id: SessionId): void {
    this.#parked.add(id);
    if (this.#parked.size === 1) this.#wakeParkedLater();
  }

  /** Nobody says when a seat becomes idle, so it is looked for. */
  #wakeParkedLater(): void {
    this.#options.clock.after(limits.parkedWakeMs, () => {
      void this.#wakeParked().finally(() => {
        if (this.#parked.size > 0) this.#wakeParkedLater();
      });
    });
  }

  async #wakeParked(): Promise<void> {
    for (const id of [...this.#parked]) {
      if (!(await this.#options.wake(id))) return;
      this.#parked.delete(id);
    }
  }
}
