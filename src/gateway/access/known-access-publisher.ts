/**
 * Publishes in order what belongs to sessions of which it is known whose they are. What belongs to another one waits until
 * the store has told, and everything behind it waits, too: that happens when a session wakes, and takes one read.
 */
import { type Clock, JournalUnavailable, type Log, type Publisher } from '../../../actors/ports.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { SessionAccesses } from './session-accesses.ts';

export type KnownAccessPublisherOptions = {
  readonly inner: Publisher;
  readonly accesses: Pick<SessionAccesses, 'known' | 'know' | 'told'>;
  /** Whether it does not matter whose sessions are. */
  readonly isOpen: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
};

type Waiting = { readonly session: SessionId | null; readonly publish: () => void };

export function knownAccessPublisher(options: KnownAccessPublisherOptions): Publisher {
  const { inner, accesses, isOpen, clock, log } = options;
  let waiting: Waiting[] = [];
  let isReading = false;

  const isKnown = (session: SessionId | null) =>
    session === null || isOpen() || accesses.known(session) !== undefined;

  /** Whether what belongs to the session may be published now: nothing waits, and it is known whose that is. */
  const isNext = (session: SessionId | null) => waiting.length === 0 && isKnown(session);

  function wait(session: SessionId | null, publish: () => void): void {
    waiting.push({ session, publish });
    if (!isReading) void goOn();
  }

  async function goOn(): Promise<void> {
    isReading = true;
    while (waiting.length > 0) {
      try {
        await accesses.know(waiting.flatMap(({ session }) => session ?? []));
      } catch (cause) {
        if (!(cause instanceof JournalUnavailable)) throw cause;
        log.warn('It cannot be read whose sessions are; their events wait', { cause });
        await new Promise<void>((resolve) => clock.after(limits.journalRetryMs, resolve));
        continue;
      }
      const known = waiting.findIndex(({ session }) => !isKnown(session));
      const ready = known < 0 ? waiting : waiting.slice(0, known);
      waiting = known < 0 ? [] : waiting.slice(known);
      for (const { publish } of ready) publish();
    }
    isReading = false;
  }

  return {
    durable: (event, seq) => {
      // The first event of a session says itself whose it is.
      if (event.type === 'session.created' && !isOpen()) accesses.told(event);
      if (isNext(event.sessionId)) inner.durable(event, seq);
      else wait(event.sessionId, () => inner.durable(event, seq));
    },
    volatile: (event) => {
      if (isNext(event.sessionId)) inner.volatile(event);
      else wait(event.sessionId, () => inner.volatile(event));
    },
    // Each piece of text comes this way: on most servers, and in most sessions, it costs no closure.
    stream: (piece) => {
      if (isNext(piece.sessionId)) inner.stream(piece);
      else wait(piece.sessionId, () => inner.stream(piece));
    },
    isHeard: (namespace, session) => !isKnown(session) || inner.isHeard?.(namespace, session) !== false,
  };
}
