/** One session's place in memory: its actor, and its commands under way. */
import type { StateValue } from 'xstate';
import { type TurnContext, waitsForPeople } from '../../machines/turn-context.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { RunningAgent } from '../../schema/execution-tree.ts';
import type { CommandId, SessionId } from '../../schema/ids.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { SessionActor } from './session-actor.ts';

export type SessionSeat = {
  readonly id: SessionId;
  /** Whose it counts as (`holderOf`). */
  readonly holder: string;
  /** `null` while the session wakes. */
  actor: SessionActor | null;
  /** `ended`: deleted, passivated or crashed; the seat is about to be removed. */
  phase: 'waking' | 'live' | 'ended';
  /** Set while a command is being looked up; the following commands wait. `ended` never rejects. */
  checking: { readonly command: SessionCommand; readonly ended: Promise<void> } | null;
  /** Accepted commands that were not passed to the actor yet, in order (I10). */
  queue: SessionCommand[];
  /** Accepted commands without an answer yet; mostly none, and an empty set would take 200 bytes. */
  unanswered: readonly CommandId[];
  usedAt: Milliseconds;
  /** Settings have changed since it woke: it wakes anew when it is idle. */
  isOutdated: boolean;
  /** It makes room for somebody else: no turn begins, no command is taken, and it is not counted any more. */
  isLeaving: boolean;
};

export function newSeat(id: SessionId, holder: string, now: Milliseconds): SessionSeat {
  return {
    id,
    holder,
    actor: null,
    phase: 'waking',
    checking: null,
    queue: [],
    unanswered: [],
    usedAt: now,
    isOutdated: false,
    isLeaving: false,
  };
}

/**
 * True when a turn is running, unless it only waits for a person or for an agent outside: such a turn can wait for the
 * next process, too.
 */
export function isResponding(seat: SessionSeat): boolean {
  if (seat.phase !== 'live' || seat.actor === null) return false;
  const turn = turnOf(seat.actor);
  if (turn === undefined || turn.matches('offered') || turn.matches('receiving')) return false;
  return waitingTurn(seat.actor) === null;
}

/**
 * True when nothing runs and no command is under way, so that the rows hold the actor's whole state. A turn that
 * waits for a person counts as idle, too, unless its call has a deadline.
 */
export function isIdle(seat: SessionSeat): boolean {
  if (seat.phase !== 'live' || seat.unanswered.length > 0 || seat.actor === null) return false;
  const snapshot = seat.actor.getSnapshot();
  if (snapshot.context.titling) return false;
  if (snapshot.matches({ open: { activity: 'idle' } })) return true;
  return waitingTurn(seat.actor)?.calls.every((call) => call.approvalDeadline === null) ?? false;
}

/** True when nothing is under way that the rows could not take up again later: a turn may only be waiting. */
export function isQuiet(seat: SessionSeat): boolean {
  if (seat.phase !== 'live' || seat.unanswered.length > 0 || seat.actor === null) return false;
  return !isResponding(seat) && !seat.actor.getSnapshot().context.titling;
}

/** Whether it has turns that begin or go on once the session wakes. */
export function hasTurns(seat: SessionSeat): boolean {
  const { running, waiting } = turnsOf(seat);
  return running + waiting > 0;
}

/** How many turns of the session run and wait, with those of commands that its actor has not been given yet. */
export function turnsOf(seat: SessionSeat): { readonly running: 0 | 1; readonly waiting: number } {
  const context = seat.actor?.getSnapshot().context;
  const given = [...seat.queue, ...(seat.checking === null ? [] : [seat.checking.command])];
  const all =
    given.filter(startsTurnOf).length +
    (context?.queue.filter(({ turn }) => turn !== null).length ?? 0) +
    (context === undefined || context.running === null ? 0 : 1);
  return all === 0 ? { running: 0, waiting: 0 } : { running: 1, waiting: all - 1 };
}

/** Whether the command begins a turn, at once or later. */
export function startsTurnOf(command: SessionCommand): boolean {
  return 'turn' in command && command.turn !== undefined;
}

/** The running turn, if it only waits for a person. */
function waitingTurn(actor: SessionActor): TurnContext | null {
  const turn = turnOf(actor);
  return turn?.matches('runningTools') === true && waitsForPeople(turn.context) ? turn.context : null;
}

/** Changes whenever the session's turns change its tree of messages by themselves. */
export function treeState({ actor }: SessionSeat): string {
  if (actor === null) return '';
  const { running, session, queue } = actor.getSnapshot().context;
  return `${running?.turnId} ${session?.leafId} ${queue.length}`;
}

/** The running turn, for the execution tree. */
export function runningAgent({ actor }: SessionSeat): RunningAgent | null {
  const turn = actor === null ? undefined : turnOf(actor);
  if (turn === undefined) return null;
  const { turnId, promptId, step, attempt, pushed } = turn.context;
  return {
    turnId,
    messageId: promptId,
    state: pathOf(turn.value),
    step,
    attempt,
    ...(pushed === undefined ? {} : { agent: pushed.agent }),
  };
}

/** `{ modelCall: { calling: 'streaming' } }` → `modelCall.calling.streaming`. */
function pathOf(value: StateValue): string {
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([name, below]) => (below === undefined ? name : `${name}.${pathOf(below)}`))
    .join(' ');
}

function turnOf(actor: SessionActor) {
  const { context, children } = actor.getSnapshot();
  return context.running === null ? undefined : children[`turn.${context.running.turnId}`]?.getSnapshot();
}
