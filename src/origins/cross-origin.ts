/** What is of another origin (SPEC [CMD6]), and the answer to preflights ([CORS2]). */

export type Header = readonly [name: string, value: string];

const methods = 'GET,HEAD,PUT,PATCH,POST,DELETE';

/**
 * Whether a page of another origin made the request. `origin` and `host` are the headers, empty when absent: programs
 * send no `Origin`, and browsers send one with every request that may change something.
 */
export function isOfOtherOrigin(origin: string, host: string): boolean {
  if (origin === '') return false;
  // Both are parsed, so that capitals and the scheme's own port make no difference.
  const from = URL.parse(origin);
  const to = from && URL.parse(`${from.protocol}//${host}`);
  return from === null || to === null || from.host !== to.host;
}

/** The headers of the answer to `OPTIONS`. `requestHeaders` lists the headers that the browser wants to send. */
export function preflightHeaders(requestHeaders: string): readonly Header[] {
  const allowed: readonly Header[] = [['Access-Control-Allow-Methods', methods]];
  if (requestHeaders === '') return allowed;
  return [
    ...allowed,
    ['Access-Control-Allow-Headers', requestHeaders],
    ['Vary', 'Access-Control-Request-Headers'],
  ];
}
