/** The engine of a server: asks the model that a message, its session or the server chose, wherever it is. */
import type { FileStore } from '../../../actors/file-store.ts';
import type {
  Clock,
  Engine,
  EnginePart,
  EngineRequest,
  EngineSaid,
  Log,
  ProviderCatalog,
} from '../../../actors/ports.ts';
import { acceptedKinds } from '../../../schema/attachment.ts';
import { limits } from '../../../schema/limits.ts';
import { outsideEngine } from '../../../schema/model-options.ts';
import type { CatalogProvider } from '../../../schema/provider-catalog.ts';
import { type Refusal, refusal } from '../../../schema/refusal.ts';
import { acceptedByDefault, acceptedFiles } from '../../config/accepted-files.ts';
import { isLeanType, type LeanType, type ProviderSettings } from '../../config/engine-settings.ts';
import { keyProblem, parsedModelName, rehearsalIsOff, unknownProvider } from '../../config/model-choice.ts';
import { AttachmentRoom } from './attachment-room.ts';
import { leanStream } from './lean-stream.ts';

export type ChoosingEngineOptions = {
  readonly providers: Readonly<Record<string, ProviderSettings>>;
  /** What `rehearsal` means; `null`: it is off. */
  readonly rehearsal: Engine | null;
  /** When nothing else is chosen. */
  readonly defaultModel: string;
  /** Where the files of conversations are. */
  readonly files: Pick<FileStore, 'open'>;
  readonly clock: Clock;
  readonly log: Log;
};

export type ChoosingEngine = { readonly engine: Engine; readonly catalog: ProviderCatalog };

type Provider = { readonly settings: ProviderSettings; readonly problem: string | undefined };

/** The SDK is large: it is loaded when a provider wants it. */
const loadSdk = () => import('./sdk/sdk-engine.ts');

/**
 * @example
 * const { engine } = createChoosingEngine({ providers: {}, rehearsal, defaultModel: 'rehearsal', clock, log });
 */
export function createChoosingEngine(options: ChoosingEngineOptions): ChoosingEngine {
  const { rehearsal, defaultModel, files, clock, log } = options;
  const room = new AttachmentRoom(limits.attachmentsHeldBytesMax);
  const providers = new Map<string, Provider>();
  for (const [name, settings] of Object.entries(options.providers)) {
    providers.set(name, { settings, problem: keyProblem(name, settings) });
  }
  function stream(request: EngineRequest, signal: AbortSignal, alive = () => {}): AsyncIterable<EngineSaid> {
    const name = parsedModelName(request.options.model ?? defaultModel);
    if (name === undefined) return configurationError(notAModel);
    if (!('model' in name)) {
      return rehearsal?.stream(request, signal, alive) ?? configurationError(rehearsalIsOff);
    }
    const { provider, model } = name;
    const found = providers.get(provider);
    const problem = found === undefined ? unknownProvider(provider) : found.problem;
    if (found === undefined || problem !== undefined) return configurationError(problem ?? '');
    const call = { provider, model, settings: found.settings, files, room, clock, log };
    const lean = leanType(found.settings);
    return lean === undefined
      ? lazyStream(async () => (await loadSdk()).sdkStream(call, request, signal, alive))
      : leanStream(call, lean, request, signal, alive);
  }

  return {
    engine: {
      name: defaultModel,
      stream,
      accepts: ({ engine, model: chosen = defaultModel }) => {
        if (engine === outsideEngine) return 'everything';
        const name = parsedModelName(chosen);
        if (name === undefined || !('model' in name)) return rehearsal?.accepts?.({}) ?? [];
        const settings = providers.get(name.provider)?.settings;
        return settings === undefined ? [] : acceptedFiles(settings, name.model);
      },
      refusal: ({ model }) => (model === undefined ? null : choiceRefusal(model, options)),
    },
    catalog: {
      list: () => [
        ...(rehearsal === null ? [] : [rehearsalEntry]),
        ...[...providers].map(([name, entry]) => catalogEntry(name, entry)),
      ],
    },
  };
}

/** The format that we read ourselves; `undefined`: the SDK does. */
function leanType({ type, adapter }: ProviderSettings): LeanType | undefined {
  return adapter === 'lean' && isLeanType(type) ? type : undefined;
}

async function* configurationError(message: string): AsyncGenerator<EnginePart, void, void> {
  yield { type: 'error', code: 'configuration', message };
}

/** A stream that is made when its first part is asked for. */
function lazyStream(open: () => Promise<AsyncGenerator<EnginePart, void, void>>): AsyncIterable<EnginePart> {
  let opened: Promise<AsyncGenerator<EnginePart, void, void>> | undefined;
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        opened ??= open();
        return (await opened).next();
      },
      return: async () => {
        await (await opened)?.return();
        return { done: true, value: undefined };
      },
    }),
  };
}

const notAModel = 'model must be <provider>/<model> or rehearsal';

function choiceRefusal(
  model: string,
  { providers, rehearsal }: Pick<ChoosingEngineOptions, 'providers' | 'rehearsal'>,
): Refusal | null {
  const name = parsedModelName(model);
  if (name === undefined) return refusal('bad_request', notAModel);
  if (!('model' in name)) return rehearsal === null ? refusal('bad_request', rehearsalIsOff) : null;
  if (Object.hasOwn(providers, name.provider)) return null;
  return refusal('bad_request', unknownProvider(name.provider));
}

const rehearsalEntry: CatalogProvider = {
  name: 'rehearsal',
  label: 'Rehearsal (built in, no network)',
  models: [{ id: 'rehearsal' }],
  accepts: acceptedKinds,
  available: true,
};

function catalogEntry(name: string, { settings, problem }: Provider): CatalogProvider {
  return {
    name,
    label: settings.label,
    models: settings.models,
    adapter: settings.adapter,
    accepts: settings.accepts ?? acceptedByDefault[settings.type],
    available: problem === undefined,
    ...(problem === undefined ? {} : { problem }),
  };
}
