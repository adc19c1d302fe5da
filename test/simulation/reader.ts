/** A reader of events, over any number of connections, that trusts what it receives. */
import { local, type Principal } from '../../schema/principal.ts';
import type { WireFormat } from '../../schema/wire/topic.ts';
import type { Selection } from '../../src/gateway/stream/subscriptions.ts';
import { FrameText } from './frame-text.ts';
import type { ReceivedFrame } from './received-frame.ts';
import type { SimulatedSocket } from './simulated-socket.ts';

/**
 * - `v1`: one subscription, resumed with its cursor.
 * - `live`: several that come and go; a new connection begins without any.
 * - `baseline`: one namespace, without a cursor.
 */
export type ReaderKind = 'v1' | 'live' | 'baseline';

/** A subscription that a `live` reader requested. */
export type Asked = {
  readonly id: number;
  readonly selection: Selection;
  readonly since: number | undefined;
};

export type SaidFrame = {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly id?: number;
};

export class Reader {
  readonly number: number;
  readonly kind: ReaderKind;
  /** The selection of a `v1` or `baseline` reader. */
  readonly selection: Selection;
  /** Whether the transport has topics of its own. */
  readonly native: boolean;
  /** Whether growing texts reach it in their compact form. */
  readonly compact: boolean;
  #received: FrameText;
  #given: FrameText;
  readonly principal: Principal;
  socket: SimulatedSocket | undefined;
  /** Counts its connections. */
  connection = 0;
  /** Every match up to here has arrived, or its absence was announced. */
  cursor: number | undefined;
  /** The requests of a `live` reader on this connection, by the id of the frame. */
  readonly asked = new Map<number, Asked>();
  /** Acknowledged subscriptions that were not ended again. */
  subscribed: Selection[] = [];
  /** Ended subscriptions; a client cannot know whether events published meanwhile still arrive. */
  readonly unsubscribed: Selection[] = [];

  /** The session that a frame of this connection was about, by the frame's id. */
  readonly #about = new Map<unknown, unknown>();

  constructor(given: Pick<Reader, 'number' | 'kind' | 'selection' | 'native' | 'compact' | 'principal'>) {
    this.number = given.number;
    this.kind = given.kind;
    this.selection = given.selection;
    this.native = given.native;
    this.compact = given.compact;
    this.principal = given.principal;
    this.#received = new FrameText(this.format);
    this.#given = new FrameText(this.format);
  }

  get name(): string {
    const name = `${this.kind} reader ${this.number}`;
    return this.principal === local ? name : `${name} of ${this.principal.id}`;
  }

  /**
   * The most topics that its connection can be on: of each namespace, or of a session in it, and the heartbeat. Those
   * of a namespace are two for a principal: its own, and the server's.
   */
  get topicsMax(): number {
    const selections =
      this.kind === 'live' ? [...this.asked.values()].map((one) => one.selection) : [this.selection];
    const each = this.principal === local ? 1 : 2;
    return 1 + selections.reduce((sum, { namespaces }) => sum + each * namespaces.length, 0);
  }

  get format(): WireFormat {
    if (this.kind === 'baseline') return 'baseline';
    return this.compact ? 'compact' : 'v1';
  }

  get connected(): boolean {
    return this.socket !== undefined && this.socket.closed === undefined;
  }

  /** A new connection begins. */
  begin(socket: SimulatedSocket): void {
    this.socket = socket;
    this.connection++;
    this.asked.clear();
    this.#received = new FrameText(this.format);
    this.#given = new FrameText(this.format);
    this.#about.clear();
    this.subscribed = [];
    this.unsubscribed.length = 0;
    if (this.kind !== 'v1') this.cursor = undefined;
  }

  say(frame: SaidFrame): void {
    if (frame.id !== undefined) this.#about.set(frame.id, frame.data['sessionId']);
    this.socket?.say(frame);
  }

  /** The session that the answered frame was about; without an id, that of its path. */
  sessionOf(id: unknown): unknown {
    return id === undefined ? this.selection.sessionId : this.#about.get(id);
  }

  /** Reads a frame that has arrived. One that a client cannot understand has the event `nonsense`. */
  read(text: string): ReceivedFrame {
    return this.#received.read(text);
  }

  /** Reads a frame that was given to the transport, and may arrive later or never. */
  readGiven(text: string): ReceivedFrame {
    return this.#given.read(text);
  }

  /** Updates what the client remembers from a frame. */
  take({ event, data, seq, id }: ReceivedFrame): void {
    if (event === 'ack' && typeof id === 'number') {
      const asked = this.asked.get(id);
      if (asked !== undefined) this.subscribed.push(asked.selection);
    } else if (event === 'hello') {
      if (data['resumed'] !== true) this.cursor ??= Number(data['seq']);
    } else if (event === 'resync' || event === 'heartbeat') {
      this.cursor = Number(data['seq']);
    } else if (seq !== undefined) {
      this.cursor = seq;
    }
  }
}

export function isSameSelection(one: Selection, other: Selection): boolean {
  return (
    one.sessionId === other.sessionId &&
    one.namespaces.length === other.namespaces.length &&
    one.namespaces.every((name) => other.namespaces.includes(name))
  );
}
