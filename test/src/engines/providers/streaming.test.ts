/**
 * Reading providers' streams. Goal: the model's parts arrive unchanged, piece by piece, whatever the provider's
 * format. Method: generated answers, written in both formats by a scripted provider over real HTTP.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EnginePart } from '../../../../actors/ports.ts';
import { anthropicAnswer } from '../../../fakes/providers/anthropic-stream.ts';
import { openAiAnswer } from '../../../fakes/providers/openai-stream.ts';
import { type ScriptedAnswer, startProvider } from '../../../fakes/providers/scripted-provider.ts';
import { engineAt, type formats, modelRequest, partsOf, routes } from './model-call.ts';

const piece = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const call = fc.record({
  name: fc.constantFrom('clock', 'search', 'no_such_tool'),
  arguments: fc.oneof(
    fc.json({ maxDepth: 2 }).map((json) => `{"value": ${json}}`),
    fc.constantFrom('{"timeZone":', 'null', '[1,2]', '{ "spaced" :  1 }'),
  ),
});
const answer = fc.record({
  reasoning: fc.array(piece, { maxLength: 4 }),
  text: fc.array(piece, { maxLength: 6 }),
  calls: fc.array(call, { maxLength: 3 }),
});
type Answer = { reasoning: string[]; text: string[]; calls: { name: string; arguments: string }[] };

const tools = ['clock', 'search'].map((name) => ({
  name,
  description: `The tool ${name}`,
  inputSchema: { type: 'object' as const, properties: {} },
}));

function scripted(format: (typeof formats)[number], given: Answer): ScriptedAnswer {
  const calls = given.calls.map((each, index) => ({ id: `call_${index}`, ...each }));
  if (format !== 'anthropic') return openAiAnswer({ ...given, calls });
  return anthropicAnswer({
    blocks: [
      ...(given.reasoning.length === 0 ? [] : [{ type: 'thinking' as const, pieces: given.reasoning }]),
      ...(given.text.length === 0 ? [] : [{ type: 'text' as const, pieces: given.text }]),
      ...calls.map((each) => ({ type: 'tool_use' as const, call: each })),
    ],
  });
}

test.each(routes)(
  '%s by %s: every piece arrives, in order and unchanged, then the end with what it cost',
  async (format, adapter) => {
    let next: Answer = { reasoning: [], text: [], calls: [] };
    const provider = await startProvider(() => scripted(format, next));
    const engine = engineAt(provider.url, format, { adapter });
    try {
      await fc.assert(
        fc.asyncProperty(answer, async (given) => {
          next = given;
          const parts = await partsOf(engine, modelRequest({ tools }));
          const texts = (type: 'text' | 'reasoning') =>
            parts.flatMap((part) => (part.type === type ? [part.text] : []));
          expect(texts('text')).toEqual(given.text);
          // The SDK knows no reasoning in OpenAI's own format.
          const isUnseen = format === 'openai' && adapter === 'sdk';
          expect(texts('reasoning')).toEqual(isUnseen ? [] : given.reasoning);
          expect(parts.filter(({ type }) => type === 'tool-call')).toEqual(
            given.calls.map((each, index) => ({
              type: 'tool-call',
              modelCallId: `call_${index}`,
              name: each.name,
              argumentsJson: each.arguments,
            })),
          );
          const finish: EnginePart | undefined = parts.at(-1);
          expect(finish).toMatchObject({
            type: 'finish',
            reason: given.calls.length > 0 ? 'tool-calls' : 'stop',
            usage: { inputTokens: 7, outputTokens: 5 },
          });
        }),
        { numRuns: 40 },
      );
    } finally {
      await provider.stop();
    }
  },
);

test('an answer that was cut off by its bound says so', async () => {
  const provider = await startProvider(() => openAiAnswer({ text: ['Half'], finish: 'length' }));
  try {
    expect((await partsOf(engineAt(provider.url))).at(-1)).toMatchObject({
      type: 'finish',
      reason: 'length',
    });
  } finally {
    await provider.stop();
  }
});
