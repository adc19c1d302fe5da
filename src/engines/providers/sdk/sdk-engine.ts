/**
 * An engine over the AI SDK. The SDK makes one model call and nothing else: the loop, tools, retries and cancellation
 * belong to the turn machine, so it gets no `execute` functions and may not try again by itself.
 */
import { type JSONSchema7, jsonSchema, type LanguageModel, streamText, type ToolSet, tool } from 'ai';
import type { Clock, EnginePart, EngineRequest, ToolDefinition } from '../../../actors/ports.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { providerError } from './provider-error.ts';
import { sdkConversation } from './sdk-messages.ts';
import { SdkParts } from './sdk-parts.ts';

export type SdkEngineOptions = {
  readonly model: LanguageModel;
  readonly clock: Clock;
  /** Silence after which a call counts as dead, ms: before its first part, and between two. */
  readonly silenceMsMax: Milliseconds;
  readonly lateSystem: 'keep' | 'asUser';
};

/** One model call. Ends with one `finish` or `error`; ends without another part when `signal` aborts. Never throws. */
export async function* sdkStream(
  options: SdkEngineOptions,
  request: EngineRequest,
  signal: AbortSignal,
): AsyncGenerator<EnginePart, void, void> {
  const { clock } = options;
  // Ends the request when a part is the last one for us, though the provider would go on.
  const call = new AbortController();
  const parts = new SdkParts(clock.now);
  try {
    for await (const part of startCall(options, request, AbortSignal.any([signal, call.signal]))) {
      if (signal.aborted) return;
      const read = parts.read(part);
      if (read === undefined) continue;
      yield read;
      if (read.type === 'finish' || read.type === 'error') return;
    }
  } catch (cause) {
    if (signal.aborted) return;
    yield providerError(cause, clock.now());
  } finally {
    call.abort();
  }
}

function startCall(options: SdkEngineOptions, request: EngineRequest, abortSignal: AbortSignal) {
  const { model, silenceMsMax, lateSystem } = options;
  const { temperature, topP, maxOutputTokens, reasoningEffort } = request.options;
  const { instructions, messages } = sdkConversation(request.conversation, lateSystem);
  return streamText({
    model,
    messages,
    allowSystemInMessages: true,
    maxRetries: 0,
    abortSignal,
    timeout: { firstChunkMs: silenceMsMax, chunkMs: silenceMsMax },
    // Errors are parts of the stream; without this they would be printed as well.
    onError: () => {},
    ...(instructions === undefined ? {} : { instructions }),
    ...(request.tools.length === 0 ? {} : { tools: toolSet(request.tools) }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(reasoningEffort === undefined ? {} : { reasoning: reasoningEffort }),
  }).stream;
}

function toolSet(tools: readonly ToolDefinition[]): ToolSet {
  return Object.fromEntries(
    tools.map(({ name, description, inputSchema }) => [
      name,
      tool({
        description,
        inputSchema: jsonSchema(async (): Promise<JSONSchema7> => structuredClone(inputSchema)),
      }),
    ]),
  );
}
