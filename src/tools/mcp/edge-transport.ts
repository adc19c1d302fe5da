/**
 * The edge of the protocol: a transport around another one, behind which every answer has one of two shapes. The SDK
 * takes an answer that it cannot read, an error with the wrong code, or a server's own error "connection closed" for
 * the end of the connection; here an answer is an answer, and only what never came is a failure.
 */
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type JSONRPCMessage, LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { isObject, quoted } from './told-value.ts';

/** A transport that can say why it failed. */
export type McpTransport = Omit<Transport, 'sessionId'> & {
  readonly failure: () => string | undefined;
};

export type McpAnswer =
  | { readonly ok: true; readonly result: unknown }
  /** The server said no. */
  | { readonly ok: false; readonly message: string };

/** What every request but `initialize` resolves to. */
export const answeredSchema = z.object({
  answer: z.union([
    z.object({ ok: z.literal(true), result: z.unknown() }),
    z.object({ ok: z.literal(false), message: z.string() }),
  ]),
});

export type EdgeTransport = Transport & {
  /** Messages that have come. Any of them shows that the server lives. */
  readonly heard: () => number;
};

export function edgeTransport(inner: McpTransport): EdgeTransport {
  /** Requests that have no answer yet, with their methods. */
  const open = new Map<number | string, string>();
  let heard = 0;

  function read(message: JSONRPCMessage): JSONRPCMessage {
    if ('method' in message) return message;
    const id = idOf(message, open);
    const method = id === undefined ? undefined : open.get(id);
    if (id === undefined || method === undefined) return message;
    open.delete(id);
    if (method === 'initialize') {
      return 'result' in message
        ? { ...message, id, result: initializeResult(message.result) }
        : { ...message, id };
    }
    const answer: McpAnswer =
      'result' in message
        ? { ok: true, result: message.result }
        : { ok: false, message: errorWords(message.error) };
    return { jsonrpc: '2.0', id, result: { answer } };
  }

  const edge: EdgeTransport = {
    heard: () => heard,
    start: () => {
      inner.onclose = () => edge.onclose?.();
      inner.onerror = (error) => edge.onerror?.(error);
      inner.onmessage = (message) => {
        heard++;
        edge.onmessage?.(read(message));
      };
      return inner.start();
    },
    send: async (message, options) => {
      if ('method' in message && 'id' in message) open.set(message.id, message.method);
      // A request that was cancelled gets no answer.
      if ('method' in message && message.method === 'notifications/cancelled') {
        const cancelled = message.params?.['requestId'];
        if (typeof cancelled === 'number' || typeof cancelled === 'string') open.delete(cancelled);
      }
      await inner.send(message, options);
    },
    close: () => inner.close(),
    setProtocolVersion: (version) => inner.setProtocolVersion?.(version),
  };
  return edge;
}

/** Ours are numbers; a server may send them back as text, or, with an error, not at all: then it can mean only one. */
function idOf(
  message: JSONRPCMessage,
  open: ReadonlyMap<number | string, string>,
): number | string | undefined {
  const id = 'id' in message ? message.id : undefined;
  if (id === undefined) return open.size === 1 ? open.keys().next().value : undefined;
  return typeof id === 'string' && /^\d+$/.test(id) ? Number(id) : id;
}

/** What we need of it. */
function initializeResult(result: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { protocolVersion, capabilities, serverInfo } = result;
  const { name, version } = isObject(serverInfo) ? serverInfo : {};
  return {
    protocolVersion: typeof protocolVersion === 'string' ? protocolVersion : LATEST_PROTOCOL_VERSION,
    capabilities: isObject(capabilities) && isObject(capabilities['tools']) ? { tools: {} } : {},
    serverInfo: {
      name: typeof name === 'string' ? name : 'unknown',
      version: typeof version === 'string' ? version : 'unknown',
    },
  };
}

function errorWords({ message, data }: { readonly message: string; readonly data?: unknown }): string {
  const details = data === undefined || data === null ? '' : quoted(data);
  return details === '' || message.includes(details) ? message : `${message}: ${details}`;
}
