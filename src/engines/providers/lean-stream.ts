/** One model call of a configured provider: everything here needs the providers' libraries. */
import type { Clock, EnginePart, EngineRequest, Log } from '../../../actors/ports.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import type { ProviderSettings } from '../../config/engine-settings.ts';
import { providerModels } from './provider-models.ts';
import { sdkStream } from './sdk-engine.ts';

export type ProviderCall = {
  readonly provider: string;
  readonly model: string;
  readonly settings: ProviderSettings;
  readonly clock: Clock;
  readonly silenceMsMax: Milliseconds;
};

export function providerStream(
  { provider, model, settings, clock, silenceMsMax }: ProviderCall,
  request: EngineRequest,
  signal: AbortSignal,
): AsyncIterable<EnginePart> {
  const models = providerModels(provider, settings);
  return sdkStream(
    { model: models.model(model), lateSystem: models.lateSystem, clock, silenceMsMax },
    request,
    signal,
  );
}

/** The SDK has one place for its warnings in the whole process; by default it writes them to the console. */
export function warnInto(log: Log): void {
  globalThis.AI_SDK_LOG_WARNINGS = ({ warnings, provider, model }) =>
    log.debug('The AI SDK warns', { provider, model, warnings });
}
