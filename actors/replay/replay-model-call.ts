/** What an engine must have told its turn, as far as the journal has it: how a model call went on, and how it ended. */
import { type AnyActorRef, isMachineSnapshot } from 'xstate';
import { type EngineErrorCode, engineErrorReason, engineErrorTable } from '../../schema/engine-error.ts';
import type { DomainEventOf } from '../../schema/event-catalogue.ts';
import { limits } from '../../schema/limits.ts';
import { addedUsage, finishReasons, modelUsageSchema, noUsage } from '../../schema/model-usage.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { endedStepSchema, type TurnIdentity } from '../../schema/turn-record.ts';
import { contextOf, field } from '../watch/actor-state.ts';
import type { LookAhead } from './replay-look-ahead.ts';
import type { ReplayInput } from './replay-sandbox.ts';

type EngineEvent = ReplayInput['event'];

/** The model call before this attempt failed, and its turn waited. */
export function attemptStarted(
  turn: AnyActorRef,
  { at, data }: DomainEventOf<'turn.step.started'>,
): EngineEvent[] {
  const attempt = Number(field(contextOf(turn), 'attempt'));
  const failures = Math.max(0, (data.attempt ?? 1) - attempt);
  const again: EngineEvent[] = Array.from({ length: failures }, () => [
    // Why it failed is not in the journal, only that trying again could help.
    { type: 'engine.failed', at, error: '', code: 'unavailable' satisfies EngineErrorCode },
    { type: 'xstate.after.retryDelay.turn.modelCall.waitingToRetry', at },
  ]).flat();
  return [...again, { type: 'engine.starting', at }];
}

/** A model call that failed and was not made again, because its turn ended first. */
export function attemptFailed(
  turn: AnyActorRef,
  identity: TurnIdentity,
  ahead: LookAhead,
  at: Milliseconds,
): EngineEvent[] {
  const retries = field(endOfTrace(identity, ahead), 'retries');
  const isNew = typeof retries === 'number' && retries > Number(field(contextOf(turn), 'retries'));
  return isNew
    ? [{ type: 'engine.failed', at, error: '', code: 'unavailable' satisfies EngineErrorCode }]
    : [];
}

/** When the model asked for each call is not in the journal; it is said when the model call ended. */
export function askedForTools(
  ahead: LookAhead,
  { at, data }: DomainEventOf<'turn.step.ended'>,
): EngineEvent[] {
  const { turnId: _, sessionId: __, timestamp: ___, step: ____, ...end } = data;
  const announced = ahead.find('agent.activity', (event) => event.data.state === 'tool')?.offset ?? 0;
  const begun = new Map<string, DomainEventOf<'tool.call'>>();
  for (const event of ahead.run('tool.call', announced + 1)) {
    // What a call says behind its beginning is no new call.
    if (!begun.has(event.data.id)) begun.set(event.data.id, event);
  }
  const calls = [...begun.values()].map((event) => {
    const { modelCallId, argumentsJson, needsApproval, approvalDeadline } = event.record;
    const timeoutMs = approvalDeadline === undefined ? null : approvalDeadline - event.at;
    const approval = needsApproval === true ? { approval: { timeoutMs } } : {};
    const { id, name } = event.data;
    return { type: 'engine.toolCall', at, call: { id, modelCallId, name, argumentsJson, ...approval } };
  });
  return [...calls, { type: 'engine.finished', at, ...end }];
}

/** The last model call of a turn; what it cost is told by the trace. */
export function finished(
  turn: AnyActorRef,
  identity: TurnIdentity,
  ahead: LookAhead,
  at: Milliseconds,
): EngineEvent {
  const metadata = endOfTrace(identity, ahead);
  const steps = endedStepSchema.array().safeParse(field(contextOf(turn), 'steps')).data ?? [];
  const before = steps.reduce((sum, step) => addedUsage(sum, step.usage), noUsage);
  const total = modelUsageSchema.safeParse(field(metadata, 'usage')).data ?? noUsage;
  const spent = new Map(Object.entries(before));
  const usage = Object.fromEntries(
    Object.entries(total).map(([name, count]) => [name, count - (spent.get(name) ?? 0)]),
  );
  const model = field(metadata, 'model');
  const finishReason = finishReasons.find((reason) => reason === field(metadata, 'finishReason')) ?? 'stop';
  return { type: 'engine.finished', at, finishReason, usage, ...(model === undefined ? {} : { model }) };
}

/** What makes a turn fail for `reason`. */
export function failed(
  turn: AnyActorRef,
  identity: TurnIdentity,
  ahead: LookAhead,
  end: { readonly reason: string; readonly at: Milliseconds },
): EngineEvent[] {
  const { reason, at } = end;
  if (saidNothing.some((words) => reason.startsWith(words))) return [finished(turn, identity, ahead, at)];
  if (reason.startsWith('The turn took longer than')) {
    return [{ type: 'xstate.after.turnTimeLimit.turn.modelCall', at }];
  }
  if (reason.startsWith('The engine asked for more than')) {
    const call = { id: identity.promptId, modelCallId: '', name: '', argumentsJson: '' };
    return Array.from({ length: limits.stepToolCallsMax + 1 }, () => ({
      type: 'engine.toolCall',
      at,
      call,
    }));
  }
  const code = codeOf(field(endOfTrace(identity, ahead), 'errorCode'));
  const prefix = `${engineErrorReason(code, '')}: `;
  const isBare = reason === engineErrorReason(code, '');
  const error = reason.startsWith(prefix) ? reason.slice(prefix.length) : isBare ? '' : reason;
  // It was not tried again, whatever the class says.
  const retryAfterMs = limits.modelRetryAfterMsMax + 1;
  return [{ type: 'engine.failed', at, error, code, retryAfterMs }];
}

const saidNothing = [
  'The engine finished without an answer',
  'The engine reached the limit of its output',
  'The engine said nothing',
];

function codeOf(code: unknown): EngineErrorCode {
  return typeof code === 'string' && Object.hasOwn(engineErrorTable, code)
    ? (code as EngineErrorCode)
    : 'unknown';
}

function endOfTrace({ traceId }: TurnIdentity, ahead: LookAhead): unknown {
  return ahead.find('trace.updated', ({ data }) => data.id === traceId)?.event.data.metadata;
}

/** A tool call's actor that is in `state`. */
export function isCallIn(actor: AnyActorRef | undefined, state: string): boolean {
  const snapshot: unknown = actor?.getSnapshot();
  return isMachineSnapshot(snapshot) && snapshot.value === state;
}
