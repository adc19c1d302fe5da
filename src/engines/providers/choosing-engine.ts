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
import { keyProblem, parsedModelName, unknownProvider } from '../../config/model-choice.ts';
import { withoutKey } from '../../logs/redaction.ts';

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

type Provider = { readonly settings: ProviderSettings; readonly problem: string | undefined };

/** The providers' libraries are large: they are loaded when there is a provider. */
const loadProviders = () => import('./provider-stream.ts');

/**
 * @example
 * const { engine } = createChoosingEngine({ providers: {}, rehearsal, defaultModel: 'rehearsal', silenceMsMax, clock });
 */
export function createChoosingEngine(options: ChoosingEngineOptions): ChoosingEngine {
  const { rehearsal, defaultModel, log } = options;
  const providers = new Map<string, Provider>();
  for (const [name, settings] of Object.entries(options.providers)) {
    providers.set(name, { settings, problem: keyProblem(name, settings) });
  }
  if (providers.size > 0) void loadProviders().then(({ warnInto }) => warnInto(log));

  async function* ask(
    provider: string,
    model: string,
    request: EngineRequest,
    signal: AbortSignal,
  ): AsyncGenerator<EnginePart, void, void> {
    const found = providers.get(provider);
    const problem = found === undefined ? unknownProvider(provider) : found.problem;
    if (found === undefined || problem !== undefined) {
      yield { type: 'error', code: 'configuration', message: problem ?? '' };
      return;
    }
    const { providerStream } = await loadProviders();
    for await (const part of providerStream(
      { ...options, provider, model, settings: found.settings },
      request,
      signal,
    )) {
      yield part.type === 'error'
        ? { ...part, message: withoutKey(part.message, found.settings.apiKey) }
        : part;
    }
  }

  function stream(request: EngineRequest, signal: AbortSignal): AsyncIterable<EnginePart> {
    const name = parsedModelName(request.options.model ?? defaultModel);
    if (name === undefined || !('model' in name)) return rehearsal.stream(request, signal);
    return ask(name.provider, name.model, request, signal);
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

function choiceRefusal(model: string, providers: ReadonlyMap<string, unknown>): Refusal | null {
  const name = parsedModelName(model);
  if (name === undefined) return refusal('bad_request', 'model must be <provider>/<model> or rehearsal');
  if (!('model' in name) || providers.has(name.provider)) return null;
  return refusal('bad_request', unknownProvider(name.provider));
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
