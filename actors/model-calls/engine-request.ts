/** Assembles the request of one model call from the store and the turn. */
import type { EngineInput, TurnCall } from '../../machines/turn-context.ts';
import type { PastCall } from '../../schema/conversation-window.ts';
import { limits } from '../../schema/limits.ts';
import { type ModelOptions, mergedModelOptions } from '../../schema/model-options.ts';
import { characterCount } from '../../schema/text.ts';
import type { Outbox } from '../outbox/outbox.ts';
import {
  type Clock,
  type Engine,
  type EngineRequest,
  JournalUnavailable,
  type Log,
  type TokenEstimate,
} from '../ports.ts';
import type { ToolBox } from '../tool-ports.ts';
import { AttachmentChoice } from './attachment-choice.ts';
import {
  continuedMessages,
  cutResult,
  exchangesOf,
  promptMessage,
  turnSteps,
} from './conversation-history.ts';
import type { KeptConversations } from './kept-conversations.ts';
import { modelContext } from './model-context.ts';
import type { ToldTool, ToldTools } from './told-tools.ts';

export type EngineRequestPorts = {
  readonly conversations: Pick<KeptConversations, 'read'>;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly tools: ToolBox;
  /** The server's options; those of session and message override them. */
  readonly modelOptions: ModelOptions;
  readonly estimateTokens: TokenEstimate;
  /** By the same estimate. */
  readonly toldTools: ToldTools;
  readonly engine: Pick<Engine, 'accepts'>;
};

/** What one step asks its model, with as much of the conversation as there is room for. */
export type Question = {
  readonly options: ModelOptions;
  /** `room`: tokens by the estimate. */
  readonly request: (room: number) => BoundedRequest;
};

export type BoundedRequest = {
  readonly request: EngineRequest;
  /** By the estimate. */
  readonly tokens: number;
  /** With more room there would be more in it. */
  readonly isCut: boolean;
  /** With less room it would be the same. */
  readonly isLeast: boolean;
};

/**
 * `answerText` is the turn's text so far. Rejects when the signal aborts while the database is not available, or when
 * there is no such prompt.
 */
export async function readQuestion(
  ports: EngineRequestPorts,
  input: EngineInput,
  answerText: string,
  signal: AbortSignal,
): Promise<Question> {
  const { sessionId, promptId, answerId, step, attempt, steps, results } = input;
  const { conversations, outbox } = ports;
  await outbox.settled(sessionId);
  const query = { sessionId, promptId, answerId, limit: limits.historyMessagesMax };
  const window = await whenAvailable(ports.clock, signal, () => conversations.read(query));
  const prompt = window?.messages.at(-1);
  if (window === undefined || prompt === undefined)
    throw new Error(`message ${promptId} is not in the store`);
  const options = mergedModelOptions(ports.modelOptions, input.options);
  const told = toldTools(ports);
  const tools = told.map(({ definition }) => definition);
  const calls = results.map(ownCall);
  // What is asked now has the room before what was said earlier.
  const choice = new AttachmentChoice(ports.engine.accepts?.(options) ?? []);
  const context = {
    systemPrompt: options.systemPrompt,
    isCut: window.isCut,
    prompt: choice.message(promptMessage(prompt)),
    steps: choice.messages([
      ...continuedMessages(window.continued),
      ...turnSteps({ text: answerText, steps, calls }).messages,
    ]),
    exchanges: choice.exchanges(exchangesOf(window)),
    toolTokens: told.reduce((sum, { tokens }) => sum + tokens, 0),
    estimate: ports.estimateTokens,
  };
  const toolResults = results.map(toolResult);
  return {
    options,
    request: (room) => {
      const { messages, ...bounds } = modelContext({ ...context, tokensMax: room });
      const request = {
        sessionId,
        step,
        attempt,
        prompt,
        options,
        conversation: messages,
        toolResults,
        tools,
      };
      return { request, ...bounds };
    },
  };
}

function toldTools({ tools, log, toldTools }: EngineRequestPorts): readonly ToldTool[] {
  const all = tools.list();
  if (all.length > limits.modelToolsMax) {
    log.warn('There are more tools than a model is told of', {
      tools: all.length,
      told: limits.modelToolsMax,
    });
  }
  return all.slice(0, limits.modelToolsMax).map((tool) => toldTools.of(tool));
}

function ownCall({ id, step, name, argumentsJson, result, status, files }: TurnCall): PastCall {
  return {
    id,
    step,
    name,
    argumentsJson,
    result,
    resultCharacters: characterCount(result),
    failed: status === 'failed',
    ...(files === undefined ? {} : { files }),
  };
}

function toolResult({ modelCallId, name, argumentsJson, result, status }: TurnCall) {
  const told = cutResult(result, characterCount(result), limits.toolResultModelUnitsMax);
  return { modelCallId, name, argumentsJson, result: told, failed: status === 'failed' };
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
