/**
 * Connection: decides what to do when a reader does not keep up ([V1D1]–[V1D3]).
 *
 * Goal: one place that decides when a connection is on its topics, catching up, or waiting for its reader. Method: a
 * pure step without an actor around it, because a process may have a hundred thousand connections and most never
 * change. `src/gateway/stream/subscriptions.ts` keeps what has been delivered.
 *
 * ```
 *          ┌────────────── replay.wanted ─────────────┐
 *          ▼                                          │
 *     catchingUp ── replay.finished ──────────────► live ── budget.exceeded ─┐
 *       ▲      └─── budget.exceeded ─────────────────────────────────┐       │
 *       └────────── drained ◄──────────────── behind ◄───────────────┴───────┘
 *                                               └── stalled ──► closed
 * ```
 */
import { unreachable } from '../schema/unreachable.ts';

/**
 * - `live`: every subscription is on its topics.
 * - `catchingUp`: at least one subscription has missed events; subscriptions without missed events are on their
 *   topics.
 * - `behind`: on no topic; nothing is sent until the transport has drained.
 */
export const connectionPhases = ['live', 'catchingUp', 'behind', 'closed'] as const;
export type ConnectionPhase = (typeof connectionPhases)[number];

export const connectionEvents = [
  /** A subscription begins with past events. */
  'replay.wanted',
  /** A turn of catching up is over, and more events are missing. */
  'replay.continued',
  /** No event is missing any more. */
  'replay.finished',
  /** More bytes are unsent than a connection may have. */
  'budget.exceeded',
  /** No bytes are unsent any more. */
  'drained',
  /** The connection was behind for `stallMsMax`. */
  'stalled',
  /** The missed events cannot be read, now or for good, and the client cannot be told. */
  'abandoned',
  /** The transport has gone. */
  'gone',
] as const;
export type ConnectionEvent = (typeof connectionEvents)[number];

export type ConnectionOrder =
  | 'enterTopics'
  | 'leaveTopics'
  | 'takeTurn'
  | 'startStallTimer'
  | 'stopStallTimer'
  | 'closeTransport';

export type ConnectionStep = readonly [phase: ConnectionPhase, orders: readonly ConnectionOrder[]];

/** The next phase, and the actions to carry out at once, in this order. Nothing follows `closed`. */
export function nextConnection(phase: ConnectionPhase, event: ConnectionEvent): ConnectionStep {
  if (phase === 'closed') return ['closed', []];
  switch (event) {
    case 'replay.wanted':
      return phase === 'live' ? ['catchingUp', ['takeTurn']] : [phase, []];
    case 'replay.continued':
      return phase === 'catchingUp' ? [phase, ['takeTurn']] : [phase, []];
    case 'replay.finished':
      return phase === 'catchingUp' ? ['live', ['enterTopics']] : [phase, []];
    case 'budget.exceeded':
      return phase === 'behind' ? [phase, []] : ['behind', ['leaveTopics', 'startStallTimer']];
    case 'drained':
      return phase === 'behind' ? ['catchingUp', ['stopStallTimer', 'takeTurn']] : [phase, []];
    case 'stalled':
      return phase === 'behind' ? ['closed', ['closeTransport']] : [phase, []];
    case 'abandoned':
      return ['closed', ['leaveTopics', 'stopStallTimer', 'closeTransport']];
    case 'gone':
      return ['closed', ['leaveTopics', 'stopStallTimer']];
    default:
      return unreachable(event);
  }
}
