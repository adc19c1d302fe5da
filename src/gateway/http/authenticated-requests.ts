/**
 * Requests that take long, such as uploads and streamed answers: like connections, they end with the token or key on which
 * they rest ([AUTH11]). Others are answered at once, on what they rested on when they came.
 */

import type { EndedConnection } from '../authentication/authenticated-connections.ts';
import type { Authentication } from '../authentication/authentication.ts';
import type { HttpExchange } from './http-exchange.ts';

export type AuthenticatedRequests = {
  readonly add: (request: EndedConnection, by: Authentication) => void;
  readonly remove: (request: EndedConnection) => void;
};

/** Runs the request until it is over, or cut because `by` has ended. */
export async function whileAuthenticated(
  requests: AuthenticatedRequests,
  { exchange, by }: { readonly exchange: Pick<HttpExchange, 'cut'>; readonly by: Authentication },
  run: () => Promise<void>,
): Promise<void> {
  const request: EndedConnection = { end: () => exchange.cut() };
  requests.add(request, by);
  try {
    await run();
  } finally {
    requests.remove(request);
  }
}
