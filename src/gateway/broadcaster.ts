/**
 * The broadcaster: puts events onto topics for baseline sockets. It implements the `Publisher` port: the outbox
 * calls it after the commit, in order, so that what it publishes is durable (I2) and ordered (I1).
 *
 * A frame is encoded at most once, whatever the number of sockets, and not at all while its topic has none.
 */
import type { Log, Publisher } from '../../actors/ports.ts';
import { type DomainEvent, eventCatalogue, isWireNamespace } from '../../schema/event-catalogue.ts';
import { serverFrame } from '../../schema/frame.ts';
import { limits } from '../../schema/limits.ts';
import type { StreamEvent } from '../../schema/stream-event.ts';
import { topicOf } from '../../schema/topic.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { PartialFrame } from './partial-frame.ts';

/** The two calls of a uWebSockets.js app that publishing takes. */
export type TopicTree = {
  readonly numSubscribers: (topic: string) => number;
  /** Copies `frame` before it returns. */
  readonly publish: (topic: string, frame: string | Uint8Array, isBinary: boolean) => boolean;
};

type Kept = { readonly sessionId: string; readonly frame: PartialFrame };

/** Never throws: what cannot be published is logged (SPEC [WS13]–[WS15]). */
export function createBroadcaster(topics: TopicTree, log: Log): Publisher {
  /** Frames of texts that are growing, by message id, oldest first; reasoning apart from answers. */
  const answers = new Map<string, Kept>();
  const reasonings = new Map<string, Kept>();
  let bytesKept = 0;

  function publishEvent(event: DomainEvent): void {
    const { namespace } = eventCatalogue[event.type];
    forget(event);
    // `turns` is for recovery and replay; baseline clients have no socket for it.
    if (!isWireNamespace(namespace)) return;
    const topic = topicOf('baseline', namespace);
    if (topics.numSubscribers(topic) > 0) topics.publish(topic, serverFrame(event.type, event.data), false);
  }

  /** Drops the frames that nothing will be added to any more. */
  function forget(event: DomainEvent): void {
    if (event.type === 'message.updated') drop(answers, event.data.id);
    if (event.type === 'message.reasoning.completed') drop(reasonings, event.data.messageId);
    if (event.type === 'session.deleted') {
      for (const kept of [answers, reasonings]) {
        for (const [id, { sessionId }] of kept) if (sessionId === event.data.id) drop(kept, id);
      }
    }
  }

  function drop(kept: Map<string, Kept>, id: string): void {
    const entry = kept.get(id);
    if (entry === undefined) return;
    bytesKept -= entry.frame.capacity;
    kept.delete(id);
  }

  function publishPiece(event: StreamEvent): void {
    const topic = topicOf('baseline', 'chat-messages');
    if (topics.numSubscribers(topic) === 0) {
      answers.clear();
      reasonings.clear();
      bytesKept = 0;
      return;
    }
    const kept = event.type === 'message.delta' ? answers : reasonings;
    topics.publish(topic, grown(kept, event).frame(), false);
    while (
      answers.size + reasonings.size > limits.partialFramesMax ||
      bytesKept > limits.partialFrameBytesMax
    ) {
      dropOldest();
    }
  }

  function grown(kept: Map<string, Kept>, event: StreamEvent): PartialFrame {
    const entry = kept.get(event.messageId);
    if (entry !== undefined && entry.frame.units === event.offset) {
      bytesKept -= entry.frame.capacity;
      entry.frame.append(event.text);
      bytesKept += entry.frame.capacity;
      return entry.frame;
    }
    // The first piece that anybody hears, or one that does not continue what is kept.
    drop(kept, event.messageId);
    const frame = wholeFrame(event);
    kept.set(event.messageId, { sessionId: event.sessionId, frame });
    bytesKept += frame.capacity;
    return frame;
  }

  function dropOldest(): void {
    for (const kept of [answers, reasonings]) {
      const [oldest] = kept.keys();
      if (oldest !== undefined) drop(kept, oldest);
    }
  }

  function guarded<Event extends { readonly type: string }>(run: (event: Event) => void) {
    return (event: Event): void => {
      try {
        run(event);
      } catch (error) {
        log.error('an event could not be published', { event: event.type, error: String(error) });
      }
    };
  }

  return {
    durable: guarded(publishEvent),
    volatile: guarded(publishEvent),
    stream: guarded(publishPiece),
  };
}

function wholeFrame(event: StreamEvent): PartialFrame {
  switch (event.type) {
    case 'message.delta':
      return new PartialFrame('message.partial', event.soFar(), 'content');
    case 'reasoning.delta':
      return new PartialFrame('message.reasoning.partial', event.soFar(), 'text');
    default:
      return unreachable(event);
  }
}
