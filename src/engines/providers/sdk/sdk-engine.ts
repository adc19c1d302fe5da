/**
 * An engine over the AI SDK, for providers whose settings ask for it. The SDK makes one model call and nothing else: the
 * loop, tools, retries, time limits and cancellation belong to the turn machine and its actors, so it gets no `execute`
 * functions and may not try again by itself.
 */
import { type JSONSchema7, jsonSchema, streamText, type ToolSet, tool } from 'ai';
import type { EnginePart, EngineRequest, Log, ToolDefinition } from '../../../../actors/ports.ts';
import { withoutSecrets } from '../../../logs/redaction.ts';
import { heldFiles, type ProviderCall } from '../provider-call.ts';
import { type ToldConversation, toldConversation } from '../told/told-conversation.ts';
import type { ReadFiles } from '../told/told-files.ts';
import { providerModel } from './provider-models.ts';
import { RepairingFetch } from './repairing-fetch.ts';
import { sdkError } from './sdk-error.ts';
import { sdkMessages } from './sdk-messages.ts';
import { SdkParts } from './sdk-parts.ts';

/** One model call. Ends with one `finish` or `error`; ends without another part when `signal` aborts. Never throws. */
export async function* sdkStream(
  call: ProviderCall,
  request: EngineRequest,
  signal: AbortSignal,
  alive: () => void,
): AsyncGenerator<EnginePart, void, void> {
  // Rejects only when nobody waits for the answer any more.
  const held = await heldFiles(call, request, signal).catch(() => null);
  if (held === null) return;
  try {
    yield* streamWith(held.files, call, request, signal, alive);
  } finally {
    held.release();
  }
}

async function* streamWith(
  files: ReadFiles,
  call: ProviderCall,
  request: EngineRequest,
  signal: AbortSignal,
  alive: () => void,
): AsyncGenerator<EnginePart, void, void> {
  const { clock, provider, model, settings } = call;
  // Ends the request when a part is the last one for us, though the provider would go on.
  const over = new AbortController();
  // What the SDK keeps of a step is of another shape than what the lean adapters keep.
  const origin = `${provider}/${model} by sdk`;
  const manners = {
    origin,
    resultFiles: settings.type === 'anthropic' ? ('inside' as const) : ('behind' as const),
    ...(settings.type === 'openai'
      ? { lateSystem: 'keep' as const, turns: 'any' as const }
      : { lateSystem: 'asUser' as const, turns: 'strict' as const }),
  };
  const told = toldConversation(request, manners, files);
  const parts = new SdkParts({
    now: clock.now,
    origin,
    ownName: (name) => told.names.own(name),
    keepsPlainReasoning: settings.type === 'openai-compatible',
  });
  const fetch = new RepairingFetch({ type: settings.type, clock, alive });
  const safe = (part: EnginePart): EnginePart =>
    part.type === 'error' ? { ...part, message: withoutSecrets(part.message, settings) } : part;
  try {
    const stream = startCall(call, request, told, fetch, AbortSignal.any([signal, over.signal]));
    for await (const part of stream) {
      if (signal.aborted) return;
      const read = parts.read(part);
      if (read === undefined) continue;
      // What the stream itself said was wrong is told in the provider's words.
      const last = read.type === 'error' ? (fetch.failure ?? read) : read;
      yield safe(last);
      if (last.type === 'finish' || last.type === 'error') return;
    }
  } catch (cause) {
    if (signal.aborted) return;
    yield safe(fetch.failure ?? sdkError(cause, clock.now()));
  } finally {
    over.abort();
  }
}

function startCall(
  { provider, model, settings }: ProviderCall,
  request: EngineRequest,
  { system, messages, names }: ToldConversation,
  fetch: RepairingFetch,
  abortSignal: AbortSignal,
) {
  const { temperature, topP, maxOutputTokens, reasoningEffort } = request.options;
  return streamText({
    model: providerModel(provider, model, settings, (input, init) => fetch.fetch(input, init)),
    messages: messages.flatMap((message) => sdkMessages(message, settings.type === 'anthropic')),
    allowSystemInMessages: true,
    maxRetries: 0,
    abortSignal,
    // Errors are parts of the stream; without this they would be printed as well.
    onError: () => {},
    ...(system === undefined ? {} : { instructions: system }),
    ...(request.tools.length === 0 ? {} : { tools: toolSet(request.tools, (name) => names.told(name)) }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(reasoningEffort === undefined ? {} : { reasoning: reasoningEffort }),
  }).stream;
}

function toolSet(tools: readonly ToolDefinition[], told: (name: string) => string): ToolSet {
  return Object.fromEntries(
    tools.map(({ name, description, inputSchema }) => [
      told(name),
      tool({
        description,
        inputSchema: jsonSchema(async (): Promise<JSONSchema7> => structuredClone(inputSchema)),
      }),
    ]),
  );
}

/** The SDK has one place for its warnings in the whole process; by default it writes them to the console. */
export function warnInto(log: Log): void {
  globalThis.AI_SDK_LOG_WARNINGS = ({ warnings, provider, model }) =>
    log.debug('The AI SDK warns', { provider, model, warnings });
}
