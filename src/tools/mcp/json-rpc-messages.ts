/**
 * What a tool server sends, read leniently: from any JSON to JSON-RPC messages that keep to the letter. `null` counts
 * as absent, what nobody asked for is dropped, and an answer that is none becomes an error for its own request, which
 * says what came instead.
 */
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { isJsonDeeper } from '../../../schema/json-depth.ts';
import { limits } from '../../../schema/limits.ts';
import { parseExact } from './exact-json.ts';
import { isObject, quoted } from './told-value.ts';

export type ReadMessages = {
  readonly messages: readonly JSONRPCMessage[];
  /** Why something of it is no message. */
  readonly problems: readonly string[];
};

/** One message, or several in an array. `asked`: the only request that this can answer, when its id is missing. */
export function readMessages(text: string, asked?: number | string): ReadMessages {
  let values: unknown;
  try {
    values = isJsonDeeper(text, limits.toolServerDepthMax)
      ? withoutResult(JSON.parse(text))
      : parseExact(text);
  } catch {
    return { messages: [], problems: [`not JSON: ${quoted(text)}`] };
  }
  const read = [values].flat(1).map((value) => messageOf(value, asked));
  return {
    messages: read.filter((each) => typeof each !== 'string'),
    problems: read.filter((each) => typeof each === 'string'),
  };
}

/** An answer in place of the one that did not come, or could not be read. */
export function errorAnswer(id: number | string, message: string): JSONRPCMessage {
  return { jsonrpc: '2.0', id, error: { code: internalError, message } };
}

const internalError = -32603;

function messageOf(value: unknown, asked?: number | string): JSONRPCMessage | string {
  if (!isObject(value)) return `no JSON-RPC message: ${quoted(value)}`;
  const id = isId(value['id']) ? value['id'] : undefined;
  const { method, params, result, error } = value;
  const draft =
    typeof method === 'string'
      ? {
          method,
          ...(id === undefined ? {} : { id }),
          ...(isObject(params) ? { params: withSoundMeta(params) } : {}),
        }
      : answerOf(id ?? asked, result, error);
  if (draft === null) return `no JSON-RPC message: ${quoted(value)}`;
  const parsed = JSONRPCMessageSchema.safeParse({ jsonrpc: '2.0', ...draft });
  return parsed.success ? parsed.data : `no JSON-RPC message: ${quoted(value)}`;
}

function answerOf(id: number | string | undefined, result: unknown, error: unknown): object | null {
  if (error !== undefined && error !== null) {
    return { ...(id === undefined ? {} : { id }), error: readError(error) };
  }
  if (id === undefined) return null;
  if (isObject(result)) return { id, result: withSoundMeta(result) };
  if (result === undefined || result === null) return { id, result: {} };
  return { id, error: { code: internalError, message: `The answer is no JSON object: ${quoted(result)}` } };
}

function readError(error: unknown): object {
  if (!isObject(error)) return { code: internalError, message: quoted(error) };
  const { code, message, data } = error;
  return {
    code: typeof code === 'number' && Number.isSafeInteger(code) ? code : internalError,
    message: typeof message === 'string' ? message : quoted(message ?? error),
    ...(data === undefined || data === null ? {} : { data }),
  };
}

/** `_meta` must be an object, its progress token a text or a number. */
function withSoundMeta(value: Readonly<Record<string, unknown>>): object {
  const { _meta: meta, ...rest } = value;
  if (!isObject(meta)) return rest;
  const { progressToken } = meta;
  return isId(progressToken) ? { ...rest, _meta: { progressToken } } : rest;
}

/** Too deep to be handed on: the answer stays, its content goes. */
function withoutResult(values: unknown): unknown {
  return [values]
    .flat(1)
    .map((value) =>
      isObject(value) && isId(value['id'])
        ? { id: value['id'], error: `It is nested more than ${limits.toolServerDepthMax} levels deep` }
        : null,
    );
}

function isId(value: unknown): value is number | string {
  return typeof value === 'string' || Number.isSafeInteger(value);
}
