/**
 * Pushes that are refused. Goal: an agent that follows the rules of docs/agents.md comes to an end, whatever it does wrong:
 * a conflict with a turn that runs is a gap in the numbers, and nothing else is. Method: the real actors over memory.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TurnProgress } from '../../schema/pushed-turn.ts';
import type { Outcome } from '../../schema/refusal.ts';
import { acceptedValue, actorWorld } from '../fakes/actor-world.ts';
import { agent, call, finish, partsFrom, result, text } from './pushing-agent.ts';

function isGap(outcome: Outcome<TurnProgress>): boolean {
  if (outcome.ok) return false;
  const { code, turn } = outcome.refusal;
  return code === 'conflict' && turn?.status === 'running';
}

describe('a push that is refused', () => {
  it('[PSH2] [PSH9] [PSH11] is a conflict only when a part is missing; what is wrong with a part is final', async () => {
    const said = fc.record({
      part: fc.constantFrom(
        text('a'),
        call('c1'),
        call('c2'),
        call('asked', { needsApproval: true }),
        result('c1'),
        result('asked'),
        result('unknown'),
      ),
      skip: fc.integer({ min: -2, max: 2 }),
    });
    const seen = { gaps: 0, wrong: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(said, { maxLength: 12 }),
        fc.integer({ min: -3, max: 3 }),
        async (plan, off) => {
          const one = await agent(await actorWorld());
          let received = 0;
          for (const { part, skip } of plan) {
            const seq = Math.max(1, received + 1 + skip);
            const parts = partsFrom(seq, part);
            const outcome = await one.push(parts);
            expect(isGap(outcome)).toBe(seq > received + 1);
            if (isGap(outcome)) seen.gaps++;
            else if (!outcome.ok) {
              seen.wrong++;
              expect(outcome.refusal).toMatchObject({
                code: 'bad_request',
                retryable: false,
                turn: { status: 'running', received },
              });
              expect(await one.push(parts)).toEqual(outcome);
            }
            received = (outcome.ok ? outcome.value : outcome.refusal.turn)?.received ?? received;
          }
          const seq = Math.max(0, received + off);
          const end = await finish(one, seq);
          expect(isGap(end)).toBe(seq > received);
          if (seq < received)
            expect(end).toMatchObject({ refusal: { code: 'bad_request', turn: { received } } });
          await one.world.system.stop();
        },
      ),
      { numRuns: 40 },
    );
    expect(seen.gaps).toBeGreaterThan(10);
    expect(seen.wrong).toBeGreaterThan(10);
  });

  it.each(['finish', 'fail'] as const)(
    '[PSH11] tells of no decision that is still awaited after a %s',
    async (how) => {
      const one = await agent(await actorWorld());
      const { turnId, lease } = one.turn;
      const { turns } = one.world.system.door;
      acceptedValue(await one.push(partsFrom(1, text('a'), call('asked', { needsApproval: true }))));
      const ended =
        how === 'finish' ? turns.finish(turnId, { lease }) : turns.fail(turnId, { lease, error: 'no fuel' });
      expect(acceptedValue(await ended).decisions).toEqual([{ callId: 'asked', decision: 'expired' }]);
      expect([...one.world.storage.tables.toolCalls(turnId)]).toMatchObject([{ status: 'failed' }]);
      await one.world.system.stop();
    },
  );

  it('[PSH7] does not renew the lease when nothing of it was taken', async () => {
    const world = await actorWorld();
    const { turns } = world.system.door;
    const one = await agent(world);
    for (const wrong of [result('unknown'), text('too far')].map((part, nth) => partsFrom(1 + nth, part))) {
      const before = acceptedValue(await turns.state(one.turn.turnId, 0)).leaseExpiresAt;
      await turns.state(one.turn.turnId, 5);
      expect(await one.push(wrong)).toMatchObject({ ok: false });
      expect(acceptedValue(await turns.state(one.turn.turnId, 0)).leaseExpiresAt).toBe(before);
    }
    const stubborn = await agent(world, { leaseMs: 30 });
    for (;;) {
      const outcome = await stubborn.push(partsFrom(1, result('unknown')));
      if (!outcome.ok && outcome.refusal.turn?.status === 'interrupted') break;
      await turns.state(stubborn.turn.turnId, 5);
    }
    await world.system.stop();
  });
});
