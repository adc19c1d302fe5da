/**
 * One model call of a configured provider, over HTTP: the request goes out, and the events that come are read by the
 * reader of their format. What all formats share is here: HTTP, aborting, signs of life, errors.
 */
import type { Clock, EnginePart, EngineRequest } from '../../../actors/ports.ts';
import { withoutSecrets } from '../../../schema/redaction.ts';
import type { LeanType, ProviderSettings } from '../../config/engine-settings.ts';
import { anthropicFormat } from './anthropic/anthropic-request.ts';
import { beginningOf, Grace } from './byte-source.ts';
import { EventChunks } from './event-chunks.ts';
import type { FormatRequest, ModelFormat, StreamReader } from './model-format.ts';
import { openAiFormat } from './openai/openai-request.ts';
import { askInPlace, type ProviderAnswer } from './provider-answer.ts';
import { heldFiles, type ProviderCall } from './provider-call.ts';
import { answerError, connectionError, noStreamError, overfullError } from './provider-error.ts';
import type { ReadFiles } from './told/told-files.ts';

const formats: Readonly<Record<LeanType, ModelFormat>> = {
  openai: openAiFormat,
  'openai-compatible': openAiFormat,
  anthropic: anthropicFormat,
};

/**
 * Yields together what came together. Ends with one `finish` or `error`; ends without another part when `signal` aborts.
 * Never throws.
 */
export async function* leanStream(
  call: ProviderCall,
  type: LeanType,
  request: EngineRequest,
  signal: AbortSignal,
  alive: () => void,
): AsyncGenerator<readonly EnginePart[], void, void> {
  const grace = new Grace(call.clock);
  let reader: StreamReader | undefined;
  let answer: ProviderAnswer | undefined;
  try {
    const asked = await ask(call, type, request, signal);
    reader = asked.reader;
    answer = asked.answer;
    const { bytes } = answer;
    alive();
    if (answer.status < 200 || answer.status > 299) {
      yield told([await refusal(answer, call.clock)], call.settings);
      return;
    }
    const events = new EventChunks();
    let chunk: Uint8Array | null;
    do {
      chunk = await bytes.next(grace.over);
      if (signal.aborted) return;
      alive();
      const parts: EnginePart[] = [];
      for (const data of chunk === null ? events.rest() : events.next(chunk)) {
        const before = parts.length;
        for (const part of reader.read(data)) parts.push(part);
        if (parts.at(-1)?.type === 'error') break;
        const counts = grace.over === undefined || parts.length > before;
        if (counts && reader.phase() === 'settled') grace.begin();
      }
      if (parts.length > 0) yield told(parts, call.settings);
      if (parts.at(-1)?.type === 'error' || signal.aborted) return;
    } while (chunk !== null && reader.phase() !== 'over' && !events.isHopeless);
    yield told(lastParts(reader, events, answer), call.settings);
  } catch (cause) {
    if (signal.aborted) return;
    // Who has said why it ends has said everything.
    yield told(reader?.phase() === 'settled' ? reader.end() : [connectionError(cause)], call.settings);
  } finally {
    grace.stop();
    noteOddities(call, reader);
    // The provider may go on, though the last part was the last for us.
    answer?.bytes.stop();
  }
}

type Asked = { readonly answer: ProviderAnswer; readonly reader: StreamReader };

/** Files are in memory only until the provider has them. */
async function ask(
  call: ProviderCall,
  type: LeanType,
  request: EngineRequest,
  signal: AbortSignal,
): Promise<Asked> {
  const { files, release } = await heldFiles(call, request, signal);
  try {
    const prepared = preparedRequest(call, type, request, files);
    return { answer: await answered(call, type, prepared, signal), reader: prepared.reader };
  } finally {
    release();
  }
}

function preparedRequest(
  call: ProviderCall,
  type: LeanType,
  request: EngineRequest,
  files: ReadFiles,
): FormatRequest {
  const { provider, model, settings } = call;
  const target = { type, model, origin: `${provider}/${model}` };
  return formats[type].request(request, target, settings.apiKey, files);
}

function answered(
  { settings }: ProviderCall,
  type: LeanType,
  prepared: FormatRequest,
  signal: AbortSignal,
): Promise<ProviderAnswer> {
  const address = (settings.baseUrl ?? formats[type].address).replace(/\/+$/, '');
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    ...prepared.headers,
    ...Object.fromEntries(
      Object.entries(settings.headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
  };
  const question = { method: 'POST', headers, body: JSON.stringify(prepared.body) };
  return askInPlace(`${address}${prepared.path}`, question, signal);
}

async function refusal(answer: ProviderAnswer, clock: Clock): Promise<EnginePart> {
  const { status, statusText, headers, bytes } = answer;
  const body = await beginningOf(bytes, clock);
  return answerError({ status, statusText, headers, body }, clock.now());
}

/** What is left when the stream is over, or turned out to be none. */
function lastParts(
  reader: StreamReader,
  events: EventChunks,
  { headers }: ProviderAnswer,
): readonly EnginePart[] {
  if (reader.phase() !== 'open') return reader.end();
  if (events.isOverfull) return [overfullError()];
  return events.otherText === undefined
    ? reader.end()
    : [noStreamError(headers['content-type'] ?? '', events.otherText)];
}

/** Errors without secrets: only they have words that are not the model's. */
function told(parts: readonly EnginePart[], settings: ProviderSettings): readonly EnginePart[] {
  if (parts.at(-1)?.type !== 'error') return parts;
  return parts.map((part) =>
    part.type === 'error' ? { ...part, message: withoutSecrets(part.message, settings) } : part,
  );
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
