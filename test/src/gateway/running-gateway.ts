/** A gateway on a free port with fake services, and clients that connect to it through real sockets. */
import { once } from 'node:events';
import { connect } from 'node:net';
import WebSocket from 'ws';
import type { Clock, EventLog, Log, LogLine } from '../../../actors/ports.ts';
import { epochSchema } from '../../../schema/wire/cursor.ts';
import { SessionAccesses } from '../../../src/gateway/access/session-accesses.ts';
import { createAuthenticator } from '../../../src/gateway/authentication/authenticator.ts';
import {
  type ConfiguredKeys,
  configuredKeys,
  hasKeys,
} from '../../../src/gateway/authentication/configured-keys.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../../src/gateway/gateway.ts';
import { at, type FakeServices, fakeServices } from './fake-services.ts';

export const fixedClock: Clock = {
  now: () => Date.parse(at),
  after(delay, run) {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};

/** The event log of an empty journal. */
export const emptyEventLog: EventLog = {
  epoch: epochSchema.parse('0b9cf0a4-6c0c-4a51-8a4e-3f6a2c1d9e77'),
  ofSession: async () => [],
  range: async () => ({ oldest: 1, newest: 0 }),
  read: async () => [],
};

export type RecordingLog = Log & {
  readonly lines: (readonly [level: string, message: string, context: unknown])[];
};

export function recordingLog(): RecordingLog {
  const lines: [string, string, unknown][] = [];
  const line =
    (level: string): LogLine =>
    (message, context) =>
      void lines.push([level, message, context]);
  return {
    lines,
    trace: line('trace'),
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
  };
}

export type RunningGateway = {
  readonly gateway: Gateway;
  readonly services: FakeServices;
  readonly log: RecordingLog;
  readonly port: number;
  /** `fetch` of a path. */
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  /** `fetch` with a JSON body. */
  readonly send: (
    method: string,
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ) => Promise<Response>;
};

/** Asks for these keys; without any, for none. */
export function authenticatedBy(keys: ConfiguredKeys): Pick<GatewayOptions, 'authenticator' | 'accesses'> {
  return {
    authenticator: createAuthenticator({ isOpen: () => !hasKeys(keys), kinds: [configuredKeys(keys)] }),
    accesses: new SessionAccesses(async () => undefined),
  };
}

export async function runGateway(
  { apiKeys = [], inspectKeys = [], ...given }: Partial<GatewayOptions & ConfiguredKeys> = {},
  pages?: Parameters<Gateway['listen']>[1],
): Promise<RunningGateway> {
  const services = fakeServices();
  const log = recordingLog();
  const gateway = createGateway({
    host: '127.0.0.1',
    port: 0,
    ...authenticatedBy({ apiKeys, inspectKeys }),
    idleTimeoutSeconds: 120,
    eventLog: emptyEventLog,
    newestSeq: 0,
    streamFlushMs: 0,
    clock: fixedClock,
    log,
    ...given,
  });
  const port = await gateway.listen(services, pages);
  const request: RunningGateway['request'] = (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init);
  return {
    gateway,
    services,
    log,
    port,
    request,
    send: (method, path, body, headers = {}) =>
      request(path, {
        method,
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
  };
}

/** A WebSocket client that keeps what it receives. */
export class Client {
  readonly socket: WebSocket;
  readonly #frames: unknown[] = [];
  readonly #waiting: ((frame: unknown) => void)[] = [];
  readonly closed: Promise<number>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    // A dropped connection raises an error and then a close; tests await the close.
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const frame: unknown = JSON.parse(String(data));
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#frames.push(frame);
      else waiting(frame);
    });
  }

  static async open(port: number, path: string, protocols: string[] = []): Promise<Client> {
    const client = new Client(new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols));
    await once(client.socket, 'open');
    return client;
  }

  /** The next frame, in order of arrival. */
  next(): Promise<unknown> {
    const frame = this.#frames.shift();
    return frame === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(frame);
  }

  /** How many received frames `next` has not returned. */
  get unread(): number {
    return this.#frames.length;
  }

  send(event: string, data: unknown, id?: number | string): void {
    this.socket.send(JSON.stringify({ event, data, ...(id === undefined ? {} : { id }) }));
  }

  /** Resolves when everything sent before was handled, and everything sent to this socket before has arrived. */
  async settled(): Promise<void> {
    const pong = once(this.socket, 'pong');
    this.socket.ping();
    await pong;
  }
}

/** The status and parsed body of a refused upgrade. */
export function refusedUpgrade(
  port: number,
  path: string,
  options: { headers?: Record<string, string>; protocolVersion?: number } = {},
): Promise<{ status: number; body: unknown; headers: NodeJS.Dict<string | string[]> }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, [], options);
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('open', () => reject(new Error('the upgrade was accepted')));
    socket.once('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text), headers: response.headers }),
      );
    });
  });
}

/** Writes bytes to a plain connection and returns everything received until the server or `enough` ends it. */
export async function rawExchange(
  port: number,
  bytes: string | Buffer,
  enough: (received: string) => boolean = () => false,
): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  await new Promise<void>((resolve) => {
    socket.on('error', () => {});
    socket.once('close', () => resolve());
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (enough(received)) socket.destroy();
    });
    socket.write(bytes);
  });
  return received;
}
