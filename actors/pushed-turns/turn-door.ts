/** The door for agents that push turns from outside: finds their turn, checks their lease, and tells them how far it is. */
import type { SessionId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { FailTurn, FinishTurn, PushedPart, TurnProgress, TurnState } from '../../schema/pushed-turn.ts';
import {
  accepted,
  type Outcome,
  type Refusal,
  refusal,
  refused,
  turnEnded,
  turnNotFound,
} from '../../schema/refusal.ts';
import { isoTimestamp, type Milliseconds } from '../../schema/timestamp.ts';
import type { TurnOutcome } from '../../schema/turn-record.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { type Clock, JournalUnavailable, type ReadModel } from '../ports.ts';
import type { ListedTurn } from '../stored-rows.ts';
import type { Leases } from './leases.ts';
import { PushLines } from './push-lines.ts';
import type { PushedSource } from './pushed-source.ts';
import type { PushedSources } from './pushed-sources.ts';

export type TurnDoorOptions = {
  readonly pushed: PushedSources;
  readonly leases: Leases;
  readonly registry: {
    readonly admission: () => Refusal | null;
    readonly wake: (session: SessionId, why: { readonly forCommand: true }) => Promise<boolean>;
  };
  readonly readModel: Pick<ReadModel, 'turn' | 'turnsWith'>;
  readonly outbox: Outbox;
  readonly clock: Clock;
};

/** A stream of parts that an agent has opened. */
export type PartStream = {
  /** Resolves when the journal and the readers are not behind, so that the agent waits as long as they do. */
  readonly push: (parts: readonly PushedPart[]) => Outcome<TurnProgress> | Promise<Outcome<TurnProgress>>;
  readonly progress: () => TurnProgress;
  /** Why nothing more is taken; `null`: it is. */
  readonly closedBecause: () => Refusal | null;
  /** Calls `run` when nothing more is taken; returns a function that forgets it. */
  readonly onClosed: (run: () => void) => () => void;
};

export class TurnDoor {
  readonly #options: TurnDoorOptions;
  readonly #lines: PushLines;

  constructor(options: TurnDoorOptions) {
    this.#options = options;
    this.#lines = new PushLines(options.clock);
  }

  readonly push = async (
    turn: TurnId,
    lease: string,
    parts: readonly PushedPart[],
  ): Promise<Outcome<TurnProgress>> => {
    const found = await this.#find(turn, lease);
    return found.ok ? await this.#lines.push(found.value, parts, 'bounded') : found;
  };

  readonly openStream = async (turn: TurnId, lease: string): Promise<Outcome<PartStream>> => {
    const found = await this.#find(turn, lease);
    if (!found.ok) return found;
    const source = found.value;
    return accepted({
      push: (parts) => this.#lines.push(source, parts, 'unbounded'),
      progress: () => source.progress(),
      closedBecause: () => source.closedBecause(),
      onClosed: (run) => source.onClosed(run),
    });
  };

  readonly finish = (turn: TurnId, end: FinishTurn): Promise<Outcome<TurnProgress>> =>
    this.#end(turn, end.lease, 'completed', (source) => source.finish(end));

  readonly fail = (turn: TurnId, end: FailTurn): Promise<Outcome<TurnProgress>> =>
    this.#end(turn, end.lease, 'failed', (source) => source.fail(end));

  /** `waitMs`: how long to wait for a person's decision, or the end of the turn. */
  readonly state = async (turn: TurnId, waitMs: Milliseconds): Promise<Outcome<TurnState>> => {
    const { pushed, readModel, clock } = this.#options;
    const source = pushed.find(turn);
    if (source !== undefined && waitMs > 0) {
      const before = JSON.stringify(source.decisions());
      const until = clock.now() + waitMs;
      const isSame = () => source.closedBecause() === null && JSON.stringify(source.decisions()) === before;
      while (isSame() && clock.now() < until) await this.#pause(limits.drainPollMs);
    }
    if (pushed.find(turn) === undefined && source !== undefined) {
      await this.#options.outbox.settled(source.sessionId);
    }
    const row = await readModel.turn(turn);
    return row === undefined ? refused(turnNotFound(turn)) : accepted(stateOf(row, pushed.find(turn)));
  };

  readonly list: ReadModel['turnsWith'] = (...query) => this.#options.readModel.turnsWith(...query);

  readonly shown = (row: ListedTurn): TurnState => stateOf(row, this.#options.pushed.find(row.turnId));

  /** `as`: how the turn ends; a repetition finds it so. */
  async #end(
    turn: TurnId,
    lease: string,
    as: TurnOutcome,
    end: (source: PushedSource) => Refusal | null,
  ): Promise<Outcome<TurnProgress>> {
    const found = await this.#find(turn, lease);
    if (!found.ok) {
      const { turn: ended } = found.refusal;
      return ended?.status === as ? accepted(ended) : found;
    }
    const source = found.value;
    const reason = end(source);
    if (reason !== null) return reason.turn?.status === as ? accepted(reason.turn) : refused(reason);
    await this.#options.outbox.settled(source.sessionId);
    const progress = source.progress();
    const whole = { ...progress, durable: progress.received };
    return progress.status === as ? accepted(whole) : refused({ ...source.over(), turn: whole });
  }

  /** The source of a turn that runs; a session that sleeps wakes. */
  async #find(turn: TurnId, lease: string): Promise<Outcome<PushedSource>> {
    const { pushed, leases, readModel, outbox, registry } = this.#options;
    const obstacle = registry.admission();
    if (obstacle !== null) return refused(obstacle);
    try {
      for (let attempt = 0; attempt < limits.lookupAttemptsMax; attempt++) {
        const source = pushed.find(turn);
        if (source !== undefined) return leases.matches(turn, lease) ? accepted(source) : refused(wrongLease);
        const row = await readModel.turn(turn);
        if (row === undefined) return refused(turnNotFound(turn));
        if (row.pushed === undefined || !leases.matches(turn, lease)) return refused(wrongLease);
        if (row.status !== 'running' && row.status !== 'queued') return refused(endedRow(row));
        // Either it has just ended, or its session sleeps.
        await outbox.settled(row.sessionId);
        if (!(await registry.wake(row.sessionId, { forCommand: true }))) break;
      }
    } catch (cause) {
      if (!(cause instanceof JournalUnavailable)) throw cause;
    }
    return refused(refusal('unavailable', 'The turn cannot be reached; try again'));
  }

  #pause(wait: Milliseconds): Promise<void> {
    return new Promise((resolve) => {
      this.#options.clock.after(wait, resolve);
    });
  }
}

const wrongLease = refusal('forbidden', 'The lease is not that of this turn');

function endedRow({ turnId, status, reason, received = 0 }: ListedTurn): Refusal {
  return { ...turnEnded(turnId, status, reason), turn: { turnId, status, received, durable: received } };
}

function stateOf(row: ListedTurn, source: PushedSource | undefined): TurnState {
  const { turnId, sessionId, promptId, answerId, status, step, reason, pushed } = row;
  return {
    turnId,
    sessionId,
    promptId,
    answerId,
    status,
    ...(reason === undefined ? {} : { reason }),
    step,
    queuedAt: isoTimestamp(row.queuedAt),
    ...(row.endedAt === undefined ? {} : { endedAt: isoTimestamp(row.endedAt) }),
    ...(pushed === undefined
      ? {}
      : {
          agent: pushed.agent,
          leaseMs: pushed.leaseMs,
          received: row.received ?? 0,
          durable: row.received ?? 0,
          ...liveState(source),
        }),
  };
}

function liveState(source: PushedSource | undefined): Partial<TurnState> {
  if (source === undefined) return {};
  const { received, durable, decisions } = source.progress();
  return {
    leaseExpiresAt: isoTimestamp(source.leaseExpiresAt),
    received,
    durable,
    ...(decisions === undefined ? {} : { decisions }),
  };
}
