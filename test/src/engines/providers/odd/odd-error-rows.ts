/** Oddities of errors, and of answers that are no stream. */
import { type OddRow, raw, refusal } from './odd-row.ts';

const cases = 'cases of this project';
const page =
  '<!DOCTYPE html><html><head><title>524: A timeout occurred</title></head><body>Sorry</body></html>';

export const errorRows: readonly OddRow[] = [
  {
    name: 'an error that is a text',
    source: cases,
    answers: [refusal(400, '{"error":"model unloaded by user"}')],
    text: null,
    trace: 'model unloaded by user',
  },
  {
    name: 'a list of details',
    source: 'https://fastapi.tiangolo.com/tutorial/handling-errors/',
    answers: [
      refusal(422, '{"detail":[{"loc":["body","messages"],"msg":"field required","type":"missing"}]}'),
    ],
    text: null,
    trace: 'field required',
  },
  {
    name: 'a detail that is a text',
    source: 'https://fastapi.tiangolo.com/tutorial/handling-errors/',
    answers: [refusal(404, '{"detail":"Not Found"}')],
    text: null,
    trace: 'Not Found',
  },
  {
    name: 'plain text',
    source: cases,
    answers: [refusal(400, 'prompt was blocked by the gateway', 'text/plain')],
    text: null,
    trace: 'prompt was blocked by the gateway',
  },
  {
    name: 'an error in a list',
    source: 'https://github.com/Gitlawb/openclaude/issues/67',
    answers: [
      refusal(
        400,
        '[{"error":{"code":400,"message":"Function call is missing","status":"INVALID_ARGUMENT"}}]',
      ),
    ],
    text: null,
    trace: 'Function call is missing',
  },
  {
    name: 'the words of the provider behind the gateway',
    source: 'https://github.com/charmbracelet/crush/issues/279',
    answers: [
      refusal(
        400,
        JSON.stringify({
          error: {
            message: 'Provider returned error',
            code: 400,
            metadata: { raw: '{"message":"Unexpected role"}', provider_name: 'Mistral' },
          },
        }),
      ),
    ],
    text: null,
    trace: 'Unexpected role',
  },
  {
    name: 'an error without an envelope',
    source: 'https://github.com/nearai/ironclaw/issues/1241',
    answers: [
      refusal(
        400,
        '{"object":"error","message":"Tool call id was turn1_0","type":"invalid_function_call","code":"3280"}',
      ),
    ],
    text: null,
    trace: 'Tool call id was turn1_0',
  },
  {
    name: 'a page of the proxy',
    source:
      'https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-524/',
    answers: [refusal(400, page, 'text/html')],
    text: null,
    trace: '524: A timeout occurred',
  },
  {
    name: 'nothing but a status',
    source: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.5.1',
    answers: [refusal(400, '')],
    text: null,
    trace: '400',
  },
  {
    name: 'a page instead of a stream',
    source: cases,
    answers: [{ headers: { 'content-type': 'text/html' }, steps: [raw(page)] }],
    text: null,
    trace: 'HTML',
  },
  {
    name: 'a page that calls itself a stream',
    source: cases,
    answers: [{ steps: [raw(page)] }],
    text: null,
    trace: 'HTML',
  },
  {
    name: 'a whole answer instead of a stream',
    source: 'https://github.com/earendil-works/pi/pull/1125',
    answers: [
      {
        headers: { 'content-type': 'application/json' },
        steps: [raw('{"id":"x","object":"chat.completion","choices":[{"message":{"content":"Hi"}}]}')],
      },
    ],
    text: null,
    trace: 'JSON, not a stream',
  },
  {
    name: 'an error with a good status',
    source: 'https://openrouter.ai/docs/api/reference/errors-and-debugging',
    answers: [
      {
        headers: { 'content-type': 'application/json' },
        steps: [raw('{"error":{"code":402,"message":"Insufficient credits"}}')],
      },
    ],
    text: null,
    trace: 'Insufficient credits',
  },
  {
    name: 'words instead of a stream',
    source: 'https://github.com/sybil-solutions/vllm-studio/pull/26',
    answers: [{ headers: { 'content-type': 'text/plain' }, steps: [raw('upstream connect error')] }],
    text: null,
    trace: 'upstream connect error',
  },
  {
    name: 'nothing instead of a stream',
    source: 'https://github.com/anomalyco/opencode/pull/40061',
    answers: [{ steps: [] }],
    text: null,
    trace: 'The answer is empty',
  },
  {
    name: 'an error that repeats the key',
    source: 'https://platform.openai.com/docs/guides/error-codes',
    answers: [refusal(401, '{"error":{"message":"Incorrect API key provided: sk-secret-0123456789"}}')],
    text: null,
    trace: '[redacted]',
  },
];
