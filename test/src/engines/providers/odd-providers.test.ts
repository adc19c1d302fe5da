/**
 * Odd providers, through the whole system. Goal: each oddity has the right outcome for people, for the model and in the
 * journal, and leaves a session that works. Method: scripted servers over real HTTP, one row an oddity, both adapters;
 * every request is judged by rules of the strictest providers, and an ordinary question follows each row.
 */
import { describe, expect, it } from 'vitest';
import { failureText } from '../../../../schema/chat-message.ts';
import { earlyFinishReason } from '../../../../schema/model-usage.ts';
import { inTurn } from '../../../effort.ts';
import { seedOfRun } from '../../../named-property.ts';
import { adapters } from './model-call.ts';
import { anthropicRows } from './odd/odd-anthropic-rows.ts';
import { callRows } from './odd/odd-call-rows.ts';
import { errorRows } from './odd/odd-error-rows.ts';
import { openAiRows } from './odd/odd-openai-rows.ts';
import type { OddRow } from './odd/odd-row.ts';
import { shapeRows } from './odd/odd-shape-rows.ts';
import { askedOdd, type Observed, ordinaryText } from './odd/odd-world.ts';

/** Of each adapter. */
const third = { oneIn: 3, seed: seedOfRun() };
const rows = [...openAiRows, ...callRows, ...shapeRows, ...anthropicRows];

function expectRow(row: OddRow, observed: Observed): void {
  const { answers, trace, calls, ran, later } = observed;
  const texts = answers.map(({ content }) => content);
  const outcome = row.outcome ?? (row.text === null ? 'failed' : 'completed');
  expect(texts).toEqual(row.text === null && outcome !== 'failed' ? [] : [row.text ?? failureText]);
  expect(answers[0]?.status === 'failed').toBe(outcome === 'failed');
  expect(earlyFinishReason(answers[0]?.finishReason)).toBe(row.finishReason);
  expect(trace?.status).toBe(outcome);
  if (row.trace !== undefined) expect(JSON.stringify(trace?.metadata)).toContain(row.trace);
  expect(observed.reasoning).toBe(row.reasoning ?? '');
  if (row.ran !== undefined) expect(ran).toEqual(row.ran);
  if (row.calls !== undefined) {
    expect(calls.map(({ name, status }) => [name, status])).toEqual(row.calls.map((one) => one.slice(0, 2)));
    for (const [index, [, , words]] of row.calls.entries()) expect(calls[index]?.result).toContain(words);
  }
  const told = JSON.stringify(later[0]?.body);
  for (const words of row.told ?? []) expect(told).toContain(words);
  const ever = JSON.stringify(later.map(({ body }) => body));
  for (const words of row.notTold ?? []) expect(ever).not.toContain(words);
}

describe.each(adapters)('an odd provider by %s', (adapter) => {
  const judged = async (row: OddRow) => {
    const observed = await askedOdd(row, adapter);
    expectRow(row, observed);
    expect(observed.refusals).toEqual([]);
    expect(observed.ordinary).toMatchObject({ content: ordinaryText, status: 'complete' });
  };
  const isFor = ({ only }: OddRow) => only === undefined || only.adapter === adapter;

  it.each(inTurn(rows.filter(isFor), third))('[PRV4] [PRV6] $name ($source)', judged);
  it.each(inTurn(errorRows.filter(isFor), third))('[PRV5] [PRV6] $name ($source)', judged);
});
