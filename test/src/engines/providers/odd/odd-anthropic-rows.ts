/** Oddities of Anthropic's format, and of those that speak it. */
import {
  begin,
  block,
  close,
  event,
  type OddRow,
  piece,
  raw,
  refusal,
  said,
  stop,
  stream,
} from './odd-row.ts';

const cases = 'cases of this project';
const stopReasons = 'https://platform.claude.com/docs/en/api/handling-stop-reasons';
const streaming = 'https://platform.claude.com/docs/en/build-with-claude/streaming';
const asks = (index: number, name: string, json: string, id = 'toolu_1') => [
  block(index, { type: 'tool_use', id, name, input: {} }),
  piece(index, { type: 'input_json_delta', partial_json: json }),
  close(index),
];

const rows: readonly Omit<OddRow, 'type'>[] = [
  {
    name: 'an event that is new',
    source: cases,
    answers: [stream(begin, event('something_new', { index: 0 }), ...said('Hi'), ...stop('end_turn'))],
    text: 'Hi',
  },
  {
    name: 'a delta that is new',
    source: cases,
    answers: [
      stream(
        begin,
        block(0, { type: 'text', text: '' }),
        piece(0, { type: 'sparkle_delta', sparkle: 1 }),
        piece(0, { type: 'text_delta', text: 'Hi' }),
        close(0),
        ...stop('end_turn'),
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'a tool that ran at the provider',
    source: 'https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool',
    answers: [
      stream(
        begin,
        block(0, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
        piece(0, { type: 'input_json_delta', partial_json: '{"query":"x"}' }),
        close(0),
        block(1, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }),
        close(1),
        block(2, { type: 'text', text: '', citations: [] }),
        piece(2, { type: 'text_delta', text: 'Found' }),
        piece(2, { type: 'citations_delta', citation: { type: 'web_search_result_location' } }),
        close(2),
        ...stop('end_turn'),
      ),
    ],
    text: 'Found',
    calls: [],
  },
  {
    name: 'pings, comments and lines that nobody knows',
    source: streaming,
    answers: [
      stream(
        raw(': hi\n\n'),
        event('ping'),
        begin,
        event('ping'),
        raw('retry: 9\nnew: x\n\n'),
        ...said('Hi'),
        event('ping'),
        ...stop('end_turn'),
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'an error in the middle',
    source: streaming,
    answers: [
      stream(
        begin,
        ...said('Half'),
        event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
      ),
    ],
    text: 'Half',
    outcome: 'failed',
    trace: 'Overloaded',
  },
  {
    name: 'an error behind the end',
    source: streaming,
    answers: [
      stream(
        begin,
        ...said('Hi'),
        ...stop('end_turn').slice(0, 1),
        event('error', { error: { type: 'api_error', message: 'late' } }),
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'no end of the message',
    source: streaming,
    answers: [stream(begin, ...said('Hi'), ...stop('end_turn').slice(0, 1))],
    text: 'Hi',
  },
  {
    name: 'a refusal with a call',
    source: stopReasons,
    answers: [stream(begin, ...said('No.'), ...asks(1, 'wipe', '{}'), ...stop('refusal'))],
    text: 'No.',
    finishReason: 'content-filter',
    calls: [],
    ran: [],
  },
  {
    name: 'the end of the window',
    source: stopReasons,
    answers: [stream(begin, ...said('Long'), ...stop('model_context_window_exceeded'))],
    text: 'Long',
    finishReason: 'length',
  },
  {
    name: 'a call that was being written when the output ended',
    source: stopReasons,
    answers: [
      stream(
        begin,
        ...asks(0, 'look', '{"at":1}', 'toolu_1'),
        block(1, { type: 'tool_use', id: 'toolu_2', name: 'wipe', input: {} }),
        piece(1, { type: 'input_json_delta', partial_json: '{"al' }),
        ...stop('max_tokens'),
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
    name: 'a call without any arguments',
    source: 'https://github.com/langchain-ai/langchain/issues/23911',
    answers: [
      stream(
        begin,
        block(0, { type: 'tool_use', id: 't', name: 'look', input: {} }),
        close(0),
        ...stop('tool_use'),
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {}'],
  },
  {
    name: 'arguments at once, and no pieces',
    source: 'https://github.com/BerriAI/litellm/issues/25390',
    answers: [
      stream(
        begin,
        block(0, { type: 'tool_use', id: 't', name: 'look', input: { at: 1 } }),
        close(0),
        ...stop('tool_use'),
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}'],
  },
  {
    name: 'arguments as a text',
    source: cases,
    answers: [
      stream(
        begin,
        block(0, { type: 'tool_use', id: 't', name: 'look', input: '{"at":1}' }),
        close(0),
        ...stop('tool_use'),
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}'],
  },
  {
    name: 'arguments as an object where a piece of text should be',
    source: cases,
    answers: [
      stream(
        begin,
        block(0, { type: 'tool_use', id: 't', name: 'look', input: {} }),
        piece(0, { type: 'input_json_delta', partial_json: { at: 1 } }),
        close(0),
        ...stop('tool_use'),
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}'],
  },
  {
    name: 'indices as text, and words in the beginning of a block',
    source: cases,
    answers: [
      stream(
        begin,
        event('content_block_start', { index: '0', content_block: { type: 'text', text: 'H' } }),
        event('content_block_delta', { index: '0', delta: { type: 'text_delta', text: 'i' } }),
        event('content_block_stop', { index: '0' }),
        ...stop('end_turn'),
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'thinking with its signature in the beginning of its block',
    source: cases,
    answers: [
      stream(
        begin,
        block(0, { type: 'thinking', thinking: 'I must look.', signature: 'c2ln' }),
        close(0),
        ...asks(1, 'look', '{}'),
        ...stop('tool_use'),
      ),
    ],
    text: 'An ordinary answer.',
    reasoning: 'I must look.',
    told: ['"thinking":"I must look."', '"signature":"c2ln"'],
  },
  {
    name: 'a call without a name',
    source: cases,
    answers: [
      stream(begin, block(0, { type: 'tool_use', id: 't', input: {} }), close(0), ...stop('tool_use')),
    ],
    text: 'An ordinary answer.',
    ran: [],
    told: ['There is no tool named'],
  },
  {
    name: 'two calls with one id',
    source: cases,
    answers: [
      stream(
        begin,
        ...asks(0, 'look', '{"at":1}', 't'),
        ...asks(1, 'look', '{"at":2}', 't'),
        ...stop('tool_use'),
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['look {"at":1}', 'look {"at":2}'],
  },
  {
    name: 'arguments that are nested deeper than anybody can write',
    source: cases,
    answers: [
      stream(
        begin,
        ...asks(0, 'look', `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`),
        ...stop('tool_use'),
      ),
    ],
    text: 'An ordinary answer.',
    calls: [['look', 'failed', 'more than 200 levels deep']],
    ran: [],
    told: ['unreadableArguments'],
  },
  {
    name: 'a call that begins twice',
    source: cases,
    answers: [
      stream(
        begin,
        block(0, { type: 'tool_use', id: 't', name: 'pay', input: {} }),
        ...asks(0, 'pay', '{"invoice":17}', 't'),
        ...stop('tool_use'),
      ),
    ],
    text: 'An ordinary answer.',
    ran: ['pay {"invoice":17}'],
  },
  {
    name: 'the end as others write it',
    source: cases,
    answers: [stream(begin, ...said('Hi'), raw('data: [DONE]\n\n'))],
    text: 'Hi',
  },
  {
    name: 'types in the names of the events alone',
    source: streaming,
    answers: [
      stream(
        raw('event: content_block_start\ndata: {"index":0,"content_block":{"type":"text"}}\n\n'),
        raw('event: content_block_delta\ndata: {"index":0,"delta":{"type":"text_delta","text":"Hi"}}\n\n'),
        raw('event: message_stop\ndata: {}\n\n'),
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'an error that only its name tells',
    source: streaming,
    answers: [stream(begin, ...said('Half'), raw('event: error\ndata: boom\n\n'))],
    text: 'Half',
    outcome: 'failed',
    trace: 'boom',
  },
  {
    name: 'signed and encrypted thinking',
    source: 'https://platform.claude.com/docs/en/build-with-claude/extended-thinking',
    answers: [
      stream(
        begin,
        block(0, { type: 'thinking', thinking: '', signature: '' }),
        piece(0, { type: 'thinking_delta', thinking: 'I must look.' }),
        piece(0, { type: 'signature_delta', signature: 'c2ln' }),
        close(0),
        block(1, { type: 'redacted_thinking', data: 'ZW5j' }),
        close(1),
        ...asks(2, 'look', '{}'),
        ...stop('tool_use'),
      ),
    ],
    text: 'An ordinary answer.',
    reasoning: 'I must look.',
    told: ['"thinking":"I must look."', '"signature":"c2ln"', '"type":"redacted_thinking","data":"ZW5j"'],
  },
  {
    name: 'pieces of a block that never began',
    source: 'https://github.com/BerriAI/litellm/issues/25390',
    answers: [stream(begin, piece(0, { type: 'text_delta', text: 'Hi' }), ...stop('end_turn'))],
    text: 'Hi',
  },
  {
    name: 'counts that are none, and null where a text should be',
    source: cases,
    answers: [
      stream(
        event('message_start', {
          message: { id: null, model: null, usage: { input_tokens: -3, output_tokens: '1' } },
        }),
        block(0, { type: 'text', text: null }),
        piece(0, { type: 'text_delta', text: 'Hi' }),
        piece(0, { type: 'text_delta', text: null }),
        close(0),
        event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 37.25 } }),
        event('message_stop'),
      ),
    ],
    text: 'Hi',
  },
  {
    name: 'white space before a call',
    source: 'https://github.com/home-assistant/core/issues/175637',
    answers: [stream(begin, ...said('\n\n'), ...asks(1, 'look', '{}'), ...stop('tool_use'))],
    text: 'An ordinary answer.',
    ran: ['look {}'],
  },
  {
    name: 'an id and a name of another provider',
    source: cases,
    answers: [stream(begin, ...asks(0, 'functions.look', '{}', 'functions.look:0'), ...stop('tool_use'))],
    text: 'An ordinary answer.',
    calls: [['functions.look', 'failed', 'no tool named']],
    told: ['"name":"functions_look"'],
    notTold: ['functions.look:0'],
  },
  {
    name: 'an error of the account',
    source: 'https://platform.claude.com/docs/en/api/errors',
    answers: [
      refusal(
        400,
        '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}',
      ),
    ],
    text: null,
    trace: 'Your credit balance is too low',
  },
];

export const anthropicRows: readonly OddRow[] = rows.map((row) => ({ ...row, type: 'anthropic' }));
