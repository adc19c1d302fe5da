/** The address of the page as the browser has it. */
import { type Place, placeOf, queryOf } from './address.ts';

/** Where a page keeps its place. */
export type PageAddress = {
  readonly read: () => Place;
  /** `push`: the place before can be gone back to. */
  readonly write: (place: Place, how: 'push' | 'replace') => void;
};

export const queryAddress: PageAddress = {
  read: () => placeOf(location.search),
  write: (place, how) => go(`${location.pathname}${queryOf(place)}`, how),
};

/** `#seq=N&actor=PATH`, of a file with the recording of one session; without a step: its first. */
export function fragmentAddress(sessionId: string): PageAddress {
  return {
    read() {
      const { seq, ...place } = placeOf(`session=${sessionId}&${location.hash.slice(1)}`);
      return { ...place, seq: seq ?? 0 };
    },
    write: (place, how) => go(`#${queryOf({ ...place, sessionId: null }).slice(1)}`, how),
  };
}

function go(url: string, how: 'push' | 'replace'): void {
  if (how === 'push') history.pushState(null, '', url);
  else history.replaceState(null, '', url);
}
