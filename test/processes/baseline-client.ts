/** A client of the baseline: six sockets that read `event` and `data`, and REST (docs/protocol.md A5). */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { baselineNamespaces } from '../../schema/wire-event-table.ts';

export type Frame = {
  readonly namespace: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
};

export type BaselineClient = {
  /** In order of arrival; the order between namespaces is that of the sockets. */
  readonly frames: readonly Frame[];
  readonly until: (condition: (frames: readonly Frame[]) => boolean) => Promise<void>;
  /** Resolves when everything has arrived that the server sent to the six sockets before it is asked. */
  readonly settled: () => Promise<void>;
  readonly socket: (namespace: string) => WebSocket;
  readonly close: () => void;
};

/** Resolves when all six sockets are open. */
export async function openBaselineClient(url: string, query = ''): Promise<BaselineClient> {
  const frames: Frame[] = [];
  let waiting: { readonly condition: (frames: readonly Frame[]) => boolean; readonly resolve: () => void }[] =
    [];
  const sockets = new Map<string, WebSocket>();
  await Promise.all(
    baselineNamespaces.map(async (namespace) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/${namespace}${query}`);
      sockets.set(namespace, socket);
      socket.on('message', (bytes) => {
        frames.push({ namespace, ...JSON.parse(String(bytes)) });
        waiting = waiting.filter(({ condition, resolve }) => {
          const holds = condition(frames);
          if (holds) resolve();
          return !holds;
        });
      });
      await new Promise((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
      });
    }),
  );
  return {
    frames,
    until: (condition) =>
      new Promise((resolve) => {
        if (condition(frames)) resolve();
        else waiting.push({ condition, resolve });
      }),
    settled: async () => {
      await Promise.all(
        [...sockets.values()].map((socket) => {
          const pong = once(socket, 'pong');
          socket.ping();
          return pong;
        }),
      );
    },
    socket: (namespace) => {
      const socket = sockets.get(namespace);
      if (socket === undefined) throw new Error(`no socket of ${namespace}`);
      return socket;
    },
    close: () => {
      for (const socket of sockets.values()) socket.terminate();
    },
  };
}

export type Answer = { readonly status: number; readonly body: unknown };

export async function request(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

/** The text under `key` of a JSON object; fails the test when there is none. */
export function textAt(value: unknown, key: string): string {
  const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  if (typeof text !== 'string') throw new Error(`no text at ${key} of ${JSON.stringify(value)}`);
  return text;
}
