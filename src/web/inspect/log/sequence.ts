/** The sequence diagram of a log: its lifelines, and one arrow for each entry. */
import type { LoggedEvent } from './event-log.ts';

/** Besides actors: `outside` sends commands; `clients` receive what actors emit to the world. */
export type Lifeline = { readonly id: string; readonly name: string };

export const outside = 'outside';
export const clients = 'clients';

export type Arrow = {
  readonly entry: LoggedEvent;
  /** Indexes into `lifelines`. */
  readonly from: number;
  readonly to: number;
};

export type Sequence = { readonly lifelines: readonly Lifeline[]; readonly arrows: readonly Arrow[] };

/** Actors stand in the order in which they first appear; a child stands beside its parent. */
export function sequenceOf(log: readonly LoggedEvent[], nameOf: (actorId: string) => string): Sequence {
  const ids = new Set<string>();
  for (const { from, to } of log) {
    // An id begins with its parent's id, so parents stand left of their children.
    for (const id of [from, to]) if (id !== null) for (const part of lineage(id)) ids.add(part);
  }
  const lifelines = [
    { id: outside, name: 'outside' },
    ...[...ids].map((id) => ({ id, name: nameOf(id) })),
    { id: clients, name: 'clients' },
  ];
  const places = new Map(lifelines.map(({ id }, index) => [id, index]));
  const arrows = log.map((entry) => ({
    entry,
    from: places.get(entry.from ?? outside) ?? 0,
    to: places.get(entry.to ?? clients) ?? lifelines.length - 1,
  }));
  return { lifelines, arrows };
}

function lineage(id: string): readonly string[] {
  const parts = id.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The last part of a path without its UUID: `toolCall`. */
export function nameOfPath(id: string): string {
  const last = id.slice(id.lastIndexOf('/') + 1);
  return last.replace(/\.[0-9a-f]{8}-[0-9a-f-]{27}$/i, '');
}
