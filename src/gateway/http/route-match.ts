/** Finds the route for a method and a path (docs/protocol.md A2; SPEC [HTTP2]). */
import type { Route } from './route.ts';

export type RouteMatch = {
  readonly route: Route;
  readonly id: string | undefined;
  readonly callId: string | undefined;
  readonly messageId: string | undefined;
};

/** One trailing slash is ignored, `HEAD` is treated as `GET`, and ids are percent-decoded. */
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
      const ids = new Map<string, string>();
      const matches = segments.every((segment, index) => {
        if (!segment.startsWith(':')) return segment === given[index];
        const value = decoded(given[index] ?? '');
        ids.set(segment, value);
        return value !== '';
      });
      if (!matches) continue;
      return {
        route,
        id: ids.get(':id'),
        callId: ids.get(':callId'),
        messageId: ids.get(':messageId'),
      };
    }
    return undefined;
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // An id that cannot be decoded is left as it is: it is not a UUID, and the route refuses it for that.
    return segment;
  }
}
