/** The engine of a server: asks the model that a message, its session or the server chose, wherever it is. */
import type {
  CatalogProvider,
  Clock,
  Engine,
  EnginePart,
  EngineRequest,
  Log,
  ProviderCatalog,
} from '../../../actors/ports.ts';
import { type Refusal, refusal } from '../../../schema/refusal.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import type { ProviderSettings } from '../../config/engine-settings.ts';
import { redacted } from '../../logs/redaction.ts';
import { parsedModelName } from './model-name.ts';
import { keyProblem, type ProviderModels, providerModels } from './provider-models.ts';
import { sdkStream } from './sdk-engine.ts';

export type ChoosingEngineOptions = {
  readonly providers: Readonly<Record<string, ProviderSettings>>;
  /** What `rehearsal` means. */
  readonly rehearsal: Engine;
  /** When nothing else is chosen. */
  readonly defaultModel: string;
  readonly silenceMsMax: Milliseconds;
  readonly clock: Clock;
  readonly log: Log;
};

export type ChoosingEngine = { readonly engine: Engine; readonly catalog: ProviderCatalog };

type Provider = {
  readonly settings: ProviderSettings;
  readonly models: ProviderModels;
  readonly problem: string | undefined;
};

/**
 * @example
 * const { engine } = createChoosingEngine({ providers: {}, rehearsal, defaultModel: 'rehearsal', silenceMsMax, clock });
 */
export function createChoosingEngine(options: ChoosingEngineOptions): ChoosingEngine {
  const { rehearsal, defaultModel, clock, silenceMsMax, log } = options;
  // The SDK has one place for the whole process; by default it writes to the console.
  globalThis.AI_SDK_LOG_WARNINGS = ({ warnings, provider, model }) =>
    log.debug('The AI SDK warns', { provider, model, warnings });
  const providers = new Map<string, Provider>();
  for (const [name, settings] of Object.entries(options.providers)) {
    const problem = keyProblem(name, settings);
    providers.set(name, { settings, models: providerModels(name, settings), problem });
  }

  function stream(request: EngineRequest, signal: AbortSignal): AsyncIterable<EnginePart> {
    const name = parsedModelName(request.options.model ?? defaultModel);
    if (name === undefined || !('model' in name)) return rehearsal.stream(request, signal);
    const provider = providers.get(name.provider);
    if (provider === undefined) return failure(unknownProvider(name.provider));
    if (provider.problem !== undefined) return failure(provider.problem);
    return sdkStream(
      {
        model: provider.models.model(name.model),
        lateSystem: provider.models.lateSystem,
        clock,
        silenceMsMax,
        redact: (text) => withoutKey(text, provider.settings.apiKey),
      },
      request,
      signal,
    );
  }

  return {
    engine: {
      name: defaultModel,
      stream,
      refusal: ({ model }) => (model === undefined ? null : choiceRefusal(model, providers)),
    },
    catalog: {
      list: () => [rehearsalEntry, ...[...providers].map(([name, entry]) => catalogEntry(name, entry))],
    },
  };
}

/** Why the server's `defaultModel` cannot answer: told at start, not at the first message. */
export function defaultModelProblem(
  defaultModel: string,
  providers: Readonly<Record<string, ProviderSettings>>,
): string | undefined {
  const name = parsedModelName(defaultModel);
  if (name === undefined) return `defaultModel must be <provider>/<model> or rehearsal`;
  if (!('model' in name)) return undefined;
  const settings = providers[name.provider];
  if (settings === undefined) return `defaultModel: ${unknownProvider(name.provider)}`;
  const problem = keyProblem(name.provider, settings);
  return problem === undefined ? undefined : `defaultModel: ${problem}`;
}

function choiceRefusal(model: string, providers: ReadonlyMap<string, unknown>): Refusal | null {
  const name = parsedModelName(model);
  if (name === undefined) return refusal('bad_request', 'model must be <provider>/<model> or rehearsal');
  if (!('model' in name) || providers.has(name.provider)) return null;
  return refusal('bad_request', unknownProvider(name.provider));
}

function unknownProvider(name: string): string {
  return `There is no provider named ${JSON.stringify(name)} in the configuration`;
}

async function* failure(message: string): AsyncGenerator<EnginePart, void, void> {
  yield { type: 'error', code: 'configuration', message };
}

/** Providers repeat keys that they do not accept. */
function withoutKey(text: string, key: string | undefined): string {
  return key === undefined ? text : text.replaceAll(key, redacted);
}

const rehearsalEntry: CatalogProvider = {
  name: 'rehearsal',
  label: 'Rehearsal (built in, no network)',
  models: [{ id: 'rehearsal' }],
  available: true,
};

function catalogEntry(name: string, { settings, problem }: Provider): CatalogProvider {
  return {
    name,
    label: settings.label,
    models: settings.models,
    available: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
  };
}
