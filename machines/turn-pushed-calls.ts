/** The turn machine's actions for calls that an agent outside makes, runs and answers itself. */
import { assertEvent } from 'xstate';
import { isoTimestamp } from '../schema/timestamp.ts';
import type { ToolCallEvent } from './tool-call.ts';
import { begunCall, callInput } from './turn-calls.ts';
import { isOpen, type TurnCall, type TurnContext } from './turn-context.ts';
import { turnSetup } from './turn-setup.ts';

/** Begins the call that was noted last. */
const beginPushedCall = turnSetup.enqueueActions(({ context, enqueue }) => {
  const calls = context.calls.map((call) => begunCall(call, context.now));
  const begun = calls.at(-1);
  if (begun === undefined) return;
  enqueue.assign({ calls });
  if (!context.calls.some(isOpen)) enqueue.emit(activity(context, 'tool'));
  enqueue.spawnChild('toolCall', {
    id: `toolCall.${begun.id}`,
    input: { ...callInput(context, begun, false), isOutside: true },
  });
});

/** Calls that were open when the process ended go on: the agent that runs them has not ended. */
const resumePushedCalls = turnSetup.enqueueActions(({ context, enqueue }) => {
  for (const call of context.calls.filter(isOpen)) {
    const begun = call.status === 'running' ? { begun: { approval: call.approval } } : {};
    enqueue.spawnChild('toolCall', {
      id: `toolCall.${call.id}`,
      input: { ...callInput(context, call, true), isOutside: true, ...begun },
    });
  }
});

/** The first step begins; a resumed turn says what it is doing. */
const announceReceiving = turnSetup.enqueueActions(({ context, enqueue }) => {
  enqueue.emit(activity(context, context.calls.some(isOpen) ? 'tool' : 'thinking'));
  if (context.resumed !== null) return;
  const { turnId, sessionId, now, step } = context;
  enqueue.emit({
    type: 'turn.step.started',
    sessionId,
    at: now,
    data: { turnId, sessionId, timestamp: isoTimestamp(now), step },
  });
});

/** It is cancelled; the source answers `source.stopped` at once. */
const tellSource = turnSetup.sendTo('source', ({ event }) => event);

/** A call that has ended by itself keeps its own end. */
const passResult = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'source.toolResult');
  const { callId, result, failed, at } = event;
  if (!context.calls.some((call) => call.id === callId && call.status === 'running')) return;
  const ended: ToolCallEvent = failed
    ? { type: 'tool.failed', at, error: result }
    : { type: 'tool.completed', at, result };
  enqueue.sendTo(`toolCall.${callId}`, ended);
});

/** The agent has finished, so no result will come. */
const failOpenCalls = turnSetup.enqueueActions(({ context, enqueue }) => {
  for (const call of context.calls.filter(isOpen)) {
    const reason = 'The agent finished without the result of this call';
    enqueue.sendTo(`toolCall.${call.id}`, { type: 'toolCall.cancel', at: context.now, reason });
  }
});

function activity({ sessionId, now }: TurnContext, state: 'tool' | 'thinking') {
  const data = { sessionId, state, timestamp: isoTimestamp(now) };
  return { type: 'agent.activity' as const, sessionId, at: now, data };
}

/** The call to which the agent gave this id. */
export function pushedCall({ calls, earlierCalls }: TurnContext, callId: string): TurnCall | undefined {
  return [...calls, ...earlierCalls].find(({ modelCallId }) => modelCallId === callId);
}

export const pushedCallActions = {
  beginPushedCall,
  resumePushedCalls,
  announceReceiving,
  tellSource,
  passResult,
  failOpenCalls,
};
