/** The address of the sign-in page that the server names, with the way back from it. */

/**
 * The way back is in `return`: a path of the page's origin, with `query` and no other part of the page's own address.
 * `undefined`: that is no page to sign in at.
 */
export function signInAddress(
  named: unknown,
  page: { readonly origin: string; readonly pathname: string },
  query: string,
): URL | undefined {
  if (typeof named !== 'string') return undefined;
  const url = URL.parse(named, page.origin);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) return undefined;
  // Two slashes would begin the name of a host.
  url.searchParams.set('return', `/${page.pathname.replace(/^[/\\]+/, '')}${query}`);
  return url;
}
