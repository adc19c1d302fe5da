/** The types, children, guards and delays of the turn machine; its actions are typed by them. */
import { fromCallback, setup } from 'xstate';
import type { CommandReply } from '../schema/commands.ts';
import { engineErrorTable } from '../schema/engine-error.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import { limits } from '../schema/limits.ts';
import { totalTokens } from '../schema/model-usage.ts';
import { answerLogic } from './answer.ts';
import { toolCallMachine } from './tool-call.ts';
import { traceMachine } from './trace.ts';
import {
  type EngineInput,
  isLastOpenCall,
  isOffered,
  isRepeatedCall,
  mayClaim,
  type SourceInput,
  type TurnContext,
  type TurnEvent,
  type TurnInput,
  type TurnOutput,
} from './turn-context.ts';
import { unprovided } from './unprovided.ts';

export const turnSetup = setup({
  types: {} as {
    context: TurnContext;
    input: TurnInput;
    output: TurnOutput;
    events: TurnEvent;
    emitted: DomainEvent | CommandReply;
  },
  actors: {
    engine: fromCallback<TurnEvent, EngineInput>(unprovided('engine')),
    source: fromCallback<TurnEvent, SourceInput>(unprovided('source')),
    answer: answerLogic,
    toolCall: toolCallMachine,
    trace: traceMachine,
  },
  guards: {
    isPushed: ({ context }) => context.pushed !== undefined,
    isOffered: ({ context }) => isOffered(context),
    mayClaim: ({ context, event }) => event.type === 'turn.claim' && mayClaim(context, event.agent),
    isResumed: ({ context }) => context.resumed !== null,
    continues: ({ context }) => context.continues !== null,
    yields: ({ context }) => context.yields,
    /** After a filter or a refusal nothing that the model requested is done. */
    asksForTools: ({ context, event }) =>
      context.calls.length > 0 &&
      !(event.type === 'engine.finished' && event.finishReason === 'content-filter'),
    isRepeatedCall: ({ context, event }) =>
      event.type === 'engine.toolCall' && isRepeatedCall(context, event.call),
    hasAnswer: ({ context }) => context.answerSpoke,
    isLastStep: ({ context }) => context.step >= context.bounds.stepsMax,
    isOutOfTokens: ({ context }) => tokensOf(context) >= context.bounds.tokensMax,
    isOutOfTime: ({ context }) => context.activeMs >= context.bounds.msMax,
    asksTooMuch: ({ context }) => context.calls.length >= limits.stepToolCallsMax,
    awaitsDecision: ({ context }) => context.calls.some((call) => call.status === 'awaitingApproval'),
    /** The call has produced nothing yet, and another attempt may help. */
    mayRetry: ({ context, event }) =>
      event.type === 'engine.failed' &&
      engineErrorTable[event.code ?? 'unknown'].retryable &&
      context.calls.length === 0 &&
      context.attempt <= limits.modelRetriesMax &&
      (event.retryAfterMs ?? 0) <= limits.modelRetryAfterMsMax,
    endsLastCall: ({ context, event }) => {
      const output = toolCallOutput(event);
      return output !== null && isLastOpenCall(context, output.id);
    },
  },
  delays: {
    retryDelay: ({ context }) => context.retryDelayMs,
    claimTimeLimit: ({ context }) => context.bounds.claimMs,
    turnTimeLimit: ({ context }) => Math.max(0, context.bounds.msMax - context.activeMs),
  },
});

/** The output of a tool call that just ended, or `null` for any other event. */
export function toolCallOutput(event: TurnEvent) {
  return 'output' in event ? event.output : null;
}

export function tokensOf({ steps }: TurnContext): number {
  return steps.reduce((sum, { usage }) => sum + totalTokens(usage), 0);
}
