/** The real server as a process, with a watcher that receives all its events across restarts. */
import { randomUUID } from 'node:crypto';
import { wireNamespaces } from '../../../schema/wire-event-table.ts';
import type { Answer } from '../../processes/baseline-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../../processes/server-process.ts';
import { LiveReader, type Reply } from './live-reader.ts';

/** How long a stopping server gives a running turn; the model's slow turns never end in time. */
const shutdownGraceMs = 30;
/** A request that takes longer has failed. */
const answerMsMax = 15_000;

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

export class DrivenServer {
  readonly #folder: Folder;
  #process: ServerProcess;
  readonly watcher = new LiveReader({ namespaces: wireNamespaces, sessionId: undefined });
  /** Readers of the present run; those of earlier runs are gone. */
  readers: LiveReader[] = [];
  /** Distinguishes names of commands between runs. */
  run = '';

  private constructor(folder: Folder, server: ServerProcess) {
    this.#folder = folder;
    this.#process = server;
  }

  static async start(): Promise<DrivenServer> {
    const folder = await temporaryFolder();
    const server = new DrivenServer(folder, await processIn(folder.path));
    await server.watcher.connect(server.#process.url);
    return server;
  }

  begin(): void {
    this.run = randomUUID();
    this.readers = [];
  }

  /** Stops everything of the run that would go on. */
  async finish(sessionIds: readonly string[]): Promise<void> {
    for (const reader of this.readers) await reader.drop();
    for (const id of sessionIds) await this.call('DELETE', `/chat-sessions/${id}`);
  }

  async call(method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
    const response = await fetch(`${this.#process.url}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerMsMax),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : JSON.parse(text) };
  }

  /** A command over the watcher's socket. */
  ask(event: string, data: object): Promise<Reply> {
    return this.watcher.ask(event, data);
  }

  async connect(reader: LiveReader): Promise<void> {
    await reader.connect(this.#process.url);
  }

  /**
   * Ends the process, starts another on the same data, and lets the watcher resume; other readers stay disconnected.
   */
  async restart(how: 'orderly' | 'abrupt'): Promise<void> {
    const everybody = [this.watcher, ...this.readers].filter((reader) => reader.isConnected);
    const codes = Promise.all(everybody.map((reader) => reader.end()));
    const code = await this.#process.end(how === 'orderly' ? 'SIGTERM' : 'SIGKILL');
    if (how === 'orderly') {
      if (code !== 0) throw new Error(`the server ended with ${code}`);
      for (const closed of await codes) {
        if (closed !== 4000) throw new Error(`a socket was closed with ${closed}`);
      }
    }
    await codes;
    this.#process = await processIn(this.#folder.path);
    await this.watcher.connect(this.#process.url);
  }

  async close(): Promise<void> {
    await this.watcher.drop();
    await this.#process.end();
    await this.#folder.remove();
  }
}

function processIn(dataFolder: string): Promise<ServerProcess> {
  return startServer({ dataFolder, env: { CALLBOARD_SHUTDOWN_GRACE_MS: String(shutdownGraceMs) } });
}
