/**
 * A real server with a client of the baseline, for the tests of what such a client can notice: each is a row of
 * docs/baseline-differences.md, and its title begins with the number of the row.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Answer,
  type BaselineClient,
  type Frame,
  openBaselineClient,
  request,
  textAt,
} from '../../processes/baseline-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../../processes/server-process.ts';

export type Row = Readonly<Record<string, unknown>>;

export class BaselineServer {
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly #env: Readonly<Record<string, string>>;
  readonly #query: string;
  server: ServerProcess;
  client: BaselineClient;

  private constructor(
    folder: Awaited<ReturnType<typeof temporaryFolder>>,
    given: { readonly env: Readonly<Record<string, string>>; readonly query: string },
    running: { readonly server: ServerProcess; readonly client: BaselineClient },
  ) {
    this.#folder = folder;
    this.#env = given.env;
    this.#query = given.query;
    this.server = running.server;
    this.client = running.client;
  }

  /** `config` becomes the config file; `query` is that of the client's sockets. */
  static async start(
    env: Readonly<Record<string, string>> = {},
    { config = {}, query = '' }: { readonly config?: object; readonly query?: string } = {},
  ): Promise<BaselineServer> {
    const folder = await temporaryFolder();
    await writeFile(join(folder.path, 'callboard.config.json'), JSON.stringify(config));
    const server = await startServer({ dataFolder: folder.path, env });
    const client = await openBaselineClient(server.url, query);
    return new BaselineServer(folder, { env, query }, { server, client });
  }

  /** Starts again, on the same data, with a new client. */
  async startAgain(): Promise<void> {
    this.client.close();
    this.server = await startServer({ dataFolder: this.#folder.path, env: this.#env });
    this.client = await openBaselineClient(this.server.url, this.#query);
  }

  async remove(): Promise<void> {
    this.client.close();
    await this.server.end('SIGKILL');
    await this.#folder.remove();
  }

  get url(): string {
    return this.server.url;
  }

  request(method: string, path: string, body?: unknown): Promise<Answer> {
    return request(this.url, method, path, body);
  }

  /** Returns its id. */
  async newSession(more: object = {}): Promise<string> {
    return textAt(
      (await this.request('POST', '/chat-sessions', { title: 'Difference', ...more })).body,
      'id',
    );
  }

  /** Returns the id of the message. */
  async say(session: string, content: string, more: object = {}): Promise<string> {
    const sent = await this.request('POST', `/chat-sessions/${session}/messages`, { content, ...more });
    return textAt(sent.body, 'id');
  }

  /** Says it and waits for the end of the answer. */
  async ask(session: string, content: string): Promise<string> {
    const turns = this.told(session, 'trace.created').length;
    const message = await this.say(session, content);
    await this.ended(session, turns + 1);
    return message;
  }

  /** Resolves when so many turns of the session have ended, and everything that was told of them has arrived. */
  async ended(session: string, turns: number): Promise<void> {
    const isEnd = ({ data }: Frame) => data['status'] !== 'running';
    await this.client.until(() => this.told(session, 'trace.updated').filter(isEnd).length >= turns);
    await this.client.settled();
  }

  async cancel(session: string): Promise<void> {
    await this.request('POST', `/chat-sessions/${session}/cancel`);
    await this.ended(session, this.told(session, 'trace.created').length);
  }

  /** What was told of the session, of these events; without any, all but the page's tree. */
  told(session: string, ...events: readonly string[]): readonly Frame[] {
    return this.client.frames.filter(({ event, data }) => {
      const of = event.startsWith('session.') ? data['id'] : data['sessionId'];
      return (
        of === session && (events.length === 0 ? event !== 'execution-tree.updated' : events.includes(event))
      );
    });
  }

  /** What was told on `/chat-sessions`, activities with their state. */
  order(session: string): readonly string[] {
    return this.told(session)
      .filter(({ namespace }) => namespace === 'chat-sessions')
      .map(({ event, data }) => (event === 'agent.activity' ? String(data['state']) : event));
  }

  /** The first frame that the condition holds for, now or later. */
  async heard(session: string, event: string, holds: (data: Row) => boolean = () => true): Promise<Row> {
    const found = () => this.told(session, event).find(({ data }) => holds(data));
    await this.client.until(() => found() !== undefined);
    return found()?.data ?? {};
  }

  async list(session: string, query = ''): Promise<readonly Row[]> {
    return rowsOf((await this.request('GET', `/chat-sessions/${session}/messages${query}`)).body);
  }

  /** Sends frames on `/chat-sessions`, or another namespace, and returns as many exceptions. */
  async exceptions(
    frames: readonly (string | object)[],
    namespace = 'chat-sessions',
  ): Promise<readonly Row[]> {
    const from = this.client.frames.length;
    for (const frame of frames) {
      this.client.socket(namespace).send(typeof frame === 'string' ? frame : JSON.stringify(frame));
    }
    const found = () => this.client.frames.slice(from).filter(({ event }) => event === 'exception');
    await this.client.until(() => found().length >= frames.length);
    return found().map(({ data }) => data);
  }
}

export function rowsOf(body: unknown): readonly Row[] {
  if (!Array.isArray(body)) throw new Error(`no list: ${JSON.stringify(body)}`);
  return body;
}

/** A frame of a client, as bytes: final, masked with zeros, so that the payload stays as it is. */
export function clientFrame(payload: string): Buffer {
  const bytes = Buffer.from(payload);
  if (bytes.length > 65_535) throw new RangeError('too long');
  const length =
    bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 255];
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), bytes]);
}

/** The head of a handshake, for plain connections. */
export const handshake = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
