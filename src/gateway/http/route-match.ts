/** Finds the route for a method and a path (docs/protocol.md A2; SPEC [HTTP2]). */
import type { Route } from './route.ts';

export type RouteMatch = {
  readonly route: Route;
  readonly id: string | undefined;
  readonly callId: string | undefined;
  readonly messageId: string | undefined;
  /** `null`: it is not well-formed percent-encoding of UTF-8. */
  readonly name: string | null | undefined;
};

/** One trailing slash is ignored, `HEAD` is treated as `GET`, and ids and names are percent-decoded. */
export function routeMatcher(
  routes: readonly Route[],
): (method: string, pathname: string) => RouteMatch | undefined {
  const patterns = routes.map((route) => ({ route, segments: route.path.split('/') }));
  return (method, pathname) => {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const path = pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
    const given = path.split('/');
    for (const { route, segments } of patterns) {
      if (route.method !== wanted || segments.length !== given.length) continue;
      const ids = new Map<string, string | null>();
      const matches = segments.every((segment, index) => {
        const text = given[index] ?? '';
        if (!segment.startsWith(':')) return segment === text;
        const value = decoded(text);
        // An id that cannot be decoded is left as it is: it is not a UUID, and the route refuses it for that.
        ids.set(segment, segment === ':name' ? value : (value ?? text));
        return value !== '';
      });
      if (!matches) continue;
      return {
        route,
        id: ids.get(':id') ?? undefined,
        callId: ids.get(':callId') ?? undefined,
        messageId: ids.get(':messageId') ?? undefined,
        name: ids.get(':name'),
      };
    }
    return undefined;
  };
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
