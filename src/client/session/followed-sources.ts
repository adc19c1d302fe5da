/** The values besides sessions that the client library follows: where each is read, and which events change it. */
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { Participant } from '../../../schema/participant.ts';
import type { RuntimeConfig } from '../../../schema/runtime-config.ts';
import type { SessionRun } from '../../../schema/session-run.ts';
import type { ListedToolCall } from '../../../schema/stored-tool-call.ts';
import type { TurnOffered } from '../../../schema/turn-offer.ts';
import type { TurnRetrying } from '../../../schema/turn-retry.ts';
import type { Following } from '../follow/followed-value.ts';
import type { EventFrame } from '../server-frame.ts';
import type { RestClient } from './rest.ts';
import { type ListedSession, sessionsAfter } from './session-list.ts';
import { participantsAfter } from './session-participants.ts';
import { runsAfter, runsMax } from './session-runs.ts';
import { type WaitingCall, waitingCallsAfter } from './waiting-calls.ts';

export function followedSessions(rest: RestClient): Following<readonly ListedSession[]> {
  return {
    namespaces: ['chat-sessions'],
    read: async (signal) => {
      const list = await rest.request({ method: 'GET', path: '/chat-sessions', signal });
      return (list as ChatSession[]).map((session) => ({ ...session, activity: undefined }));
    },
    apply: sessionsAfter,
    // Another session may be seen from now on, or one no longer.
    isUntold: ({ event }) => event === 'participant.added' || event === 'participant.removed',
  };
}

export function followedParticipants(
  rest: RestClient,
  sessionId: SessionId,
): Following<readonly Participant[]> {
  return {
    namespaces: ['chat-sessions'],
    sessionId,
    read: async (signal) => {
      const path = `/chat-sessions/${sessionId}/participants`;
      return (await rest.request({ method: 'GET', path, signal })) as Participant[];
    },
    apply: participantsAfter,
    // To whoever was removed the session is not there any more, which only reading it tells.
    isUntold: ({ event }) => event === 'participant.removed',
  };
}

export function followedRuns(rest: RestClient, sessionId: SessionId): Following<readonly SessionRun[]> {
  return {
    namespaces: ['chat-sessions', 'tools', 'traces'],
    sessionId,
    read: async (signal) => {
      const path = `/chat-sessions/${sessionId}/runs?limit=${runsMax}`;
      return (await rest.request({ method: 'GET', path, signal })) as SessionRun[];
    },
    apply: runsAfter,
    // The runs are those of the current branch.
    isUntold: ({ event }) => event === 'branch.selected' || event === 'message.deleted',
  };
}

/** Also of sessions that are not in the server's memory: the store knows them. */
export function followedWaitingCalls(rest: RestClient): Following<readonly WaitingCall[]> {
  return {
    namespaces: ['tools'],
    read: async (signal) => {
      const path = '/tool-calls?status=awaitingApproval';
      const calls = (await rest.request({ method: 'GET', path, signal })) as ListedToolCall[];
      return calls.map(({ id, sessionId, name }) => ({ id, sessionId, name }));
    },
    apply: waitingCallsAfter,
  };
}

/** Events and snapshots tell it all ([OFR8]): there is nothing to read. */
export function followedOffer(sessionId: SessionId): Following<TurnOffered | null> {
  return {
    namespaces: ['turns'],
    sessionId,
    read: async () => null,
    eventOf: (snapshot) =>
      snapshot.event === 'turn.offered' ? { event: snapshot.event, data: snapshot.data } : undefined,
    apply: offerAfter,
  };
}

/** A session has one turn at a time. */
function offerAfter(offer: TurnOffered | null, event: EventFrame): TurnOffered | null {
  switch (event.event) {
    case 'turn.offered':
      return event.data;
    case 'turn.claimed':
    case 'turn.withdrawn':
      return null;
    default:
      return offer;
  }
}

/** Events and snapshots tell it all ([MDL14]): there is nothing to read. */
export function followedRetry(sessionId: SessionId): Following<TurnRetrying | null> {
  return {
    namespaces: ['chat-sessions'],
    sessionId,
    read: async () => null,
    eventOf: (snapshot) =>
      snapshot.event === 'turn.retrying' ? { event: snapshot.event, data: snapshot.data } : undefined,
    apply: retryAfter,
  };
}

function retryAfter(retry: TurnRetrying | null, event: EventFrame): TurnRetrying | null {
  switch (event.event) {
    case 'turn.retrying':
      return event.data;
    case 'agent.activity':
      return null;
    case 'message.created':
    case 'message.updated':
      // The model answers, or an answer goes on.
      return event.data.role === 'assistant' ? null : retry;
    default:
      return retry;
  }
}

export function followedConfig(rest: RestClient): Following<RuntimeConfig> {
  return {
    namespaces: ['config'],
    read: async (signal) => (await rest.request({ method: 'GET', path: '/config', signal })) as RuntimeConfig,
    // Config events arrive in the order of the changes; one that repeats what REST returned changes nothing.
    apply: (config, event) => (event.event === 'config.updated' ? event.data : config),
  };
}
