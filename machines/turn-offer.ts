/** The turn machine's actions for a turn that waits for an outside agent ([OFR3]–[OFR7]). */
import { assertEvent } from 'xstate';
import { type Refusal, refusal } from '../schema/refusal.ts';
import { isoTimestamp, type Milliseconds } from '../schema/timestamp.ts';
import { acceptance, refusalOf } from './command-answer.ts';
import { isOffered, type TurnContext, type TurnEvent } from './turn-context.ts';
import { turnSetup } from './turn-setup.ts';

const offer = turnSetup.enqueueActions(({ context, enqueue }) => {
  const { now, sessionId, promptId, answerId, bounds } = context;
  const claimBy = now + bounds.claimMs;
  enqueue.assign({ claimBy });
  enqueue.emit({
    type: 'turn.offered',
    sessionId,
    at: now,
    data: { ...addressed(context), promptId, answerId, claimBy: isoTimestamp(claimBy) },
  });
});

/** The reply comes before the first part, and the parts of whoever comes second never do. */
const claim = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'turn.claim');
  const { agent, leaseMs, commandId, author } = event;
  const speaksFor = author === undefined ? {} : { author };
  const { turnId, sessionId, promptId, answerId, traceId, now } = context;
  enqueue.assign({ pushed: { agent, leaseMs, parentId: promptId, ...speaksFor }, agentId: agent });
  enqueue.emit({
    type: 'turn.claimed',
    sessionId,
    at: now,
    commandId,
    data: { ...addressed(context), promptId, claimedBy: agent, leaseMs, ...speaksFor },
  });
  const identity = { turnId, sessionId, promptId, answerId, traceId };
  for (const emission of acceptance(sessionId, event, identity)) enqueue.emit(emission);
});

const refuseClaim = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'turn.claim');
  enqueue.emit(refusalOf(context.sessionId, event, whyNotClaimed(context, event.agent)));
});

function whyNotClaimed({ turnId, pushed, options }: TurnContext, agent: string): Refusal {
  if (pushed !== undefined) return refusal('conflict', `Turn ${turnId} was claimed by ${pushed.agent}`);
  return isOffered({ pushed, options })
    ? refusal('conflict', `Turn ${turnId} is offered to ${options?.agent}, not to ${agent}`)
    : refusal('conflict', `Turn ${turnId} is not offered: an engine of the server answers it`);
}

/** Unless it is being claimed, nobody can claim it any more. */
const withdraw = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  if (event.type === 'turn.claim') return;
  const now = withdrawnAt(context, event);
  enqueue.emit({
    type: 'turn.withdrawn',
    sessionId: context.sessionId,
    at: now,
    data: addressed({ ...context, now }),
  });
});

/** On the way out the time has not been moved yet. What has neither a time nor an error is the end of the waiting. */
function withdrawnAt({ now, claimBy }: TurnContext, event: TurnEvent): Milliseconds {
  if ('at' in event) return Math.max(now, event.at);
  return 'error' in event ? now : Math.max(now, claimBy ?? now);
}

const noteUnclaimed = turnSetup.assign(({ context }) => ({
  now: Math.max(context.now, context.claimBy ?? 0),
  reason: `No agent claimed the turn within ${context.bounds.claimMs} ms`,
}));

function addressed({ turnId, sessionId, now, options }: TurnContext) {
  return { turnId, sessionId, timestamp: isoTimestamp(now), agent: options?.agent ?? null };
}

export const offerActions = { offer, claim, refuseClaim, withdraw, noteUnclaimed };
