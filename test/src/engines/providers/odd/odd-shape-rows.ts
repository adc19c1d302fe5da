/** Oddities of the form: of the stream itself, and of values that are of another kind than the format says. */
import { call, delta, done, end, type OddRow, raw, sse, stream, text } from './odd-row.ts';

const cases = 'cases of this project';
const sseStandard = 'https://html.spec.whatwg.org/multipage/server-sent-events.html';
const json = (content: unknown) => JSON.stringify({ choices: [{ index: 0, delta: { content } }] });

export const shapeRows: readonly OddRow[] = [
  {
    name: 'no empty lines between the events',
    source: sseStandard,
    answers: [stream(raw(`data: ${json('H')}\ndata: ${json('i')}\n`), end('stop'), done)],
    text: 'Hi',
  },
  {
    name: 'one event over several lines',
    source: sseStandard,
    answers: [
      stream(raw(`data: ${json('Hi').replace('"delta"', '\ndata: "delta"')}\n\n`), end('stop'), done),
    ],
    text: 'Hi',
  },
  {
    name: 'a first event that is long',
    source: cases,
    answers: [stream(text(`Long${'.'.repeat(100_000)}`), end('stop'), done)],
    text: `Long${'.'.repeat(100_000)}`,
  },
  {
    name: 'very many comments before the first piece',
    source: 'https://openrouter.ai/docs/api/reference/streaming',
    answers: [stream(raw(': OPENROUTER PROCESSING\n\n'.repeat(10_000)), text('Hi'), end('stop'), done)],
    text: 'Hi',
  },
  {
    name: 'signs of life without end behind the finish reason',
    source: cases,
    answers: [{ steps: [text('Hi'), end('stop'), { send: ': ping\n\n', times: 1000, everyMs: 100 }] }],
    text: 'Hi',
  },
  {
    name: 'only the name of the event says that it is an error',
    source: sseStandard,
    answers: [stream(text('Half'), raw('event: error\ndata: {"message":"The engine died"}\n\n'))],
    text: 'Half',
    outcome: 'failed',
    trace: 'The engine died',
  },
  {
    name: 'an error event in plain text',
    source: sseStandard,
    answers: [stream(text('Half'), raw('event: error\ndata: upstream exploded\n\n'))],
    text: 'Half',
    outcome: 'failed',
    trace: 'upstream exploded',
  },
  {
    name: 'an event of a framework, and then nothing',
    source: 'https://fastapi.tiangolo.com/tutorial/handling-errors/',
    answers: [stream(text('Half'), sse({ detail: 'Engine loop has died' }))],
    text: 'Half',
    outcome: 'failed',
    trace: 'Engine loop has died',
  },
  {
    name: 'an error without the word',
    source: 'https://platform.openai.com/docs/guides/error-codes',
    answers: [stream(sse({ message: 'You exceeded your quota', code: 'insufficient_quota' }))],
    text: null,
    trace: 'quota_exhausted',
  },
  {
    name: 'the end in small letters',
    source: cases,
    answers: [stream(text('Hi'), raw('data: [done]\n\n'))],
    text: 'Hi',
  },
  {
    name: 'the only choice counted as the second',
    source: cases,
    answers: [
      stream(
        sse({ choices: [{ index: 1, delta: { content: 'Hi' } }] }),
        sse({ choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] }),
        done,
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'two choices, of which one was asked for',
    source: 'https://platform.openai.com/docs/api-reference/chat/create',
    answers: [
      stream(
        sse({
          choices: [
            { index: 1, delta: { content: 'No' } },
            { index: 0, delta: { content: 'Hi' } },
          ],
        }),
        sse({ choices: [{ index: 1, delta: {}, finish_reason: 'length' }] }),
        end('stop'),
        done,
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'a choice instead of a list of them',
    source: cases,
    answers: [stream(sse({ choices: { index: 0, delta: { content: 'Hi' } } }), end('stop'), done)],
    text: 'Hi',
  },
  {
    name: 'text as a list of texts, and as one part',
    source: cases,
    answers: [
      stream(
        delta({ content: ['H', 'i'] }),
        delta({ content: { type: 'text', text: '!' } }),
        end('stop'),
        done,
      ),
    ],
    text: 'Hi!',
  },
  {
    name: 'text as the format without chat has it',
    source: 'https://platform.openai.com/docs/api-reference/completions/object',
    answers: [stream(sse({ choices: [{ index: 0, text: 'Hi', finish_reason: null }] }), end('stop'), done)],
    text: 'Hi',
  },
  {
    name: 'a call without a name',
    source: cases,
    answers: [stream(delta({ tool_calls: [{ index: 0, id: 'a', function: {} }] }), end('tool_calls'), done)],
    text: 'An ordinary answer.',
    ran: [],
    told: ['There is no tool named'],
  },
  {
    name: 'white space around the name of a tool',
    source: cases,
    answers: [stream(call(' look\n', '{}'), end('tool_calls'), done)],
    text: 'An ordinary answer.',
    ran: ['look {}'],
  },
  {
    name: 'the whole call sent again with other white space',
    source: cases,
    answers: [
      stream(
        call('pay', '{"invoice":17,"to":"a b"}', { id: 'a', index: 0 }),
        call('pay', '{ "invoice": 17, "to": "a b" }', { id: 'a', index: 1 }),
        end('tool_calls'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['pay {"invoice":17,"to":"a b"}'],
  },
  {
    name: 'the whole call sent again, without an id',
    source: cases,
    answers: [
      stream(
        call('pay', '{"invoice":17}', { id: '' }),
        call('pay', '{"invoice":17}', { id: '' }),
        end('tool_calls'),
        done,
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['pay {"invoice":17}'],
  },
  {
    name: 'a redirection within its address',
    source: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.4.8',
    answers: [{ status: 307, headers: { location: '/elsewhere' }, steps: [] }],
    text: 'An ordinary answer.',
  },
  {
    name: '[PRV8] a redirection to somebody else',
    source: 'https://fetch.spec.whatwg.org/#http-redirect-fetch',
    answers: [{ status: 307, headers: { location: 'http://localhost:9/v1?key=x' }, steps: [] }],
    text: null,
    trace: 'redirects to http://localhost:9/v1: give it',
  },
  {
    name: 'a redirection that would lose the question',
    source: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.4.3',
    answers: [{ status: 302, headers: { location: '/elsewhere' }, steps: [] }],
    text: null,
    trace: 'redirects to',
  },
];
