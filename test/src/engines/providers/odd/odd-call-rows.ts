/** Oddities of providers that speak as OpenAI does: calls of tools, reasoning, and what is wanted back. */
import { call, delta, done, end, type OddRow, raw, sse, stream, text } from './odd-row.ts';

const cases = 'cases of this project';
const fragment = (index: number, fields: object) => delta({ tool_calls: [{ index, ...fields }] });

export const callRows: readonly OddRow[] = [
  {
    name: 'arguments that come slowly',
    source: cases,
    answers: [
      {
        steps: [
          call('look', '{"at":"'),
          {
            send: `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: 'a' } }] } }] })}\n\n`,
            times: 20,
            everyMs: 50,
          },
          fragment(0, { function: { arguments: '"}' } }),
          end('tool_calls'),
          done,
        ],
      },
    ],
    text: 'An ordinary answer.',
    ran: [`look {"at":"${'a'.repeat(20)}"}`],
    silenceMs: 500,
  },
  {
    name: 'comments for a while before the first piece',
    source: 'https://openrouter.ai/docs/api/reference/streaming',
    answers: [
      {
        steps: [
          { send: ': OPENROUTER PROCESSING\n\n', times: 20, everyMs: 50 },
          text('Hi'),
          end('stop'),
          done,
        ],
      },
    ],
    text: 'Hi',
    silenceMs: 500,
  },
  {
    name: 'a provider that falls silent',
    source: cases,
    answers: [{ steps: [text('Half'), 'stall'] }],
    text: 'Half',
    outcome: 'failed',
    trace: 'silent for 300 ms',
    silenceMs: 300,
  },
  {
    name: 'every call counted as the first',
    source: 'https://github.com/ollama/ollama/issues/15457',
    answers: [
      stream(
        call('look', '{"at":1}', { id: 'a', index: 0 }),
        call('look', '{"at":2}', { id: 'b', index: 0 }),
        end('tool_calls'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}', 'look {"at":2}'],
  },
  {
    name: 'the arguments of the second call under the first, without an id',
    source: 'https://github.com/dyedd/lens/issues/49',
    answers: [
      stream(
        call('look', '', { id: 'a' }),
        fragment(0, { function: { name: '', arguments: '{"at":1}' } }),
        fragment(0, { function: { name: '', arguments: '{"at":2}' } }),
        end('tool_calls'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}', 'look {"at":2}'],
  },
  {
    name: 'calls without an index',
    source: 'https://github.com/ollama/ollama/issues/7881',
    answers: [
      stream(
        delta({ tool_calls: [{ id: 'a', function: { name: 'look', arguments: '{"at":1}' } }] }),
        delta({ tool_calls: [{ id: 'b', function: { name: 'look', arguments: '{"at":2}' } }] }),
        end('stop'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}', 'look {"at":2}'],
  },
  {
    name: 'calls without index and id, with arguments as an object',
    source: 'https://github.com/BerriAI/litellm/pull/24095',
    answers: [
      stream(
        delta({
          tool_calls: [
            { function: { name: 'look', arguments: { at: 1 } } },
            { function: { name: 'look', arguments: { at: 2 } } },
          ],
        }),
        end('stop'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}', 'look {"at":2}'],
  },
  {
    name: 'an empty object before the arguments',
    source: 'https://github.com/BerriAI/litellm/issues/4537',
    answers: [
      stream(
        call('look', '{}'),
        fragment(0, { function: { arguments: '{"at"' } }),
        fragment(0, { function: { arguments: ':1}' } }),
        end('tool_calls'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}'],
  },
  {
    name: 'id and name again with every piece',
    source: 'https://github.com/NousResearch/hermes-agent/pull/11984',
    answers: [
      stream(call('look', '{"at"', { id: 'a' }), call('look', ':1}', { id: 'a' }), end('tool_calls'), done),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}'],
  },
  {
    name: 'the name of the tool in pieces',
    source: 'https://github.com/continuedev/continue/pull/5849',
    answers: [
      stream(
        call('lo', '', { id: 'a' }),
        fragment(0, { function: { name: 'ok' } }),
        fragment(0, { function: { arguments: '{}' } }),
        end('tool_calls'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {}'],
  },
  {
    name: 'the whole call sent again with the same index and id',
    source: cases,
    answers: [
      stream(
        call('pay', '{"invoice":17}', { id: 'a' }),
        call('pay', '{"invoice":17}', { id: 'a' }),
        end('tool_calls'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['pay {"invoice":17}'],
    calls: [['pay', 'completed', 'paid']],
  },
  {
    name: 'the whole call sent again with the same id and another index',
    source: cases,
    answers: [
      stream(
        call('pay', '{"invoice":17}', { id: 'a', index: 0 }),
        call('pay', '{"invoice":17}', { id: 'a', index: 1 }),
        end('tool_calls'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['pay {"invoice":17}'],
    calls: [['pay', 'completed', 'paid']],
  },
  {
    name: 'the same id in two steps',
    source: cases,
    answers: [
      stream(call('look', '{"at":1}', { id: 'call_0' }), end('tool_calls'), done),
      stream(call('look', '{"at":1}', { id: 'call_0' }), end('tool_calls'), done),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}', 'look {"at":1}'],
    notTold: ['call_0'],
  },
  {
    name: 'a tool that there is not, with a name that no provider takes',
    source: cases,
    answers: [stream(call('functions.look', '{}', { id: 'functions.look:0' }), end('tool_calls'), done)],
    text: 'An ordinary answer.',
    calls: [['functions.look', 'failed', 'no tool named']],
    ran: [],
    told: ['"name":"functions_look"', 'There is no tool named'],
    notTold: ['functions.look:0', '"name":"functions.look"'],
  },
  {
    name: 'marks of its channel in the name of the tool',
    source: 'https://github.com/movieclaw/movieclaw/pull/224',
    answers: [stream(call('look<|channel|>commentary', '{}'), end('tool_calls'), done)],
    text: 'An ordinary answer.',
    ran: [],
    told: ['"name":"look__channel__commentary"'],
  },
  {
    name: 'an id that Mistral would not take',
    source: 'https://github.com/anomalyco/opencode/issues/1680',
    answers: [stream(call('look', '{}', { id: 'call_PTLP8xhu3uwZk4l3nlnrrJha' }), end('tool_calls'), done)],
    text: 'An ordinary answer.',
    ran: ['look {}'],
    notTold: ['call_PTLP8xhu3uwZk4l3nlnrrJha'],
  },
  {
    name: 'a signature with a call',
    source: 'https://ai.google.dev/gemini-api/docs/thought-signatures',
    answers: [
      stream(
        call('look', '{}', { extra_content: { google: { thought_signature: 'c2ln' } } }),
        end('stop'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {}'],
    told: ['"extra_content":{"google":{"thought_signature":"c2ln"}}'],
  },
  {
    name: 'reasoning that is wanted back with the call',
    source: 'https://api-docs.deepseek.com/guides/thinking_mode',
    answers: [
      stream(
        delta({ reasoning_content: 'I must ' }),
        delta({ reasoning_content: 'look.' }),
        call('look', '{}'),
        end('tool_calls'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    reasoning: 'I must look.',
    told: ['"reasoning_content":"I must look."'],
  },
  {
    name: 'reasoning under the newer name, beside the older one',
    source: 'https://github.com/strands-agents/harness-sdk/issues/2182',
    answers: [
      stream(
        delta({ reasoning: 'Think', reasoning_content: 'Think' }),
        delta({ reasoning: '!', reasoning_content: null }),
        text('Hi'),
        end('stop'),
        done,
      ),
    ],
    text: 'Hi',
    reasoning: 'Think!',
  },
  {
    name: 'encrypted reasoning in pieces',
    source: 'https://openrouter.ai/docs/use-cases/reasoning-tokens',
    answers: [
      stream(
        delta({ reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'I mu', format: 'x' }] }),
        delta({ reasoning_details: [{ type: 'reasoning.text', index: 0, text: 'st', signature: 's1' }] }),
        delta({ reasoning_details: [{ type: 'reasoning.encrypted', index: 1, data: 'ZW5j' }] }),
        call('look', '{}'),
        end('tool_calls'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    told: ['"text":"I must"', '"signature":"s1"', '"data":"ZW5j"'],
    only: { adapter: 'lean', because: 'the SDK for it drops reasoning_details' },
  },
  {
    name: 'text and thinking as lists',
    source: 'https://github.com/symfony/ai/issues/2422',
    answers: [
      stream(
        delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }] }),
        delta({ content: [{ type: 'text', text: 'Hi' }] }),
        end('stop'),
        done,
      ),
    ],
    text: 'Hi',
    reasoning: 'Hm.',
  },
  {
    name: 'counts in a field of its own',
    source: 'https://console.groq.com/docs/api-reference',
    answers: [
      stream(
        text('Hi'),
        end('stop'),
        sse({ choices: [], x_groq: { usage: { prompt_tokens: 5, completion_tokens: 1 } } }),
        raw('\n'),
        done,
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'the older form of a call',
    source: 'https://platform.openai.com/docs/api-reference/chat-streaming/streaming',
    answers: [
      stream(
        delta({ function_call: { name: 'look', arguments: '' } }),
        delta({ function_call: { arguments: '{"at":1}' } }),
        end('function_call'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}'],
  },
];
