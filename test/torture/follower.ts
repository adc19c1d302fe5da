/**
 * A `callboard.v1` client that follows every session through all lives of the server: after each death it resumes with
 * its cursor, and what it was told must be what REST lists in the end.
 */
import { WebSocket } from 'ws';
import type { ChatMessage } from '../../schema/chat-message.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { Participant } from '../../schema/participant.ts';
import { type ToldFrame, ToldTree, type WholeListed } from './told-tree.ts';
import type { TorturedClient, Whereabouts } from './tortured-client.ts';

type Frame = ToldFrame & { readonly seq?: number };

export class Follower {
  readonly #where: Whereabouts;
  readonly #client: Pick<TorturedClient, 'read'>;
  /** Events to which it does not listen, to prove that this is noticed. */
  readonly #deafTo: readonly string[];
  readonly #told = new ToldTree();
  #cursor: { readonly epoch: string; readonly seq: number } | undefined;
  #socket: WebSocket | undefined;
  #isClosed = false;
  /** Frames are taken one after the other: some make it read. */
  #work: Promise<void> = Promise.resolve();
  readonly #greeted = Promise.withResolvers<void>();
  /** How often it was told to read everything again. */
  rereads = 0;
  /** How often it went on from its cursor. */
  resumes = 0;

  constructor(given: {
    readonly where: Whereabouts;
    readonly client: Pick<TorturedClient, 'read'>;
    readonly deafTo?: readonly string[] | undefined;
  }) {
    this.#where = given.where;
    this.#client = given.client;
    this.#deafTo = given.deafTo ?? [];
  }

  /** Resolves when it has a cursor. */
  start(): Promise<void> {
    void this.#connect();
    return this.#greeted.promise;
  }

  async #connect(): Promise<void> {
    const url = await this.#where.url().catch(() => undefined);
    if (url === undefined || this.#isClosed) return;
    const since = this.#cursor === undefined ? '' : `&since=${this.#cursor.epoch}:${this.#cursor.seq}`;
    const socket = new WebSocket(
      `${url.replace('http', 'ws')}/live?namespaces=chat-sessions${since}`,
      'callboard.v1',
    );
    this.#socket = socket;
    socket.on('message', (bytes) => {
      const frame: Frame = JSON.parse(String(bytes));
      this.#work = this.#work.then(() => this.#take(frame));
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (!this.#isClosed) setTimeout(() => void this.#work.then(() => this.#connect()), 5);
    });
  }

  async #take(frame: Frame): Promise<void> {
    const { event, data, seq } = frame;
    if (event === 'hello') {
      if (data['resumed'] === true) this.resumes++;
      else if (this.#cursor !== undefined) await this.#readAll();
      this.#cursor ??= { epoch: String(data['epoch']), seq: Number(data['seq']) };
      this.#greeted.resolve();
    } else if (event === 'resync') {
      await this.#readAll();
      this.#passed(Number(data['seq']));
    } else if (seq !== undefined) {
      if (!this.#deafTo.includes(event)) this.#told.take(frame);
      // A session that begins with a conversation: no event tells its messages.
      if (event === 'session.created' && 'leafId' in data) await this.#readSession(data as ChatSession);
      this.#passed(seq);
    }
  }

  #passed(seq: number): void {
    if (this.#cursor !== undefined) this.#cursor = { ...this.#cursor, seq };
  }

  async #readAll(): Promise<void> {
    this.rereads++;
    this.#told.restart(await this.#lists());
  }

  async #readSession(session: ChatSession): Promise<void> {
    this.#told.add({ session, messages: await this.#messages(session.id, 'all') });
  }

  async #lists(): Promise<readonly WholeListed[]> {
    const sessions = (await this.#client.read('/chat-sessions')) as readonly ChatSession[];
    return Promise.all(
      sessions.map(async (session) => ({
        session,
        messages: await this.#messages(session.id, 'all'),
        branch: await this.#messages(session.id, 'current'),
        participants: ((await this.#client.read(`/chat-sessions/${session.id}/participants`)) ??
          []) as readonly Participant[],
      })),
    );
  }

  async #messages(session: string, branch: 'all' | 'current'): Promise<readonly ChatMessage[]> {
    const messages = await this.#client.read(`/chat-sessions/${session}/messages?branch=${branch}`);
    return (messages ?? []) as readonly ChatMessage[];
  }

  /** Waits until it agrees with REST; how it still differs if it does not within `withinMs`. */
  async disagreements(withinMs: number): Promise<readonly string[]> {
    const until = performance.now() + withinMs;
    for (;;) {
      const lists = await this.#lists();
      await this.#work;
      const differences = this.#told.differences(lists);
      if (differences.length === 0 || performance.now() > until) return differences;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.terminate();
  }
}
