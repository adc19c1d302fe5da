/**
 * Closed sessions. Goal: nothing new comes into a closed session, and closing takes nothing back. Method: planned
 * events through the pure `transition()`, once as they are and once without whoever closes and reopens.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionEvent } from '../../machines/chat-session-context.ts';
import { baselineSession } from '../../schema/chat-session.ts';
import { commandTable } from '../../schema/command-table.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import { noon } from '../arbitraries/instants.ts';
import type { CommandPlan } from '../arbitraries/session-commands.ts';
import { type SessionPlan, sessionInput, sessionPlans } from '../arbitraries/session-events.ts';
import { emissionsOf } from '../machine-steps.ts';
import { isReply, runSession, turnsIn } from './session-run.ts';

function isCommand(event: SessionEvent): event is SessionCommand {
  return 'commandId' in event;
}

const closing = (type: 'session.close' | 'session.reopen'): SessionPlan => {
  const command = { type, at: noon, named: false } satisfies CommandPlan;
  return { kind: 'command', times: 1, command };
};

describe('a closed session', () => {
  it('[SES9] refuses what adds to its conversation or starts a turn, and takes everything else', () => {
    let refusals = 0;
    fc.assert(
      fc.property(sessionInput, sessionPlans, fc.nat(), (input, drawn, place) => {
        // Drawn alone, sessions are closed so seldom that a run of this test may see hardly any.
        const plans = drawn.toSpliced(place % (drawn.length + 1), 0, closing('session.close'));
        for (const { before, event, effects } of runSession(input, plans).steps) {
          const isClosed = before.context.session?.closedAt !== undefined;
          expect(before.matches({ open: { intake: 'closed' } })).toBe(isClosed && before.matches('open'));
          if (!isClosed || !before.matches('open') || !isCommand(event)) continue;
          const [reply] = emissionsOf(effects).filter(isReply);
          const message = reply?.type === 'command.refused' ? reply.refusal.message : '';
          const isRefused = commandTable[event.type].whileClosed === 'refused';
          expect(message.endsWith('is closed; reopen it to go on')).toBe(isRefused);
          if (isRefused) refusals++;
        }
      }),
      { numRuns: 150 },
    );
    expect(refusals).toBeGreaterThan(50);
  });

  it('[SES10] still does everything that it took before', () => {
    let waiting = 0;
    fc.assert(
      fc.property(
        sessionInput,
        sessionPlans,
        fc.array(fc.constant('turnEnds' as const)),
        (input, plans, ends) => {
          const later = ends.map((kind, index): SessionPlan => ({ kind, at: noon + index }));
          const left = runSession(input, [...plans, closing('session.reopen'), ...later]);
          const closed = runSession(input, [
            ...plans,
            closing('session.reopen'),
            closing('session.close'),
            ...later,
          ]);
          const started = ({ effects }: typeof left) =>
            effects.flatMap((effect) => (effect.kind === 'spawn' ? [effect.id] : []));
          expect(started(closed)).toEqual(started(left));
          expect(turnsIn(closed.last.context.queue)).toEqual(turnsIn(left.last.context.queue));
          expect(closed.last.context.running).toEqual(left.last.context.running);
          waiting += turnsIn(left.last.context.queue).length;
        },
      ),
      { numRuns: 100 },
    );
    expect(waiting).toBeGreaterThan(20);
  });

  it('[SES11] is closed since it was closed first, and is told to the baseline as if it were not', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        for (const { before, after, event, effects } of runSession(input, plans).steps) {
          if (event.type !== 'session.close' && event.type !== 'session.reopen') continue;
          if (!before.matches('open')) continue;
          const [session, next] = [before.context.session, after.context.session];
          const since = event.type === 'session.reopen' ? undefined : (session?.closedAt ?? next?.updatedAt);
          expect(next?.closedAt).toBe(since);
          expect(next?.status).toBe(session?.status);
          const told = emissionsOf(effects).filter((one) => !isReply(one));
          expect(told[0]).toMatchObject({ type: 'session.updated', data: next });
          if (next !== null && next !== undefined)
            expect(baselineSession(next)).not.toHaveProperty('closedAt');
        }
      }),
      { numRuns: 100 },
    );
  });
});
