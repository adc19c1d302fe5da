/**
 * Any stream at all, through the whole system. Goal: whatever a provider sends, an ordinary question gets an ordinary
 * answer afterwards. Method: streams of the table of oddities, cut, repeated and mixed, and generated ones.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ScriptStep } from '../../../fakes/providers/scripted-provider.ts';
import { adapters } from './model-call.ts';
import { anthropicRows } from './odd/odd-anthropic-rows.ts';
import { callRows } from './odd/odd-call-rows.ts';
import { openAiRows } from './odd/odd-openai-rows.ts';
import { type OddRow, raw } from './odd/odd-row.ts';
import { askedOdd, ordinaryText } from './odd/odd-world.ts';

const isQuick = (step: ScriptStep) => typeof step !== 'string' && !('everyMs' in step);
const stepsOf = (rows: readonly OddRow[]) =>
  rows.flatMap(({ answers }) =>
    answers.flatMap(({ status, steps }) => (status === undefined ? steps.filter(isQuick) : [])),
  );

const sent = {
  anthropic: stepsOf(anthropicRows),
  openai: stepsOf([...openAiRows, ...callRows]),
} as const;

const oddStream = fc
  .record({
    type: fc.constantFrom('anthropic' as const, 'openai' as const),
    picks: fc.array(
      fc.oneof(
        fc.nat(),
        fc.string({ maxLength: 30 }).map((text) => raw(`data: ${text}\n\n`)),
      ),
      { maxLength: 12 },
    ),
    isCut: fc.boolean(),
  })
  .map(({ type, picks, isCut }) => {
    const steps = picks.map((pick) =>
      typeof pick === 'number' ? (sent[type][pick % sent[type].length] ?? raw('')) : pick,
    );
    return { type, answer: { steps: isCut ? [...steps, 'cut' as const] : steps } };
  });

it.each(adapters)(
  '[PRV6] after any stream, an ordinary question gets an ordinary answer, by %s',
  async (adapter) => {
    await fc.assert(
      fc.asyncProperty(oddStream, async ({ type, answer }) => {
        const row = { name: 'any', source: 'generated', answers: [answer], text: null };
        const observed = await askedOdd(type === 'anthropic' ? { ...row, type } : row, adapter);
        expect(observed.refusals).toEqual([]);
        expect(observed.ordinary?.content).toBe(ordinaryText);
      }),
      { numRuns: 60 },
    );
  },
);
