/**
 * Causes of one session that have not been journaled with an event yet. The next event that the session's actors emit
 * takes them all, including causes that changed a state without an event.
 */
import type { SessionInput } from '../../machines/chat-session-context.ts';
import type { CommandId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Cause, CauseAddress, HeardEvent } from './cause.ts';

export class SessionCauses {
  /** `null` while there are none: an empty array would cost memory for every idle session. */
  #pending: Cause[] | null = null;
  #timers = 0;

  closed(): void {
    this.#add({ kind: 'closed' });
  }

  woke(input: SessionInput): void {
    this.#add({ kind: 'woke', input });
  }

  /** Call it before the event is sent to the actor. */
  heard(to: CauseAddress, event: HeardEvent): void {
    this.#add({ kind: 'heard', to, event });
  }

  /** Called for every token, so consecutive pieces are counted as one cause. */
  piece(kind: 'text' | 'reasoning', units: number, at: Milliseconds): void {
    const last = this.#pending?.at(-1);
    if (last?.kind === kind) {
      last.units += units;
      last.at = at;
    } else {
      this.#add({ kind, units, at });
    }
  }

  /** Returns the number of a timer that is being set. */
  timerSet(): number {
    return this.#timers++;
  }

  timerFired(timer: number, at: Milliseconds): void {
    this.#add({ kind: 'timer', timer, at });
  }

  /**
   * Drops a refused command, which changed nothing. A refused decision is kept, because it advanced its turn's time.
   */
  refused(command: CommandId): void {
    const last = this.#pending?.at(-1);
    if (last?.kind !== 'heard' || !('commandId' in last.event) || last.event.commandId !== command) return;
    if (last.event.type !== 'tool.approve' && last.event.type !== 'tool.deny') this.#pending?.pop();
  }

  /**
   * Takes all pending causes for the event that is being emitted; `null`: it shares the cause of the event before it.
   */
  take(): readonly Cause[] | null {
    const taken = this.#pending;
    this.#pending = null;
    return taken === null || taken.length === 0 ? null : taken;
  }

  #add(cause: Cause): void {
    if (this.#pending === null) {
      this.#pending = [cause];
    } else if (this.#pending.length < limits.causesPendingMax) {
      this.#pending.push(cause);
    } else {
      this.#pending = Array.from({ length: limits.causesPendingMax }, () => ({ kind: 'lost' as const }));
    }
  }
}
