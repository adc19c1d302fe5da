/**
 * Tool actor: runs one tool for one call. It starts only when the call is durable, so that a crash can never
 * have run a tool that the journal does not know of (I11).
 *
 * Stopping the actor aborts the tool. Every way a tool can end badly becomes one `tool.failed`.
 */
import { fromCallback } from 'xstate';
import type { ToolCallEvent, ToolRunnerInput } from '../machines/tool-call.ts';
import type { JsonObject } from '../schema/json-value.ts';
import { limits } from '../schema/limits.ts';
import { cutText, valueText } from '../schema/preview.ts';
import { type Outcome, refusal, refused } from '../schema/refusal.ts';
import { storableText } from '../schema/text.ts';
import { validArguments } from './argument-validation.ts';
import type { Outbox } from './outbox.ts';
import type { Clock, Log, Tool, ToolBox } from './ports.ts';

export type ToolActorPorts = {
  readonly tools: ToolBox;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
};

export function toolActor(ports: ToolActorPorts) {
  return fromCallback<ToolCallEvent, ToolRunnerInput>(({ input, sendBack }) => {
    const abort = new AbortController();
    void run(ports, input, abort).then((event) => {
      if (event !== null) sendBack(event);
    });
    return () => abort.abort();
  });
}

/** Never rejects; `null` when nobody wants to know any more. */
async function run(
  ports: ToolActorPorts,
  input: ToolRunnerInput,
  abort: AbortController,
): Promise<ToolCallEvent | null> {
  await ports.outbox.settled(input.sessionId);
  if (abort.signal.aborted) return null;
  const tool = ports.tools.find(input.name);
  const outcome =
    tool === undefined
      ? refused(refusal('not_found', `There is no tool named ${JSON.stringify(input.name)}`))
      : await runValid(ports, tool, input, abort);
  if (outcome === null) return null;
  const at = ports.clock.now();
  if (!outcome.ok) {
    ports.log.warn('Tool call failed', { tool: input.name, error: outcome.refusal.message });
    return { type: 'tool.failed', at, error: outcome.refusal.message };
  }
  return { type: 'tool.completed', at, result: resultText(outcome.value) };
}

async function runValid(
  ports: ToolActorPorts,
  tool: Tool,
  input: ToolRunnerInput,
  abort: AbortController,
): Promise<Outcome<unknown> | null> {
  const given = validArguments(tool.inputSchema, input.argumentsJson);
  return given.ok ? await runBounded(ports, tool, input, given.value, abort) : given;
}

async function runBounded(
  ports: ToolActorPorts,
  tool: Tool,
  { sessionId, callId }: ToolRunnerInput,
  input: JsonObject,
  abort: AbortController,
): Promise<Outcome<unknown> | null> {
  const cancelled = Promise.withResolvers<null>();
  const expired = Promise.withResolvers<Outcome<never>>();
  abort.signal.addEventListener('abort', () => cancelled.resolve(null), { once: true });
  const timeLimit = new AbortController();
  const cancelTimer = ports.clock.after(tool.timeoutMs, () => {
    expired.resolve(
      refused(refusal('unavailable', `${tool.name} did not finish within ${tool.timeoutMs} ms`)),
    );
    timeLimit.abort();
  });
  const signal = AbortSignal.any([abort.signal, timeLimit.signal]);
  try {
    const run = { sessionId, callId, signal, progress: () => {} };
    return await Promise.race([tool.run(input, run), cancelled.promise, expired.promise]);
  } catch (cause) {
    if (abort.signal.aborted) return null;
    ports.log.error('Tool threw', { tool: tool.name, cause });
    return refused(refusal('internal', cause instanceof Error ? cause.message : String(cause)));
  } finally {
    cancelTimer();
  }
}

function resultText(value: unknown): string {
  return storableText(cutText(valueText(value) ?? 'null', limits.toolResultUnitsMax));
}
