/**
 * What the endpoint of a registered tool answered, as the result of a call. JSON that is not too long and not too deep
 * is one; anything else fails the call, with words that say what came.
 */
import type { Dispatcher } from 'undici';
import { isJsonDeeper } from '../../../schema/json-depth.ts';
import { limits } from '../../../schema/limits.ts';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { parseExact } from '../mcp/exact-json.ts';
import { answerWords } from '../mcp/http-failure.ts';
import { quoted } from '../mcp/told-value.ts';

type Response = Pick<Dispatcher.ResponseData, 'statusCode' | 'statusText' | 'headers' | 'body'>;

/** Reads the answer, or gives it up. Rejects when the connection breaks. */
export async function remoteResult(response: Response): Promise<Outcome<unknown>> {
  const { statusCode: status, statusText, body } = response;
  const type = header(response, 'content-type');
  const isSuccess = status >= 200 && status < 300;
  if (status === 204 || status === 205) {
    body.destroy();
    return accepted(null);
  }
  const encoding = header(response, 'content-encoding');
  if (encoding !== '' && encoding !== 'identity') {
    body.destroy();
    return failed(`HTTP ${status} with an answer that is compressed (${quoted(encoding)})`);
  }
  const isJson = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type);
  const bytesMax =
    isSuccess && isJson ? limits.registeredToolAnswerBytesMax : limits.registeredToolErrorBytesMax;
  const bytes = await boundedBody(response, bytesMax);
  if (bytes === null && isSuccess && isJson) {
    return failed(`HTTP ${status} with an answer of more than ${bytesMax} bytes`);
  }
  const text = bytes === null ? null : textOf(bytes);
  if (isSuccess && isJson) {
    if (text === null) return failed(`HTTP ${status} with an answer that is not UTF-8`);
    return jsonResult(text);
  }
  const words = answerWords({ status, statusText, type }, text ?? (bytes === null ? null : ''));
  return failed(isSuccess && !/html/i.test(words) ? `${words}; the answer must be JSON` : words);
}

function jsonResult(text: string): Outcome<unknown> {
  if (isJsonDeeper(text, limits.registeredToolAnswerDepthMax)) {
    return failed(`The answer is nested more than ${limits.registeredToolAnswerDepthMax} levels deep`);
  }
  try {
    return accepted(parseExact(text));
  } catch {
    return failed(`The answer is not JSON: ${quoted(text)}`);
  }
}

/** `null` when the body is longer; the rest is not read. */
async function boundedBody(response: Response, bytesMax: number): Promise<Buffer | null> {
  const { body } = response;
  if (Number(header(response, 'content-length')) > bytesMax) {
    body.destroy();
    return null;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop ends the connection.
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Empty when there is none, or several. */
export function header({ headers }: Pick<Response, 'headers'>, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : '';
}

function failed(message: string): Outcome<never> {
  return refused(refusal('bad_request', message));
}
