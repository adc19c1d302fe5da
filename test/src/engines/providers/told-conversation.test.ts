/**
 * What every provider is told of a conversation. Goal: whatever a model called its calls and wrote as arguments, and
 * whoever it was, a request has ids and names that the strictest accept, each call with its one result, no blank text,
 * and what somebody wants back only where it came from. Method: generated conversations, judged by strict validators.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EngineRequest, ModelMessage } from '../../../../actors/ports.ts';
import type { Continuation } from '../../../../schema/continuation.ts';
import { isBlank } from '../../../../schema/text.ts';
import { anthropicFormat } from '../../../../src/engines/providers/anthropic/anthropic-request.ts';
import { openAiFormat } from '../../../../src/engines/providers/openai/openai-request.ts';
import { CallIds } from '../../../../src/engines/providers/told/call-ids.ts';
import { toldConversation } from '../../../../src/engines/providers/told/told-conversation.ts';
import { ToolNames } from '../../../../src/engines/providers/told/tool-names.ts';
import { anthropicRefusal, mistralRefusal, openAiRefusal } from '../../../fakes/providers/strict-requests.ts';
import { callIdOf, modelRequest } from './model-call.ts';

const manners = { lateSystem: 'keep', turns: 'any', resultFiles: 'behind' } as const;

const text = fc.oneof(
  fc.string({ maxLength: 12, unit: 'grapheme' }),
  fc.constantFrom('', ' ', '\n\n', '\u200b', 'Hi'),
);
const name = fc.oneof(
  fc.constantFrom(
    'clock',
    'functions.look',
    '',
    '7zip',
    'look<|channel|>x',
    'très_bien',
    'x'.repeat(90),
    '__proto__',
  ),
  fc.string({ maxLength: 8 }),
);
const argumentsJson = fc.constantFrom(
  '{}',
  '{"a":1}',
  '{"a":',
  '[1]',
  'null',
  '',
  ' ',
  '"text"',
  '{"a":1}{"a":2}',
);
const origin = fc.constantFrom('scripted/model-1', 'other/model-1', 'scripted/model-2');
const signed = {
  thinking: [{ textUnits: 0, calls: 0, block: { type: 'thinking', thinking: 'Hm', signature: 'c2ln' } }],
};

type Made = { readonly messages: readonly ModelMessage[]; readonly count: number };

const step = fc.record({
  said: text,
  calls: fc.array(fc.record({ name, argumentsJson, result: text, failed: fc.boolean() }), { maxLength: 3 }),
  by: fc.option(fc.tuple(origin, fc.boolean()), { nil: undefined }),
  /** Results may be missing, or stray. */
  lost: fc.boolean(),
});

function stepMessages(given: typeof step extends fc.Arbitrary<infer T> ? T : never, first: number): Made {
  const calls = given.calls.map((call, index) => ({ ...call, callId: callIdOf(first + index) }));
  const continuation: Continuation | undefined =
    given.by === undefined
      ? undefined
      : given.by[1]
        ? { origin: given.by[0], dropped: true }
        : {
            origin: given.by[0],
            step: signed,
            calls: Object.fromEntries(
              calls.map(({ callId }) => [
                callId,
                { extra_content: { google: { thought_signature: given.by?.[0] ?? '' } } },
              ]),
            ),
          };
  const results = calls.map(({ callId, name: tool, result, failed }) => {
    return { role: 'tool' as const, callId, name: tool, content: result, failed };
  });
  return {
    count: calls.length,
    messages: [
      {
        role: 'assistant',
        content: given.said,
        toolCalls: calls.map(({ callId, name: tool, argumentsJson: json }) => ({
          callId,
          name: tool,
          argumentsJson: json,
        })),
        ...(continuation === undefined ? {} : { continuation }),
      },
      ...(given.lost ? results.slice(1) : results),
    ],
  };
}

const conversation: fc.Arbitrary<readonly ModelMessage[]> = fc
  .array(
    fc.oneof(
      text.map((content) => ({ role: 'user' as const, content })),
      text.map((content) => ({ role: 'system' as const, content })),
      step,
    ),
    { maxLength: 8 },
  )
  .map((parts) => {
    let count = 1;
    const messages = parts.flatMap((part): readonly ModelMessage[] => {
      if ('role' in part) return [part];
      const made = stepMessages(part, count);
      count += made.count;
      return made.messages;
    });
    return [...messages, { role: 'user', content: 'And now?' }];
  });

const clock = { name: 'clock', description: '', inputSchema: { type: 'object' as const } };
const requests = fc
  .record({ conversation, tools: fc.constantFrom([clock], []) })
  .map((changes): EngineRequest => modelRequest(changes));

const bodyOf = (request: EngineRequest, type: 'openai' | 'openai-compatible' | 'anthropic') => {
  const format = type === 'anthropic' ? anthropicFormat : openAiFormat;
  const target = { type, model: 'model-1', origin: 'scripted/model-1' };
  // Through JSON, as it is sent.
  return JSON.parse(JSON.stringify(format.request(request, target, 'key').body));
};

/** What only the provider that gave it takes back. */
const withoutExtra = (body: unknown) =>
  JSON.parse(JSON.stringify(body), (key, value) => (key === 'extra_content' ? undefined : value));

describe('what a provider is told', () => {
  it('[PRV1] [PRV2] is what the strictest accept, whatever the conversation', () => {
    fc.assert(
      fc.property(requests, (request) => {
        expect(openAiRefusal(withoutExtra(bodyOf(request, 'openai')))).toBeUndefined();
        expect(mistralRefusal(withoutExtra(bodyOf(request, 'openai-compatible')))).toBeUndefined();
        expect(anthropicRefusal(bodyOf(request, 'anthropic'), new Set(['c2ln']))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('[PRV1] has the same id for the same call in every request', () => {
    const ids = (request: EngineRequest) =>
      toldConversation(request, { origin: 'a/b', ...manners }).messages.flatMap((message) =>
        message.role === 'assistant' ? message.calls.map(({ id }) => id) : [],
      );
    fc.assert(
      fc.property(requests, (request) => {
        const shorter = { ...request, conversation: request.conversation.slice(-4) };
        for (const id of ids(shorter)) expect(ids(request)).toContain(id);
      }),
    );
  });

  it('[PRV2] loses no word that can be seen', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const told = JSON.stringify(bodyOf(request, 'openai'));
        for (const { content } of request.conversation) {
          if (!isBlank(content)) expect(told).toContain(JSON.stringify(content).slice(1, -1));
        }
      }),
    );
  });

  it('[PRV3] has what is wanted back only where it came from', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const told = JSON.stringify(bodyOf(request, 'openai-compatible'));
        expect(told).not.toContain('"thought_signature":"other/model-1"');
        expect(told).not.toContain('"thought_signature":"scripted/model-2"');
        const own = request.conversation.some(
          (message) =>
            message.role === 'assistant' &&
            message.continuation?.origin === 'scripted/model-1' &&
            message.continuation.dropped !== true &&
            message.toolCalls.length > 0,
        );
        const isTold = told.includes('"thought_signature":"scripted/model-1"');
        expect(isTold).toBe(own && request.tools.length > 0);
      }),
    );
  });

  it('[PRV3] tells calls as text where what is wanted back was too long', () => {
    const request = modelRequest({
      tools: [clock],
      conversation: [
        { role: 'user', content: 'When?' },
        {
          role: 'assistant',
          content: 'Let me see.',
          toolCalls: [{ callId: callIdOf(1), name: 'clock', argumentsJson: '{"zone":"UTC"}' }],
          continuation: { origin: 'scripted/model-1', dropped: true },
        },
        { role: 'tool', callId: callIdOf(1), name: 'clock', content: '12:00', failed: false },
      ],
    });
    expect(bodyOf(request, 'openai-compatible').messages).toEqual([
      { role: 'user', content: 'When?' },
      { role: 'assistant', content: 'Let me see.' },
      { role: 'user', content: 'The tool clock was called with {"zone":"UTC"}. Its result: 12:00' },
    ]);
    // Another model never wanted it.
    const other = { ...request, options: { model: 'scripted/model-2' } };
    const { messages } = toldConversation(other, {
      origin: 'scripted/model-2',
      ...manners,
    });
    expect(messages[1]).toMatchObject({ calls: [{ name: 'clock', result: '12:00' }] });
  });
});

describe('ids and names', () => {
  it('[PRV1] ids are nine letters and digits, and never twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uuid(), fc.string({ maxLength: 6 }), fc.constant('same')), { maxLength: 40 }),
        (given) => {
          const ids = new CallIds();
          const told = given.map((id) => ids.next(id));
          expect(new Set(told).size).toBe(given.length);
          for (const id of told) expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
        },
      ),
    );
  });

  it('[PRV1] names lead back to the tools that they were made from', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 20 }), (given) => {
        const names = new ToolNames(given.map((one) => ({ name: one })));
        const told = given.map((one) => names.told(one));
        expect(new Set(told).size).toBe(given.length);
        for (const [index, one] of told.entries()) {
          expect(one).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
          expect(names.own(one)).toBe(given[index]);
        }
      }),
    );
  });
});
