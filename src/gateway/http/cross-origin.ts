/** Cross-origin headers: any origin may call, with credentials (docs/protocol.md A2; SPEC [CORS1]–[CORS3]). */

export type Header = readonly [name: string, value: string];

const methods = 'GET,HEAD,PUT,PATCH,POST,DELETE';

/**
 * The headers of every response, including errors and refused upgrades. `origin` is empty when the request has none.
 */
export function corsHeaders(origin: string): readonly Header[] {
  if (origin === '') return [['Vary', 'Origin']];
  return [
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Credentials', 'true'],
    ['Vary', 'Origin'],
  ];
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
