/**
 * The entry `callboard/client/followed`: values besides a session's messages that are read once and then kept up to
 * date by events.
 *
 * @example
 * const list = followSessions(client);
 * list.state.subscribe(({ value = [] }) => render(value));
 */
import type { SessionId } from '../../schema/ids.ts';
import type { Participant } from '../../schema/participant.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { SessionRun } from '../../schema/session-run.ts';
import type { TurnOffered } from '../../schema/turn-offer.ts';
import type { TurnRetrying } from '../../schema/turn-retry.ts';
import type { Client } from './client.ts';
import type { FollowedHandle } from './follow/followed-value.ts';
import { follow } from './follow/shared-value.ts';
import {
  followedConfig,
  followedOffer,
  followedParticipants,
  followedRetry,
  followedRuns,
  followedSessions,
  followedWaitingCalls,
} from './session/followed-sources.ts';
import type { ListedSession } from './session/session-list.ts';
import type { WaitingCall } from './session/waiting-calls.ts';

export type { SessionRun, ShownToolCall } from '../../schema/session-run.ts';
export type { TurnOffered } from '../../schema/turn-offer.ts';
export type { TurnRetrying } from '../../schema/turn-retry.ts';
export type { Followed, FollowedHandle } from './follow/followed-value.ts';
export type { ListedSession } from './session/session-list.ts';
export type { WaitingCall } from './session/waiting-calls.ts';

/** All sessions, most recently changed first, each with its agent's activity. */
export function followSessions({ core }: Client): FollowedHandle<readonly ListedSession[]> {
  return follow(core, 'sessions', followedSessions(core.rest));
}

/** The runs of a session's current branch, oldest first: for each message, its traces and tool calls. */
export function followRuns({ core }: Client, sessionId: string): FollowedHandle<readonly SessionRun[]> {
  return follow(core, `runs ${sessionId}`, followedRuns(core.rest, sessionId as SessionId));
}

/** The turn of a session that waits for an outside agent to claim it; `null`: none does. */
export function followOffer({ core }: Client, sessionId: string): FollowedHandle<TurnOffered | null> {
  return follow(core, `offer ${sessionId}`, followedOffer(sessionId as SessionId));
}

/** The tool calls of all sessions that wait for a person, oldest first, in the server's memory or not. */
export function followWaitingCalls({ core }: Client): FollowedHandle<readonly WaitingCall[]> {
  return follow(core, 'waiting calls', followedWaitingCalls(core.rest));
}

/** The model call of a session that failed and is made again, until the model answers or the turn ends; `null`: none is. */
export function followRetry({ core }: Client, sessionId: string): FollowedHandle<TurnRetrying | null> {
  return follow(core, `retry ${sessionId}`, followedRetry(sessionId as SessionId));
}

/**
 * Who takes part in a session, in the order in which they were added. `error` has the code `not_found` once the user does
 * not see the session any more.
 */
export function followParticipants(
  { core }: Client,
  sessionId: string,
): FollowedHandle<readonly Participant[]> {
  return follow(core, `participants ${sessionId}`, followedParticipants(core.rest, sessionId as SessionId));
}

/** The runtime config. */
export function followConfig({ core }: Client): FollowedHandle<RuntimeConfig> {
  return follow(core, 'config', followedConfig(core.rest));
}
