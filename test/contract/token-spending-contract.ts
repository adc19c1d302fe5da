/**
 * The contract of what principals have spent (SPEC [LIM28]), for every backend. Method: ends of turns with generated
 * payers, days and costs, cut into batches, and each sum compared with a plain one.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import type { SessionId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { dayOf } from '../../schema/token-spending.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { newId, start } from './sample-entries.ts';

const dayMs = 24 * 60 * 60_000;

export function tokenSpendingContract(backend: JournalBackend, numRuns: number): void {
  describe(`${backend.name}: tokens that principals have spent`, () => {
    let store: OpenJournal;
    let run = 0;
    beforeAll(async () => {
      store = await backend.open();
    });
    afterAll(() => store.close());

    it('[LIM28] are those of the turns that ended on that day, for each principal and tenant apart', async () => {
      const turn = fc.record({
        payer: fc.option(fc.constantFrom('key:anna', "jwt:https://a/:o'neill"), { nil: undefined }),
        tenant: fc.constantFrom(null, 'shop'),
        tokens: fc.integer({ min: 1, max: 1_000_000_000_000 }),
        at: fc.integer({ min: start, max: start + 2 * dayMs }),
        cut: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 12 }), async (turns) => {
          // The runs before must not count.
          const suffix = `-${run++}`;
          const owners = ['key:anna', "jwt:https://a/:o'neill"].map((id) => {
            return participantIdSchema.parse(id + suffix);
          });
          let batch: JournalEntry[] = [];
          for (const { payer, tenant, tokens, at, cut } of turns) {
            const [turnId, sessionId] = [newId<TurnId>(), newId<SessionId>()];
            const spent =
              payer === undefined
                ? undefined
                : { owner: participantIdSchema.parse(payer + suffix), tenant, tokens };
            const data = { turnId, sessionId, timestamp: isoTimestamp(at), outcome: 'completed' as const };
            batch.push({
              type: 'turn.ended',
              sessionId,
              at,
              data: spent === undefined ? data : { ...data, spent },
            });
            if (!cut) continue;
            await store.journal.append(batch);
            batch = [];
          }
          if (batch.length > 0) await store.journal.append(batch);
          for (const owner of owners) {
            for (const tenant of [null, 'shop']) {
              for (const day of [0, 1, 2].map((days) => dayOf(start + days * dayMs))) {
                const expected = turns
                  .filter((one) => one.payer !== undefined && one.payer + suffix === owner)
                  .filter((one) => one.tenant === tenant && dayOf(one.at) === day)
                  .reduce((sum, { tokens }) => sum + tokens, 0);
                expect(await store.readModel.tokensSpent({ owner, tenant }, day)).toBe(expected);
              }
            }
          }
        }),
        { numRuns },
      );
    });

    it('[LIM28] are counted up to a bound, and forgotten after so many days', async () => {
      const owner = participantIdSchema.parse('key:greedy');
      const first = start + 100 * dayMs;
      const spend = (at: number, tokens: number) => {
        const data = { turnId: newId<TurnId>(), sessionId: newId<SessionId>(), timestamp: isoTimestamp(at) };
        const spent = { owner, tenant: null, tokens };
        const ended = { ...data, outcome: 'completed' as const, spent };
        return store.journal.append([{ type: 'turn.ended', sessionId: data.sessionId, at, data: ended }]);
      };
      const spentOn = (at: number) => store.readModel.tokensSpent({ owner, tenant: null }, dayOf(at));
      await spend(first, limits.dayTokensMax);
      await spend(first, 1);
      expect(await spentOn(first)).toBe(limits.dayTokensMax);
      const last = first + (limits.tokenDaysKept - 1) * dayMs;
      await spend(last, 1);
      expect(await spentOn(first)).toBe(limits.dayTokensMax);
      await spend(last + dayMs, 1);
      expect([await spentOn(first), await spentOn(last), await spentOn(last + dayMs)]).toEqual([0, 1, 1]);
    });
  });
}
