/**
 * Where a request ends, if that is beyond doubt ([HTTP26]). Whatever reads it otherwise, a proxy above all, could take a part
 * of it for the request of somebody else. uWebSockets.js itself refuses most of what is not sound; it takes the first of
 * several lengths, any coding for `chunked`, and anything before the first space for a method.
 */

/** What is counted of the fields of a request that say where it ends. */
export type BodyFields = { readonly lengths: readonly string[]; readonly codings: readonly string[] };

const token = /^[!#$%&'*+.^_`|~\w-]+$/;
const methodsWithBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** Why the request cannot be told from what follows it, or `null`. `method` in upper case. */
export function framingProblem(
  method: string,
  { lengths, codings }: BodyFields,
  isUpgrade: boolean,
): string | null {
  if (!token.test(method)) return 'The method of the request is not a word';
  if (lengths.length > 1) return 'The request has several Content-Length fields';
  const [length] = lengths;
  if (length !== undefined && !/^\d+$/.test(length)) return 'Content-Length must be a number';
  if (isUpgrade && length !== undefined && Number(length) > 0) return 'A handshake must not have a body';
  if (codings.length === 0) return null;
  if (length !== undefined) return 'The request has both Content-Length and Transfer-Encoding';
  if (codings.length > 1) return 'The request has several Transfer-Encoding fields';
  if (codings[0]?.toLowerCase() !== 'chunked') return 'Transfer-Encoding must be chunked';
  return methodsWithBody.has(method) ? null : `${method} takes no Transfer-Encoding`;
}
