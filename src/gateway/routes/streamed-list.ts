/**
 * A list that is too long for memory: a JSON array like any other answer, whose items are read and sent one after the other,
 * no faster than its client takes them ([HTTP28]).
 */
import type { Clock } from '../../../actors/ports.ts';
import { inSlices } from '../../transcripts/work-slices.ts';
import type { HttpExchange } from '../http/http-exchange.ts';
import { type StreamedText, sendStreamed } from '../http/streamed-text.ts';

export class StreamedList {
  readonly items: AsyncIterable<unknown>;

  constructor(items: AsyncIterable<unknown>) {
    this.items = items;
  }
}

const head = { status: 200, headers: [['Content-Type', 'application/json; charset=utf-8']] } as const;

/**
 * Resolves when everything was given to the transport, or nobody is left to take it. Rejects when reading does: the
 * connection is then closed before the list ends.
 */
export async function sendList(
  exchange: HttpExchange,
  { items }: StreamedList,
  after: Clock['after'],
): Promise<void> {
  await sendPieces(exchange, head, jsonPieces(items), after);
}

/** Resolves and rejects as {@link sendList} does. `HEAD` gets no piece. */
export async function sendPieces(
  exchange: HttpExchange,
  answer: Parameters<HttpExchange['stream']>[0],
  pieces: AsyncIterable<string>,
  after: Clock['after'],
): Promise<void> {
  let body: StreamedText | undefined;
  const res = exchange.stream(answer, () => body?.gone());
  if (res === undefined) return;
  if (exchange.method === 'HEAD') {
    res.cork(() => res.endWithoutBody());
    return;
  }
  body = sendStreamed(res, inSlices(pieces), after);
  await body.ended;
}

async function* jsonPieces(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  let separator = '[';
  for await (const item of items) {
    yield `${separator}${JSON.stringify(item)}`;
    separator = ',';
  }
  yield separator === '[' ? '[]' : ']';
}
