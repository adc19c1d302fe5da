/** When published frames are sent, how many are kept for resuming, and compression. */
import { once } from 'node:events';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { approximateBytes } from '../../../../schema/approximate-bytes.ts';
import type { JournaledEvent } from '../../../../schema/event-catalogue.ts';
import { sessionIdSchema, toolCallIdSchema, turnIdSchema } from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import { oneAudience } from '../../../../src/gateway/access/audiences.ts';
import { createBroadcaster } from '../../../../src/gateway/stream/broadcaster.ts';
import { flushIntervalAt } from '../../../../src/gateway/stream/flush-pace.ts';
import { HotWindow, sentEvent } from '../../../../src/gateway/stream/hot-window.ts';
import { InFlight } from '../../../../src/gateway/stream/in-flight.ts';
import { entry } from '../../../contract/sample-entries.ts';
import { SimulatedClock } from '../../../simulation/simulated-clock.ts';
import { sessionId } from '../fake-services.ts';
import { recordingLog } from '../running-gateway.ts';
import {
  activity,
  ended,
  message,
  messageId,
  pieceOf,
  runCallboardV1Gateway,
  updated,
} from './callboard-v1-gateway.ts';

const otherSessionId = sessionIdSchema.parse('00000000-0000-4000-8000-0000000000ff');

function broadcasting(flushMsMax: number, busyShare = () => 0) {
  const clock = new SimulatedClock();
  const frames: string[] = [];
  const { publisher } = createBroadcaster({
    audiences: oneAudience,
    topics: {
      numSubscribers: (topic) => (topic.startsWith('v1/') && topic.split('/').length === 2 ? 1 : 0),
      publish: (_topic, frame) => void frames.push(String(frame)),
      settle: () => {},
    },
    hot: new HotWindow({ floor: 0, eventsMax: 10, bytesMax: 100_000 }),
    inFlight: new InFlight(),
    previewUnitsMax: limits.previewUnitsMax,
    clock,
    log: recordingLog(),
    flushMsMax,
    busyShare,
  });
  let offset = 0;
  return {
    clock,
    frames,
    publisher,
    piece() {
      publisher.stream(pieceOf('x', offset, 'x'.repeat(offset)));
      offset++;
    },
  };
}

/** A process that is known to be as busy as it can be. */
function busyBroadcasting(flushMsMax: number) {
  const broadcasts = broadcasting(flushMsMax, () => 1);
  const { clock, frames, piece } = broadcasts;
  for (let count = 0; count < 50; count++) {
    piece();
    clock.tick();
    clock.advance(flushMsMax);
  }
  frames.length = 0;
  return broadcasts;
}

it('[V1A8] with time to spare a piece leaves with its tick, and those of one tick together', () => {
  const { clock, frames, piece } = broadcasting(30, () => 0.5);
  for (let count = 1; count <= 100; count++) {
    piece();
    piece();
    expect(frames).toHaveLength(count - 1);
    clock.tick();
    expect(frames).toHaveLength(count);
    clock.advance(1);
  }
});

it('[V1A9] under load the first piece after a pause leaves with its tick, the next ones together, once per interval', () => {
  const { clock, frames, piece } = busyBroadcasting(10);
  clock.advance(100);
  piece();
  expect(frames).toHaveLength(0);
  clock.tick();
  expect(frames.splice(0)).toHaveLength(1);
  for (let ms = 0; ms < 100; ms++) {
    piece();
    clock.tick();
    clock.advance(1);
  }
  expect(frames.length).toBeGreaterThanOrEqual(9);
  expect(frames.length).toBeLessThanOrEqual(11);
  const texts = frames.map((frame) => JSON.parse(frame).data.text.length);
  expect(Math.max(...texts)).toBe(10);
  clock.advance(50);
  frames.length = 0;
  piece();
  clock.tick();
  expect(frames).toHaveLength(1);
});

it('[V1A8] a durable event does not wait for the interval and takes what waits with it, in order', () => {
  const { clock, frames, piece, publisher } = busyBroadcasting(1000);
  clock.advance(5000);
  piece();
  clock.tick();
  frames.length = 0;
  piece();
  clock.tick();
  clock.advance(5);
  expect(frames).toHaveLength(0);
  publisher.durable(updated(), 1);
  clock.tick();
  expect(frames.map((frame) => JSON.parse(frame).event)).toEqual(['message.delta', 'session.updated']);
  clock.advance(2000);
  expect(frames).toHaveLength(2);
});

it('[V1A9] with an interval of 0, pieces leave with every tick, however busy the process is', () => {
  const { clock, frames, piece } = busyBroadcasting(0);
  for (let count = 1; count <= 5; count++) {
    piece();
    piece();
    clock.tick();
    expect(frames).toHaveLength(count);
  }
});

it('[V1A8] a durable event takes only what waits of its session with it', () => {
  const { clock, frames, piece, publisher } = busyBroadcasting(10);
  clock.advance(100);
  piece();
  clock.tick();
  frames.length = 0;
  piece();
  publisher.durable({ ...updated(), sessionId: otherSessionId }, 1);
  clock.tick();
  expect(frames.splice(0).map((frame) => JSON.parse(frame).event)).toEqual(['session.updated']);
  clock.advance(10);
  expect(frames.map((frame) => JSON.parse(frame).event)).toEqual(['message.delta']);
});

it('[V1A8] [V1A9] [I1] nothing waits longer than the interval, whatever comes between, and nothing is overtaken', () => {
  const ids = [sessionId, otherSessionId];
  const session = fc.integer({ min: 0, max: 1 });
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('piece' as const), session }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('durable' as const), session }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ max: 12, min: 1 }) }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), fc.boolean(), (steps, busy) => {
      const { clock, frames, publisher } = broadcasting(10, () => (busy ? 1 : 0));
      const longest = busy ? 10 : 0;
      const emitted = ids.map((): { readonly at: number; readonly what: string }[] => []);
      const offsets = [0, 0];
      let seq = 0;
      for (const each of steps) {
        if (each.kind === 'advance') {
          clock.advance(each.ms);
        } else if (each.kind === 'piece') {
          const offset = offsets[each.session] ?? 0;
          offsets[each.session] = offset + 1;
          publisher.stream({ ...pieceOf('x', offset), sessionId: ids[each.session] ?? sessionId });
          emitted[each.session]?.push({ at: clock.now(), what: `piece ${offset}` });
        } else {
          seq++;
          publisher.durable({ ...updated(String(seq)), sessionId: ids[each.session] ?? sessionId }, seq);
          emitted[each.session]?.push({ at: clock.now(), what: `durable ${seq}` });
        }
        clock.tick();
        const seen = ids.map((): string[] => []);
        for (const frame of frames.map((text) => JSON.parse(text))) {
          if (frame.event === 'message.delta') {
            const of = seen[ids.indexOf(frame.data.sessionId)];
            for (let unit = 0; unit < frame.data.text.length; unit++)
              of?.push(`piece ${frame.data.offset + unit}`);
          } else {
            const owner = emitted.findIndex((events) =>
              events.some(({ what }) => what === `durable ${frame.seq}`),
            );
            seen[owner]?.push(`durable ${frame.seq}`);
          }
        }
        for (const [index, events] of emitted.entries()) {
          const due = events.filter(
            ({ at, what }) => what.startsWith('durable') || clock.now() - at > longest,
          );
          const of = seen[index] ?? [];
          expect(of).toEqual(events.slice(0, of.length).map(({ what }) => what));
          expect(of.length).toBeGreaterThanOrEqual(events.lastIndexOf(due.at(-1) ?? { at: 0, what: '' }) + 1);
        }
      }
    }),
    {
      numRuns: 300,
      // Before the fix: a durable event took along everything that the timer was set for, and the timer counted as
      // running ever after.
      examples: [
        [
          [
            { kind: 'piece', session: 0 },
            { kind: 'piece', session: 0 },
            { kind: 'durable', session: 0 },
            { kind: 'advance', ms: 10 },
            { kind: 'piece', session: 0 },
            { kind: 'advance', ms: 11 },
          ],
          false,
        ],
      ],
    },
  );
});

it('[V1A9] under load pieces leave less often, and with every tick again when it is over', () => {
  let share = 1;
  const { clock, frames, piece, publisher } = broadcasting(30, () => share);
  const framesIn = (ms: number) => {
    frames.length = 0;
    for (let each = 0; each < ms; each++) {
      piece();
      clock.tick();
      clock.advance(1);
    }
    return frames.length;
  };
  framesIn(1000);
  const busy = framesIn(900);
  expect(busy).toBeGreaterThanOrEqual(900 / 30 - 1);
  expect(busy).toBeLessThanOrEqual(900 / 30 + 1);
  frames.length = 0;
  publisher.durable(updated(), 1);
  clock.tick();
  expect(frames.map((frame) => JSON.parse(frame).event)).toContain('session.updated');
  share = 0;
  framesIn(1000);
  expect(framesIn(900)).toBe(900);
});

it('[V1A9] the interval grows with the load, from nothing to what is configured', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, share, fc.integer({ min: 0, max: limits.streamFlushMsMax }), (one, other, longest) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      const interval = flushIntervalAt(more, longest);
      expect(flushIntervalAt(less, longest)).toBeLessThanOrEqual(interval);
      expect(interval).toBeGreaterThanOrEqual(0);
      expect(interval).toBeLessThanOrEqual(longest);
    }),
  );
  expect([0, 0.5, 0.7, 1].map((load) => Math.round(flushIntervalAt(load, 30)))).toEqual([0, 0, 15, 30]);
});

it('[WS13] what is emitted while nobody subscribes is not encoded', () => {
  let listening = false;
  const clock = new SimulatedClock();
  const { publisher, flush } = createBroadcaster({
    audiences: oneAudience,
    topics: { numSubscribers: () => (listening ? 1 : 0), publish: () => {}, settle: () => {} },
    hot: new HotWindow({ floor: 0, eventsMax: 10, bytesMax: 100_000 }),
    inFlight: new InFlight(),
    previewUnitsMax: limits.previewUnitsMax,
    clock,
    log: recordingLog(),
    flushMsMax: 0,
  });
  const joined = vi.fn(() => message('so far'));
  const encode = vi.spyOn(JSON, 'stringify');
  try {
    const emitAll = (seq: number) => {
      publisher.durable(updated(), seq);
      for (const offset of [seq, seq + 1]) {
        publisher.stream({ type: 'message.delta', sessionId, messageId, offset, text: 'x', soFar: joined });
      }
      publisher.volatile({ type: 'logs.created', sessionId: null, data: [], at: 0 });
      flush();
    };
    for (let seq = 1; seq <= 20; seq++) emitAll(seq);
    expect([encode.mock.calls.length, joined.mock.calls.length]).toEqual([0, 0]);
    listening = true;
    emitAll(21);
    expect(encode.mock.calls.length).toBeGreaterThan(3);
    expect(joined.mock.calls.length).toBeGreaterThan(0);
  } finally {
    encode.mockRestore();
  }
});

it('[V1D1] the hot window is bounded in events and bytes, and knows from where it covers everything', () => {
  const push = (hot: HotWindow, seq: number, title = 'x') => {
    const wire = sentEvent({ seq, event: updated(title) }, limits.previewUnitsMax);
    if (wire !== undefined) hot.push(wire);
  };
  const hot = new HotWindow({ floor: 7, eventsMax: 3, bytesMax: 10_000 });
  expect([hot.floor, hot.newest]).toEqual([7, 7]);
  for (const seq of [8, 10, 11]) push(hot, seq);
  expect(hot.floor).toBe(7);
  push(hot, 12);
  hot.pass(13);
  expect([hot.floor, hot.newest]).toEqual([8, 13]);
  expect(hot.after(8, 10).map(({ seq }) => seq)).toEqual([10, 11, 12]);
  expect(hot.after(10, 1).map(({ seq }) => seq)).toEqual([11]);
  expect([hot.countAfter(8), hot.countAfter(11), hot.countAfter(13)]).toEqual([3, 1, 0]);
  push(hot, 14, 'y'.repeat(6000));
  expect([hot.floor, hot.countAfter(14)]).toEqual([14, 0]);
  for (let seq = 15; seq < 1000; seq++) push(hot, seq);
  expect([hot.floor, hot.countAfter(hot.floor)]).toEqual([996, 3]);
});

it('[V1D1] the hot window counts the whole of a tool call, of which its frames show a preview', () => {
  const hot = new HotWindow({ floor: 0, eventsMax: 100, bytesMax: 100_000 });
  const result = (text: string): JournaledEvent =>
    entry.tool({
      type: 'tool.result',
      id: toolCallIdSchema.parse(otherSessionId),
      sessionId: otherSessionId,
      turnId: turnIdSchema.parse(otherSessionId),
      status: 'completed',
      result: text,
    });
  for (const [index, text] of ['short', 'x'.repeat(40_000), 'x'.repeat(20_000)].entries()) {
    const wire = sentEvent({ seq: index + 1, event: result(text) }, limits.previewUnitsMax);
    if (wire !== undefined) hot.push(wire);
  }
  expect(hot.after(hot.floor, 10).map(({ seq }) => seq)).toEqual([3]);
});

it('[V1D1] the size of an event is estimated from its texts', () => {
  for (const value of ['text', { a: 'b', c: ['d', null, 1, true] }, [], {}, updated('z'.repeat(5000)).data]) {
    const { length } = JSON.stringify(value);
    expect(approximateBytes(value)).toBeGreaterThanOrEqual(length * 0.8);
    expect(approximateBytes(value)).toBeLessThanOrEqual(length * 2 + 64);
  }
});

it('[V1A5] a text that has ended is in flight no more, its agent is until it is idle', () => {
  const inFlight = new InFlight();
  inFlight.told(activity('thinking'));
  inFlight.grew(pieceOf('x', 0));
  expect(inFlight.snapshots('v1', () => true)).toHaveLength(2);
  inFlight.told(ended('x'));
  expect(inFlight.snapshots('v1', () => true).map((frame) => JSON.parse(frame).event)).toEqual([
    'agent.activity',
  ]);
  expect(inFlight.snapshots('baseline', () => true)).toEqual([]);
  inFlight.told(activity('idle'));
  expect(inFlight.snapshots('v1', () => true)).toEqual([]);
});

it('[I12] what is in flight is bounded in sessions', () => {
  const inFlight = new InFlight();
  const idOf = (index: number) =>
    sessionIdSchema.parse(`00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`);
  for (let index = 0; index <= limits.sessionsLiveMax; index++) {
    inFlight.grew({ ...pieceOf('x', 0), sessionId: idOf(index) });
  }
  expect(inFlight.snapshots('v1', () => true)).toHaveLength(limits.sessionsLiveMax);
  expect(inFlight.snapshots('v1', () => true, [idOf(0)])).toHaveLength(0);
});

it('[WS6] with compression on, clients that offer permessage-deflate get it, others do not', async () => {
  const v1 = await runCallboardV1Gateway({ compression: true });
  const open = async (perMessageDeflate: boolean) => {
    const socket = new WebSocket(
      `ws://127.0.0.1:${v1.port}/live?namespaces=chat-sessions`,
      ['callboard.v1'],
      {
        perMessageDeflate,
      },
    );
    const hello = once(socket, 'message');
    await hello;
    return socket;
  };
  const compressed = await open(true);
  const plain = await open(false);
  expect([compressed.extensions, plain.extensions]).toEqual(['permessage-deflate', '']);
  const received = [compressed, plain].map((socket) => once(socket, 'message'));
  v1.tell(updated('z'.repeat(5000)));
  const frames = await Promise.all(received);
  expect(new Set(frames.map(([bytes]) => String(bytes))).size).toBe(1);
  await v1.gateway.close();
});
