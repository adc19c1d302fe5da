/** A reader of events, over any number of connections, that trusts what it receives. */
import type { WireFormat } from '../../schema/wire/topic.ts';
import type { Selection } from '../../src/gateway/stream/subscriptions.ts';
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

/** What its deltas have in common. */
type Named = { readonly event: string; readonly sessionId: unknown; readonly messageId: unknown };

export class Reader {
  readonly number: number;
  readonly kind: ReaderKind;
  /** The selection of a `v1` or `baseline` reader. */
  readonly selection: Selection;
  /** Whether the transport has topics of its own. */
  readonly native: boolean;
  /** Whether growing texts reach it in their compact form. */
  readonly compact: boolean;
  /** The texts that were named on this connection, by their numbers. */
  readonly #named = new Map<unknown, Named>();
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

  constructor(given: Pick<Reader, 'number' | 'kind' | 'selection' | 'native' | 'compact'>) {
    this.number = given.number;
    this.kind = given.kind;
    this.selection = given.selection;
    this.native = given.native;
    this.compact = given.compact;
  }

  get name(): string {
    return `${this.kind} reader ${this.number}`;
  }

  /** The most topics that its connection can be on: of each namespace, or of a session in it, and the heartbeat. */
  get topicsMax(): number {
    const selections =
      this.kind === 'live' ? [...this.asked.values()].map((one) => one.selection) : [this.selection];
    return 1 + selections.reduce((sum, { namespaces }) => sum + namespaces.length, 0);
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
    this.#named.clear();
    this.subscribed = [];
    this.unsubscribed.length = 0;
    if (this.kind !== 'v1') this.cursor = undefined;
  }

  say(frame: object): void {
    this.socket?.say(frame);
  }

  /** Reads a frame. One that a client cannot understand has the event `nonsense`. */
  read(text: string): ReceivedFrame {
    const given: ReceivedFrame | readonly unknown[] = JSON.parse(text);
    if ('event' in given) {
      if (given.number !== undefined) return this.#name(given, given.number);
      const mustName = this.format === 'compact' && given.event.endsWith('.partial');
      return mustName ? nonsense(`a snapshot without a number: ${text}`) : given;
    }
    const [number, offset, piece] = given;
    const named = this.#named.get(number);
    if (named === undefined || this.format !== 'compact') return nonsense(`a text without a name: ${text}`);
    const { event, sessionId, messageId } = named;
    return { event, data: { sessionId, messageId, offset, text: piece } };
  }

  #name(frame: ReceivedFrame, number: number): ReceivedFrame {
    const { sessionId, messageId = frame.data['id'] } = frame.data;
    const event = frame.event.replace(/partial$/, 'delta');
    const known = this.#named.get(number);
    const isSame = known?.event === event && known.messageId === messageId && known.sessionId === sessionId;
    if (this.format !== 'compact' || (known !== undefined && !isSame)) {
      return nonsense(`the number ${number} for ${event} of ${messageId}`);
    }
    this.#named.set(number, { event, sessionId, messageId });
    return frame;
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

function nonsense(what: string): ReceivedFrame {
  return { event: 'nonsense', data: { what } };
}

export function isSameSelection(one: Selection, other: Selection): boolean {
  return (
    one.sessionId === other.sessionId &&
    one.namespaces.length === other.namespaces.length &&
    one.namespaces.every((name) => other.namespaces.includes(name))
  );
}
