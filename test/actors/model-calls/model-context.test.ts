/**
 * How much a model is given. Goal: never more than its bound but for what must go, never half of an exchange, and it
 * says what is missing. Method: generated exchanges.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exchange, HistoryMessage } from '../../../actors/model-calls/conversation-history.ts';
import { type ModelContextInput, modelContext } from '../../../actors/model-calls/model-context.ts';
import type { ModelMessage, TokenEstimate } from '../../../actors/ports.ts';
import type { ToolCallId } from '../../../schema/ids.ts';
import { idKinds, idOf } from '../../arbitraries/ids.ts';

const estimate: TokenEstimate = (text) => Math.ceil(text.length / 4);

const plain = (message: ModelMessage): HistoryMessage => ({ message, brief: message });

/** A step with one call; what is left of its result when room is short has 20 characters. */
function step(count: number, text: string, result: string): readonly HistoryMessage[] {
  const callId = idOf<ToolCallId>(idKinds.call, count);
  const told = (content: string): ModelMessage => ({
    role: 'tool',
    callId,
    name: 'clock',
    content,
    failed: false,
  });
  return [
    plain({
      role: 'assistant',
      content: text,
      toolCalls: [{ callId, name: 'clock', argumentsJson: '{}' }],
    }),
    result.length <= 20 ? plain(told(result)) : { message: told(result), brief: told(result.slice(0, 20)) },
  ];
}

const text = fc.string({ minLength: 1, maxLength: 300 });

const exchange: fc.Arbitrary<Exchange> = fc
  .record({
    said: fc.option(fc.tuple(fc.constantFrom('user', 'system'), text)),
    steps: fc.array(fc.tuple(text, text), { maxLength: 2 }),
    answer: fc.option(text),
  })
  .map(({ said, steps, answer }) => {
    const life = [
      ...steps.flatMap(([words, result], nth) => step(nth, words, result)),
      ...(answer === null ? [] : [plain({ role: 'assistant', content: answer, toolCalls: [] })]),
    ];
    const isPinned = said !== null && said[0] === 'system';
    const opening = said === null ? [] : [plain({ role: said[0], content: said[1] } as const)];
    return {
      pinned: isPinned ? (opening[0] ?? null) : null,
      messages: isPinned ? life : [...opening, ...life],
      count: (life.length === 0 ? 0 : 1) + (isPinned || said === null ? 0 : 1),
    };
  });

const inputs: fc.Arbitrary<ModelContextInput> = fc
  .record({
    systemPrompt: fc.option(text, { nil: undefined }),
    exchanges: fc.array(exchange, { maxLength: 12 }),
    isCut: fc.boolean(),
    prompt: text.map((content): ModelMessage => ({ role: 'user', content })),
    own: fc.array(fc.tuple(text, text), { maxLength: 3 }),
    tokensMax: fc.integer({ min: 0, max: 1500 }),
  })
  .map(({ own, ...rest }) => ({
    ...rest,
    steps: own.flatMap(([words, result], nth) => step(nth, words, result)),
    toolTokens: 0,
    estimate,
  }));

const withRoom = (input: ModelContextInput) =>
  modelContext({ ...input, tokensMax: Number.MAX_SAFE_INTEGER }).messages;

const isMarker = ({ role, content }: ModelMessage) =>
  role === 'system' && /^\[.*arlier messages? .*left out: there was no room/.test(content);

describe('what a model is given', () => {
  it('[MDL6] has the prompt and the steps of this turn at its end, whatever the bound', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const given = modelContext(input).messages;
        expect(given.at(-1 - input.steps.length)).toEqual(input.prompt);
        if (input.systemPrompt !== undefined)
          expect(given[0]).toEqual({ role: 'system', content: input.systemPrompt });
      }),
    );
  });

  it('[HIS2] has each call with its one result behind it, whatever the bound', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        let open: string[] = [];
        for (const one of modelContext(input).messages) {
          if (one.role === 'tool') expect(open.shift()).toBe(one.callId);
          else expect(open).toEqual([]);
          if (one.role === 'assistant') open = one.toolCalls.map(({ callId }) => callId);
        }
        expect(open).toEqual([]);
      }),
    );
  });

  it('[MDL6] keeps to its bound, but for what must go, and counts what it gives', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { messages, tokens, isLeast } = modelContext(input);
        const must = modelContext({ ...input, exchanges: [], isCut: false, tokensMax: 0 });
        expect(tokens).toBe(
          messages.reduce((sum, one) => {
            const calls =
              one.role === 'assistant' ? one.toolCalls.map(({ argumentsJson }) => argumentsJson) : [];
            const names = one.role === 'assistant' ? one.toolCalls.map(({ name }) => name) : [];
            return [one.content, ...calls, ...names].reduce((all, part) => all + estimate(part), sum + 4);
          }, 0),
        );
        const marker = messages.filter(isMarker).reduce((sum, one) => sum + 4 + estimate(one.content), 0);
        if (tokens > input.tokensMax) expect(tokens).toBe(must.tokens + marker);
        // Nothing less can be asked, so asking again would be in vain.
        if (isLeast) expect(messages.filter((one) => !isMarker(one))).toEqual(must.messages);
        expect(modelContext({ ...input, tokensMax: 0 }).isLeast).toBe(true);
      }),
    );
  });

  it('[MDL6] keeps the newest that fits, whole but for long results, and says how much is missing', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const given = modelContext(input).messages;
        const all = withRoom(input).filter((one) => !isMarker(one));
        const marker = given.find(isMarker);
        const within = given.filter((one) => one !== marker);
        // Of what is said by turns, the end is there without a gap.
        const talk = (messages: readonly ModelMessage[]) =>
          messages
            .filter(({ role }) => role !== 'system')
            .map(({ role, content }) => `${role} ${role === 'tool' ? content.slice(0, 20) : content}`);
        expect(talk(all).slice(talk(all).length - talk(within).length)).toEqual(talk(within));
        expect(marker === undefined).toBe(within.length === all.length && !input.isCut);
        expect(marker?.content.startsWith('[At least')).toBe(
          marker === undefined ? undefined : input.isCut && within.length < all.length,
        );
      }),
    );
  });

  it('[MDL6] takes from the results of earlier turns before it leaves a turn out, and from the oldest steps first', () => {
    const long = 'x'.repeat(400);
    const given = modelContext({
      systemPrompt: undefined,
      exchanges: [
        { pinned: null, messages: [plain({ role: 'user', content: 'a' }), ...step(1, '', long)], count: 2 },
        { pinned: null, messages: [plain({ role: 'user', content: 'b' }), ...step(2, '', long)], count: 2 },
      ],
      isCut: false,
      prompt: { role: 'user', content: 'c' },
      steps: [],
      toolTokens: 0,
      tokensMax: 200,
      estimate,
    });
    expect(given.messages.map(({ content }) => content.length)).toEqual([1, 0, 20, 1, 0, 400, 1]);
    const own = modelContext({
      systemPrompt: undefined,
      exchanges: [],
      isCut: false,
      prompt: { role: 'user', content: 'c' },
      steps: [...step(1, '', long), ...step(2, '', long)],
      toolTokens: 0,
      tokensMax: 150,
      estimate,
    });
    expect(own.messages.map(({ content }) => content.length)).toEqual([1, 0, 20, 0, 400]);
  });
});
