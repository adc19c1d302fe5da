/**
 * Causes of one session that no event has been journaled with yet. The next event that the session's actors emit takes
 * them, those included that changed a state and were not followed by any event.
 */
import type { SessionInput } from '../../machines/chat-session-context.ts';
import type { CommandId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { Cause, CauseAddress, HeardEvent } from './cause.ts';

export class SessionCauses {
  /** `null` while there are none: an empty array would take memory for every session that is at rest. */
  #pending: Cause[] | null = null;
  #timers = 0;

  closed(): void {
    this.#add({ kind: 'closed' });
  }

  woke(input: SessionInput): void {
    this.#add({ kind: 'woke', input });
  }

  /** To be called before the actor is sent the event. */
  heard(to: CauseAddress, event: HeardEvent): void {
    this.#add({ kind: 'heard', to, event });
  }

  /** Called for every token, so pieces that follow each other are counted as one. */
  piece(kind: 'text' | 'reasoning', units: number, at: Milliseconds): void {
    const last = this.#pending?.at(-1);
    if (last?.kind === kind) {
      last.units += units;
      last.at = at;
    } else {
      this.#add({ kind, units, at });
    }
  }

  /** The number of a timer that is being set. */
  timerSet(): number {
    return this.#timers++;
  }

  timerFired(timer: number, at: Milliseconds): void {
    this.#add({ kind: 'timer', timer, at });
  }

  /** A refused command changed nothing. A decision moved the time of its turn even so, and is kept. */
  refused(command: CommandId): void {
    const last = this.#pending?.at(-1);
    if (last?.kind !== 'heard' || !('commandId' in last.event) || last.event.commandId !== command) return;
    if (last.event.type !== 'tool.approve' && last.event.type !== 'tool.deny') this.#pending?.pop();
  }

  /** All that are pending, for the event that is being emitted; `null`: it has the cause of the event before it. */
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
