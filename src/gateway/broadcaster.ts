/**
 * The broadcaster: puts events onto topics. It implements the `Publisher` port: the outbox calls it after the
 * commit, in `seq` order, so that what it publishes is durable (I2) and ordered (I1).
 *
 * What comes in waits for a flush, so that everything that is due leaves together: a durable event, and the first
 * piece after a pause, at the end of the tick; further pieces at most every `flushIntervalMs`. A frame is encoded at
 * most once per format, and not at all while its topics have nobody.
 */
import type { Clock, Log, Publisher } from '../../actors/ports.ts';
import { type DomainEvent, eventCatalogue, isWireNamespace } from '../../schema/event-catalogue.ts';
import { serverFrame } from '../../schema/frame.ts';
import type { StreamEvent } from '../../schema/stream-event.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { sessionTopicOf, type Topic, topicOf } from '../../schema/topic.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { v1DeltaFrame } from '../../schema/v1-frame.ts';
import { type HotWindow, wireEvent } from './hot-window.ts';
import type { InFlight } from './in-flight.ts';
import { KeptPartials } from './kept-partials.ts';
import { type Outgoing, type OutgoingPieces, OutgoingQueue } from './outgoing-queue.ts';

/** What publishing takes; see `Topics`. */
export type TopicTree = {
  readonly numSubscribers: (topic: Topic) => number;
  /** Copies `frame` before it returns. */
  readonly publish: (topic: Topic, frame: string | Uint8Array, seq?: number) => void;
  /** Called when a frame is on all its topics. */
  readonly settle: () => void;
};

export type BroadcasterOptions = {
  readonly topics: TopicTree;
  readonly hot: HotWindow;
  readonly inFlight: InFlight;
  readonly clock: Clock;
  readonly log: Log;
  /** 0: pieces, too, leave at the end of each tick. */
  readonly flushIntervalMs: Milliseconds;
};

export type Broadcaster = {
  readonly publisher: Publisher;
  /** Publishes everything that waits, now. Does nothing when called from within itself. */
  readonly flush: () => void;
};

/** Never throws: what cannot be published is logged (SPEC [WS13]–[WS15]). */
export function createBroadcaster(options: BroadcasterOptions): Broadcaster {
  const { topics, hot, inFlight, clock, log, flushIntervalMs } = options;
  const queue = new OutgoingQueue();
  const partials = new KeptPartials();
  let flushing = false;
  let flushedAt = Number.NEGATIVE_INFINITY;
  let soon = false;
  let cancelTimer: (() => void) | undefined;

  function flush(): void {
    if (flushing || queue.length === 0) return;
    flushing = true;
    flushedAt = clock.now();
    cancelTimer?.();
    cancelTimer = undefined;
    for (const item of queue.take()) {
      try {
        publish(item);
      } catch (error) {
        const { type } = item.kind === 'pieces' ? item.pieces[0] : item.event;
        log.error('an event could not be published', { event: type, error: String(error) });
      }
      topics.settle();
    }
    flushing = false;
  }

  function flushSoon(): void {
    if (soon) return;
    soon = true;
    clock.soon(() => {
      soon = false;
      flush();
    });
  }

  function flushPieces(): void {
    if (soon || cancelTimer !== undefined) return;
    // A wall clock may step back; nobody waits longer than the interval for that.
    const wait = Math.min(flushIntervalMs, flushedAt + flushIntervalMs - clock.now());
    if (wait <= 0) flushSoon();
    else cancelTimer = clock.after(wait, flush);
  }

  function publish(item: Outgoing): void {
    switch (item.kind) {
      case 'durable':
        publishDurable(item.event, item.seq);
        return;
      case 'volatile':
        publishVolatile(item.event);
        return;
      case 'pieces':
        publishPieces(item);
        return;
      default:
        unreachable(item);
    }
  }

  function publishDurable(event: DomainEvent, seq: number): void {
    partials.told(event);
    inFlight.told(event);
    const wire = wireEvent({ event, seq });
    if (wire === undefined) {
      // `turns` and `commands` are for recovery and replay: clients have no namespace for them.
      hot.pass(seq);
      return;
    }
    if (seq > hot.newest) hot.push(wire);
    else log.error('an event came out of order', { event: event.type, seq, newest: hot.newest });
    const { namespace } = wire;
    const baseline = topicOf('baseline', namespace);
    if (topics.numSubscribers(baseline) > 0) {
      const frame = wire.frame('baseline');
      if (frame !== undefined) topics.publish(baseline, frame, seq);
    }
    for (const topic of v1Topics(event, namespace)) {
      if (topics.numSubscribers(topic) > 0) topics.publish(topic, wire.frame('v1'), seq);
    }
  }

  function publishVolatile(event: DomainEvent): void {
    const { namespace } = eventCatalogue[event.type];
    if (!isWireNamespace(namespace)) return;
    const wanted = [topicOf('baseline', namespace), ...v1Topics(event, namespace)].filter(
      (topic) => topics.numSubscribers(topic) > 0,
    );
    if (wanted.length === 0) return;
    const frame = serverFrame(event.type, event.data);
    for (const topic of wanted) topics.publish(topic, frame);
  }

  function publishPieces({ pieces }: OutgoingPieces): void {
    const [first] = pieces;
    const last = pieces.at(-1) ?? first;
    inFlight.grew(last);
    const wanted = v1Topics(first, 'chat-messages').filter((topic) => topics.numSubscribers(topic) > 0);
    if (wanted.length > 0) {
      const frame = deltaFrame(
        first,
        pieces.length === 1 ? first.text : pieces.map(({ text }) => text).join(''),
      );
      for (const topic of wanted) topics.publish(topic, frame);
    }
    const baseline = topicOf('baseline', 'chat-messages');
    if (topics.numSubscribers(baseline) === 0) {
      partials.clear();
      return;
    }
    for (const piece of pieces) {
      topics.publish(baseline, partials.grown(piece));
      topics.settle();
    }
  }

  return {
    flush,
    publisher: {
      durable(event, seq) {
        queue.durable(event, seq);
        flushSoon();
      },
      volatile(event) {
        queue.volatile(event);
        flushSoon();
      },
      stream(event) {
        queue.piece(event);
        flushPieces();
      },
    },
  };
}

function v1Topics(
  { sessionId }: Pick<DomainEvent | StreamEvent, 'sessionId'>,
  namespace: Parameters<typeof topicOf>[1],
): readonly Topic[] {
  const whole = topicOf('v1', namespace);
  return sessionId === null ? [whole] : [whole, sessionTopicOf(namespace, sessionId)];
}

function deltaFrame({ type, sessionId, messageId, offset }: StreamEvent, text: string): string {
  const name = type === 'message.delta' ? 'message.delta' : 'message.reasoning.delta';
  return v1DeltaFrame(name, { sessionId, messageId, offset, text });
}
