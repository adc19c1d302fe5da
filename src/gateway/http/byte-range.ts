/** The `Range` header (RFC 9110, 14.2; SPEC [FIL10]). */
import type { ByteRange } from '../../../actors/file-store.ts';

/**
 * The slice of a body of `size` bytes that the header asks for; `whole` where it is absent, has several ranges, or is
 * no range of bytes; `unsatisfiable` where nothing of it is within the body.
 */
export function requestedRange(header: string, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header) ?? [];
  if (first === '' && last === '') return 'whole';
  if (first === '') {
    const length = Number(last);
    return length === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: size };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(size, Number(last) + 1);
  if (last !== '' && Number(last) < start) return 'whole';
  return start >= size ? 'unsatisfiable' : { start, end };
}
