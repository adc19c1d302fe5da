/** Goal: how a session stands is told truly. Method: turns and calls in any order; the newest turn decides, unless a call waits. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { turnStateSchema } from '../../../../../schema/pushed-turn.ts';
import { listedToolCallSchema } from '../../../../../schema/stored-tool-call.ts';
import { turnStatuses } from '../../../../../schema/turn-record.ts';
import {
  anyStanding,
  noStanding,
  passesFilter,
  standingsOf,
} from '../../../../../src/web/inspect/time/standing.ts';

const id = (count: number) => `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`;
const time = (at: number) => new Date(Date.UTC(2026, 10, 23) + at * 1000).toISOString();

const turn = (at: number, status: (typeof turnStatuses)[number]) =>
  turnStateSchema.parse({
    turnId: id(at),
    sessionId: id(1),
    promptId: id(at),
    answerId: id(at),
    status,
    step: 1,
    queuedAt: time(at),
    ...(status === 'running' || status === 'queued' ? {} : { endedAt: time(at + 5) }),
  });
const call = listedToolCallSchema.parse({
  id: id(7),
  sessionId: id(1),
  turnId: id(1),
  name: 'clock',
  status: 'awaitingApproval',
  agentId: null,
  needsApproval: true,
  startedAt: time(3),
});

it('[VIS10] the newest turn says how a session stands, unless a call waits for a person', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...turnStatuses), { minLength: 1, maxLength: 6 }),
      fc.nat(),
      (statuses, turned) => {
        const turns = statuses.map((status, index) => turn(index * 10, status));
        const last = turns.at(-1);
        const cut = turned % turns.length;
        const shuffled = [...turns.slice(cut), ...turns.slice(0, cut)];
        const standing = standingsOf({ turns: shuffled, calls: [], traces: [] }).get(id(1));
        expect(standing?.outcome).toBe(last?.status);
        expect(standing?.durationMs).toBe(last?.endedAt === undefined ? null : 5000);
        const waiting = standingsOf({ turns: shuffled, calls: [call], traces: [] }).get(id(1));
        expect([waiting?.outcome, waiting?.reason, waiting?.tools]).toEqual([
          'waiting',
          'clock',
          new Set(['clock']),
        ]);
      },
    ),
  );
});

it('[VIS10] a filter lets through what it names, and the empty one everything', () => {
  const session = { status: 'active', closedAt: time(0), updatedAt: time(0) };
  const day = new Date(time(0)).toLocaleDateString('sv');
  expect(passesFilter(anyStanding, session, noStanding)).toBe(true);
  expect(passesFilter({ ...anyStanding, state: 'closed', from: day, to: day }, session, noStanding)).toBe(
    true,
  );
  expect(passesFilter({ ...anyStanding, from: '2027-01-01' }, session, noStanding)).toBe(false);
  expect(passesFilter({ ...anyStanding, outcome: 'failed' }, session, noStanding)).toBe(false);
  expect(passesFilter({ ...anyStanding, model: 'small' }, session, noStanding)).toBe(false);
});
