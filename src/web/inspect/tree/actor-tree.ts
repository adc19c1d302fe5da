/**
 * The rows of the actor tree: the actors that pass the filter, with roots ordered by attention and children below
 * them.
 */
import type { ActorKind, ActorView } from '../../../../schema/actor-view.ts';
import { type Attention, attentionOf, compareAttention, moreUrgent, type Urgency } from './attention.ts';

export type ActorFilter = {
  /** Searched in label, ids, states and last event, ignoring case; empty: all. */
  readonly text: string;
  /** Kinds to show; empty: all. */
  readonly kinds: ReadonlySet<ActorKind>;
  /** Last part of the path of the state to show; empty: all. */
  readonly state: string;
  /** Shows actors that have been in their state for at least this long, ms; 0: all. */
  readonly longerThanMs: number;
  /** Shows only actors that are `error`, `waiting` or `working`. */
  readonly onlyBusy: boolean;
};

export const everything: ActorFilter = {
  text: '',
  kinds: new Set(),
  state: '',
  longerThanMs: 0,
  onlyBusy: false,
};

export type TreeRow = {
  readonly view: ActorView;
  readonly depth: number;
  readonly urgency: Urgency;
  readonly isParent: boolean;
  readonly isOpen: boolean;
  /** False when it is shown only because an actor below it matches. */
  readonly isMatch: boolean;
};

export type TreeOptions = {
  readonly filter: ActorFilter;
  /** Ids of actors whose children are not shown. */
  readonly closed: ReadonlySet<string>;
  readonly now: number;
};

export function treeRows(actors: ReadonlyMap<string, ActorView>, options: TreeOptions): readonly TreeRow[] {
  const children = new Map<string, ActorView[]>();
  const roots: ActorView[] = [];
  for (const view of actors.values()) {
    // An actor whose parent is not known (yet) is shown as a root.
    if (view.parentId === null || !actors.has(view.parentId)) roots.push(view);
    else {
      const siblings = children.get(view.parentId);
      if (siblings === undefined) children.set(view.parentId, [view]);
      else siblings.push(view);
    }
  }
  const trees = roots.flatMap((root) => {
    const tree = branch(root, children, matcherOf(options.filter, options.now));
    return tree === null ? [] : [tree];
  });
  trees.sort(
    (one, other) =>
      compareAttention(one.attention, other.attention) || (one.view.id < other.view.id ? -1 : 1),
  );
  const rows: TreeRow[] = [];
  for (const tree of trees) flatten(tree, 0, options.closed, rows);
  return rows;
}

type Branch = {
  readonly view: ActorView;
  readonly isMatch: boolean;
  /** The most urgent attention of the actor and all below it. */
  readonly attention: Attention;
  readonly own: Urgency;
  readonly branches: readonly Branch[];
};

function branch(
  view: ActorView,
  children: ReadonlyMap<string, readonly ActorView[]>,
  matches: (view: ActorView) => boolean,
): Branch | null {
  const branches = (children.get(view.id) ?? []).flatMap((child) => branch(child, children, matches) ?? []);
  const isMatch = matches(view);
  if (!isMatch && branches.length === 0) return null;
  const own = attentionOf(view);
  const attention = branches.reduce((most, { attention: theirs }) => moreUrgent(most, theirs), own);
  return { view, isMatch, attention, own: own.urgency, branches };
}

function flatten(
  { view, isMatch, own, branches }: Branch,
  depth: number,
  closed: ReadonlySet<string>,
  rows: TreeRow[],
): void {
  const isOpen = !closed.has(view.id);
  rows.push({ view, depth, urgency: own, isParent: branches.length > 0, isOpen, isMatch });
  if (isOpen) for (const below of branches) flatten(below, depth + 1, closed, rows);
}

function matcherOf(filter: ActorFilter, now: number): (view: ActorView) => boolean {
  const text = filter.text.trim().toLowerCase();
  return (view) =>
    (filter.kinds.size === 0 || filter.kinds.has(view.kind)) &&
    (filter.state === '' || view.states.some((path) => lastPart(path) === filter.state)) &&
    (filter.longerThanMs === 0 || (view.since !== null && now - view.since >= filter.longerThanMs)) &&
    (!filter.onlyBusy || attentionOf(view).urgency !== 'quiet') &&
    (text === '' || searchable(view).some((part) => part.toLowerCase().includes(text)));
}

function searchable({ id, label, kind, states, lastEvent }: ActorView): readonly string[] {
  return [label, kind, id, ...states, lastEvent?.type ?? ''];
}

export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** Every state that an actor is in, for the filter's choice. */
export function statesPresent(actors: Iterable<ActorView>): readonly string[] {
  const names = new Set<string>();
  for (const { states } of actors) for (const path of states) if (path !== '') names.add(lastPart(path));
  return [...names].sort();
}

/** Counts the actors of each kind, and those that need attention. */
export function census(actors: Iterable<ActorView>): {
  readonly total: number;
  readonly byUrgency: Readonly<Record<Urgency, number>>;
} {
  const byUrgency = { error: 0, waiting: 0, working: 0, quiet: 0 };
  let total = 0;
  for (const view of actors) {
    total++;
    byUrgency[attentionOf(view).urgency]++;
  }
  return { total, byUrgency };
}
