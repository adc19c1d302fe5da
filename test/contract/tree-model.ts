/** A simple model of a tree of messages, for properties: a list of messages with their parents. */
import fc from 'fast-check';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';
import { message, newId } from './sample-entries.ts';

/** For each message the number of the one that it is below, `null` for none; `false`: it waits. Some come before their parent. */
type Shape = { readonly parents: readonly (number | null | false)[]; readonly order: readonly number[] };

export const arbitraryShape: fc.Arbitrary<Shape> = fc.integer({ min: 1, max: 12 }).chain((count) =>
  fc.record({
    parents: fc.tuple(
      ...Array.from({ length: count }, (_, index) =>
        fc.oneof(
          { weight: 1, arbitrary: fc.constantFrom(null, false as const) },
          { weight: 5, arbitrary: index === 0 ? fc.constant(null) : fc.nat({ max: index - 1 }) },
        ),
      ),
    ),
    order: fc.shuffledSubarray(
      Array.from({ length: count }, (_, index) => index),
      { minLength: count, maxLength: count },
    ),
  }),
);

/** The model: messages in order of creation. */
export class TreeModel {
  readonly messages: readonly MessageFact[];

  constructor(id: SessionId, { parents, order }: Shape) {
    const ids = parents.map(() => newId<MessageId>());
    const facts = parents.map((parent, index) => {
      const own = ids[index] ?? newId<MessageId>();
      if (parent === false) return message(own, id, { queueRank: 100 - index });
      // Nothing is below what waits.
      const above = parent === null || parents[parent] === false ? null : (ids[parent] ?? null);
      return message(own, id, { parentId: above });
    });
    this.messages = order.flatMap((index) => facts[index] ?? []);
  }

  get placed(): readonly MessageFact[] {
    return this.messages.filter(({ queueRank }) => queueRank === undefined);
  }

  get waiting(): readonly MessageFact[] {
    return this.messages
      .filter(({ queueRank }) => queueRank !== undefined)
      .sort((a, b) => (a.queueRank ?? 0) - (b.queueRank ?? 0));
  }

  path(id: MessageId | null | undefined): MessageFact[] {
    const found = this.messages.find((one) => one.id === id);
    return found === undefined ? [] : [...this.path(found.parentId), found];
  }

  isBelow(id: MessageId, above: MessageId): boolean {
    return this.path(id).some((one) => one.id === above);
  }

  newestLeaf(among: (one: MessageFact) => boolean): MessageId | undefined {
    const isLeaf = ({ id }: MessageFact) => !this.messages.some(({ parentId }) => parentId === id);
    return this.placed.findLast((one) => isLeaf(one) && among(one))?.id;
  }
}
