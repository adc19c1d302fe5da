/**
 * How a file is answered, before its bytes: status, headers, and which slice (SPEC [FIL9]–[FIL13]). A file is a
 * stranger's: whatever is in it must not run with the rights of this server's origin.
 */
import { create } from 'content-disposition';
import type { ByteRange } from '../../../actors/file-store.ts';
import type { StoredFile } from '../../../schema/file.ts';
import type { Header } from '../../origins/cross-origin.ts';
import { requestedRange } from './byte-range.ts';
import { isKnownTag } from './entity-tag.ts';

/** The request's headers, empty when absent. `HEAD` knows no ranges (RFC 9110, 14.2): pass none. */
export type FileRequest = { readonly range: string; readonly ifRange: string; readonly ifNoneMatch: string };

export type FileHead =
  | { readonly status: 200 | 206; readonly headers: readonly Header[]; readonly range: ByteRange }
  | { readonly status: 304; readonly headers: readonly Header[] }
  | { readonly status: 416; readonly headers: readonly Header[] };

export function fileHead(file: StoredFile, request: FileRequest): FileHead {
  const etag = `"${file.sha256}"`;
  const headers: readonly Header[] = [
    ['ETag', etag],
    ['Cache-Control', 'private, max-age=31536000, immutable'],
    ['Accept-Ranges', 'bytes'],
    ['Access-Control-Expose-Headers', 'Accept-Ranges, Content-Disposition, Content-Range, ETag'],
    ...sandbox,
  ];
  const { ifNoneMatch } = request;
  if (ifNoneMatch.trim() === '*' || isKnownTag(ifNoneMatch, etag)) return { status: 304, headers };
  const isSame = request.ifRange === '' || request.ifRange.trim() === etag;
  const range = isSame ? requestedRange(request.range, file.bytes) : 'whole';
  if (range === 'unsatisfiable') {
    return { status: 416, headers: [['Content-Range', `bytes */${file.bytes}`], ...sandbox] };
  }
  const content: readonly Header[] = [
    ...headers,
    ['Content-Type', file.type.startsWith('text/') ? `${file.type}; charset=utf-8` : file.type],
    ['Content-Disposition', create(file.name, { type: isShownInline(file.type) ? 'inline' : 'attachment' })],
  ];
  if (range === 'whole') return { status: 200, headers: content, range: { start: 0, end: file.bytes } };
  const contentRange = `bytes ${range.start}-${range.end - 1}/${file.bytes}`;
  return { status: 206, headers: [...content, ['Content-Range', contentRange]], range };
}

const sandbox: readonly Header[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['Content-Security-Policy', "sandbox; default-src 'none'"],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Referrer-Policy', 'no-referrer'],
];

/** Types in which nothing runs, or only in a viewer of its own. SVG is not among them, nor is XML. */
const shownInline = [
  ...['image/png', 'image/apng', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/bmp'],
  ...['image/heic', 'image/jxl', 'image/tiff', 'image/x-icon'],
  ...['application/pdf', 'text/plain'],
];

function isShownInline(type: string): boolean {
  return shownInline.includes(type) || type.startsWith('audio/') || type.startsWith('video/');
}
