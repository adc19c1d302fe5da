/**
 * A server that does by itself only what every server does at once: send `hello` and confirm subscriptions. The test
 * does everything else, above all faults.
 */
import type {
  Client,
  ConnectOptions,
  GreetedPrincipal,
  ProtocolViolation,
} from '../../../src/client/client.ts';
import { connect } from '../../../src/client/client.ts';
import type { Timers } from '../../../src/client/connection/transport.ts';
import type { SocketConstructor, SocketLike } from '../../../src/client/connection/websocket-transport.ts';

export type ClientFrame = {
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly id?: number;
};

export type RestCall = {
  readonly method: string;
  /** Includes the query string. */
  readonly path: string;
  readonly body: Record<string, unknown> | undefined;
  readonly headers: Headers;
};

type Refusal = {
  readonly code: string;
  readonly message?: string;
  readonly retryable?: true;
  readonly retryAfterMs?: number;
};

/** The server's end of one WebSocket. */
export class FakeSocket implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: ((event: never) => void) | null = null;
  readyState = 0;
  readonly url: string;
  readonly protocols: string | string[];
  readonly #server: FakeServer;
  readonly frames: ClientFrame[] = [];
  /** True when the client has closed it. */
  isGone = false;

  constructor(server: FakeServer, url: string, protocols: string | string[]) {
    this.#server = server;
    this.url = url;
    this.protocols = protocols;
    server.sockets.push(this);
    queueMicrotask(() => {
      if (this.isGone) return;
      if (!server.opens) this.drop(1006);
      else this.#open();
    });
  }

  #open(): void {
    this.readyState = 1;
    this.onopen?.(undefined as never);
    if (this.#server.greets) this.say('hello', this.#server.hello());
  }

  send(text: string): void {
    const frame: ClientFrame = JSON.parse(text);
    this.frames.push(frame);
    if (frame.event !== 'subscribe' || !this.#server.confirms || frame.id === undefined) return;
    if (this.#server.subscribed !== undefined) {
      this.#server.subscribed(this, frame);
      return;
    }
    const resumed = frame.data['since'] !== undefined;
    this.say('ack', { seq: this.#server.seq, resumed }, { id: frame.id });
  }

  close(): void {
    this.readyState = 3;
    this.isGone = true;
  }

  say(event: string, data: unknown, rest: object = {}): void {
    this.sayText(JSON.stringify({ event, data, ...rest }));
  }

  sayText(data: string): void {
    this.onmessage?.({ data } as never);
  }

  refuse(id: number | undefined, { code, message = code, ...rest }: Refusal): void {
    this.say('exception', { status: 'error', code, message, ...rest, id });
  }

  drop(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code } as never);
  }

  sent(event: string): ClientFrame[] {
    return this.frames.filter((frame) => frame.event === event);
  }
}

export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  readonly calls: RestCall[] = [];
  epoch = '6f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e11';
  seq = 100;
  principal: GreetedPrincipal | undefined = { id: 'app:ada', name: 'Ada', scopes: ['chat'], narrowed: false };
  opens = true;
  greets = true;
  confirms = true;
  /** Answers a `subscribe`, instead of a bare confirmation. */
  subscribed: ((socket: FakeSocket, frame: ClientFrame) => void) | undefined;
  heartbeatMs = 1000;
  commandsInFlightMax = 64;
  /** Answers REST calls; an `Error` stands for a failing network. */
  rest: (call: RestCall) => Promise<{ status: number; body: unknown } | Response | Error> = async () => ({
    status: 404,
    body: { message: 'nothing here' },
  });

  hello() {
    return {
      epoch: this.epoch,
      seq: this.seq,
      resumed: false,
      principal: this.principal,
      limits: {
        frameBytesMax: 65_536,
        subscriptionsMax: 64,
        commandsInFlightMax: this.commandsInFlightMax,
        heartbeatMs: this.heartbeatMs,
      },
    };
  }

  /** The newest WebSocket. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket yet');
    return socket;
  }

  get WebSocket(): SocketConstructor {
    const create = (url: string, protocols: string | string[]) => new FakeSocket(this, url, protocols);
    return class {
      constructor(url: string, protocols: string | string[]) {
        // biome-ignore lint/correctness/noConstructorReturn: it stands for the class that it makes one of.
        return create(url, protocols);
      }
    } as unknown as SocketConstructor;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(String(input));
    const call: RestCall = {
      method: init?.method ?? 'GET',
      path: url.pathname + url.search,
      body: typeof init?.body === 'string' ? JSON.parse(init.body) : undefined,
      headers: new Headers(init?.headers),
    };
    this.calls.push(call);
    const answer = await this.rest(call);
    init?.signal?.throwIfAborted();
    if (answer instanceof Error) throw answer;
    if (answer instanceof Response) return answer;
    return Response.json(answer.body, { status: answer.status });
  };
}

type Pending = { readonly at: number; readonly run: () => void };

/** Time passes when the test says so. */
export class ManualTimers implements Timers {
  #now = 0;
  #pending: Pending[] = [];
  /** The requested delays, in order. */
  readonly delays: number[] = [];

  readonly after = (delayMs: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + delayMs, run };
    this.delays.push(delayMs);
    this.#pending.push(timer);
    return () => {
      this.#pending = this.#pending.filter((other) => other !== timer);
    };
  };

  /** Runs everything that is due, in order, and lets promises settle in between. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settled();
      const next = this.#pending.toSorted((one, other) => one.at - other.at)[0];
      if (next === undefined || next.at > until) break;
      this.#now = next.at;
      this.#pending = this.#pending.filter((timer) => timer !== next);
      next.run();
    }
    this.#now = until;
  }
}

/** Resolves when everything that only waits for promises has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export type FakeWorld = {
  readonly server: FakeServer;
  readonly timers: ManualTimers;
  readonly client: Client;
  readonly violations: ProtocolViolation[];
};

/** A client of a fake server. `prepare` runs before it connects. */
export async function fakeWorld(
  prepare: (server: FakeServer) => void = () => {},
  options: Partial<ConnectOptions> = {},
): Promise<FakeWorld> {
  const server = new FakeServer();
  prepare(server);
  const timers = new ManualTimers();
  const violations: ProtocolViolation[] = [];
  const client = connect({
    url: 'http://callboard.test/',
    WebSocket: server.WebSocket,
    fetch: server.fetch,
    timers,
    random: () => 0.5,
    backoff: { firstMs: 100, maxMs: 1000 },
    onViolation: (violation) => violations.push(violation),
    ...options,
  });
  await settled();
  return { server, timers, client, violations };
}
