/**
 * Asks a provider over HTTP, with undici's own dispatcher: between its parser and the reader of the stream there is
 * nothing, neither a web stream nor a promise for each chunk.
 *
 * Requests stay where they are sent. A redirection that were followed wherever it leads would take the provider's key
 * with it, and most make a question without a body of it.
 */
import { createBrotliDecompress, createGunzip, createInflate, constants as zlib } from 'node:zlib';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { limits } from '../../../schema/limits.ts';
import { type ByteFlow, ByteSource } from './byte-source.ts';

export type ProviderAnswer = {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: ByteSource;
};

export type ProviderQuestion = {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Follows a redirection that keeps method and body, within the same origin; any other is the answer. Rejects when there is none. */
export async function askInPlace(
  address: string,
  question: ProviderQuestion,
  signal: AbortSignal,
): Promise<ProviderAnswer> {
  let url = new URL(address);
  for (let followed = 0; ; followed++) {
    const answer = await ask(url, question, signal);
    const target = redirectedTo(answer, url);
    if (target === undefined) return answer;
    answer.bytes.stop();
    const isKept = answer.status === 307 || answer.status === 308;
    if (!isKept || target.origin !== url.origin || followed >= limits.providerRedirectsMax) {
      const words = `The provider redirects to ${target.origin}${target.pathname}: give it as its address`;
      return ownAnswer(421, 'Misdirected Request', words);
    }
    url = target;
  }
}

/** `undefined`: it is none, or does not say where. */
function redirectedTo({ status, headers }: ProviderAnswer, from: URL): URL | undefined {
  const { location } = headers;
  if (status < 300 || status >= 400 || location === undefined || !URL.canParse(location, from.href))
    return undefined;
  return new URL(location, from);
}

function ownAnswer(status: number, statusText: string, words: string): ProviderAnswer {
  const bytes = new ByteSource({ pause: () => {}, resume: () => {}, stop: () => {} });
  bytes.push(Buffer.from(words));
  bytes.end();
  return { status, statusText, headers: {}, bytes };
}

let connections: Dispatcher | undefined;

/** Kept alive between calls. Proxies of the environment are used when Node's own `fetch` would use them. */
function dispatcher(): Dispatcher {
  const usesProxies =
    process.env['NODE_USE_ENV_PROXY'] === '1' || process.execArgv.includes('--use-env-proxy');
  // Providers limit how many streams one connection of HTTP/2 may have.
  connections ??= usesProxies ? new EnvHttpProxyAgent({ allowH2: false }) : new Agent({ allowH2: false });
  return connections;
}

function ask(
  url: URL,
  { method, headers, body }: ProviderQuestion,
  signal: AbortSignal,
): Promise<ProviderAnswer> {
  const answered = Promise.withResolvers<ProviderAnswer>();
  if (signal.aborted) return Promise.reject(new GivenUp());
  const request = {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method,
    headers: { ...credentialsIn(url), 'user-agent': 'callboard', ...headers },
    body,
  };
  dispatcher().dispatch(request, new AnswerHandler(answered, signal));
  return answered.promise;
}

/** `https://user:password@…`, which undici does not read. */
function credentialsIn({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(words).toString('base64')}` };
}

class GivenUp extends Error {
  override readonly name = 'AbortError';
  override readonly message = 'The request was given up';
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #answered: PromiseWithResolvers<ProviderAnswer>;
  readonly #signal: AbortSignal;
  #controller: Dispatcher.DispatchController | undefined;
  #bytes: ByteSource | undefined;
  #decoder: Decoder | undefined;

  constructor(answered: PromiseWithResolvers<ProviderAnswer>, signal: AbortSignal) {
    this.#answered = answered;
    this.#signal = signal;
    signal.addEventListener('abort', this.#giveUp, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) this.#giveUp();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    given: Readonly<Record<string, string | string[] | undefined>>,
    statusText = '',
  ): void {
    // Something precedes the answer.
    if (status < 200) return;
    const headers = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    );
    const flow: ByteFlow = {
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      stop: this.#giveUp,
    };
    this.#bytes = new ByteSource(flow);
    this.#decoder = decoderOf(headers['content-encoding'], this.#bytes);
    this.#answered.resolve({ status, statusText, headers, bytes: this.#bytes });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#decoder === undefined) this.#bytes?.push(chunk);
    else this.#decoder.write(chunk);
  }

  onResponseEnd(): void {
    if (this.#decoder === undefined) this.#bytes?.end();
    else this.#decoder.end();
    this.#over();
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    this.#answered.reject(cause);
    this.#bytes?.end(cause);
    this.#decoder?.destroy();
    this.#over();
  }

  readonly #giveUp = (): void => {
    const controller = this.#controller;
    this.#over();
    controller?.abort(new GivenUp());
  };

  /** The connection may be another request's from now on. */
  #over(): void {
    this.#controller = undefined;
    this.#signal.removeEventListener('abort', this.#giveUp);
  }
}

type Decoder = ReturnType<typeof createGunzip>;

/** Nobody asks for compressed answers; some are compressed all the same. */
function decoderOf(encoding: string | undefined, bytes: ByteSource): Decoder | undefined {
  const decoder = newDecoder(encoding?.trim().toLowerCase());
  decoder
    ?.on('data', (chunk: Uint8Array) => bytes.push(chunk))
    .on('end', () => bytes.end())
    .on('error', (cause) => bytes.end(cause));
  return decoder;
}

function newDecoder(encoding: string | undefined): Decoder | undefined {
  const whatIsThere = { flush: zlib.Z_SYNC_FLUSH, finishFlush: zlib.Z_SYNC_FLUSH };
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(whatIsThere);
    case 'deflate':
      return createInflate(whatIsThere);
    case 'br':
      return createBrotliDecompress({
        flush: zlib.BROTLI_OPERATION_FLUSH,
        finishFlush: zlib.BROTLI_OPERATION_FLUSH,
      });
    default:
      return undefined;
  }
}
