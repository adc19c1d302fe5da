/** The side list as pure functions: groups, titles, the tab's title, and what waits for a person. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { waitingCallsAfter } from '../../../../src/client/session/waiting-calls.ts';
import { pageTitle } from '../../../../src/web/chat/page-title.ts';
import { sessionGroups } from '../../../../src/web/chat/session-groups.ts';
import { shownTitle } from '../../../../src/web/chat/session-title.ts';

const now = new Date(2026, 10, 28, 12);
const ago = (days: number, hours = 0) =>
  new Date(now.getTime() - days * 86_400_000 - hours * 3_600_000).toISOString();

describe('the groups of the side list', () => {
  const titles = (dates: readonly string[], waiting: readonly number[] = []) =>
    sessionGroups(
      dates.map((updatedAt, index) => ({ id: String(index), updatedAt })),
      new Set(waiting.map(String)),
      now,
    ).map(({ title, sessions }) => [title, ...sessions.map(({ id }) => Number(id))]);

  it('[WEB25] are days, then months; what waits for a person stands first, in whatever month', () => {
    const dates = [ago(0, -5), ago(0, 1), ago(0, 13), ago(2), ago(7), ago(8), ago(40), ago(400)];
    expect(titles(dates)).toEqual([
      ['Today', 0, 1],
      ['Yesterday', 2],
      ['Previous 7 days', 3, 4],
      ['November 2026', 5],
      ['October 2026', 6],
      ['October 2025', 7],
    ]);
    expect(titles(dates, [7, 1])[0]).toEqual(['Waiting for you', 1, 7]);
  });

  it('[WEB25] hold every session once, in its order', () => {
    const dates = fc.array(fc.integer({ min: -1000, max: 1_000_000 }), { maxLength: 50 });
    fc.assert(
      fc.property(dates, fc.array(fc.nat(49)), (hours, waiting) => {
        const groups = titles(
          hours.toSorted((a, b) => a - b).map((hour) => ago(0, hour)),
          waiting,
        ).map(([, ...ids]) => ids);
        for (const ids of groups) expect(ids).toEqual(ids.toSorted((a, b) => Number(a) - Number(b)));
        expect(groups.flat().toSorted((a, b) => Number(a) - Number(b))).toEqual(
          hours.map((_, index) => index),
        );
      }),
    );
  });
});

describe('a title', () => {
  it('[WEB25] turns around no text behind it', () => {
    expect(shownTitle('a\u202eb\u2066c\u2069')).toBe('abc');
    expect(shownTitle('שלום עולם')).toBe('שלום עולם');
  });

  it('[WEB25] of the tab tells the session and what becomes of it', () => {
    const calm = { session: 'Plan', isLost: false, isWaiting: false, isAnswering: false, othersWaiting: 0 };
    expect(pageTitle(calm)).toBe('Plan – Callboard');
    expect(pageTitle({ ...calm, session: undefined })).toBe('New session – Callboard');
    expect(pageTitle({ ...calm, isAnswering: true })).toBe('Answering: Plan – Callboard');
    expect(pageTitle({ ...calm, isAnswering: true, isWaiting: true, othersWaiting: 2 })).toBe(
      '(2) Waiting for you: Plan – Callboard',
    );
    expect(pageTitle({ ...calm, isAnswering: true, isLost: true })).toBe('Offline: Plan – Callboard');
  });
});

describe('the calls that wait', () => {
  it('[CLT10] are those whose last event says so', () => {
    const event = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      status: fc.constantFrom('awaitingApproval', 'running', 'completed', 'failed'),
    });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let calls: ReturnType<typeof waitingCallsAfter> = [];
        for (const { id, status } of events) {
          const data = { id, sessionId: 's', name: 'n', status };
          calls = waitingCallsAfter(calls, { event: 'tool.call', data } as unknown as Parameters<
            typeof waitingCallsAfter
          >[1]);
        }
        const last = new Map(events.map(({ id, status }) => [id, status]));
        expect(new Set<string>(calls.map(({ id }) => id))).toEqual(
          new Set([...last].flatMap(([id, status]) => (status === 'awaitingApproval' ? [id] : []))),
        );
      }),
    );
  });
});
