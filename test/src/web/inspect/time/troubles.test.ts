/** Goal: what is wrong with a session is told truly. Method: turns and calls in any order; the newest turn decides, unless a call waits. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { turnStateSchema } from '../../../../../schema/pushed-turn.ts';
import { listedToolCallSchema } from '../../../../../schema/stored-tool-call.ts';
import { troublesOf } from '../../../../../src/web/inspect/time/troubles.ts';

const id = (count: number) => `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`;
const time = (at: number) => new Date(Date.UTC(2026, 10, 23) + at * 1000).toISOString();

const turn = (at: number, status: 'failed' | 'interrupted') =>
  turnStateSchema.parse({
    turnId: id(at),
    sessionId: id(1),
    promptId: id(at),
    answerId: id(at),
    status,
    step: 1,
    queuedAt: time(at),
    endedAt: time(at + 5),
  });
const call = (at: number) =>
  listedToolCallSchema.parse({
    id: id(at),
    sessionId: id(1),
    turnId: id(1),
    name: `clock ${at}`,
    status: 'awaitingApproval',
    agentId: null,
    needsApproval: true,
    startedAt: time(at),
  });

it('[VIS10] the newest turn says what is wrong, unless a call waits for a person', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('failed' as const, 'interrupted' as const), { minLength: 1, maxLength: 6 }),
      fc.nat(),
      (statuses, turned) => {
        const turns = statuses.map((status, index) => turn(index * 10, status));
        const cut = turned % turns.length;
        const shuffled = [...turns.slice(cut), ...turns.slice(0, cut)];
        const at = (turns.length - 1) * 10;
        expect(troublesOf({ turns: shuffled, calls: [] }).get(id(1))).toEqual({
          ...{ outcome: statuses.at(-1), reason: null, since: time(at + 5), durationMs: 5000 },
        });
        const calls = turned % 2 === 0 ? [call(3), call(7)] : [call(7), call(3)];
        expect(troublesOf({ turns: shuffled, calls }).get(id(1))).toEqual({
          ...{ outcome: 'waiting', reason: 'clock 3', since: time(3), durationMs: null },
        });
      },
    ),
  );
});
