/** One session's place in memory: its actor, and the commands that are on their way to it. */
import type { SessionCommand } from '../schema/commands.ts';
import type { CommandId, SessionId } from '../schema/ids.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import type { SessionActor } from './session-actor.ts';

export type SessionSeat = {
  readonly id: SessionId;
  /** `null` while the session wakes. */
  actor: SessionActor | null;
  /** `ended`: deleted, passivated or crashed; the seat is about to go. */
  phase: 'waking' | 'live' | 'ended';
  /** While a named command is being looked up; what follows it waits. Never rejects. */
  checking: Promise<void> | null;
  /** Commands that were taken and not handed to the actor yet, in order (I10). */
  queue: SessionCommand[];
  /** Commands that were taken and not answered yet; mostly none, and an empty set would take 200 bytes. */
  unanswered: readonly CommandId[];
  usedAt: Milliseconds;
};

export function newSeat(id: SessionId, now: Milliseconds): SessionSeat {
  return {
    id,
    actor: null,
    phase: 'waking',
    checking: null,
    queue: [],
    unanswered: [],
    usedAt: now,
  };
}

export function isResponding(seat: SessionSeat): boolean {
  return seat.phase === 'live' && seat.actor?.getSnapshot().context.running !== null;
}

/** Nothing runs and nothing is on its way, so the rows say everything that the actor knows. */
export function isIdle(seat: SessionSeat): boolean {
  return (
    seat.phase === 'live' &&
    seat.unanswered.length === 0 &&
    seat.actor?.getSnapshot().matches({ open: { activity: 'idle' } }) === true
  );
}
