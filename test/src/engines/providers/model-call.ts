/** One model call against a scripted provider, through the engine that a server has. */
import type { FileStore } from '../../../../actors/file-store.ts';
import type { Engine, EnginePart, EngineRequest, Log } from '../../../../actors/ports.ts';
import type { MessageId, SessionId, ToolCallId } from '../../../../schema/ids.ts';
import { systemClock } from '../../../../src/clock.ts';
import type { ProviderSettings } from '../../../../src/config/engine-settings.ts';
import { createChoosingEngine } from '../../../../src/engines/providers/choosing-engine.ts';
import { createRehearsalEngine } from '../../../../src/engines/rehearsal-engine.ts';
import { idKinds, idOf } from '../../../arbitraries/ids.ts';
import { memoryFileStore } from '../../../fakes/memory-file-store.ts';

const nothing = () => {};
export const silentLog: Log = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

export const secretKey = 'sk-secret-0123456789';

export const formats = ['openai', 'anthropic', 'openai-compatible'] as const;
export const adapters = ['lean', 'sdk'] as const;

/** Every format through both adapters, for `test.each`. */
export const routes = formats.flatMap((format) => adapters.map((adapter) => [format, adapter] as const));

export const callIdOf = (count: number) => idOf<ToolCallId>(idKinds.call, count);

/** An engine whose provider `scripted` is at `url`. */
export function engineAt(
  url: string,
  type: ProviderSettings['type'] = 'openai-compatible',
  options: {
    readonly adapter?: ProviderSettings['adapter'];
    readonly apiKey?: string | undefined;
    readonly defaultModel?: string;
    readonly accepts?: ProviderSettings['accepts'];
    readonly files?: Pick<FileStore, 'open'>;
  } = {},
): Engine {
  const apiKey = 'apiKey' in options ? options.apiKey : secretKey;
  const settings: ProviderSettings = {
    type,
    adapter: options.adapter ?? 'lean',
    label: undefined,
    baseUrl: `${url}/v1`,
    apiKey,
    apiKeyVariable: 'SCRIPTED_API_KEY',
    headers: { 'x-tenant': 'test' },
    models: [],
    accepts: options.accepts,
  };
  return createChoosingEngine({
    providers: { scripted: settings },
    rehearsal: createRehearsalEngine({ clock: systemClock, delayMs: 0 }),
    defaultModel: options.defaultModel ?? 'rehearsal',
    files: options.files ?? memoryFileStore(),
    clock: systemClock,
    log: silentLog,
  }).engine;
}

export function modelRequest(changes: Partial<EngineRequest> = {}): EngineRequest {
  const sessionId: SessionId = '00000000-0000-4000-8000-000000000001' as SessionId;
  return {
    sessionId,
    step: 1,
    attempt: 1,
    prompt: {
      id: '00000000-0000-4000-8000-000000000002' as MessageId,
      sessionId,
      role: 'user',
      content: 'What time is it?',
      createdAt: '2026-11-24T00:00:00.000Z',
    },
    options: { model: 'scripted/model-1' },
    conversation: [{ role: 'user', content: 'What time is it?' }],
    toolResults: [],
    tools: [],
    ...changes,
  };
}

/** All parts of one call. */
export async function partsOf(
  engine: Engine,
  request: EngineRequest = modelRequest(),
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly EnginePart[]> {
  const parts: EnginePart[] = [];
  for await (const said of engine.stream(request, signal)) parts.push(...[said].flat());
  return parts;
}
