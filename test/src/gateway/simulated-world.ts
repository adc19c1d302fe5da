/** The stream hub among simulated sockets, a simulated journal and a clock that only moves when told to. */
import { closeCodes } from '../../../schema/close-codes.ts';
import { cursorOf } from '../../../schema/cursor.ts';
import type { WireNamespace } from '../../../schema/event-catalogue.ts';
import { accepted } from '../../../schema/refusal.ts';
import type { StreamBounds } from '../../../src/gateway/stream-bounds.ts';
import type { StreamConnection } from '../../../src/gateway/stream-connection.ts';
import { createStreamHub, type StreamHub } from '../../../src/gateway/stream-hub.ts';
import type { Selection } from '../../../src/gateway/subscriptions.ts';
import { V1Conversation } from '../../../src/gateway/v1-conversation.ts';
import { exampleInspection } from '../../fakes/example-inspection.ts';
import { session } from './fake-services.ts';
import { type RecordingLog, recordingLog } from './running-gateway.ts';
import { SimulatedClient, SimulatedLiveClient } from './simulated-client.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { epoch, SimulatedJournal } from './simulated-journal.ts';
import { SimulatedNetwork, SimulatedSocket } from './simulated-socket.ts';

export const smallBounds: Partial<StreamBounds> = {
  socketBudgetBytes: 600,
  topicSlackBytes: 100,
  stallMsMax: 50,
  hotWindowEventsMax: 6,
  catchUpChunkEvents: 3,
  catchUpScanEvents: 5,
  catchUpTickEvents: 30,
  catchUpReadsMax: 2,
};

/**
 * How far the clock moves in a round of `rest`. Sockets deliver once a round: were it as long as `stallMsMax`, a
 * reader that reads everything at once would be closed as one that does not drain, whenever it is given a lot.
 */
const restStepMs = 20;

export type Reader = {
  readonly kind: 'v1' | 'baseline' | 'live';
  readonly native: boolean;
  readonly client: SimulatedClient | SimulatedLiveClient;
  socket: SimulatedSocket;
  say: (frame: object) => void;
};

export class SimulatedWorld {
  readonly clock = new SimulatedClock();
  readonly network = new SimulatedNetwork();
  readonly journal: SimulatedJournal;
  readonly log: RecordingLog = recordingLog();
  readonly hub: StreamHub;
  readonly readers: Reader[] = [];
  /** Connections that fell behind, and those that were closed for it. */
  behind = 0;
  closed = 0;

  /** Whether there are clients with several subscriptions; without them, the journal may forget. */
  readonly severalSubscriptions: boolean;

  constructor(options: {
    readonly sessions: number;
    readonly flushIntervalMs: number;
    readonly severalSubscriptions: boolean;
  }) {
    const { sessions, flushIntervalMs } = options;
    this.severalSubscriptions = options.severalSubscriptions;
    this.journal = new SimulatedJournal(sessions);
    this.hub = createStreamHub({
      eventLog: this.journal.log,
      newestSeq: 0,
      native: this.network.publish,
      clock: this.clock,
      log: this.log,
      flushIntervalMs,
      // Now busy, now not, so that the flush interval keeps changing.
      busyShare: () => (this.clock.now() % 200) / 200,
      heartbeatMs: 40,
      bounds: smallBounds,
    });
  }

  open(kind: Reader['kind'], selection: Selection, native: boolean): void {
    const client =
      kind === 'live'
        ? new SimulatedLiveClient(this.journal)
        : new SimulatedClient(this.journal, selection, kind === 'baseline');
    const socket = new SimulatedSocket(this.network);
    const reader: Reader = { kind, native, client, socket, say: () => {} };
    this.readers.push(reader);
    this.#connect(reader);
  }

  /** Comes back with its cursor, if its connection is gone. */
  reconnect(reader: Reader): void {
    if (reader.socket.closed === undefined || !(reader.client instanceof SimulatedClient)) return;
    if (reader.socket.closed !== 'cut') this.closed++;
    if (reader.kind === 'baseline') reader.client.restart();
    reader.socket = new SimulatedSocket(this.network);
    this.#connect(reader);
  }

  #connect(reader: Reader): void {
    const { socket, client, kind } = reader;
    socket.onFrame = client.take;
    const connection = this.hub.open(socket.sink(reader.native), kind === 'baseline' ? 'baseline' : 'v1');
    this.#watch(connection, socket);
    if (kind === 'baseline' && client instanceof SimulatedClient) {
      client.at = this.hub.seq();
      connection.subscribe(client.selection, { snapshots: false });
      return;
    }
    const conversation = new V1Conversation(
      connection,
      {
        hub: this.hub,
        door: {
          addMessage: nobody,
          approveToolCall: nobody,
          denyToolCall: nobody,
          cancelTurns: async () => accepted(none()),
        },
        readModel: { session: async (id) => ({ ...session, id }) },
        inspectors: exampleInspection(() => false).inspectors,
        log: this.log,
      },
      accepted(null),
    );
    reader.say = (frame) => {
      if (socket.closed === undefined) {
        const bytes = new TextEncoder().encode(JSON.stringify(frame));
        conversation.take(bytes.buffer);
      }
    };
    if (!(client instanceof SimulatedClient)) {
      conversation.begin(undefined);
      return;
    }
    const since = client.at === undefined ? undefined : cursorOf({ epoch, seq: client.at });
    conversation.begin({ selection: client.selection, since });
  }

  #watch(connection: StreamConnection, socket: SimulatedSocket): void {
    socket.onDrain = () => {
      if (connection.phase === 'behind') this.behind++;
      connection.drained();
    };
    socket.onGone = () => connection.gone();
  }

  /** The end of a tick, and what was promised in it. */
  async tick(): Promise<void> {
    this.clock.tick();
    this.network.tick();
    for (let turn = 0; turn < 12; turn++) await null;
  }

  /** Every fault is over; resolves when nothing moves any more. */
  async rest(): Promise<void> {
    this.journal.broken = false;
    for (let round = 0; round < 2000; round++) {
      for (const reader of this.readers) {
        reader.socket.stalled = false;
        this.reconnect(reader);
      }
      // Baseline clients learn of a text that is under way by its next piece: they are told nothing on connect.
      if (round % 40 === 39) this.journal.growAll('.');
      this.journal.commit(Number.POSITIVE_INFINITY);
      this.journal.publish(100, this.hub.publisher);
      this.clock.advance(round < 60 ? 1 : restStepMs);
      await this.tick();
      const answered = this.journal.answerRead();
      await this.tick();
      const missing = this.missing();
      if (!answered && this.clock.idle && this.journal.pending === 0 && missing.length === 0 && round > 20)
        return;
    }
    throw new Error(`does not come to rest: ${this.missing().join('; ')}`);
  }

  missing(): string[] {
    return this.readers.flatMap(({ client, kind, socket }, index) =>
      kind === 'live' && socket.closed !== undefined
        ? []
        : client.missing().map((what) => `${kind} ${index}: ${what}`),
    );
  }
}

function none(): never {
  throw new Error(`nobody cancels here (${closeCodes.internal.reason})`);
}

export const someNamespaces: readonly (readonly WireNamespace[])[] = [
  ['chat-sessions'],
  ['chat-messages'],
  ['chat-sessions', 'chat-messages'],
  ['config', 'chat-sessions', 'chat-messages', 'traces', 'tools', 'logs'],
];

function nobody(): Promise<never> {
  return Promise.reject(new Error('no'));
}
