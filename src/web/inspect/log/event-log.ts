/**
 * The log of a session: one entry for each thing that an actor told another actor or the outside world. Live
 * inspection events and the steps of a stored session both become these entries, so one view shows either.
 */

import type { AnswerEvent } from '../../../../machines/answer.ts';
import type { EventName } from '../../../../schema/event-table.ts';
import type { HistoryStep } from '../../../../schema/session-history.ts';
import type { TextPiece } from '../../../../schema/text-piece.ts';
import { unreachable } from '../../../../schema/unreachable.ts';
import type { InspectEvent, InspectEventOf } from '../../../../schema/wire/inspect-event.ts';

/** The frame that clients received for an emission. */
export type Publication = {
  readonly delivery: string | null;
  readonly namespace: string | null;
  readonly seq: number | null;
  readonly topics: readonly string[];
  readonly frame: string | null;
};

export type LoggedEvent = {
  /** Increases along the log. */
  readonly key: number;
  readonly at: number;
  /**
   * `spawned`: an actor was started; `message`: an actor received an event; `emission`: an actor emitted one to the
   * world.
   */
  readonly kind: 'spawned' | 'message' | 'emission';
  /** Path of the sending actor; `null`: from outside. */
  readonly from: string | null;
  /** Path of the receiving actor; `null`: the outside world. */
  readonly to: string | null;
  readonly type: string;
  readonly preview: string | null;
  /** How many equal events this entry stands for. */
  readonly count: number;
  /** Ids of the transitions that the event caused; `null`: not known yet. */
  readonly transitions: readonly string[] | null;
  readonly publication: Publication | null;
};

/** How many entries of a live session are kept. */
export const logEntriesMax = 5000;

/** The log with `events` appended; when there are too many entries, the oldest are dropped. */
export function logged(log: readonly LoggedEvent[], events: readonly InspectEvent[]): readonly LoggedEvent[] {
  const next = [...log];
  for (const event of events) {
    if (event.type === '@xstate.snapshot') settle(next, event);
    else next.push(entryOf(event, (next.at(-1)?.key ?? 0) + 1));
  }
  return next.length > logEntriesMax ? next.slice(next.length - logEntriesMax) : next;
}

type Snapshot = InspectEventOf<'@xstate.snapshot'>;

/** When an actor has handled an event, notes in that event's entry which transitions it caused. */
function settle(log: LoggedEvent[], { sessionId, event, callboard }: Snapshot): void {
  // Searches only the newest entries: an actor handles an event before it receives many others.
  for (let index = log.length - 1; index >= Math.max(0, log.length - 64); index--) {
    const entry = log[index];
    if (entry?.kind !== 'message' || entry.to !== sessionId || entry.type !== event.type) continue;
    log[index] = { ...entry, transitions: callboard.transitions };
    return;
  }
}

function entryOf(event: Exclude<InspectEvent, Snapshot>, key: number): LoggedEvent {
  const at = Number(event.createdAt);
  switch (event.type) {
    case '@xstate.actor':
      return {
        ...blank(key, at),
        kind: 'spawned',
        from: event.parentId ?? null,
        to: event.sessionId,
        type: event.name,
      };
    case '@xstate.event':
      return {
        ...blank(key, at),
        kind: 'message',
        from: event.sourceId ?? null,
        to: event.sessionId,
        type: event.event.type,
        preview: event.callboard.preview,
        count: event.callboard.count,
      };
    case '@callboard.emitted': {
      const { preview, count, delivery, namespace, seq, topics, frame } = event.callboard;
      return {
        ...blank(key, at),
        kind: 'emission',
        from: event.sessionId,
        type: event.event.type,
        preview,
        count,
        publication: { delivery, namespace, seq, topics, frame: frame ?? unnumberedFrame(event) },
      };
    }
    default:
      return unreachable(event);
  }
}

/** An event that is told before its commit has no `seq` yet, and so no frame: this is the frame without its `seq`. */
function unnumberedFrame({ event, callboard }: InspectEventOf<'@callboard.emitted'>): string | null {
  const { type, data } = event;
  return callboard.topics.length === 0 || data === undefined ? null : JSON.stringify({ event: type, data });
}

function blank(key: number, at: number): Omit<LoggedEvent, 'kind' | 'type'> {
  return {
    key,
    at,
    from: null,
    to: null,
    preview: null,
    count: 1,
    transitions: null,
    publication: null,
  };
}

/**
 * The entries of a stored session: for each step its inputs, then its event in the journal. The key contains the
 * `seq`.
 */
export function storedLog(steps: readonly HistoryStep[]): readonly LoggedEvent[] {
  return steps.flatMap((step) => [
    ...step.inputs.map(({ actorId, type, at, preview }, index) => ({
      // Inputs get fractional keys; whole ones belong to the events of the journal.
      ...blank(step.seq - 1 + (index + 1) / (step.inputs.length + 1), at),
      kind: 'message' as const,
      to: actorId,
      type,
      preview,
      transitions: step.actors.find(({ id }) => id === actorId)?.transitions ?? null,
    })),
    {
      ...blank(step.seq, step.at),
      kind: 'emission' as const,
      from: step.actorId,
      type: step.event,
      preview: step.data,
      publication: {
        delivery: null,
        namespace: step.namespace,
        seq: step.seq,
        topics: [],
        frame: null,
      },
    },
  ]);
}

export type LogFilter = {
  /** Searched in type, actors and preview; empty: all. */
  readonly text: string;
  readonly kinds: ReadonlySet<LoggedEvent['kind']>;
  /** Shows only what this actor sent or received; `null`: all. */
  readonly actorId: string | null;
  /** Shows pieces of text too; there are many. */
  readonly pieces: boolean;
};

export const wholeLog: LogFilter = { text: '', kinds: new Set(), actorId: null, pieces: true };

const pieceTypes: readonly string[] = [
  'answer.text',
  'answer.reasoning',
  'answer.checkpoint',
  'message.delta',
  'reasoning.delta',
  'message.checkpoint',
] satisfies readonly (EventName | TextPiece['type'] | AnswerEvent['type'])[];

export function filteredLog(log: readonly LoggedEvent[], filter: LogFilter): readonly LoggedEvent[] {
  const text = filter.text.trim().toLowerCase();
  if (text === '' && filter.kinds.size === 0 && filter.actorId === null && filter.pieces) return log;
  return log.filter(
    (entry) =>
      (filter.pieces || !pieceTypes.includes(entry.type)) &&
      (filter.kinds.size === 0 || filter.kinds.has(entry.kind)) &&
      (filter.actorId === null || entry.from === filter.actorId || entry.to === filter.actorId) &&
      (text === '' ||
        [entry.type, entry.from ?? '', entry.to ?? '', entry.preview ?? ''].some((part) =>
          part.toLowerCase().includes(text),
        )),
  );
}
