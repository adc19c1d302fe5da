/** `GET /events`, read with `fetch`: unlike `EventSource` it shows the status, takes headers, and exists in Node. */
import { type CallboardError, errorOfResponse } from '../client-error.ts';
import type { Ended } from './reconnect-decision.ts';
import { SseParser } from './sse-parser.ts';
import type { Transport, TransportEvents } from './transport.ts';

export type Fetch = typeof globalThis.fetch;

/** This transport sends nothing to the server: commands go over REST. */
export function openSseResponse(
  url: string,
  headers: Readonly<Record<string, string>>,
  fetch: Fetch,
  events: TransportEvents & { readonly refused: (error: CallboardError) => void },
): Transport {
  const abort = new AbortController();
  let isOver = false;
  const end = (how: Ended = {}): void => {
    if (isOver) return;
    isOver = true;
    events.ended(how);
  };

  const read = async (): Promise<void> => {
    const response = await fetch(url, {
      headers: { ...headers, accept: 'text/event-stream' },
      signal: abort.signal,
      cache: 'no-store',
    });
    if (!response.ok || response.body === null) {
      const body: unknown = await response.json().catch(() => undefined);
      const error = errorOfResponse(response.status, body, response.headers.get('retry-after'));
      events.refused(error);
      // A wrong key stays wrong; other failures may pass.
      end({ fatal: error.code === 'unauthorized' ? error : undefined, retryAfterMs: error.retryAfterMs });
      return;
    }
    events.alive();
    const parser = new SseParser();
    const utf8 = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (isOver) return;
      if (done) break;
      events.alive();
      for (const { data, id } of parser.push(utf8.decode(value, { stream: true }))) {
        const text = data ?? heartbeatOf(id);
        if (text !== undefined) events.text(text);
        if (isOver) return;
      }
    }
    end();
  };

  read().catch(() => {
    abort.abort();
    end();
  });
  return {
    send: () => false,
    close: () => {
      isOver = true;
      abort.abort();
    },
  };
}

/** Turns an id without an event into a heartbeat frame, as a socket would send it ([V1E1]). */
function heartbeatOf(id: string | undefined): string | undefined {
  const seq = Number(id?.split(':')[1]);
  return Number.isSafeInteger(seq) ? `{"event":"heartbeat","data":{"seq":${seq}}}` : undefined;
}
