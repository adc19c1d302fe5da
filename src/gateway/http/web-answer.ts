/**
 * Answers requests for pages and their files: with the best encoding that the browser accepts, or with 304 when the
 * browser has the file already.
 */

import type { Header } from '../../origins/cross-origin.ts';
import type { WebFile } from '../../pages/web-file.ts';
import { isKnownTag } from './entity-tag.ts';
import type { Answer } from './http-exchange.ts';

/** `acceptEncoding` and `ifNoneMatch` are request headers, empty when absent. */
export function webAnswer(
  file: WebFile,
  request: { readonly acceptEncoding: string; readonly ifNoneMatch: string },
): Answer {
  const headers: readonly Header[] = [
    ['ETag', file.etag],
    ['Vary', 'Accept-Encoding'],
    ...(file.csp === undefined ? [] : pageHeaders(file.csp)),
  ];
  const cacheControl = file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache';
  if (isKnownTag(request.ifNoneMatch, file.etag)) {
    return { status: 304, headers: [...headers, ['Cache-Control', cacheControl]] };
  }
  const { encoding, bytes } = encoded(file, request.acceptEncoding);
  return {
    status: 200,
    headers: encoding === undefined ? headers : [...headers, ['Content-Encoding', encoding]],
    body: { type: file.type, bytes, cacheControl },
  };
}

export const failedPageAnswer: Answer = {
  status: 500,
  body: {
    type: 'text/plain; charset=utf-8',
    text: 'This page could not be built. The log of the server says why; its API is not affected.\n',
  },
};

function pageHeaders(csp: string): readonly Header[] {
  return [
    ['Content-Security-Policy', csp],
    ['Referrer-Policy', 'no-referrer'],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
  ];
}

function encoded(file: WebFile, acceptEncoding: string) {
  const accepted = acceptEncoding
    .toLowerCase()
    .split(',')
    .map((part) => part.trim().split(/\s*;\s*q\s*=\s*/))
    .filter(([, weight]) => weight === undefined || Number(weight) > 0)
    .map(([name]) => name);
  if (accepted.includes('br')) return { encoding: 'br', bytes: file.brotli };
  if (accepted.includes('gzip')) return { encoding: 'gzip', bytes: file.gzip };
  return { encoding: undefined, bytes: file.bytes };
}
