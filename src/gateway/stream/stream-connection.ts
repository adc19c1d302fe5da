/**
 * One reader of events, on any transport: a baseline socket, a `callboard.v1` socket, an SSE stream. It
 * carries out what `machines/connection.ts` decides: enters and leaves topics, catches up from the hot window or the
 * journal, and sends snapshots of growing texts ([V1B1], [V1D1]–[V1D4]).
 *
 * No event is lost or repeated between catching up and live: one synchronous step flushes everything that waits,
 * sends the rest of the hot window and the snapshots, and enters the topics.
 */

import { type ConnectionEvent, type ConnectionPhase, nextConnection } from '../../../machines/connection.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import type { ResyncReason } from '../../../schema/wire/callboard-v1-frame.ts';
import { type CloseCode, closeCodes } from '../../../schema/wire/close-codes.ts';
import { serverFrame } from '../../../schema/wire/frame.ts';
import type { Topic, WireFormat } from '../../../schema/wire/topic.ts';
import { ownAccessOf } from '../access/event-owner.ts';
import type { Reach } from '../access/reach.ts';
import type { CatchingUp } from './catch-up.ts';
import type { SentEvent } from './hot-window.ts';
import { missedEvents } from './missed-events.ts';
import type { StreamDeps } from './stream-deps.ts';
import type { StreamSink } from './stream-sink.ts';
import { type Selection, Subscriptions, selects } from './subscriptions.ts';
import type { TopicMember } from './topics.ts';

export class StreamConnection implements TopicMember, CatchingUp {
  /** Receives the frames of topics when the sink has no topics of its own. */
  readonly deliver: TopicMember['deliver'];
  readonly #deps: StreamDeps;
  readonly #sink: StreamSink;
  readonly #format: WireFormat;
  readonly #reach: Reach;
  readonly #subscriptions: Subscriptions;
  #phase: ConnectionPhase = 'live';
  /** The topics that the connection is on. */
  #topics: ReadonlySet<Topic> = new Set();
  /** Frames addressed to this connection alone that wait until there is room. */
  #owed: string[] = [];
  #cancelStall: (() => void) | undefined;
  #closing: CloseCode = closeCodes.stalledReader;

  constructor(deps: StreamDeps, sink: StreamSink, format: WireFormat, reach: Reach) {
    this.#deps = deps;
    this.#sink = sink;
    this.#format = format;
    this.#reach = reach;
    this.#subscriptions = new Subscriptions(format, reach);
    this.deliver = sink.topics === undefined ? (frame, seq) => sink.send(frame, seq) : undefined;
  }

  get phase(): ConnectionPhase {
    return this.#phase;
  }

  /** Starts heartbeats; `subscribe` does so as well. */
  enter(): void {
    this.#syncTopics();
  }

  /** True when there is no room for another subscription ([V1B6]). */
  get full(): boolean {
    return this.#subscriptions.size >= this.#deps.bounds.subscriptionsMax;
  }

  has(selection: Selection): boolean {
    return this.#subscriptions.has(selection);
  }

  /** True when an existing subscription rules this one out ([OFR2]). */
  clashesWith(selection: Selection): boolean {
    return this.#subscriptions.clashesWith(selection);
  }

  /**
   * Sends every matching event after `since`, or from the next published one, behind snapshots of what is in progress.
   * Baseline sockets get `activities` instead: of agents that are not idle, and of nothing else ([WS3]).
   */
  subscribe(
    selection: Selection,
    options: { readonly since?: number; readonly snapshots?: 'all' | 'activities' } = {},
  ): void {
    if (this.#phase === 'closed') return;
    this.#deps.flush();
    // What was published just now may have ended its right to see the session, which was checked before.
    const { sessionId } = selection;
    if (sessionId !== undefined && this.#reach.sees(sessionId, 'chat-sessions') === false) return;
    const { newest } = this.#deps.hot;
    const from = options.since ?? newest;
    const live = from >= newest && this.#phase === 'live' && this.#hasRoom();
    this.#subscriptions.add(selection, { from, live });
    if (live) {
      if (options.snapshots !== 'activities') this.#sendSnapshots([selection]);
      else if (selects(selection, 'chat-sessions', null) && this.#reach.hears('chat-sessions')) {
        this.#sendAll(this.#deps.inFlight.baselineActivities((id) => this.#sees(id)));
      }
      this.#syncTopics();
    } else if (this.#subscriptions.replayPosition() !== undefined) {
      this.#syncTopics();
      this.#handle(this.#hasRoom() ? 'replay.wanted' : 'budget.exceeded');
    }
  }

  /** Returns false when there is no such subscription. */
  unsubscribe(selection: Selection): boolean {
    this.#deps.flush();
    const found = this.#subscriptions.remove(selection, this.#deps.hot.newest);
    if (found) this.#syncTopics();
    return found;
  }

  /** Called when it has changed whether the connection may see the session. */
  accessChanged(id: SessionId): void {
    if (!this.#sees(id)) {
      this.#subscriptions.loseSession(id);
      this.#syncTopics();
    } else if (this.#phase !== 'closed' && this.#format !== 'baseline') {
      // Texts that grow are joined in the middle, by what is live even while something else catches up.
      this.#sendSnapshots(this.#subscriptions.live().map((one) => ({ ...one, sessionId: id })));
    }
  }

  /** Sends a frame to this connection alone, in order; when there is no room, as soon as there is. */
  send(frame: string): void {
    if (this.#phase === 'closed') return;
    if (this.#owed.length === 0 && this.#hasRoom()) {
      this.#sink.send(frame);
      return;
    }
    this.#owed.push(frame);
    // So many unsent answers mean that this client sends requests and does not read.
    if (this.#owed.length > this.#deps.bounds.socketAnswersOwedMax) this.#abandon(closeCodes.stalledReader);
    else this.#handle('budget.exceeded');
  }

  /**
   * Sends a frame whose loss does no harm. Returns false without sending when more than `unsentMax` bytes are unsent
   * or the connection is behind.
   */
  offer(frame: string, unsentMax: number): boolean {
    const isOpen = this.#phase === 'live' || this.#phase === 'catchingUp';
    if (!isOpen || this.#owed.length > 0 || this.#sink.bufferedBytes() > unsentMax) return false;
    this.#sink.send(frame);
    return true;
  }

  /** Called when the transport has sent everything. */
  drained(): void {
    this.#sendOwed();
    this.#handle('drained');
  }

  /**
   * Called by the topics, like `overBudget`. The connection itself is the topics' member, which saves one object per
   * connection.
   */
  bufferedBytes(): number {
    return this.#sink.bufferedBytes();
  }

  overBudget(): void {
    this.#handle('budget.exceeded');
  }

  /** Ends the connection with `close`. */
  end(close: CloseCode): void {
    this.#abandon(close);
  }

  /** Called when the transport has gone. */
  gone(): void {
    this.#handle('gone');
  }

  #handle(event: ConnectionEvent): void {
    const [phase, orders] = nextConnection(this.#phase, event);
    this.#phase = phase;
    for (const order of orders) {
      switch (order) {
        case 'enterTopics':
          this.#enterTopics();
          break;
        case 'leaveTopics':
          this.#subscriptions.fallBehind(this.#deps.hot.newest);
          this.#syncTopics();
          break;
        case 'takeTurn':
          this.#deps.catchUp.takeTurn(this);
          break;
        case 'startStallTimer':
          this.#deps.log.debug('a reader fell behind', { format: this.#format });
          this.#cancelStall = this.#deps.clock.after(this.#deps.bounds.stallMsMax, () =>
            this.#handle('stalled'),
          );
          break;
        case 'stopStallTimer':
          this.#cancelStall?.();
          this.#cancelStall = undefined;
          break;
        case 'closeTransport':
          this.#deps.log.debug('a reader is disconnected', { format: this.#format, ...this.#closing });
          this.#sink.close(this.#closing);
          break;
        default:
          unreachable(order);
      }
    }
    if (phase === 'closed') {
      this.#owed = [];
      this.#deps.catchUp.forget(this);
      this.#deps.left(this);
    }
  }

  #abandon(close: CloseCode): void {
    this.#closing = close;
    this.#handle('abandoned');
  }

  #hasRoom(): boolean {
    return this.#sink.bufferedBytes() <= this.#deps.bounds.socketBudgetBytes;
  }

  #sendOwed(): void {
    let sent = 0;
    for (const frame of this.#owed) {
      if (!this.#hasRoom()) break;
      this.#sink.send(frame);
      sent++;
    }
    this.#owed = this.#owed.slice(sent);
  }

  /** Computed again after every step that may have changed it. */
  #isCatchingUp(): boolean {
    return this.#phase === 'catchingUp';
  }

  #position(): number {
    return this.#subscriptions.replayPosition() ?? this.#deps.hot.newest;
  }

  /** Called by {@link CatchUp}, like `read`. */
  turn(): number | 'read' {
    if (!this.#isCatchingUp()) return 0;
    const { hot, flush } = this.#deps;
    this.#sendOwed();
    if (!this.#hasRoom() || this.#owed.length > 0) {
      this.#handle('budget.exceeded');
      return 0;
    }
    // Near the end, publishes what waits, so that this turn can be the last.
    if (hot.countAfter(this.#position()) <= this.#deps.bounds.catchUpChunkEvents) flush();
    if (!this.#isCatchingUp()) return 0;
    // Read after the flush, which may have moved the window's floor, or taken this connection off its topics.
    const position = this.#position();
    if (position < hot.floor) return 'read';
    const events = hot.after(position, this.#deps.bounds.catchUpScanEvents);
    const isUnknown = ({ event, namespace }: SentEvent) =>
      this.#reach.sees(event.sessionId, namespace) === 'unknown';
    if (events.some(isUnknown)) return 'read';
    const at = this.#sendMissing(events) ?? hot.newest;
    this.#subscriptions.caughtUp(at);
    if (!this.#hasRoom()) this.#handle('budget.exceeded');
    else if (at < hot.newest) this.#handle('replay.continued');
    else this.#handle('replay.finished');
    return events.length;
  }

  /**
   * Sends those of the events that are missing, while there is room; if not all fit, returns the `seq` up to which it
   * sent.
   */
  #sendMissing(events: readonly SentEvent[]): number | undefined {
    let sent = 0;
    let at: number | undefined;
    let all = true;
    this.#sink.batch(() => {
      for (const wire of events) {
        if (sent >= this.#deps.bounds.catchUpChunkEvents || !this.#hasRoom()) {
          all = false;
          return;
        }
        if (this.#subscriptions.isMissing(wire) && this.#hears(wire)) {
          for (const frame of wire.frames(this.#format)) this.#sink.send(frame, wire.seq);
          sent++;
        }
        at = wire.seq;
      }
    });
    if (all && events.length < this.#deps.bounds.catchUpScanEvents) return undefined;
    return at ?? this.#subscriptions.replayPosition();
  }

  async read(): Promise<void> {
    const { eventLog, hot, clock, log, bounds } = this.#deps;
    const after = this.#subscriptions.replayPosition();
    if (!this.#isCatchingUp()) return;
    if (after === undefined) {
      // The client unsubscribed while it waited to read. The next turn finds nothing missing and ends the catching up.
      this.#handle('replay.continued');
      return;
    }
    const { version } = this.#subscriptions;
    // Reads only up to what was published: later events come from the hot window, or live.
    const until = hot.newest;
    try {
      const missed = await missedEvents(eventLog, this.#subscriptions.replaySelections(), {
        after,
        until,
        limit: bounds.catchUpChunkEvents,
        previewUnitsMax: bounds.previewUnitsMax,
      });
      await this.#deps.know(missed.events.flatMap(({ event }) => event.sessionId ?? []));
      if (!this.#isCatchingUp()) return;
      if (version === this.#subscriptions.version) {
        if (missed.lost) this.#lose();
        else this.#subscriptions.caughtUp(this.#sendMissing(missed.events) ?? missed.until);
      }
      this.#handle(this.#hasRoom() ? 'replay.continued' : 'budget.exceeded');
    } catch (error) {
      log.debug('missed events cannot be read yet', { error: String(error) });
      clock.after(limits.journalRetryMsMax, () => this.#handle('replay.continued'));
    }
  }

  /** Called when the journal no longer has the events that this connection missed. */
  #lose(): void {
    if (this.#format === 'baseline') {
      this.#abandon(closeCodes.eventsLost);
      return;
    }
    this.resync('retention');
    this.#subscriptions.lose(this.#deps.hot.newest);
  }

  /** Tells the client that events are missing ([V1A4]). */
  resync(reason: ResyncReason): void {
    this.send(serverFrame('resync', { reason, seq: this.#deps.hot.newest }));
  }

  #enterTopics(): void {
    const joining = this.#subscriptions.replaying();
    this.#subscriptions.join();
    this.#sendSnapshots(joining);
    this.#syncTopics();
  }

  #sendSnapshots(selections: readonly Selection[]): void {
    if (selections.length === 0) return;
    const sessions = selections.some(({ sessionId }) => sessionId === undefined)
      ? undefined
      : new Set(selections.flatMap(({ sessionId }) => sessionId ?? []));
    const frames = this.#deps.inFlight.snapshots(
      this.#format,
      (namespace, sessionId, addressee) =>
        this.#reach.hears(namespace) &&
        this.#sees(sessionId) &&
        selections.some((one) => selects(one, namespace, sessionId, addressee)),
      sessions,
    );
    this.#sendAll(frames);
  }

  #sees(id: SessionId): boolean {
    return this.#reach.sees(id, 'chat-sessions') === true;
  }

  #hears({ event, namespace }: SentEvent): boolean {
    const sees = this.#reach.sees(event.sessionId, namespace, ownAccessOf(event));
    return sees === true && this.#reach.hears(namespace);
  }

  #sendAll(frames: readonly string[]): void {
    if (frames.length === 0) return;
    this.#sink.batch(() => {
      for (const frame of frames) this.#sink.send(frame);
    });
  }

  #syncTopics(): void {
    const { topics } = this.#deps;
    const wanted: ReadonlySet<Topic> =
      this.#phase === 'closed' || this.#phase === 'behind' ? new Set() : this.#subscriptions.topics();
    // Enters new topics before it leaves old ones: the transport rebuilds a socket that is on no topic for a moment.
    for (const topic of wanted) {
      if (this.#topics.has(topic)) continue;
      topics.add(topic, this);
      this.#sink.topics?.subscribe(topic);
    }
    for (const topic of this.#topics) {
      if (wanted.has(topic)) continue;
      topics.remove(topic, this);
      if (this.#phase !== 'closed') this.#sink.topics?.unsubscribe(topic);
    }
    this.#topics = wanted;
  }
}
