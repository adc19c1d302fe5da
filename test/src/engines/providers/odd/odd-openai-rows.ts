/** Oddities of providers that speak as OpenAI does: how their streams go on and end. */
import { call, delta, done, end, type OddRow, raw, sse, stream, text } from './odd-row.ts';

const cases = 'cases of this project';

export const openAiRows: readonly OddRow[] = [
  {
    name: 'a call that was being written when the output ended',
    source: cases,
    answers: [stream(call('wipe', ''), end('length'), done)],
    text: 'An ordinary answer.',
    calls: [['wipe', 'failed', 'cut off at the output limit']],
    ran: [],
    trace: 'cut off at the output limit',
    told: ['cut off at the output limit'],
  },
  {
    name: 'two calls, the second of which was being written when the output ended',
    source: cases,
    answers: [
      stream(
        call('look', '{"at":1}', { id: 'a' }),
        call('wipe', '{"all":tr', { id: 'b', index: 1 }),
        end('length'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    calls: [
      ['look', 'completed', 'seen'],
      ['wipe', 'failed', 'cut off at the output limit'],
    ],
    ran: ['look {"at":1}'],
  },
  {
    name: 'text that was cut off',
    source: cases,
    answers: [stream(text('Once upon'), end('length'), done)],
    text: 'Once upon',
    finishReason: 'length',
    trace: 'cut off at the output limit',
  },
  {
    name: 'calls and then a content filter',
    source: 'https://learn.microsoft.com/azure/ai-services/openai/concepts/content-filter',
    answers: [stream(text('I will'), call('wipe', '{}'), end('content_filter'), done)],
    text: 'I will',
    finishReason: 'content-filter',
    calls: [],
    ran: [],
  },
  {
    name: 'a refusal in a field of its own',
    source: 'https://platform.openai.com/docs/guides/structured-outputs#refusals',
    answers: [stream(delta({ refusal: 'I cannot' }), delta({ refusal: ' help.' }), end('stop'), done)],
    text: 'I cannot help.',
    finishReason: 'content-filter',
  },
  {
    name: 'counts behind the end, without choices',
    source: cases,
    answers: [stream(text('Hi'), end('stop'), sse({ usage: { prompt_tokens: 3 } }), done)],
    text: 'Hi',
  },
  {
    name: 'counts behind the end, with choices null',
    source: cases,
    answers: [stream(text('Hi'), end('stop'), sse({ choices: null, usage: null }), done)],
    text: 'Hi',
  },
  {
    name: 'counts that are none',
    source: cases,
    answers: [
      stream(
        text('Hi'),
        end('stop'),
        sse({ choices: [], usage: { prompt_tokens: 37.25, completion_tokens: -1, total_tokens: 'many' } }),
        done,
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'an error behind the end',
    source: 'https://openrouter.ai/docs/api/reference/errors-and-debugging',
    answers: [stream(text('Hi'), end('stop'), sse({ error: { message: 'too late', code: 502 } }), done)],
    text: 'Hi',
  },
  {
    name: 'a connection that breaks behind the end',
    source: 'https://github.com/anomalyco/opencode/pull/40061',
    answers: [{ steps: [text('Hi'), end('stop'), { send: ': more\n\n', times: 1, everyMs: 50 }, 'cut'] }],
    text: 'Hi',
  },
  {
    name: 'a connection that stays open behind the end',
    source: 'https://github.com/sgl-project/sglang/pull/8417',
    answers: [{ steps: [text('Hi'), end('stop'), 'stall'] }],
    text: 'Hi',
    silenceMs: 60_000,
  },
  {
    name: 'two ends',
    source: 'https://github.com/sgl-project/sglang/pull/8417',
    answers: [stream(delta({ content: 'Hi' }, 'stop'), delta({ content: '!' }, 'stop'), end('stop'), done)],
    text: 'Hi!',
  },
  {
    name: 'an end that is empty in every piece',
    source: 'https://github.com/ollama/ollama/issues/4357',
    answers: [stream(delta({ content: 'Hel' }, ''), delta({ content: 'lo' }, ''), delta({}, 'stop'), done)],
    text: 'Hello',
  },
  {
    name: 'calls without any finish reason, and then the end of the stream',
    source: 'https://github.com/earendil-works/pi/pull/6225',
    answers: [stream(call('look', '{"at":1}'), done)],
    text: 'An ordinary answer.',
    calls: [['look', 'completed', 'seen']],
    ran: ['look {"at":1}'],
  },
  {
    name: 'calls that end with stop',
    source: 'https://github.com/googleapis/python-genai/issues/2868',
    answers: [stream(call('look', '{"at":1}'), end('stop'), done)],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}'],
  },
  {
    name: 'a call and the end in one piece',
    source: 'https://github.com/jeremychone/rust-genai/pull/199',
    answers: [
      stream(
        delta(
          {
            tool_calls: [
              { index: 0, id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } },
            ],
          },
          'tool_calls',
        ),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {}'],
  },
  {
    name: 'the provider runs out of machines in the middle',
    source: 'https://api-docs.deepseek.com/api/create-chat-completion',
    answers: [stream(text('Half'), end('insufficient_system_resource'), done)],
    text: 'Half',
    outcome: 'failed',
    trace: 'insufficient_system_resource',
  },
  {
    name: 'an error in the middle, with its status as a number',
    source: 'https://openrouter.ai/docs/api/reference/streaming',
    answers: [
      stream(
        text('Half'),
        sse({
          error: { code: 429, message: 'Rate limit exceeded upstream' },
          choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
        }),
      ),
    ],
    text: 'Half',
    outcome: 'failed',
    trace: 'Rate limit exceeded upstream',
  },
  {
    name: "vLLM's error in the middle",
    source: 'https://github.com/block/goose/pull/8031',
    answers: [stream(text('Half'), sse({ object: 'error', message: 'EngineCore died', code: 500 }))],
    text: 'Half',
    outcome: 'failed',
    trace: 'EngineCore died',
  },
  {
    name: 'a first piece without choices, about the filter',
    source: 'https://github.com/AbanteAI/archive-old-cli-mentat/issues/429',
    answers: [
      stream(
        sse({
          id: '',
          choices: [],
          created: 0,
          model: '',
          object: '',
          prompt_filter_results: [{ prompt_index: 0 }],
        }),
        text('Hi'),
        end('stop'),
        done,
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'a choice without a delta, about the filter',
    source: 'https://github.com/microsoft/autogen/issues/6465',
    answers: [
      stream(
        text('Hi'),
        sse({ choices: [{ finish_reason: null, index: 0, content_filter_offsets: { check_offset: 1 } }] }),
        end('stop'),
        done,
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'everything null',
    source: 'https://github.com/vllm-project/vllm/pull/19662',
    answers: [
      stream(
        sse({
          id: null,
          model: null,
          usage: null,
          error: null,
          choices: [
            {
              index: null,
              delta: { role: null, content: 'Hi', tool_calls: null, refusal: null, reasoning_content: null },
              logprobs: null,
              finish_reason: null,
            },
          ],
        }),
        end('stop'),
        done,
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'the whole message instead of its pieces',
    source: 'https://platform.openai.com/docs/api-reference/chat/object',
    answers: [
      stream(
        sse({
          choices: [{ index: 0, message: { role: 'assistant', content: 'Whole' }, finish_reason: 'stop' }],
        }),
        done,
      ),
    ],
    text: 'Whole',
  },
  {
    name: 'data that is no JSON, between pieces',
    source: 'https://github.com/openclaw/openclaw/issues/96497',
    answers: [
      stream(
        text('Hi'),
        raw('data: [HEARTBEAT]\n\n'),
        raw('data: {broken\n\n'),
        text('!'),
        end('stop'),
        done,
      ),
    ],
    text: 'Hi!',
  },
  {
    name: 'a piece of a call that is no JSON',
    source: 'https://github.com/dyedd/lens/issues/49',
    answers: [
      stream(
        call('wipe', '{"only":'),
        raw('data: {"choices":[{"index":0,"delta":{"tool_calls":[{"ind\n\n'),
        delta({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }),
        end('tool_calls'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    calls: [['wipe', 'failed', 'not JSON']],
    ran: [],
    told: ['was lost on the way'],
  },
  {
    name: 'the name of the field twice',
    source: 'https://github.com/openclaw/openclaw/issues/96497',
    answers: [
      stream(
        raw(`data: data: ${JSON.stringify({ choices: [{ delta: { content: 'Hi' } }] })}\n\n`),
        end('stop'),
        done,
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'lines that end with CR LF, without a space behind the colon',
    source: 'https://github.com/farion1231/cc-switch/issues/1787',
    answers: [
      stream(
        raw(`\uFEFFdata:${JSON.stringify({ choices: [{ delta: { content: 'Hi' } }] })}\r\n\r\n`),
        raw(`data:${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'stop' }] })}\r\n\r\n`),
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'an event stream that calls itself JSON',
    source: 'https://github.com/openclaw/openclaw/pull/97474',
    answers: [{ headers: { 'content-type': 'application/json' }, steps: [text('Hi'), end('stop'), done] }],
    text: 'Hi',
  },
  {
    name: 'white space and then a call',
    source: 'https://github.com/anomalyco/opencode/issues/31259',
    answers: [stream(text('\n\n'), call('look', '{}'), end('tool_calls'), done)],
    text: 'An ordinary answer.',
    ran: ['look {}'],
  },
  {
    name: 'an answer of white space',
    source: cases,
    answers: [stream(text('\n\n '), end('stop'), done)],
    text: null,
    trace: 'without an answer',
  },
];
