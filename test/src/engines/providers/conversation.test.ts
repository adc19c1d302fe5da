/**
 * The requests to a provider. Goal: any legal conversation becomes a request that keeps roles, order, and pairs of
 * calls and results. Method: generated conversations, and a provider that records its requests.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ModelMessage } from '../../../../actors/ports.ts';
import { anthropicAnswer } from '../../../fakes/providers/anthropic-stream.ts';
import { openAiAnswer } from '../../../fakes/providers/openai-stream.ts';
import { startProvider, startScriptedProvider } from '../../../fakes/providers/scripted-provider.ts';
import { adapters, callIdOf, engineAt, modelRequest, partsOf, secretKey } from './model-call.ts';

const content = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  .filter((text) => text.trim() !== '');
const argumentsJson = fc.constantFrom('{}', '{"a":1}', '{"a":', '[1]', 'null', '', '"text"');

/** A step that called tools, with its results, or a plain message. */
const stretch: fc.Arbitrary<readonly ModelMessage[]> = fc.oneof(
  content.map((text) => [{ role: 'user' as const, content: text }]),
  content.map((text) => [{ role: 'system' as const, content: text }]),
  content.map((text) => [{ role: 'assistant' as const, content: text, toolCalls: [] }]),
  fc
    .record({
      text: fc.oneof(content, fc.constant('')),
      calls: fc.array(fc.record({ argumentsJson, result: content, failed: fc.boolean() }), {
        minLength: 1,
        maxLength: 3,
      }),
    })
    .map(({ text, calls }) => {
      const named = calls.map((call, index) => ({ ...call, callId: callIdOf(index), name: 'clock' }));
      return [
        {
          role: 'assistant' as const,
          content: text,
          toolCalls: named.map((call) => ({
            callId: call.callId,
            name: call.name,
            argumentsJson: call.argumentsJson,
          })),
        },
        ...named.map(({ callId, name, result, failed }) => ({
          role: 'tool' as const,
          callId,
          name,
          content: result,
          failed,
        })),
      ];
    }),
);
const conversation = fc
  .array(stretch, { maxLength: 6 })
  .map((parts) => [...parts.flat(), { role: 'user' as const, content: 'And now?' }]);

const clock = {
  name: 'clock',
  description: 'Tells the time',
  inputSchema: { type: 'object' as const, properties: {} },
};

const openAiBody = z.object({
  messages: z.array(
    z.looseObject({
      role: z.string(),
      content: z.unknown(),
      tool_calls: z
        .array(z.looseObject({ id: z.string(), function: z.object({ arguments: z.string() }) }))
        .optional(),
      tool_call_id: z.string().optional(),
    }),
  ),
});
type OpenAiMessages = z.infer<typeof openAiBody>['messages'];

async function sentMessages(
  type: 'openai' | 'openai-compatible',
  adapter: (typeof adapters)[number],
  check: (given: readonly ModelMessage[], messages: OpenAiMessages) => void,
): Promise<void> {
  const provider = await startProvider(() => openAiAnswer({ text: ['ok'] }));
  const engine = engineAt(provider.url, type, { adapter });
  try {
    await fc.assert(
      fc.asyncProperty(conversation, async (given) => {
        await partsOf(engine, modelRequest({ conversation: given, tools: [clock] }));
        const { messages } = openAiBody.parse(provider.requests.at(-1)?.body);
        for (const { tool_calls: calls = [] } of messages) {
          for (const call of calls) expect(typeof JSON.parse(call.function.arguments)).toBe('object');
        }
        const sentText = JSON.stringify(messages);
        for (const message of given) expect(sentText).toContain(JSON.stringify(message.content).slice(1, -1));
        check(given, messages);
      }),
      { numRuns: 30 },
    );
  } finally {
    await provider.stop();
  }
}

test.each(adapters)(
  'OpenAI by %s: one message for each, in order; arguments are JSON objects whatever the model wrote',
  async (adapter) => {
    await sentMessages('openai', adapter, (given, messages) => {
      const lead = given.findIndex(({ role }) => role !== 'system');
      // Leading system messages are one.
      const expected = [...(lead > 0 ? ['system'] : []), ...given.slice(lead).map(({ role }) => role)];
      expect(messages.map(({ role }) => role)).toEqual(expected);
    });
  },
);

test.each(adapters)(
  'what speaks as OpenAI does, by %s: a user begins, users and assistant take turns, results are answered',
  async (adapter) => {
    await sentMessages('openai-compatible', adapter, (_given, messages) => {
      const roles = messages.map(({ role }) => role).slice(messages[0]?.role === 'system' ? 1 : 0);
      expect(roles[0]).toBe('user');
      expect(roles.at(-1)).toBe('user');
      for (const [index, role] of roles.entries()) {
        const before = roles[index - 1];
        if (role === 'user') expect(before ?? 'assistant').toBe('assistant');
        if (role === 'tool') expect(['assistant', 'tool']).toContain(before);
        expect(role).not.toBe('system');
      }
    });
  },
);

const anthropicBody = z.object({
  messages: z.array(
    z.object({ role: z.enum(['user', 'assistant']), content: z.array(z.looseObject({ type: z.string() })) }),
  ),
});

test.each(adapters)(
  'Anthropic by %s: turns alternate, every call is followed by its result, system words in the middle are kept',
  async (adapter) => {
    const provider = await startProvider(() =>
      anthropicAnswer({ blocks: [{ type: 'text', pieces: ['ok'] }] }),
    );
    const engine = engineAt(provider.url, 'anthropic', { adapter });
    try {
      await fc.assert(
        fc.asyncProperty(conversation, async (given) => {
          await partsOf(engine, modelRequest({ conversation: given, tools: [clock] }));
          const { messages } = anthropicBody.parse(provider.requests.at(-1)?.body);
          for (const [index, { role }] of messages.entries())
            expect(role).not.toBe(messages[index - 1]?.role);
          for (const [index, message] of messages.entries()) {
            const asked = message.content
              .filter(({ type }) => type === 'tool_use')
              .map((block) => block['id']);
            const answered = (messages[index + 1]?.content ?? [])
              .filter(({ type }) => type === 'tool_result')
              .map((block) => block['tool_use_id']);
            if (asked.length > 0) expect(answered).toEqual(asked);
          }
          expect(JSON.stringify(messages)).toContain('And now?');
        }),
        { numRuns: 40 },
      );
    } finally {
      await provider.stop();
    }
  },
);

test('options, key, headers and tools go into the request', async () => {
  const provider = await startScriptedProvider([openAiAnswer({ text: ['ok'] })]);
  try {
    await partsOf(
      engineAt(provider.url),
      modelRequest({
        options: { model: 'scripted/family/model-1', temperature: 0.5, topP: 0.9, maxOutputTokens: 77 },
        conversation: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello' },
        ],
        tools: [
          {
            name: 'clock',
            description: 'Tells the time',
            inputSchema: { type: 'object', properties: { timeZone: { type: 'string' } } },
          },
        ],
      }),
    );
    expect(provider.requests[0]).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${secretKey}`, 'x-tenant': 'test' },
      body: {
        model: 'family/model-1',
        temperature: 0.5,
        top_p: 0.9,
        max_tokens: 77,
        stream: true,
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello' },
        ],
        tools: [
          {
            type: 'function',
            function: {
              name: 'clock',
              description: 'Tells the time',
              parameters: { type: 'object', properties: { timeZone: { type: 'string' } } },
            },
          },
        ],
      },
    });
  } finally {
    await provider.stop();
  }
});
