/**
 * Goal: the compact form says exactly what the long one says. Method: two connections that do the same at the same time,
 * one of each form, while texts begin, grow, end and go on, and participants come and go; what the compact one gets, read
 * with the numbers that it was told, is what the other gets.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type MessageId, messageIdSchema, type SessionId, sessionIdSchema } from '../../../../schema/ids.ts';
import type { Principal } from '../../../../schema/principal.ts';
import type { TextPiece } from '../../../../schema/text-piece.ts';
import { type CallboardV1Form, callboardV1Forms } from '../../../../schema/wire/topic.ts';
import { SessionAccesses } from '../../../../src/gateway/access/session-accesses.ts';
import { asLocal } from '../../../../src/gateway/authentication/authenticator.ts';
import type { StreamConnection } from '../../../../src/gateway/stream/stream-connection.ts';
import { createStreamHub } from '../../../../src/gateway/stream/stream-hub.ts';
import type { Selection } from '../../../../src/gateway/stream/subscriptions.ts';
import { entry, message, participant, session } from '../../../contract/sample-entries.ts';
import { requestedCases } from '../../../effort.ts';
import { SimulatedClock } from '../../../simulation/simulated-clock.ts';
import { emptyEventLog, recordingLog } from '../running-gateway.ts';

const idOf = (index: number) => `00000000-0000-4000-8000-00000000000${index}`;
const sessions = [1, 2].map((index) => sessionIdSchema.parse(idOf(index)));
const messages = [3, 4].map((index) => messageIdSchema.parse(idOf(index)));
const kinds = ['message.delta', 'reasoning.delta'] as const;
const ada: Principal = {
  id: participant(sessions[0] ?? fail()).id,
  name: null,
  tenant: null,
  scopes: new Set(['chat']),
  sessions: null,
};

type Frame = { readonly event: string; readonly data: Record<string, unknown>; readonly number?: number };

/** Reads frames as a client that trusts nothing. */
class Listener {
  readonly read: unknown[] = [];
  compact = 0;
  readonly #named = new Map<unknown, { readonly event: string; readonly data: object }>();

  take(text: string): void {
    const given: Frame | readonly unknown[] = JSON.parse(text);
    if (!('event' in given)) {
      const [number, offset, piece] = given;
      const named = this.#named.get(number);
      this.compact++;
      this.read.push(
        named === undefined
          ? `nobody said what ${text} is`
          : { event: named.event, data: { ...named.data, offset, text: piece } },
      );
      return;
    }
    const { number, ...frame } = given;
    this.read.push(frame);
    if (number === undefined) return;
    const { sessionId, id, messageId = id } = frame.data;
    const event = frame.event.replace(/partial$/, 'delta');
    const known = this.#named.get(number);
    if (known !== undefined) expect(known).toEqual({ event, data: { sessionId, messageId } });
    this.#named.set(number, { event, data: { sessionId, messageId } });
  }
}

class World {
  readonly clock = new SimulatedClock();
  readonly accesses = new SessionAccesses(async () => undefined);
  readonly hub;
  readonly texts = new Map<string, string>();
  readonly pairs: Readonly<Record<CallboardV1Form, Listener>>[] = [];
  readonly connections: (readonly StreamConnection[])[] = [];
  readonly #isOpen: boolean;
  seq = 0;

  constructor(isOpen: boolean) {
    this.#isOpen = isOpen;
    this.hub = createStreamHub({
      eventLog: { ...emptyEventLog, range: async () => ({ oldest: 1, newest: this.seq }) },
      newestSeq: 0,
      native: () => {},
      clock: this.clock,
      log: recordingLog(),
      flushIntervalMs: 0,
      heartbeatMs: 1e9,
      accesses: this.accesses,
      isOpen: () => isOpen,
      bounds: { catchUpChunkEvents: 2, catchUpScanEvents: 2 },
    });
    for (const id of sessions) this.says(entry.sessionCreated(session(id), { owner: null, tenant: null }));
  }

  isSeen(id: SessionId): boolean {
    return this.#isOpen || this.accesses.known(id)?.members.has(ada.id) === true;
  }

  says(event: Parameters<typeof this.hub.publisher.durable>[0]): void {
    this.hub.publisher.durable(event, ++this.seq);
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 10; round++) {
      this.clock.tick();
      await null;
    }
  }

  grows(type: (typeof kinds)[number], sessionId: SessionId, messageId: MessageId, text: string): void {
    const key = `${type} ${sessionId} ${messageId}`;
    const before = this.texts.get(key) ?? '';
    this.texts.set(key, before + text);
    const common = { sessionId, messageId, offset: before.length, text };
    const content = before + text;
    const timestamp = '2026-01-01T00:00:00.000Z';
    const piece: TextPiece =
      type === 'message.delta'
        ? { ...common, type, soFar: () => message(messageId, sessionId, { role: 'assistant', content }) }
        : {
            ...common,
            type,
            soFar: () => ({ sessionId, messageId, text: content, timestamp, agentId: null }),
          };
    this.hub.publisher.stream(piece);
  }

  joins(): void {
    const pair = { v1: new Listener(), compact: new Listener() };
    this.pairs.push(pair);
    this.connections.push(
      callboardV1Forms.map((form) => {
        const sink = {
          send: (frame: string) => pair[form].take(frame),
          bufferedBytes: () => 0,
          batch: (run: () => void) => run(),
          close: () => {},
        };
        return this.hub.open(sink, form, { ...asLocal, principal: ada });
      }),
    );
  }
}

const pick = fc.nat({ max: 20 });
const step = fc.record({
  does: fc.constantFrom(
    ...(['grow', 'grow', 'grow', 'grow', 'end', 'reasoned', 'idle', 'add', 'add', 'remove'] as const),
    ...(['join', 'subscribe', 'subscribe', 'resume', 'unsubscribe', 'settle', 'settle'] as const),
  ),
  pick,
  text: fc.constantFrom('', 'a', '"\n', '\u{1f600} smile', ' more words'),
});

/**
 * Found by this property: a principal was removed from a session in the tick in which it subscribed to it. Its right had been
 * checked before the removal was published, and it heard the session on.
 */
const removedMeanwhile = (
  [
    ['add', 0],
    ['grow', 0],
    ['settle', 0],
    ['grow', 0],
    ['remove', 0],
    ['grow', 2],
    ['resume', 0],
    ['grow', 0],
  ] as const
).map(([does, pick]) => ({ does, pick, text: 'a' as const }));

it('[I13] [V1F1] [V1F2] [V1F3] what the compact form says is what the long one says, whatever happens', async () => {
  let compact = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(step, { minLength: 10, maxLength: 80 }),
      async (isOpen, steps) => {
        const world = new World(isOpen);
        world.joins();
        for (const one of steps) {
          const at = <Value>(values: readonly Value[]): Value => values[one.pick % values.length] ?? fail();
          const id = at(sessions);
          const messageId = messages[(one.pick >> 1) % 2] ?? fail();
          const selection: Selection = {
            namespaces: at([['chat-messages'], ['chat-messages', 'chat-sessions']] as const),
            // Whoever may not see the session is refused before it gets here.
            ...(one.pick % 3 === 0 && world.isSeen(id) ? { sessionId: id } : {}),
          };
          const connections = at(world.connections);
          switch (one.does) {
            case 'grow':
              world.grows(kinds[(one.pick >> 2) % 2] ?? fail(), id, messageId, one.text);
              break;
            case 'end':
              world.says(entry.messageUpdated(message(messageId, id, { status: 'complete' })));
              break;
            case 'reasoned': {
              const data = { sessionId: id, messageId, text: '', timestamp: '', agentId: null };
              world.says({ type: 'message.reasoning.completed', sessionId: id, data, at: 0 });
              break;
            }
            case 'idle':
              world.says(entry.activity(id, 'idle'));
              break;
            case 'add':
              world.says(entry.participant('participant.added', participant(id, { id: ada.id })));
              break;
            case 'remove':
              world.says(entry.participantRemoved(id, ada.id));
              break;
            case 'join':
              world.joins();
              break;
            case 'subscribe':
              for (const connection of connections) connection.subscribe(selection);
              break;
            case 'resume':
              for (const connection of connections)
                connection.subscribe(selection, { since: Math.max(0, world.seq - one.pick) });
              break;
            case 'unsubscribe':
              for (const connection of connections) connection.unsubscribe(selection);
              break;
            case 'settle':
              await world.settle();
              break;
            default:
          }
        }
        await world.settle();
        for (const pair of world.pairs) {
          expect(pair.compact.read).toEqual(pair.v1.read);
          expect(pair.v1.compact).toBe(0);
          compact += pair.compact.compact;
        }
        world.hub.stop();
      },
    ),
    { numRuns: requestedCases({ quick: 300, full: 5000 }), examples: [[false, removedMeanwhile]] },
  );
  expect(compact).toBeGreaterThan(100);
}, 120_000);

function fail(): never {
  throw new Error('there is none');
}
