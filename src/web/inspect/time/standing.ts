/** How each stored session stands: what its last turn came to, how long that took, and what was used. */
import type { TurnState } from '../../../../schema/pushed-turn.ts';
import type { ListedToolCall } from '../../../../schema/stored-tool-call.ts';
import type { Trace } from '../../../../schema/trace.ts';

/** The newest turns, calls and traces of all sessions, as far as they were read. */
export type Work = {
  readonly turns: readonly TurnState[];
  readonly calls: readonly ListedToolCall[];
  readonly traces: readonly Trace[];
};

/** `waiting`: a call waits for a person. */
export type SessionOutcome = 'waiting' | TurnState['status'];

export const sessionOutcomes = [
  'waiting',
  'failed',
  'interrupted',
  'running',
  'queued',
  'cancelled',
  'completed',
] as const satisfies readonly SessionOutcome[];

export type Standing = {
  /** `null`: it has no turn, or it is not among those that were read. */
  readonly outcome: SessionOutcome | null;
  readonly reason: string | null;
  /** Since when it stands so, ms since the epoch. */
  readonly since: number | null;
  /** From the question to the end of its last turn; `null`: it has not ended. */
  readonly durationMs: number | null;
  readonly tools: ReadonlySet<string>;
  readonly models: ReadonlySet<string>;
};

export const noStanding: Standing = {
  outcome: null,
  reason: null,
  since: null,
  durationMs: null,
  tools: new Set(),
  models: new Set(),
};

export function standingsOf({ turns, calls, traces }: Work): ReadonlyMap<string, Standing> {
  const last = new Map<string, TurnState>();
  for (const turn of turns) {
    const known = last.get(turn.sessionId);
    if (known === undefined || known.queuedAt <= turn.queuedAt) last.set(turn.sessionId, turn);
  }
  const usedBy = Map.groupBy(calls, ({ sessionId }): string => sessionId);
  const tracesOf = Map.groupBy(traces, ({ sessionId = '' }): string => sessionId);
  const standings = new Map<string, Standing>();
  for (const sessionId of new Set<string>([...last.keys(), ...usedBy.keys(), ...tracesOf.keys()])) {
    const turn = last.get(sessionId);
    const used = usedBy.get(sessionId) ?? [];
    const models = (tracesOf.get(sessionId) ?? []).flatMap(({ metadata }) =>
      typeof metadata?.['model'] === 'string' ? [metadata['model']] : [],
    );
    const waiting = used.find(({ status }) => status === 'awaitingApproval');
    const ended = turn?.endedAt === undefined ? null : Date.parse(turn.endedAt);
    const queued = turn === undefined ? null : Date.parse(turn.queuedAt);
    standings.set(sessionId, {
      outcome: waiting === undefined ? (turn?.status ?? null) : 'waiting',
      reason: waiting === undefined ? (turn?.reason ?? null) : waiting.name,
      since: waiting === undefined ? (ended ?? queued) : Date.parse(waiting.startedAt),
      durationMs: ended === null || queued === null ? null : ended - queued,
      tools: new Set(used.map(({ name }) => name)),
      models: new Set(models),
    });
  }
  return standings;
}

export type StandingFilter = {
  readonly outcome: string;
  readonly tool: string;
  readonly model: string;
  /** Days, `YYYY-MM-DD` in the browser's time zone, both included; empty: any. */
  readonly from: string;
  readonly to: string;
  /** `active`, `archived` or `closed`; empty: any. */
  readonly state: string;
};

export const anyStanding: StandingFilter = { outcome: '', tool: '', model: '', from: '', to: '', state: '' };

type Listed = { readonly status: string; readonly closedAt?: string; readonly updatedAt: string };

export function sessionStates({ status, closedAt }: Listed): readonly string[] {
  return closedAt === undefined ? [status] : [status, 'closed'];
}

export function passesFilter(filter: StandingFilter, session: Listed, standing: Standing): boolean {
  const at = Date.parse(session.updatedAt);
  return (
    (filter.outcome === '' || standing.outcome === filter.outcome) &&
    (filter.tool === '' || standing.tools.has(filter.tool)) &&
    (filter.model === '' || standing.models.has(filter.model)) &&
    (filter.state === '' || sessionStates(session).includes(filter.state)) &&
    (filter.from === '' || at >= new Date(`${filter.from}T00:00:00`).getTime()) &&
    (filter.to === '' || at <= new Date(`${filter.to}T23:59:59.999`).getTime())
  );
}
