/** Puts one model call together: what the model is given, from the store and from the turn. */
import type { EngineInput } from '../machines/turn-context.ts';
import { limits } from '../schema/limits.ts';
import { historyBefore } from './history.ts';
import { modelContext, quarterOfCharacters, trimmedResult } from './model-context.ts';
import type { Outbox } from './outbox.ts';
import { type Clock, type EngineRequest, JournalUnavailable, type ReadModel, type ToolBox } from './ports.ts';

export type EngineRequestPorts = {
  readonly readModel: ReadModel;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly tools: ToolBox;
};

/** Rejects when the signal aborts while the database is away, or for good when there is no such prompt. */
export async function readEngineRequest(
  ports: EngineRequestPorts,
  input: EngineInput,
  signal: AbortSignal,
): Promise<EngineRequest> {
  const { sessionId, promptId, step, results } = input;
  const { readModel, outbox } = ports;
  await outbox.settled(sessionId);
  const read = <Value>(ask: () => Promise<Value>) => whenAvailable(ports.clock, signal, ask);
  const messages = await read(() => readModel.messages(sessionId, { limit: limits.historyMessagesMax }));
  const prompt =
    messages.find((message) => message.id === promptId) ?? (await read(() => readModel.message(promptId)));
  if (prompt === undefined) throw new Error(`message ${promptId} is not in the store`);
  const calls = results.map((call) => ({
    modelCallId: call.modelCallId,
    name: call.name,
    argumentsJson: call.argumentsJson,
    result: call.result,
    failed: call.status === 'failed',
  }));
  const tools = ports.tools
    .list()
    .slice(0, limits.modelToolsMax)
    .map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  return {
    sessionId,
    step,
    attempt: 1,
    prompt,
    options: {},
    conversation: modelContext({
      systemPrompt: undefined,
      history: historyBefore(prompt, messages),
      earlierCalls: new Map(),
      prompt,
      steps: calls.length === 0 ? [] : [{ text: '', calls }],
      tools,
      tokensMax: limits.contextTokensDefault,
      estimate: quarterOfCharacters,
    }),
    toolResults: calls.map((call) => ({ ...call, result: trimmedResult(call.result) })),
    tools,
  };
}

/** A database that is away makes the turn wait, not fail: it is back before anybody could ask again (SPEC [REC6]). */
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
