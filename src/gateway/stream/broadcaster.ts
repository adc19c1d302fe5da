/**
 * The broadcaster: puts events onto topics. It implements the `Publisher` port: the outbox calls it after the
 * commit, in `seq` order, so that what it publishes is durable (I2) and ordered (I1).
 *
 * Incoming events wait for a flush, so that they are sent together. A durable event is sent at the end of the tick,
 * with everything that waits of its session; so is a piece of text, unless the process is busy: then pieces wait for one
 * another, `flushMsMax` at the most (`flush-pace.ts`). A frame is encoded at most once per format and form,
 * and not at all while its topics have no subscriber.
 */
import type { Clock, Log, Publisher } from '../../../actors/ports.ts';
import { eventCatalogue, type JournaledEvent, type VolatileEvent } from '../../../schema/event-catalogue.ts';
import { eventTable } from '../../../schema/event-table.ts';
import { eventOfPiece } from '../../../schema/text-piece.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import { serverFrame } from '../../../schema/wire/frame.ts';
import { shownData } from '../../../schema/wire/shown-event.ts';
import {
  type Audience,
  callboardV1Forms,
  callboardV1TopicsOf,
  type Topic,
  topicOf,
} from '../../../schema/wire/topic.ts';
import type { WireNamespace } from '../../../schema/wire-event-table.ts';
import type { Audiences } from '../access/audiences.ts';
import { changesAccess } from '../access/session-accesses.ts';
import { FlushPace } from './flush-pace.ts';
import { type HotWindow, sentEvent } from './hot-window.ts';
import type { InFlight } from './in-flight.ts';
import { KeptPartials } from './kept-partials.ts';
import { type Outgoing, type OutgoingPieces, OutgoingQueue } from './outgoing-queue.ts';

/** The topics to publish on; see `Topics`. */
export type TopicTree = {
  readonly numSubscribers: (topic: Topic) => number;
  /** Copies `frame` before it returns. */
  readonly publish: (topic: Topic, frame: string | Uint8Array, seq?: number) => void;
  /** Call it when a frame has been published on all its topics. */
  readonly settle: () => void;
};

export type BroadcasterOptions = {
  readonly topics: TopicTree;
  readonly hot: HotWindow;
  readonly inFlight: InFlight;
  readonly audiences: Audiences;
  /** Called when a durable event has been published. */
  readonly published?: ((event: JournaledEvent) => void) | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** The longest that a piece of text waits when the process is busy; 0: never longer than its tick. */
  readonly flushMsMax: Milliseconds;
  /** Longest previews of arguments and results, UTF-16 units. */
  readonly previewUnitsMax: number;
  /** See `FlushPace`; without it the process never counts as busy. */
  readonly busyShare?: (() => number) | undefined;
};

export type Broadcaster = {
  readonly publisher: Publisher;
  /** Publishes everything that waits, now. Does nothing when called during a flush. */
  readonly flush: () => void;
};

/** Never throws: an event that cannot be published is logged (SPEC [WS13]–[WS15]). */
export function createBroadcaster(options: BroadcasterOptions): Broadcaster {
  const { topics, hot, inFlight, audiences, clock, log, flushMsMax, previewUnitsMax } = options;
  const queue = new OutgoingQueue();
  const partials = new KeptPartials();
  const pace = new FlushPace(flushMsMax, options.busyShare ?? (() => 0));
  let flushing = false;
  let flushedAt = Number.NEGATIVE_INFINITY;
  /** What to send at the end of this tick; `closed`: all but texts that may still grow. */
  let soon: 'nothing' | 'closed' | 'everything' = 'nothing';
  let cancelTimer: (() => void) | undefined;

  function flush(): void {
    if (flushing) return;
    // Cancels the timer even when nothing waits: the pieces that it was set for may have left with a durable event.
    cancelTimer?.();
    cancelTimer = undefined;
    if (queue.isEmpty) return;
    flushedAt = clock.now();
    pace.look(flushedAt);
    publishAll(queue.take());
  }

  function publishAll(items: readonly Outgoing[]): void {
    flushing = true;
    for (const item of items) {
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

  function flushSoon(what: 'closed' | 'everything'): void {
    const scheduled = soon !== 'nothing';
    if (soon !== 'everything') soon = what;
    if (scheduled) return;
    clock.soon(() => {
      const due = soon;
      soon = 'nothing';
      if (due === 'everything') flush();
      else publishAll(queue.takeClosed());
    });
  }

  function flushPieces(): void {
    if (soon === 'everything' || cancelTimer !== undefined) return;
    // A wall clock may step back; the wait must still not exceed the interval.
    const wait = Math.min(pace.intervalMs, flushedAt + pace.intervalMs - clock.now());
    if (wait <= 0) flushSoon('everything');
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

  function publishDurable(event: JournaledEvent, seq: number): void {
    partials.told(event);
    inFlight.told(event);
    const wire = sentEvent({ event, seq }, previewUnitsMax);
    if (wire === undefined) {
      // Events such as those of `turn-journal` and `commands` serve recovery and replay: they belong to no client namespace.
      hot.pass(seq);
      return;
    }
    if (seq > hot.newest) hot.push(wire);
    else log.error('an event came out of order', { event: event.type, seq, newest: hot.newest });
    const { namespace, addressee } = wire;
    const { sessionId } = event;
    const heardBy = audiences.told(event, namespace);
    for (const topic of baselineTopics(namespace, heardBy)) {
      for (const frame of wire.frames('baseline')) topics.publish(topic, frame, seq);
    }
    for (const topic of callboardV1TopicsOf({ namespace, sessionId, audiences: heardBy, addressee })) {
      if (hasListeners(topic)) topics.publish(topic, wire.callboardV1, seq);
    }
    options.published?.(event);
  }

  function publishVolatile(event: VolatileEvent): void {
    inFlight.told(event);
    const { namespace } = eventTable[event.type];
    const { sessionId } = event;
    const heardBy = audiences.of(namespace, sessionId);
    const wanted = [
      ...(isOfBaseline(event) ? baselineTopics(namespace, heardBy) : []),
      ...callboardV1TopicsOf({ namespace, sessionId, audiences: heardBy }).filter(hasListeners),
    ];
    if (wanted.length === 0) return;
    const frame = serverFrame(event.type, shownData(event, previewUnitsMax));
    for (const topic of wanted) topics.publish(topic, frame);
  }

  function publishPieces({ pieces }: OutgoingPieces): void {
    const [first] = pieces;
    const isNew = !inFlight.knows(first);
    const text = inFlight.grew(pieces.at(-1) ?? first);
    const { namespace } = eventTable[eventOfPiece[first.type]];
    const { sessionId } = first;
    const heardBy = audiences.of(namespace, sessionId);
    const topicsOfForms = text.topicsOf(namespace, heardBy);
    for (const form of callboardV1Forms) {
      let frame: string | undefined;
      for (const topic of topicsOfForms[form]) {
        if (!hasListeners(topic)) continue;
        frame ??= isNew
          ? text.opening(form, first.offset, joined(pieces))
          : text.delta(form, first.offset, joined(pieces));
        topics.publish(topic, frame);
      }
    }
    const baselines = baselineTopics(namespace, heardBy);
    if (baselines.length === 0) {
      partials.clear();
      return;
    }
    for (const piece of pieces) {
      const partial = partials.grown(piece);
      for (const topic of baselines) topics.publish(topic, partial);
      topics.settle();
    }
  }

  function hasListeners(topic: Topic): boolean {
    return topics.numSubscribers(topic) > 0;
  }

  function baselineTopics(namespace: WireNamespace, heardBy: readonly Audience[]): readonly Topic[] {
    return heardBy.map((audience) => topicOf('baseline', namespace, audience)).filter(hasListeners);
  }

  return {
    flush,
    publisher: {
      durable(event, seq) {
        queue.durable(event, seq);
        // Its command is answered next, and what follows must not be judged by what was before.
        if (changesAccess(event) && !flushing) publishAll(queue.takeClosed());
        else flushSoon('closed');
      },
      volatile(event) {
        queue.volatile(event);
        flushSoon('closed');
      },
      stream(event) {
        queue.piece(event);
        flushPieces();
      },
      isHeard(namespace, sessionId) {
        const heardBy = audiences.of(namespace, sessionId);
        return (
          callboardV1TopicsOf({ namespace, sessionId, audiences: heardBy }).some(hasListeners) ||
          baselineTopics(namespace, heardBy).length > 0
        );
      },
    },
  };
}

function joined(pieces: OutgoingPieces['pieces']): string {
  let text = '';
  for (const piece of pieces) text += piece.text;
  return text;
}

function isOfBaseline({ type }: VolatileEvent): boolean {
  const entry = eventCatalogue[type];
  return !('baseline' in entry) || entry.baseline !== null;
}
