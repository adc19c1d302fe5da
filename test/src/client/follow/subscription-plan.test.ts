/** Goal: a plan brings every consumer everything that it wants, and no event through two replayed subscriptions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SessionId, sessionIdSchema } from '../../../../schema/ids.ts';
import { type WireNamespace, wireNamespaces } from '../../../../schema/wire-event-table.ts';
import {
  additionFor,
  covers,
  type Planned,
  singlePlan,
  subscriptionPlan,
  type Want,
} from '../../../../src/client/follow/subscription-plan.ts';
import { requestedCases } from '../../../effort.ts';
import { otherSessionId, sessionId } from '../sample-frames.ts';

const cursorsOf = (cursors: Partial<Record<WireNamespace, number>>) =>
  new Map(
    wireNamespaces.flatMap((name) => (cursors[name] === undefined ? [] : [[name, cursors[name]] as const])),
  );

const wantsArbitrary = fc.array(
  fc
    .record({
      namespaces: fc.uniqueArray(fc.constantFrom(...wireNamespaces), { minLength: 1 }),
      sessionId: fc.option(fc.constantFrom(sessionId, otherSessionId), { nil: undefined }),
      seqs: fc.array(fc.option(fc.nat({ max: 100 }), { nil: undefined }), { minLength: 6, maxLength: 6 }),
    })
    .map(({ namespaces, sessionId: of, seqs }): Want => {
      const cursors = new Map(
        namespaces.flatMap((name, index) =>
          seqs[index] === undefined ? [] : [[name, seqs[index]] as const],
        ),
      );
      return { namespaces, sessionId: of, cursors };
    }),
  { minLength: 1, maxLength: 6 },
);

const isReplayed = (planned: Planned, name: WireNamespace, of: SessionId, seq: number) =>
  planned.since !== undefined &&
  planned.since < seq &&
  planned.namespaces.includes(name) &&
  (planned.sessionId === undefined || planned.sessionId === of);

describe('a plan of subscriptions', () => {
  it('[CLT1] shares, and adds a subscription of its own for the snapshots of a session', () => {
    expect(
      subscriptionPlan([
        { namespaces: ['traces'], cursors: cursorsOf({ traces: 7 }) },
        { namespaces: ['chat-sessions', 'traces'], cursors: cursorsOf({ 'chat-sessions': 9 }) },
        {
          namespaces: ['chat-messages', 'chat-sessions'],
          sessionId,
          cursors: cursorsOf({ 'chat-messages': 5 }),
        },
      ]),
    ).toEqual([
      { namespaces: ['chat-sessions', 'traces'], since: 7 },
      { namespaces: ['chat-messages'], sessionId, since: 5 },
      { namespaces: ['chat-sessions'], sessionId },
    ]);
    expect(subscriptionPlan([])).toEqual([]);
  });

  it('[CLT1] replays to everybody everything after its cursor, each event once', () => {
    fc.assert(
      fc.property(wantsArbitrary, (wants) => {
        const plan = subscriptionPlan(wants);
        for (const { namespaces, sessionId: of, cursors } of wants) {
          for (const name of namespaces) {
            for (const id of of === undefined ? [sessionId, otherSessionId] : [of]) {
              const cursor = cursors.get(name);
              const times = (seq: number) =>
                plan.filter((planned) => isReplayed(planned, name, id, seq)).length;
              for (const seq of [1, 50, 101]) expect(times(seq)).toBeLessThanOrEqual(1);
              if (cursor !== undefined) expect(times(cursor + 1)).toBe(1);
              expect(
                plan.some((planned) => planned.sessionId === of && planned.namespaces.includes(name)),
              ).toBe(true);
            }
          }
        }
      }),
      { numRuns: requestedCases({ quick: 1000, full: 1000 }) },
    );
  });

  it('[CLT6] fits everything into one stream, narrow if all want the same session', () => {
    fc.assert(
      fc.property(wantsArbitrary, (wants) => {
        const planned = singlePlan(wants);
        const cursors = wants.flatMap((want) => [...want.cursors.values()]);
        expect(planned?.since).toBe(cursors.length === 0 ? undefined : Math.min(...cursors));
        for (const want of wants) expect(planned !== undefined && covers(planned, want)).toBe(true);
      }),
    );
    const want = { namespaces: ['tools'], sessionId, cursors: new Map() } as const;
    expect(singlePlan([want, want])).toEqual({ namespaces: ['tools'], sessionId });
    expect(singlePlan([want, { ...want, sessionId: otherSessionId }])?.sessionId).toBeUndefined();
    expect(singlePlan([])).toBeUndefined();
  });

  it('[CLT1] adds only what is missing', () => {
    const active: Planned[] = [
      { namespaces: ['chat-sessions', 'traces'] },
      { namespaces: ['chat-sessions'], sessionId },
    ];
    const addition = (namespaces: WireNamespace[], of?: SessionId) =>
      additionFor({ namespaces, sessionId: of, cursors: new Map() }, active);
    expect(addition(['traces'])).toBeUndefined();
    expect(addition(['traces', 'tools'])).toEqual({ namespaces: ['tools'] });
    expect(addition(['chat-sessions', 'traces'], sessionId)).toEqual({ namespaces: ['traces'], sessionId });
    expect(addition(['traces'], sessionIdSchema.parse(otherSessionId))?.sessionId).toBe(otherSessionId);
  });
});
