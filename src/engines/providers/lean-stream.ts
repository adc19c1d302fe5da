/**
 * One model call of a configured provider, over HTTP: the request goes out, and the events that come are read by the
 * reader of their format. What all formats share is here: HTTP, aborting, signs of life, errors.
 */
import type { Clock, EnginePart, EngineRequest } from '../../../actors/ports.ts';
import type { ProviderSettings } from '../../config/engine-settings.ts';
import { withoutSecrets } from '../../logs/redaction.ts';
import { anthropicFormat } from './anthropic/anthropic-request.ts';
import { ByteSource, beginningOf, Grace } from './byte-source.ts';
import { EventChunks } from './event-chunks.ts';
import type { FormatRequest, ModelFormat, StreamReader } from './model-format.ts';
import { openAiFormat } from './openai/openai-request.ts';
import { heldFiles, type ProviderCall } from './provider-call.ts';
import { answerError, connectionError, noStreamError, overfullError } from './provider-error.ts';
import { fetchInPlace } from './redirection.ts';
import type { ReadFiles } from './told/told-files.ts';

const formats: Readonly<Record<ProviderSettings['type'], ModelFormat>> = {
  openai: openAiFormat,
  'openai-compatible': openAiFormat,
  anthropic: anthropicFormat,
};

/** Ends with one `finish` or `error`; ends without another part when `signal` aborts. Never throws. */
export async function* leanStream(
  call: ProviderCall,
  request: EngineRequest,
  signal: AbortSignal,
  alive: () => void,
): AsyncGenerator<EnginePart, void, void> {
  // Ends the request when a part is the last one for us, though the provider would go on.
  const over = new AbortController();
  const told = (part: EnginePart) => withoutSecretWords(part, call.settings);
  const grace = new Grace(call.clock);
  let reader: StreamReader | undefined;
  try {
    const asked = await ask(call, request, AbortSignal.any([signal, over.signal]));
    reader = asked.reader;
    const { response } = asked;
    alive();
    if (!response.ok) {
      yield told(await refusal(response, call.clock));
      return;
    }
    const bytes = new ByteSource(response);
    const events = new EventChunks();
    let chunk: Uint8Array | null;
    do {
      chunk = await bytes.next(grace.over);
      if (signal.aborted) return;
      alive();
      for (const data of chunk === null ? events.rest() : events.next(chunk)) {
        const parts = reader.read(data);
        if (reader.phase() === 'settled' && (grace.over === undefined || parts.length > 0)) grace.begin();
        for (const part of parts) {
          yield told(part);
          if (part.type === 'error' || signal.aborted) return;
        }
      }
    } while (chunk !== null && reader.phase() !== 'over' && !events.isHopeless);
    yield* lastParts(reader, events, response).map(told);
  } catch (cause) {
    if (signal.aborted) return;
    // Who has said why it ends has said everything.
    yield* (reader?.phase() === 'settled' ? reader.end() : [connectionError(cause)]).map(told);
  } finally {
    grace.stop();
    noteOddities(call, reader);
    over.abort();
  }
}

type Asked = { readonly response: Response; readonly reader: StreamReader };

/** Files are in memory only until the provider has them. */
async function ask(call: ProviderCall, request: EngineRequest, signal: AbortSignal): Promise<Asked> {
  const { files, release } = await heldFiles(call, request, signal);
  try {
    const prepared = preparedRequest(call, request, files);
    return { response: await sent(call, prepared, signal), reader: prepared.reader };
  } finally {
    release();
  }
}

function preparedRequest(call: ProviderCall, request: EngineRequest, files: ReadFiles): FormatRequest {
  const { provider, model, settings } = call;
  const target = { type: settings.type, model, origin: `${provider}/${model}` };
  return formats[settings.type].request(request, target, settings.apiKey, files);
}

function sent({ settings }: ProviderCall, prepared: FormatRequest, signal: AbortSignal): Promise<Response> {
  const address = (settings.baseUrl ?? formats[settings.type].address).replace(/\/+$/, '');
  const headers = new Headers({
    'content-type': 'application/json',
    accept: 'text/event-stream',
    ...prepared.headers,
  });
  for (const [name, value] of Object.entries(settings.headers)) headers.set(name, value);
  return fetchInPlace(`${address}${prepared.path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(prepared.body),
    signal,
  });
}

async function refusal(response: Response, clock: Clock): Promise<EnginePart> {
  const { status, statusText } = response;
  const body = await beginningOf(response, clock);
  return answerError(
    { status, statusText, headers: Object.fromEntries(response.headers), body },
    clock.now(),
  );
}

/** What is left when the stream is over, or turned out to be none. */
function lastParts(reader: StreamReader, events: EventChunks, response: Response): readonly EnginePart[] {
  if (reader.phase() !== 'open') return reader.end();
  if (events.isOverfull) return [overfullError()];
  return events.otherText === undefined
    ? reader.end()
    : [noStreamError(response.headers.get('content-type') ?? '', events.otherText)];
}

function withoutSecretWords(part: EnginePart, settings: ProviderSettings): EnginePart {
  return part.type === 'error' ? { ...part, message: withoutSecrets(part.message, settings) } : part;
}

function noteOddities(
  { provider, model, settings, log }: ProviderCall,
  reader: StreamReader | undefined,
): void {
  const oddities = reader?.oddities() ?? [];
  if (oddities.length === 0) return;
  const events = oddities.map((words) => withoutSecrets(words, settings));
  log.warn('A provider sent events that cannot be read; they were left out', { provider, model, events });
}
