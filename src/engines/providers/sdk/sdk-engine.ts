/**
 * An engine over the AI SDK's packages of providers, for formats that we do not read ourselves and for settings that ask
 * for it. A package makes one model call and nothing else: `doStream` of its model, without the SDK's own loop, tools,
 * retries and checks of each chunk.
 */
import type { LanguageModelV4FunctionTool, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { EnginePart, EngineRequest } from '../../../../actors/ports.ts';
import { withoutSecrets } from '../../../../schema/redaction.ts';
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
  // What the SDK keeps of a step is of another shape than what the lean adapters keep.
  const origin = `${provider}/${model} by sdk`;
  const manners = {
    origin,
    resultFiles: settings.type === 'anthropic' ? ('inside' as const) : ('behind' as const),
    ...(settings.type === 'openai' || settings.type === 'openai-responses'
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
  let stream: ReadableStreamDefaultReader<LanguageModelV4StreamPart> | undefined;
  try {
    stream = await startedCall(call, request, told, fetch, signal);
    for (;;) {
      const { value } = await stream.read();
      if (signal.aborted) return;
      const read = value === undefined ? parts.end() : parts.read(value);
      if (read === undefined) continue;
      const isLast = read.type === 'finish' || read.type === 'error';
      // What was wrong with the stream is told in the provider's words, whatever the SDK made of it.
      yield safe(isLast ? (fetch.failure ?? read) : read);
      if (isLast) return;
    }
  } catch (cause) {
    if (signal.aborted) return;
    yield safe(fetch.failure ?? sdkError(cause, clock.now()));
  } finally {
    // The provider may go on, though the last part was the last for us.
    stream?.cancel().catch(() => {});
    fetch.stop();
  }
}

async function startedCall(
  { provider, model, settings }: ProviderCall,
  request: EngineRequest,
  { system, messages, names }: ToldConversation,
  fetch: RepairingFetch,
  abortSignal: AbortSignal,
): Promise<ReadableStreamDefaultReader<LanguageModelV4StreamPart>> {
  const { temperature, topP, maxOutputTokens, reasoningEffort } = request.options;
  const asked = await providerModel(provider, model, settings, (input, init) => fetch.fetch(input, init));
  const lead = system === undefined ? [] : [{ role: 'system' as const, content: system }];
  const { stream } = await asked.doStream({
    prompt: [...lead, ...messages.flatMap((message) => sdkMessages(message, settings.type === 'anthropic'))],
    abortSignal,
    ...(request.tools.length === 0 ? {} : { tools: sdkTools(request, (name) => names.told(name)) }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(reasoningEffort === undefined ? {} : { reasoning: reasoningEffort }),
    // What a step thought is in the conversation: nothing has to be kept at the provider for it.
    ...(settings.type === 'openai-responses'
      ? { providerOptions: { openai: { store: false, include: ['reasoning.encrypted_content'] } } }
      : {}),
  });
  return stream.getReader();
}

function sdkTools({ tools }: EngineRequest, told: (name: string) => string): LanguageModelV4FunctionTool[] {
  return tools.map(({ name, description, inputSchema }) => ({
    type: 'function',
    name: told(name),
    description,
    inputSchema: structuredClone(inputSchema),
  }));
}
