/**
 * The conversation that a model is given. Goal: it stays within its bound except for the parts that are always sent,
 * never has half of an exchange, and says what is missing. Method: generated conversations.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EndedCall,
  type ModelContextInput,
  modelContext,
  quarterOfCharacters,
  trimmedResult,
} from '../../../actors/model-calls/model-context.ts';
import type { ModelMessage } from '../../../actors/ports.ts';
import { failureText } from '../../../machines/turn-actions.ts';
import { type ChatMessage, messageRoles } from '../../../schema/chat-message.ts';
import type { MessageId, SessionId, ToolCallId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { idKinds, idOf } from '../../arbitraries/ids.ts';

const sessionId = idOf<SessionId>(idKinds.session, 1);

function message(count: number, role: ChatMessage['role'], content: string): ChatMessage {
  const id = idOf<MessageId>(idKinds.prompt, count);
  return { id, sessionId, role, content, createdAt: '2026-11-23T12:00:00.000Z' };
}

const call = (count: number, result: string): EndedCall => ({
  callId: idOf<ToolCallId>(idKinds.call, count),
  name: 'clock',
  argumentsJson: '{}',
  result,
  failed: false,
});

const text = fc.string({ minLength: 1, maxLength: 300 });
const inputs: fc.Arbitrary<ModelContextInput> = fc
  .record({
    systemPrompt: fc.option(text, { nil: undefined }),
    said: fc.array(fc.tuple(fc.constantFrom(...messageRoles), text, fc.nat(2)), { maxLength: 20 }),
    prompt: text,
    steps: fc.array(fc.record({ text, results: fc.array(text, { minLength: 1, maxLength: 3 }) }), {
      maxLength: 3,
    }),
    tokensMax: fc.integer({ min: 1, max: 2000 }),
  })
  .map(({ said, prompt, steps, ...rest }) => {
    const history = said.map(([role, content], index) => message(index, role, content));
    const calls = history.flatMap((one, index) => {
      const count = one.role === 'assistant' ? (said[index]?.[2] ?? 0) : 0;
      const made = Array.from({ length: count }, (_, nth) => call(nth, `result ${nth}`));
      return count === 0 ? [] : [[one.id, made] as const];
    });
    return {
      ...rest,
      history,
      earlierCalls: new Map<string, readonly EndedCall[]>(calls),
      prompt: message(99, 'user', prompt),
      steps: steps.map((step) => ({
        text: step.text,
        calls: step.results.map((result, nth) => call(nth, result)),
      })),
      tools: [],
      estimate: quarterOfCharacters,
    };
  });

function tokens(messages: readonly ModelMessage[]): number {
  return messages.reduce((sum, { content }) => sum + quarterOfCharacters(content) + 4, 0);
}

describe('what a model is given', () => {
  it('[MDL6] has the prompt and the steps of this turn at its end, whatever the bound', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const given = modelContext(input);
        const own = input.steps.reduce((sum, step) => sum + 1 + step.calls.length, 0);
        expect(given.at(-1 - own)).toEqual({ role: 'user', content: input.prompt.content });
        if (input.systemPrompt !== undefined)
          expect(given[0]).toEqual({ role: 'system', content: input.systemPrompt });
      }),
    );
  });

  it('[MDL6] has each call with its one result behind it', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        let open: string[] = [];
        for (const one of modelContext(input)) {
          if (one.role === 'tool') expect(open.shift()).toBe(one.callId);
          else expect(open).toEqual([]);
          if (one.role === 'assistant') open = one.toolCalls.map(({ callId }) => callId);
        }
        expect(open).toEqual([]);
      }),
    );
  });

  it('[MDL6] keeps the newest that fits and says how much is missing', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const given = modelContext(input);
        const must = modelContext({ ...input, history: [], tokensMax: Number.MAX_SAFE_INTEGER });
        const note = given.find(({ content }) => /left out: there was no room/.test(content));
        const all = modelContext({ ...input, tokensMax: Number.MAX_SAFE_INTEGER });
        if (note === undefined) {
          expect(given.map(({ role }) => role)).toEqual(all.map(({ role }) => role));
          return;
        }
        // The marker does not count against the bound; the parts that are always sent may exceed it.
        const within = given.filter((one) => one !== note);
        expect(tokens(within)).toBeLessThanOrEqual(Math.max(input.tokensMax, tokens(must)));
        const missing = Number(/^\[(\d+) /.exec(note.content)?.[1]);
        expect(missing).toBeGreaterThan(0);
        // The newest messages of the conversation are there without a gap.
        const talk = (messages: readonly ModelMessage[]) => messages.filter(({ role }) => role !== 'system');
        expect(
          talk(all)
            .slice(-talk(within).length)
            .map(({ role }) => role),
        ).toEqual(talk(within).map(({ role }) => role));
      }),
    );
  });

  it('[MDL6] cuts results that are long, those of the oldest steps shortest when room is short', () => {
    const long = 'x'.repeat(limits.toolResultModelUnitsMax + 5);
    expect(trimmedResult(long)).toMatch(/^x+\n\[cut: 5 of \d+ characters are left out\]$/);
    const given = modelContext({
      systemPrompt: undefined,
      history: [],
      earlierCalls: new Map(),
      prompt: message(1, 'user', 'Hi'),
      steps: [
        { text: '', calls: [call(1, 'a'.repeat(10_000))] },
        { text: '', calls: [call(2, 'b'.repeat(4000))] },
      ],
      tools: [],
      tokensMax: 2000,
      estimate: quarterOfCharacters,
    });
    expect(given.map(({ content }) => content.length)).toEqual([2, 0, expect.any(Number), 0, 4000]);
    expect(given[2]?.content).toContain('[cut: 9600 of 10000');
  });

  it('[MDL6] leaves out what was only told to people', () => {
    const given = modelContext({
      systemPrompt: undefined,
      history: [message(1, 'user', 'a'), message(2, 'assistant', failureText)],
      earlierCalls: new Map(),
      prompt: message(3, 'user', 'b'),
      steps: [],
      tools: [],
      tokensMax: 1000,
      estimate: quarterOfCharacters,
    });
    expect(given.map(({ content }) => content)).toEqual(['a', 'b']);
  });
});
