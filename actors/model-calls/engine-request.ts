/** Assembles the request of one model call from the store and the turn. */
import type { EngineInput, TurnCall } from '../../machines/turn-context.ts';
import { limits } from '../../schema/limits.ts';
import { type ModelOptions, mergedModelOptions } from '../../schema/model-options.ts';
import type { Outbox } from '../outbox/outbox.ts';
import {
  type Clock,
  type EngineRequest,
  JournalUnavailable,
  type Log,
  type ReadModel,
  type StoredToolCall,
  type TokenEstimate,
  type ToolBox,
} from '../ports.ts';
import { earlierMessages } from './earlier-messages.ts';
import { type CalledStep, type EndedCall, modelContext, trimmedResult } from './model-context.ts';

export type EngineRequestPorts = {
  readonly readModel: ReadModel;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly tools: ToolBox;
  /** The server's options; those of session and message override them. */
  readonly modelOptions: ModelOptions;
  readonly estimateTokens: TokenEstimate;
};

/**
 * `answerText` is the turn's text so far. Rejects when the signal aborts while the database is not available, or when
 * there is no such prompt.
 */
export async function readEngineRequest(
  ports: EngineRequestPorts,
  input: EngineInput,
  answerText: string,
  signal: AbortSignal,
): Promise<EngineRequest> {
  const { sessionId, promptId, answerId, step, attempt, results } = input;
  const { readModel, outbox } = ports;
  await outbox.settled(sessionId);
  const read = <Value>(ask: () => Promise<Value>) => whenAvailable(ports.clock, signal, ask);
  const messages = await read(() => readModel.messages(sessionId, { limit: limits.historyMessagesMax }));
  const prompt =
    messages.find((message) => message.id === promptId) ?? (await read(() => readModel.message(promptId)));
  if (prompt === undefined) throw new Error(`message ${promptId} is not in the store`);
  const earlier = await read(() =>
    readModel.sessionToolCalls(sessionId, { limit: limits.historyToolCallsMax }),
  );
  const options = mergedModelOptions(ports.modelOptions, input.options);
  const tools = definitions(ports);
  return {
    sessionId,
    step,
    attempt,
    prompt,
    options,
    conversation: modelContext({
      systemPrompt: options.systemPrompt,
      // The beginning of this very answer is not history: it is in the steps.
      history: earlierMessages(prompt, messages).filter((message) => message.id !== answerId),
      earlierCalls: callsByAnswer(earlier),
      prompt,
      steps: calledSteps(input, answerText),
      tools,
      tokensMax: options.contextTokensMax ?? limits.contextTokensDefault,
      estimate: ports.estimateTokens,
    }),
    toolResults: results.map(({ modelCallId, name, argumentsJson, result, status }) => {
      return { modelCallId, name, argumentsJson, result: trimmedResult(result), failed: status === 'failed' };
    }),
    tools,
  };
}

function definitions({ tools, log }: EngineRequestPorts): EngineRequest['tools'] {
  const all = tools.list();
  if (all.length > limits.modelToolsMax) {
    log.warn('There are more tools than a model is told of', {
      tools: all.length,
      told: limits.modelToolsMax,
    });
  }
  return all
    .slice(0, limits.modelToolsMax)
    .map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
}

/** Each step with its part of the answer's text, and its calls. */
function calledSteps({ steps, results }: EngineInput, answerText: string): readonly CalledStep[] {
  let from = 0;
  return steps.map(({ step, answerUnits, continuation }) => {
    const text = answerText.slice(from, answerUnits);
    from = answerUnits;
    return { text, calls: results.filter((call) => call.step === step).map(endedCall), continuation };
  });
}

function endedCall({ id, name, argumentsJson, result, status }: TurnCall): EndedCall {
  return { callId: id, name, argumentsJson, result, failed: status === 'failed' };
}

function callsByAnswer(calls: readonly StoredToolCall[]): ReadonlyMap<string, readonly EndedCall[]> {
  const byAnswer = new Map<string, EndedCall[]>();
  for (const { answerId, id, name, argumentsJson, result, status } of calls) {
    if (answerId === null || result === null) continue;
    const call = { callId: id, name, argumentsJson, result, failed: status === 'failed' };
    byAnswer.set(answerId, [...(byAnswer.get(answerId) ?? []), call]);
  }
  return byAnswer;
}

/** While the database is not available the turn waits; it does not fail (SPEC [REC6]). */
async function whenAvailable<Value>(
  clock: Clock,
  signal: AbortSignal,
  read: () => Promise<Value>,
): Promise<Value> {
  for (;;) {
    try {
      return await read();
    } catch (cause) {
      if (!(cause instanceof JournalUnavailable) || signal.aborted) throw cause;
    }
    await new Promise<void>((resolve) => {
      clock.after(limits.journalRetryMs, resolve);
    });
  }
}
