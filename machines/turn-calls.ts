/** The turn machine's actions for its tool calls, and for people's decisions about them. */
import { assertEvent } from 'xstate';
import { cutOffWords } from '../schema/model-usage.ts';
import { storableText } from '../schema/text.ts';
import type { ToolDecision } from '../schema/tool-decision.ts';
import { answeredDecision } from './command-answer.ts';
import { failureReason } from './failure-reason.ts';
import type { ToolCallEvent, ToolCallInput } from './tool-call.ts';
import { type DecidableCall, decisionOf, judgedDecision, toolDecision } from './tool-decision.ts';
import type { TurnCall, TurnContext } from './turn-context.ts';
import { toolCallOutput, turnSetup } from './turn-setup.ts';

export const noteCall = turnSetup.assign(({ context, event }) => {
  assertEvent(event, ['engine.toolCall', 'source.toolCall']);
  const { id, modelCallId, name, argumentsJson, approval } = event.call;
  const call: TurnCall = {
    id,
    step: context.step,
    modelCallId: storableText(modelCallId),
    name: storableText(name),
    argumentsJson: storableText(argumentsJson),
    needsApproval: approval !== undefined,
    approvalTimeoutMs: approval?.timeoutMs ?? null,
    approvalDeadline: null,
    approval: null,
    status: 'asked',
    result: '',
    ranMs: 0,
  };
  return { calls: [...context.calls, call] };
});

/** The last call was being written when the output ended: what there is of it is not what the model meant. */
export const refuseUnfinishedCall = turnSetup.assign(({ context, event }) => {
  assertEvent(event, 'engine.finished');
  if (event.finishReason !== 'length') return {};
  const last = context.calls.length - 1;
  return {
    // Nobody is asked about a call that is not run.
    calls: context.calls.map((call, index) =>
      index === last ? { ...call, refusal: notRun, needsApproval: false } : call,
    ),
  };
});

const notRun = `Not run: the call was ${cutOffWords}`;

/** Calls that are not run are no calls of the turn: there are some only after a filter or a refusal. */
export const dropCalls = turnSetup.assign({ calls: [] });

/** In a resumed turn, calls that have already ended stay ended. */
export const startCalls = turnSetup.enqueueActions(({ context, enqueue }) => {
  const begun = context.calls.map((call) => begunCall(call, context.now));
  enqueue.assign({ calls: begun });
  for (const [index, call] of begun.entries()) {
    if (call.status !== 'running' && call.status !== 'awaitingApproval') continue;
    const announced = context.calls[index]?.status === 'awaitingApproval';
    enqueue.spawnChild('toolCall', { id: `toolCall.${call.id}`, input: callInput(context, call, announced) });
  }
});

/** `announced`: an earlier run of the actor said that it waits. */
export function callInput(context: TurnContext, call: TurnCall, announced: boolean): ToolCallInput {
  return {
    sessionId: context.sessionId,
    turnId: context.turnId,
    traceId: context.traceId,
    answerId: context.answerId,
    step: call.step,
    id: call.id,
    modelCallId: call.modelCallId,
    name: call.name,
    argumentsJson: call.argumentsJson,
    agentId: context.agentId,
    at: context.now,
    needsApproval: call.needsApproval,
    approvalDeadline: call.approvalDeadline,
    refusal: call.refusal,
    scopes: context.scopes,
    announced,
  };
}

export function begunCall(call: TurnCall, now: number): TurnCall {
  if (call.status !== 'asked') return call;
  if (!call.needsApproval) return { ...call, status: 'running' };
  const approvalDeadline = call.approvalTimeoutMs === null ? null : now + call.approvalTimeoutMs;
  return { ...call, status: 'awaitingApproval', approvalDeadline };
}

export const noteResult = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  const output = toolCallOutput(event);
  if (output === null) return;
  enqueue.assign({
    now: Math.max(context.now, output.at),
    calls: context.calls.map((call) =>
      call.id === output.id
        ? {
            ...call,
            status: output.failed ? ('failed' as const) : ('completed' as const),
            result: output.result,
            ...(output.files === undefined ? {} : { files: output.files }),
            ranMs: output.ranMs ?? 0,
          }
        : call,
    ),
  });
  // An answer that has said nothing yet begins with them.
  if (output.files !== undefined && context.answerSpawned) {
    enqueue.sendTo('answer', { type: 'answer.files', files: output.files, at: output.at });
  }
  enqueue.stopChild(`toolCall.${output.id}`);
});

/** Passes a decision on to the call that waits for it; answers a decision that is too late, or repeated. */
export const decideCall = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, ['tool.approve', 'tool.deny']);
  const call = [...context.calls, ...context.earlierCalls].find(({ id }) => id === event.callId);
  // The store knows calls that this turn does not have. If one waits there, its turn is over.
  const known = call === undefined ? settled(event.stored) : decidable(call);
  const judged = judgedDecision(event, known);
  if (judged !== 'new') {
    for (const emission of answeredDecision(event, judged)) enqueue.emit(emission);
    return;
  }
  const approval = decisionOf(event);
  enqueue.assign({
    calls: context.calls.map((one) =>
      // A denied call ends by itself; until then it does not wait any more.
      one.id === event.callId ? { ...one, approval, status: 'running' as const } : one,
    ),
  });
  enqueue.sendTo(`toolCall.${event.callId}`, {
    type: 'toolCall.decide',
    at: context.now,
    approval,
  } satisfies ToolCallEvent);
  const outcome = { ok: true as const, value: toolDecision(event, approval) };
  for (const emission of answeredDecision(event, outcome)) enqueue.emit(emission);
});

function decidable({ id, status, approval }: TurnCall): DecidableCall {
  return { id, awaits: status === 'awaitingApproval', approval };
}

function settled(stored: DecidableCall | null): DecidableCall | undefined {
  return stored === null ? undefined : { ...stored, awaits: false };
}

/** Decisions of people about the calls of this turn. */
export function decidedIn({ sessionId, calls, earlierCalls }: TurnContext): readonly ToolDecision[] {
  return [...earlierCalls, ...calls].flatMap(({ id, approval }) =>
    approval === null ? [] : [{ sessionId, callId: id, ...approval }],
  );
}

/** Ends every open call: nothing of a turn outlives it. */
export const cancelCalls = turnSetup.enqueueActions(({ context, enqueue }) => {
  for (const call of context.calls) {
    if (call.status !== 'running' && call.status !== 'awaitingApproval') continue;
    enqueue.sendTo(`toolCall.${call.id}`, { type: 'toolCall.cancel', at: context.now });
  }
});

/** Interrupts running calls. Waiting calls stay as they are: their rows keep them. */
export const interruptRunningCalls = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'turn.interrupt');
  const reason = failureReason(event.reason);
  for (const call of context.calls) {
    if (call.status !== 'running') continue;
    enqueue.sendTo(`toolCall.${call.id}`, { type: 'toolCall.cancel', at: context.now, reason });
  }
});
