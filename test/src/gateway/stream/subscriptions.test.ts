/** What the subscriptions of one connection select, and on which topics ([V1B3], [OFR2]). */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sessionIdSchema } from '../../../../schema/ids.ts';
import { callboardV1TopicsOf } from '../../../../schema/wire/topic.ts';
import { type WireNamespace, wireNamespaces } from '../../../../schema/wire-event-table.ts';
import { type Selection, Subscriptions, selects } from '../../../../src/gateway/stream/subscriptions.ts';

const sessions = [1, 2].map((n) => sessionIdSchema.parse(`00000000-0000-4000-8000-00000000000${n}`));
const agents = ['poet', 'agents', 'po/et'];

const selection: fc.Arbitrary<Selection> = fc
  .record({
    namespaces: fc.subarray<WireNamespace>([...wireNamespaces], { minLength: 1 }),
    of: fc.oneof(
      fc.constant({}),
      fc.constantFrom(...sessions).map((sessionId) => ({ sessionId })),
      fc.constantFrom(...agents).map((agent) => ({ agent })),
    ),
  })
  .map(({ namespaces, of }) => ({ namespaces, ...of }));

const happened = fc.oneof(
  fc.record({
    namespace: fc.constantFrom<WireNamespace>(...wireNamespaces.filter((name) => name !== 'turns')),
    sessionId: fc.constantFrom(...sessions, null),
    addressee: fc.constant(undefined),
  }),
  fc.record({
    namespace: fc.constant<WireNamespace>('turns'),
    sessionId: fc.constantFrom(...sessions),
    addressee: fc.constantFrom(...agents, null),
  }),
);

it('[V1B3] [OFR2] an event that a connection selects is on one of its topics, and no other event is', () => {
  fc.assert(
    fc.property(fc.array(selection, { maxLength: 6 }), happened, (wanted, event) => {
      const subscriptions = new Subscriptions('v1');
      const taken: Selection[] = [];
      for (const one of wanted) {
        if (subscriptions.clashesWith(one)) continue;
        subscriptions.add(one, { from: 0, live: true });
        taken.push(one);
      }
      const { namespace, sessionId, addressee } = event;
      const topics = subscriptions.topics();
      const heard = callboardV1TopicsOf({ namespace, sessionId, audiences: ['all'], addressee }).filter(
        (topic) => topics.has(topic),
      );
      const isSelected = taken.some((one) => selects(one, namespace, sessionId, addressee));
      expect(heard).toHaveLength(isSelected ? 1 : 0);
    }),
  );
});
