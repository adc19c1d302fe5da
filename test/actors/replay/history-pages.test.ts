/**
 * Histories page by page. Goal: a page is the same whichever was asked for before it, and a broken event costs its own
 * step. Method: a session of the real actors; pages in an order drawn at random, each compared with that of a new replay.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CausedEvent } from '../../../actors/ports.ts';
import { HistoryPages } from '../../../actors/replay/history-pages.ts';
import { cases } from '../../effort.ts';
import { acceptedValue, actorWorld } from '../../fakes/actor-world.ts';

const never = () => undefined;

async function livedSession() {
  const world = await actorWorld();
  const sessionId = await world.createSession();
  for (let count = 0; count < 30; count++)
    acceptedValue(await world.system.door.updateSession(sessionId, { title: `Title ${count}` }));
  await world.system.stop();
  const events = await world.storage.eventLog.ofSession({ sessionId, after: 0, limit: 1000 });
  return { sessionId, events, isCapped: false };
}

describe('a history page by page', () => {
  it('[INS9] has the same pages in any order, also when two are asked for at once', async () => {
    const journal = await livedSession();
    const asked = fc.array(fc.record({ from: fc.nat(40), limit: fc.integer({ min: 1, max: 12 }) }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(asked, fc.boolean(), async (queries, atOnce) => {
        const pages = new HistoryPages(journal, atOnce ? () => Promise.resolve() : never);
        const got = [];
        if (atOnce) got.push(...(await Promise.all(queries.map((query) => pages.page(query)))));
        else for (const query of queries) got.push(await pages.page(query));
        for (const [index, query] of queries.entries())
          expect(got[index]).toEqual(await new HistoryPages(journal, never).page(query));
      }),
      { numRuns: cases({ quick: 20, full: 100 }) },
    );
  });

  it('[INS14] shows a broken event as it is, with a note, and the events around it', async () => {
    const { events, ...journal } = await livedSession();
    // What another program wrote, or a disk changed.
    const changes: readonly ((event: CausedEvent) => object)[] = [
      (one) => ({ ...one, event: { ...one.event, type: 'trace.created', data: null } }),
      (one) => ({ ...one, event: { ...one.event, type: 'message.created', data: null } }),
      (one) => ({ ...one, cause: one.cause?.replace(/\[.*\]/, '[{"heard":null}]') }),
      (one) => ({ ...one, cause: 'no JSON' }),
    ];
    const bases = [];
    for (const change of changes) {
      const told: CausedEvent[] = JSON.parse(
        JSON.stringify(events.map((event, index) => (index === 3 ? change(event) : event))),
      );
      const { steps } = await new HistoryPages({ ...journal, events: told }, never).page({
        from: 0,
        limit: 100,
      });
      expect(steps.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq));
      expect(steps.slice(0, 3).map(({ basis }) => basis)).toEqual(['replayed', 'replayed', 'replayed']);
      expect(steps[3]?.note).not.toBeNull();
      bases.push(steps[3]?.basis);
    }
    expect(bases[0]).toBe('recorded');
    expect(bases[1]).toBe('recorded');
  });
});
