/**
 * Reads the body of a request, which must be within bounds, UTF-8, and a JSON object (docs/protocol.md A2; SPEC
 * [HTTP5]–[HTTP9]).
 */
import type { HttpResponse } from 'uWebSockets.js';
import { parsedClientJson } from '../../../schema/client-json.ts';
import { type Outcome, type Refusal, refusal, refused } from '../../../schema/refusal.ts';
import type { HeldRoom } from './body-room.ts';
import type { HttpExchange } from './http-exchange.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const jsonType = /^application\/(?:[\w.+-]+\+)?json$/;

/**
 * Calls `done` once with the bytes, or with a refusal when the body has more than `bytesMax`, or when `room` has no
 * place for it; never when the client goes away first. Bytes after the limit are not kept.
 */
export function readBody(
  res: HttpResponse,
  exchange: HttpExchange,
  bounds: { readonly bytesMax: number; readonly room?: HeldRoom },
  done: (bytes: Outcome<Buffer>) => void,
): void {
  const { bytesMax, room } = bounds;
  if (Number(exchange.header('content-length')) > bytesMax) {
    done(refused(bodyTooLarge(bytesMax)));
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  let isRefused = false;
  const refuse = (reason: Refusal) => {
    isRefused = true;
    chunks.length = 0;
    done(refused(reason));
  };
  res.onData((chunk, isLast) => {
    if (exchange.over() || isRefused) return;
    size += chunk.byteLength;
    if (size > bytesMax) return refuse(bodyTooLarge(bytesMax));
    if (room?.take(chunk.byteLength) === false) return refuse(noRoom);
    // The chunk must be copied: uWebSockets.js frees its memory when this returns.
    if (chunk.byteLength > 0) chunks.push(Buffer.from(Buffer.from(chunk)));
    if (isLast) done({ ok: true, value: Buffer.concat(chunks) });
  });
}

export function bodyTooLarge(bytesMax: number): Refusal {
  return refusal('body_too_large', `Request body must not be larger than ${bytesMax} bytes`);
}

const noRoom = refusal('overloaded', 'Too many large requests are being received; try again');

/** The JSON object in the body; an empty body counts as `{}`. */
export function parsedBody(bytes: Buffer, exchange: HttpExchange): Outcome<object> {
  if (bytes.length === 0) return { ok: true, value: {} };
  return isJsonBody(exchange.header) ? jsonObjectIn(bytes) : refused(notJsonBody);
}

/** The JSON object in the bytes. */
export function jsonObjectIn(bytes: Buffer): Outcome<object> {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refused(refusal('bad_utf8', 'Request body must be valid UTF-8'));
  }
  const parsed = parsedClientJson(text, 'Request body');
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused(refusal('bad_request', 'Request body must be a JSON object'));
  }
  return { ok: true, value };
}

export function isJsonBody(header: HttpExchange['header']): boolean {
  return isJson(header('content-type')) && isPlain(header('content-encoding'));
}

export const notJsonBody = refusal(
  'unsupported_media_type',
  'Request body must be application/json in UTF-8, not compressed',
);

function isJson(contentType: string): boolean {
  const [type = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  return jsonType.test(type) && (charset === undefined || /^charset="?utf-?8"?$/.test(charset));
}

function isPlain(contentEncoding: string): boolean {
  return contentEncoding === '' || contentEncoding.toLowerCase() === 'identity';
}
