/** Which emissions wait for each other: those of a session, those of a trace of a client, and those of neither. */
import type { CommandReply } from '../../schema/commands.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import { type SessionId, type TraceId, traceIdSchema } from '../../schema/ids.ts';

const prefix = 'trace ';
type TraceLane = `${typeof prefix}${TraceId}`;

/** `null`: the lane of what belongs to no session and to no trace of a client. */
export type LaneKey = SessionId | TraceLane | null;

export function laneOf({ sessionId, lane }: DomainEvent | CommandReply): LaneKey {
  return lane === undefined ? sessionId : `${prefix}${lane}`;
}

export function isTraceLane(key: SessionId | TraceLane): key is TraceLane {
  return key.startsWith(prefix);
}

export function traceOfLane(key: TraceLane): TraceId {
  return traceIdSchema.parse(key.slice(prefix.length));
}
