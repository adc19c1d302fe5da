/**
 * Plans of the events of a turn, which become concrete in the state that they meet: a plan to end a call ends a
 * running one. Stray events (late, doubled, about unknown calls) are planned too.
 */
import fc from 'fast-check';
import type { SnapshotFrom } from 'xstate';
import type { turnMachine } from '../../machines/turn.ts';
import type { TurnEvent, TurnInput } from '../../machines/turn-context.ts';
import type { EngineErrorCode } from '../../schema/engine-error.ts';
import type { MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { nobody } from '../machine-steps.ts';
import { idKinds, idOf } from './ids.ts';
import { anyInstant, noon } from './instants.ts';
import { anyText } from './texts.ts';
import { decision } from './tool-decisions.ts';

type Plan =
  | { readonly kind: 'starting' | 'began' | 'spoke' | 'yield' | 'finished' | 'cancel' | 'timer' }
  | { readonly kind: 'opened'; readonly spoke: boolean }
  /** A person must decide about every `guarded`th call; 0: about none. */
  | { readonly kind: 'calls'; readonly count: number; readonly guarded: number }
  | { readonly kind: 'interrupt'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string; readonly code: EngineErrorCode }
  | { readonly kind: 'decide'; readonly which: number; readonly approve: boolean; readonly stray: boolean }
  | { readonly kind: 'callEnds'; readonly which: number; readonly failed: boolean; readonly stray: boolean }
  | { readonly kind: 'childDies'; readonly which: number };

export type TurnPlan = Plan & { readonly at: number };

const plan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('starting' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('began' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('opened' as const), spoke: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('spoke' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('yield' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('finished' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('calls' as const),
      count: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) },
        { weight: 1, arbitrary: fc.integer({ min: 4, max: 20 }) },
      ),
      guarded: fc.nat(3),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('decide' as const),
      which: fc.nat(20),
      approve: fc.boolean(),
      stray: fc.oneof(
        { weight: 4, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('timer' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('failed' as const),
      text: anyText,
      code: fc.constantFrom('unknown', 'rate_limited', 'authentication'),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('callEnds' as const),
      which: fc.nat(20),
      failed: fc.boolean(),
      stray: fc.oneof(
        { weight: 7, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('interrupt' as const), text: anyText }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('childDies' as const), which: fc.nat(5) }) },
);

export const turnPlans: fc.Arbitrary<TurnPlan[]> = fc.array(
  fc.tuple(plan, anyInstant).map(([what, at]) => ({ ...what, at })),
  { maxLength: 60, size: 'max' },
);

export function turnInput(count: number, traceCreatedAt: number | null = null): TurnInput {
  return {
    turnId: idOf<TurnId>(idKinds.turn, count),
    sessionId: idOf<SessionId>(idKinds.session, 1),
    promptId: idOf<MessageId>(idKinds.prompt, count),
    answerId: idOf<MessageId>(idKinds.answer, count),
    traceId: idOf<TraceId>(idKinds.trace, count),
    session: nobody,
    agentId: 'rehearsal',
    at: noon,
    traceCreatedAt,
  };
}

/** The plan's events in this state; `index` makes the ids of its calls unique. */
export function turnEvents(
  planned: TurnPlan,
  index: number,
  { context, value }: SnapshotFrom<typeof turnMachine>,
): TurnEvent[] {
  const { at } = planned;
  switch (planned.kind) {
    case 'starting':
      return [{ type: 'engine.starting', at }];
    case 'began':
      return [{ type: 'engine.began', at }];
    case 'opened':
      // Only an answer can send this, and only once.
      return context.answerSpawned && !context.answerOpened
        ? [{ type: 'answer.opened', at, spoke: planned.spoke }]
        : [];
    case 'spoke':
      // After it was opened by reasoning.
      return context.answerOpened && !context.answerSpoke ? [{ type: 'answer.spoke', at }] : [];
    case 'finished':
      return [{ type: 'engine.finished', at }];
    case 'yield':
      return [{ type: 'turn.yield', at, yields: !context.yields }];
    case 'cancel':
      return [{ type: 'turn.cancel', at }];
    case 'failed':
      return [{ type: 'engine.failed', at, error: planned.text, code: planned.code }];
    case 'interrupt':
      return [{ type: 'turn.interrupt', at, reason: planned.text }];
    case 'calls':
      return Array.from({ length: planned.count }, (_, nth) => ({
        type: 'engine.toolCall',
        at,
        call: {
          id: idOf<ToolCallId>(idKinds.call, index * 100 + nth),
          // Some providers repeat these ids between model calls, some even within one.
          modelCallId: `call_${nth % 2}`,
          name: 'clock',
          argumentsJson: `{"nth":${nth}}`,
          ...(planned.guarded > 0 && nth % planned.guarded === 0 ? { approval: { timeoutMs: null } } : {}),
        },
      }));
    case 'decide': {
      const open = context.calls.filter((call) => planned.stray || call.status === 'awaitingApproval');
      const callId =
        open[planned.which % Math.max(1, open.length)]?.id ?? idOf<ToolCallId>(idKinds.call, 0xffff);
      const type = planned.approve ? 'tool.approve' : 'tool.deny';
      return [decision(type, callId, { at, count: index })];
    }
    case 'timer':
      return timersOf(value).map((type) => ({ type }) as never);
    case 'callEnds': {
      const running = context.calls.filter((call) => call.status === 'running');
      const calls = planned.stray ? context.calls : running;
      const id =
        calls[planned.which % Math.max(1, calls.length)]?.id ?? idOf<ToolCallId>(idKinds.call, 0xffff);
      const output = { id, result: `result ${index}`, failed: planned.failed, at };
      return [{ type: `xstate.done.actor.toolCall.${id}`, actorId: `toolCall.${id}` as const, output }];
    }
    case 'childDies': {
      const children = ['engine', 'trace', 'answer', ...context.calls.map((call) => `toolCall.${call.id}`)];
      const actorId = children[planned.which % children.length] ?? 'engine';
      return [{ type: `xstate.error.actor.${actorId}`, actorId, error: new Error('a bug') }];
    }
    default:
      return unreachable(planned);
  }
}

/** The machine's timers that are set in this state, as the events that they cause. */
function timersOf(value: SnapshotFrom<typeof turnMachine>['value']): string[] {
  return typeof value === 'object' && value.modelCall === 'waitingToRetry'
    ? ['xstate.after.retryDelay.turn.modelCall.waitingToRetry']
    : [];
}
