/**
 * Requests that stay where they are sent. `fetch` follows a redirection wherever it leads, with the provider's key in a
 * header of its own, and makes a question without a body of most of them.
 */
import { limits } from '../../../schema/limits.ts';

/** Follows a redirection that keeps method and body, within the same origin; any other is the answer. */
export async function fetchInPlace(address: string, init: RequestInit): Promise<Response> {
  let url = new URL(address);
  for (let followed = 0; ; followed++) {
    const response = await fetch(url.href, { ...init, redirect: 'manual' });
    const target = redirectedTo(response, url);
    if (target === undefined) return response;
    const isKept = response.status === 307 || response.status === 308;
    if (!isKept || target.origin !== url.origin || followed >= limits.providerRedirectsMax) {
      await response.body?.cancel();
      const words = `The provider redirects to ${target.origin}${target.pathname}: give it as its address`;
      return new Response(words, { status: 421, statusText: 'Misdirected Request' });
    }
    await response.body?.cancel();
    url = target;
  }
}

/** `undefined`: it is none, or does not say where. */
function redirectedTo({ status, headers }: Response, from: URL): URL | undefined {
  const location = headers.get('location');
  if (status < 300 || status >= 400 || location === null || !URL.canParse(location, from.href))
    return undefined;
  return new URL(location, from);
}
