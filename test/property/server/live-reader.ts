/**
 * A reader of `callboard.v1` that checks everything: it assembles the text piece by piece, and fails at a gap, a
 * repetition, or a piece that contradicts the text so far. It can be disconnected, and resumes with its cursor.
 */
import { once } from 'node:events';
import WebSocket from 'ws';
import { eventCatalogue } from '../../../schema/event-catalogue.ts';
import { callboardV1Subprotocol } from '../../../schema/wire/callboard-v1-frame.ts';
import type { WireNamespace } from '../../../schema/wire-event-table.ts';

export type Selection = {
  readonly namespaces: readonly WireNamespace[];
  readonly sessionId: string | undefined;
};

export type DurableEvent = {
  readonly seq: number;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
};

type Frame = {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly seq?: number;
  readonly id?: number;
};

export type Reply = { readonly ok: boolean; readonly data: Readonly<Record<string, unknown>> };

/** How long anything may take to arrive, ms; longer is a failure. */
const patienceMs = 15_000;

export class LiveReader {
  readonly selection: Selection;
  /** Over all its connections. */
  readonly durable: DurableEvent[] = [];
  /** The assembled text of each message. */
  readonly texts = new Map<string, string>();
  /** The last activity received, by session. */
  readonly activity = new Map<string, unknown>();
  /** The `seq` at which its first connection began. */
  startSeq = -1;
  /** True when the last connection was refused its subscription. */
  refused = false;
  #socket: WebSocket | null = null;
  #epoch = '';
  #position = -1;
  #lastId = 0;
  /** True when it has caught up, so that further events are live. */
  #isLive = false;
  /** Messages of which every piece must arrive: they began while the reader was connected, and it stayed so. */
  readonly #whole = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #replies = new Map<number, (reply: Reply) => void>();
  readonly #faults: string[] = [];
  #waiting: (() => void)[] = [];

  constructor(selection: Selection) {
    this.selection = selection;
  }

  get isConnected(): boolean {
    return this.#socket !== null;
  }

  /** The `seq` after which it resumes. */
  get position(): number {
    return this.#position;
  }

  /** Resolves with `hello`; from the second time on it resumes. */
  async connect(url: string): Promise<void> {
    const query = new URLSearchParams({ namespaces: this.selection.namespaces.join(',') });
    if (this.selection.sessionId !== undefined) query.set('sessionId', this.selection.sessionId);
    const resumes = this.#epoch !== '';
    if (resumes) query.set('since', `${this.#epoch}:${this.#position}`);
    this.refused = false;
    const socket = new WebSocket(`${url.replace('http', 'ws')}/live?${query}`, [callboardV1Subprotocol]);
    this.#socket = socket;
    const hello = new Promise<Frame>((resolve) => {
      socket.once('message', (bytes) => resolve(JSON.parse(String(bytes))));
    });
    socket.once('message', () => socket.on('message', (bytes) => this.#take(JSON.parse(String(bytes)))));
    await inTime(once(socket, 'open'), 'a connection');
    const { event, data } = await inTime(hello, 'hello');
    if (event !== 'hello') this.#faults.push(`the first frame is ${event}`);
    if (resumes && data['epoch'] !== this.#epoch) this.#faults.push('the epoch changed');
    if (!resumes) this.#position = this.startSeq = Number(data['seq']);
    this.#epoch = String(data['epoch']);
    await this.ask('ping', {});
  }

  /** Call it when the reader has everything that was published so far. */
  caughtUp(): void {
    this.#isLive = true;
  }

  /** Breaks the connection off. */
  async drop(): Promise<void> {
    const socket = this.#socket;
    if (socket === null) return;
    const closed = socket.readyState === WebSocket.CLOSED ? Promise.resolve() : once(socket, 'close');
    socket.terminate();
    await closed;
    this.#lost();
  }

  /** The server is gone, or about to go. */
  async end(): Promise<number> {
    const socket = this.#socket;
    if (socket === null) return 0;
    const [code] = await inTime(once(socket, 'close'), 'the end of a connection');
    this.#lost();
    return code;
  }

  #lost(): void {
    this.#socket = null;
    this.#isLive = false;
    this.#whole.clear();
  }

  /** Sends a frame and resolves with its `ack` or `exception`. */
  ask(event: string, data: object): Promise<Reply> {
    const id = ++this.#lastId;
    const reply = new Promise<Reply>((resolve) => this.#replies.set(id, resolve));
    this.#socket?.send(JSON.stringify({ event, data, id }));
    return inTime(reply, `an answer to ${event}`);
  }

  /** Resolves once the condition holds, as soon as a frame makes it so. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const holds = async () => {
      while (!condition() && this.#faults.length === 0) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    };
    await inTime(holds(), what);
    this.expectSound();
  }

  /** Throws the faults found so far. */
  expectSound(): void {
    if (this.#faults.length > 0) throw new Error(this.#faults.join('; '));
  }

  #take(frame: Frame): void {
    const { event, data, seq, id } = frame;
    if (event === 'ack' && id !== undefined) this.#reply(id, { ok: true, data });
    else if (event === 'exception') this.#refusal(data);
    else if (event === 'resync') this.#faults.push(`resync: ${JSON.stringify(data)}`);
    else if (seq !== undefined) this.#takeDurable({ event, data, seq });
    else if (event === 'message.delta') this.#takeDelta(data);
    else if (event === 'message.partial') this.#takeSnapshot(data);
    else if (event === 'agent.activity') this.activity.set(String(data['sessionId']), data['state']);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #reply(id: number, reply: Reply): void {
    this.#replies.get(id)?.(reply);
    this.#replies.delete(id);
  }

  #refusal(data: Frame['data']): void {
    const id = data['id'];
    if (typeof id === 'number') this.#reply(id, { ok: false, data });
    else if (data['code'] === 'not_found') this.refused = true;
    else this.#faults.push(`refused: ${JSON.stringify(data)}`);
  }

  #takeDurable({ event, data, seq }: DurableEvent): void {
    if (seq <= this.#position) this.#faults.push(`seq ${seq} comes after ${this.#position}`);
    this.#position = seq;
    this.durable.push({ event, data, seq });
    const id = String(data['id']);
    const content = String(data['content']);
    if (event === 'message.created') {
      this.texts.set(id, content);
      if (this.#isLive && this.#hears('chat-messages')) this.#whole.add(id);
    }
    if (event === 'agent.activity') this.activity.set(String(data['sessionId']), data['state']);
    if (event === 'message.updated') {
      const text = this.texts.get(id) ?? '';
      const agrees = this.#whole.has(id)
        ? text === content
        : content.startsWith(text) || text.startsWith(content);
      if (!agrees) this.#faults.push(`the pieces of ${id} are ${text}, it ends as ${content}`);
      this.texts.set(id, content);
      this.#ended.add(id);
    }
  }

  #takeDelta(data: Frame['data']): void {
    const id = String(data['messageId']);
    const [offset, piece] = [Number(data['offset']), String(data['text'])];
    if (this.#ended.has(id)) this.#faults.push(`a piece of ${id} comes after its end`);
    if (this.#hears('chat-sessions') && !this.texts.has(id))
      this.#faults.push(`a piece of ${id} comes first`);
    const text = this.texts.get(id) ?? '';
    if (offset > text.length || !piece.startsWith(text.slice(offset))) {
      this.#faults.push(`a piece of ${id} at ${offset} does not continue ${text.length} units`);
    }
    this.texts.set(id, text.slice(0, offset) + piece);
  }

  #takeSnapshot(data: Frame['data']): void {
    const id = String(data['id']);
    const content = String(data['content']);
    if (this.#ended.has(id)) this.#faults.push(`a snapshot of ${id} comes after its end`);
    if (!content.startsWith(this.texts.get(id) ?? '')) this.#faults.push(`a snapshot of ${id} goes back`);
    this.texts.set(id, content);
  }

  #hears(namespace: WireNamespace): boolean {
    return this.selection.namespaces.includes(namespace);
  }
}

/** Whether a reader with this selection should get the event. */
export function isSelected({ namespaces, sessionId }: Selection, { event, data }: DurableEvent): boolean {
  const namespace = Object.entries(eventCatalogue).find(([name]) => name === event)?.[1].namespace;
  const about = event.startsWith('session.') ? data['id'] : data['sessionId'];
  return namespaces.some((name) => name === namespace) && (sessionId === undefined || sessionId === about);
}

async function inTime<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come`)), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
