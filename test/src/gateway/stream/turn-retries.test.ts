/** Model calls that are made again, on the wire ([MDL14]). */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JournalEntry } from '../../../../actors/ports.ts';
import { engineErrorCodes } from '../../../../schema/engine-error.ts';
import type { VolatileEvent } from '../../../../schema/event-catalogue.ts';
import { turnRetryingSchema } from '../../../../schema/turn-retry.ts';
import { exampleIds } from '../../../../schema/wire/example-ids.ts';
import { InFlight } from '../../../../src/gateway/stream/in-flight.ts';
import { entry } from '../../../contract/sample-entries.ts';
import { sessionId } from '../fake-services.ts';
import { Client } from '../running-gateway.ts';
import { activity, atEnd, eventOf, stage } from './event-stage.ts';

function retrying(attempt: number): VolatileEvent {
  const data = turnRetryingSchema.parse({
    sessionId,
    messageId: exampleIds.prompt,
    attempt,
    attemptsMax: 4,
    retryAt: '2026-11-23T04:50:00.000Z',
    errorCode: engineErrorCodes[attempt % engineErrorCodes.length],
  });
  return { type: 'turn.retrying', sessionId, at: 0, data };
}

it('[MDL14] tells who listens and who joins, and baseline sockets nothing', async () => {
  const { emit, read, port, gateway } = await stage();
  const baseline = await Client.open(port, '/chat-sessions');
  atEnd(() => baseline.socket.close());
  const reader = await read('/events?namespaces=chat-sessions');
  expect(eventOf(await reader.frame())).toBe('hello');
  await emit(activity);
  expect(eventOf(await reader.frame())).toBe('agent.activity');
  gateway.publisher.volatile(retrying(2));
  const told = { event: 'turn.retrying', data: retrying(2).data };
  expect(await reader.frame()).toEqual(told);
  const joined = await read('/events?namespaces=chat-sessions');
  const frames = [await joined.frame(), await joined.frame(), await joined.frame()];
  expect(frames.map(eventOf)).toEqual(['hello', 'agent.activity', 'turn.retrying']);
  expect(frames[2]).toEqual({ ...told, snapshot: true });
  await emit(entry.activity(sessionId, 'idle'));
  expect(await baseline.next()).toMatchObject({ data: { state: 'thinking' } });
  expect(await baseline.next()).toMatchObject({ data: { state: 'idle' } });
});

it('[MDL14] repeats the newest attempt until the model answers or the activity changes, and nothing then', () => {
  const ends: readonly JournalEntry[] = [
    entry.activity(sessionId, 'tool'),
    entry.activity(sessionId, 'error'),
    entry.activity(sessionId, 'idle'),
    entry.activity(sessionId, 'thinking'),
  ];
  const step = fc.oneof(fc.integer({ min: 2, max: 4 }).map(retrying), fc.constantFrom(...ends));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (events) => {
      const inFlight = new InFlight();
      for (const event of events) inFlight.told(event);
      const last = events.at(-1);
      const expected = last?.type === 'turn.retrying' ? [last.data] : [];
      const snapshots = (format: 'v1' | 'baseline') =>
        inFlight
          .snapshots(format, () => true)
          .map((frame): unknown => JSON.parse(frame))
          .filter((frame) => eventOf(frame) === 'turn.retrying')
          .map((frame) => Reflect.get(Object(frame), 'data'));
      expect(snapshots('v1')).toEqual(expected);
      expect(snapshots('baseline')).toEqual([]);
    }),
  );
});
