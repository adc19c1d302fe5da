/** What the owner of sessions may have at a time: seats in memory, running turns, waiting turns ([LIM26], [LIM27]). */
import { ownerKey, type SessionOwner } from '../../schema/authorization.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { SessionId } from '../../schema/ids.ts';
import { type LimitKind, limitRefusal } from '../../schema/limit-kind.ts';
import { limits } from '../../schema/limits.ts';
import type { Refusal } from '../../schema/refusal.ts';
import { type SessionSeat, startsTurnOf, turnsOf } from './session-seat.ts';

/** 0: no bound. */
export type OwnerLimitSettings = {
  readonly ownerRunningTurnsMax: number;
  readonly ownerWaitingTurnsMax: number;
  readonly ownerLiveSessionsMax: number;
};

export type OwnerLimits = {
  /** Those in force. */
  readonly settings: () => OwnerLimitSettings;
  readonly refused: (kind: LimitKind, owner: SessionOwner) => void;
};

/** Whose the sessions are. */
export type SessionOwners = {
  /** `undefined`: it must be read first. */
  readonly known: (id: SessionId) => SessionOwner | undefined;
  /** Reads what is not known yet. Rejects with `JournalUnavailable`. */
  readonly know: (ids: Iterable<SessionId>) => Promise<void>;
};

/** The holder of the seats of an owner; all sessions of nobody have one together. */
export function holderOf(owner: SessionOwner | undefined): string {
  return owner === undefined || owner.owner === null ? '' : ownerKey(owner);
}

/** Why the owner's sessions may not begin one more turn, or `null`. `seat`: the session's, if it is in memory. */
export function turnRefusal(
  command: SessionCommand,
  seat: SessionSeat | undefined,
  seats: Iterable<SessionSeat>,
  settings: OwnerLimitSettings,
): Refusal | null {
  const { ownerRunningTurnsMax, ownerWaitingTurnsMax } = settings;
  if (!startsTurnOf(command) || ownerRunningTurnsMax + ownerWaitingTurnsMax === 0) return null;
  const total = { running: 0, waiting: 0 };
  for (const one of seats) {
    const { running, waiting } = turnsOf(one);
    total.running += running;
    total.waiting += waiting;
  }
  const { gaugeRetryMs } = limits;
  const wouldWait = seat !== undefined && turnsOf(seat).running > 0;
  if (wouldWait) {
    if (ownerWaitingTurnsMax === 0 || total.waiting < ownerWaitingTurnsMax) return null;
    const message = `${ownerWaitingTurnsMax} turns wait in all sessions of this owner; try again`;
    return limitRefusal('turns_waiting', message, gaugeRetryMs);
  }
  if (ownerRunningTurnsMax === 0 || total.running < ownerRunningTurnsMax) return null;
  const message = `${ownerRunningTurnsMax} turns run in all sessions of this owner; try again`;
  return limitRefusal('turns_running', message, gaugeRetryMs);
}

export function seatRefusal(max: number): Refusal {
  const message = `${max} sessions of this owner are in memory, and all are busy; try again`;
  return limitRefusal('sessions_live', message, limits.gaugeRetryMs);
}
