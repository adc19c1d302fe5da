/** What can happen to readers and to what they read, as steps that a property generates. */
import fc from 'fast-check';
import { cursorOf } from '../../../schema/cursor.ts';
import { SimulatedLiveClient } from './simulated-client.ts';
import { epoch, sessionIdOf } from './simulated-journal.ts';
import { type SimulatedWorld, someNamespaces } from './simulated-world.ts';

export const sessions = 3;

const index = fc.nat({ max: 5 });
const selection = fc.record({
  namespaces: fc.nat({ max: 3 }),
  session: fc.option(fc.nat({ max: sessions - 1 })),
});
export const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('speak' as const),
      index,
      text: fc.string({ minLength: 1, maxLength: 40 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('end' as const, 'trace' as const, 'configure' as const),
      index,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('commit' as const, 'publish' as const),
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('open' as const),
      kind: fc.constantFrom('v1' as const, 'baseline' as const, 'live' as const),
      selection,
      native: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('stall' as const, 'unstall' as const, 'cut' as const, 'reconnect' as const),
      index,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      index,
      bytes: fc.integer({ min: 1, max: 800 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('subscribe' as const),
      index,
      selection,
      back: fc.option(fc.nat({ max: 20 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unsubscribe' as const), index }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('prune' as const, 'break' as const, 'mend' as const), index }),
  },
);
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

export async function run(world: SimulatedWorld, one: Step): Promise<void> {
  const { journal, readers } = world;
  const readerAt = (at: number) => readers[at % Math.max(1, readers.length)];
  const select = (given: { namespaces: number; session: number | null }) => ({
    namespaces: someNamespaces[given.namespaces] ?? ['config'],
    ...(given.session === null ? {} : { sessionId: sessionIdOf(given.session) }),
  });
  switch (one.do) {
    case 'speak':
      return journal.speak(one.index, one.text);
    case 'end':
      return journal.end(one.index);
    case 'trace':
      return journal.trace(one.index);
    case 'configure':
      return journal.configure();
    case 'commit':
      return journal.commit(one.count);
    case 'publish':
      return journal.publish(one.count, world.hub.publisher);
    case 'tick':
      return await world.tick();
    case 'answer':
      journal.answerRead();
      return;
    case 'advance':
      return world.clock.advance(one.ms);
    case 'open': {
      const { namespaces, ...rest } = select(one.selection);
      // A baseline socket is on one namespace, of every session.
      if (one.kind === 'baseline') world.open('baseline', { namespaces: namespaces.slice(0, 1) }, one.native);
      else {
        const kind = world.severalSubscriptions ? one.kind : 'v1';
        world.open(kind, { namespaces, ...rest }, one.native);
      }
      return;
    }
    case 'stall':
    case 'unstall': {
      const reader = readerAt(one.index);
      if (reader !== undefined) reader.socket.stalled = one.do === 'stall';
      return;
    }
    case 'cut':
      return readerAt(one.index)?.socket.cut();
    case 'reconnect': {
      const reader = readerAt(one.index);
      if (reader !== undefined) world.reconnect(reader);
      return;
    }
    case 'deliver':
      return readerAt(one.index)?.socket.deliver(one.bytes);
    case 'subscribe': {
      const reader = readerAt(one.index);
      if (!(reader?.client instanceof SimulatedLiveClient)) return;
      const since = one.back === null ? undefined : Math.max(0, world.hub.seq() - one.back);
      const cursor = since === undefined ? undefined : cursorOf({ epoch, seq: since });
      reader.say(reader.client.subscribe(select(one.selection), since, cursor));
      return;
    }
    case 'unsubscribe': {
      const reader = readerAt(one.index);
      if (!(reader?.client instanceof SimulatedLiveClient)) return;
      const frame = reader.client.unsubscribe();
      if (frame !== undefined) reader.say(frame);
      return;
    }
    case 'prune':
      // Live clients of several subscriptions cannot tell which of them a resync is for.
      if (!world.severalSubscriptions) journal.oldest = Math.max(journal.oldest, world.hub.seq() - one.index);
      return;
    case 'break':
    case 'mend':
      journal.broken = one.do === 'break';
      return;
  }
}
