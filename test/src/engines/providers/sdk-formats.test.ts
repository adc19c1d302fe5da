/**
 * Formats that only the AI SDK's packages read: OpenAI's responses and Google's. Goal: what comes of their streams is what
 * comes of the streams that we read ourselves. Method: generated answers and odd ones, by scripted providers over real
 * HTTP; bytes split at every position.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { soundParts } from '../../../../actors/model-calls/sound-part.ts';
import type { EnginePart, ModelMessage } from '../../../../actors/ports.ts';
import { EventChunks } from '../../../../src/engines/providers/event-chunks.ts';
import {
  googlePhase,
  PlainRepair,
  responsesPhase,
} from '../../../../src/engines/providers/sdk/plain-repair.ts';
import { cases } from '../../../effort.ts';
import { googleChunk, googleSteps } from '../../../fakes/providers/google-stream.ts';
import { responsesEvent, responsesSteps } from '../../../fakes/providers/responses-stream.ts';
import {
  type ScriptedAnswer,
  type ScriptStep,
  startScriptedProvider,
} from '../../../fakes/providers/scripted-provider.ts';
import { callIdOf, engineAt, modelRequest, partsOf, secretKey } from './model-call.ts';

type Script = {
  readonly text?: readonly string[];
  readonly thoughts?: readonly string[];
  readonly calls?: readonly { readonly name: string; readonly args: object }[];
  readonly isCut?: boolean;
};

const kinds = [
  {
    type: 'google' as const,
    steps: ({ isCut, ...script }: Script) =>
      googleSteps({ ...script, ...(isCut === true ? { finish: 'MAX_TOKENS' } : {}) }),
    phase: googlePhase,
    unknown: googleChunk([{ somethingNew: { at: 1 } }]),
    odd: 'data: {"candidates":17}\n\n',
    reasonAfterOdd: 'stop',
  },
  {
    type: 'openai-responses' as const,
    steps: ({ text = [], thoughts = [], calls = [], isCut }: Script) =>
      responsesSteps({
        text,
        reasoning: thoughts,
        calls: calls.map(({ name, args }, index) => ({
          id: `call_${index}`,
          name,
          arguments: JSON.stringify(args),
        })),
        ...(isCut === true ? { incomplete: 'max_output_tokens' as const } : {}),
      }),
    phase: responsesPhase,
    unknown: responsesEvent('response.something.new', { at: 1 }),
    odd: 'data: {"type":"response.output_text.delta","delta":17}\n\n',
    // The package has called it an error.
    reasonAfterOdd: 'other',
  },
];

const tools = ['clock', 'search'].map((name) => ({
  name,
  description: `The tool ${name}`,
  inputSchema: { type: 'object' as const, properties: {} },
}));
const raw = (send: string): ScriptStep => ({ send });

async function heard(type: (typeof kinds)[number]['type'], answers: readonly ScriptedAnswer[]) {
  const provider = await startScriptedProvider(answers);
  try {
    const engine = engineAt(provider.url, type, { adapter: 'sdk' });
    const parts: EnginePart[][] = [];
    for (const _answer of answers)
      parts.push([...soundParts(await partsOf(engine, modelRequest({ tools })))]);
    return parts;
  } finally {
    await provider.stop();
  }
}

describe.each(kinds)('$type', ({ type, steps, phase, unknown, odd, reasonAfterOdd }) => {
  const piece = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
  const call = fc.record({
    name: fc.constantFrom('clock', 'search', 'no_such_tool'),
    args: fc.dictionary(fc.constantFrom('at', 'zone'), fc.oneof(fc.integer(), piece), { maxKeys: 2 }),
  });
  const script = fc.record({
    text: fc.array(piece, { maxLength: 4 }),
    thoughts: fc.array(piece, { maxLength: 3 }),
    calls: fc.array(call, { maxLength: 2 }),
  });

  it('[PRV4] gives every piece, in order and unchanged, calls, and the end with what it cost', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (given) => {
        const [parts = []] = await heard(type, [{ steps: steps(given) }]);
        const said = (kind: 'text' | 'reasoning') =>
          parts.flatMap((part) => (part.type === kind ? [part.text] : [])).join('');
        expect(said('text')).toBe(given.text.join(''));
        expect(said('reasoning')).toBe(given.thoughts.join(''));
        const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [part] : []));
        expect(calls.map(({ name, argumentsJson }) => ({ name, args: JSON.parse(argumentsJson) }))).toEqual(
          given.calls.map(({ name, args }) => ({ name, args: { ...args } })),
        );
        expect(parts.at(-1)).toMatchObject({
          type: 'finish',
          reason: given.calls.length > 0 ? 'tool-calls' : 'stop',
          usage: { inputTokens: 7, outputTokens: 5 },
          origin: 'scripted/model-1 by sdk',
        });
      }),
      { numRuns: cases({ quick: 8, full: 60 }) },
    );
  });

  const whole = { text: ['Hello', ' you'] };
  const wholeText = { type: 'text', text: 'Hello you' };
  const begun = steps(whole).slice(0, -1);
  const stop = { type: 'finish', reason: 'stop' };
  const rows: readonly (readonly [string, readonly ScriptStep[], readonly object[]])[] = [
    [
      'pings and comments',
      [raw(': ping\n\n'), raw('event: ping\ndata: {}\n\n'), ...steps(whole)],
      [wholeText, stop],
    ],
    ['events that are no JSON', [raw('data: nope\n\n'), ...steps(whole)], [wholeText, stop]],
    ['an unknown event', [...begun, raw(unknown), ...steps(whole).slice(-1)], [wholeText, stop]],
    [
      'an event of another shape',
      [raw(odd), ...steps(whole)],
      [wholeText, { ...stop, reason: reasonAfterOdd }],
    ],
    ['no empty lines at the end', [...begun, ...steps(whole).slice(-1).map(trimmed)], [wholeText, stop]],
    [
      'an end because of the limit',
      steps({ ...whole, isCut: true }),
      [wholeText, { type: 'finish', reason: 'length' }],
    ],
    [
      'an error behind the end',
      [...steps(whole), raw('data: {"error":{"message":"late"}}\n\n')],
      [wholeText, stop],
    ],
    ['no end', begun, [wholeText, { type: 'error', code: 'bad_response' }]],
    [
      'a broken connection',
      [...begun, { send: ': ping\n\n', times: 1, everyMs: 50 }, 'cut'],
      [wholeText, { type: 'error', code: 'unavailable' }],
    ],
    [
      'an error in the middle',
      [...begun, raw('data: {"error":{"message":"boom","code":503}}\n\n')],
      [wholeText, { type: 'error', code: 'overloaded', message: 'boom' }],
    ],
  ];

  it.each(rows)(
    '[PRV4] [PRV6] reads %s, and an ordinary answer afterwards',
    async (_name, sent, expected) => {
      const [parts, ordinary] = await heard(type, [{ steps: sent }, { steps: steps(whole) }]);
      expect(parts).toMatchObject(expected);
      expect(parts).toHaveLength(expected.length);
      expect(ordinary).toMatchObject([wholeText, stop]);
    },
  );

  it('[PRV5] keeps the words and the class of a refusal', async () => {
    const body = JSON.stringify({ error: { message: 'Slow down', code: 429, status: 'RESOURCE_EXHAUSTED' } });
    const headers = { 'content-type': 'application/json', 'retry-after': '2' };
    const [parts] = await heard(type, [{ status: 429, headers, steps: [raw(body)] }]);
    expect(parts).toEqual([
      { type: 'error', message: 'Slow down', code: 'rate_limited', retryAfterMs: 2000 },
    ]);
  });

  it('[PRV4] passes on the same events however their bytes are split', () => {
    const sent = [
      ': ping\n\n',
      'data: nope\n\n',
      unknown,
      odd,
      ...steps({ ...whole, thoughts: ['Grüße 👋'] }).flatMap(sendOf),
    ];
    const bytes = new TextEncoder().encode(sent.join(''));
    const passed = (chunks: readonly Uint8Array[]) => {
      const events = new EventChunks();
      const repair = new PlainRepair(phase);
      const data = [...chunks.flatMap((chunk) => events.next(chunk)), ...events.rest()];
      return data.map((each) => repair.event(each)).join('');
    };
    const expected = passed([bytes]);
    expect(expected).toContain('Grüße 👋');
    for (let at = 1; at < bytes.length; at++) {
      expect(passed([bytes.subarray(0, at), bytes.subarray(at)])).toBe(expected);
    }
  });

  it('[PRV2] is told calls with their results, the key, and nothing that it did not say', async () => {
    const provider = await startScriptedProvider([{ steps: steps(whole) }]);
    try {
      const callId = callIdOf(1);
      const conversation: readonly ModelMessage[] = [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'What time is it?' },
        {
          role: 'assistant',
          content: 'One moment.',
          toolCalls: [{ callId, name: 'clock', argumentsJson: '{"zone":"UTC"}' }],
          continuation: { origin: 'other/model', step: { secret: 'of another' } },
        },
        { role: 'tool', callId, name: 'clock', content: 'noon', failed: false },
      ];
      await partsOf(engineAt(provider.url, type, { adapter: 'sdk' }), modelRequest({ conversation, tools }));
      const [request] = provider.requests;
      const told = JSON.stringify(request?.body);
      for (const words of ['Be brief.', 'What time is it?', 'One moment.', 'UTC', 'noon', 'The tool clock']) {
        expect(told).toContain(words);
      }
      expect(told).not.toContain('of another');
      expect(JSON.stringify(request?.headers)).toContain(secretKey);
      expect(request?.headers).toMatchObject({ 'x-tenant': 'test' });
    } finally {
      await provider.stop();
    }
  });

  it('ends the request when nobody waits any more', async () => {
    const provider = await startScriptedProvider([{ steps: [...begun, 'stall'] }]);
    try {
      const abort = new AbortController();
      const left = provider.nextAbandoned();
      const request = modelRequest({ tools });
      for await (const _said of engineAt(provider.url, type, { adapter: 'sdk' }).stream(
        request,
        abort.signal,
      )) {
        abort.abort();
      }
      await left;
    } finally {
      await provider.stop();
    }
  });
});

function sendOf(step: ScriptStep): readonly string[] {
  return typeof step === 'string' ? [] : [step.send];
}

function trimmed(step: ScriptStep): ScriptStep {
  return raw(sendOf(step).join('').trimEnd());
}
