/**
 * Which parts of a chart are lit: active states, transitions just taken, and transitions that could be. Each gets a
 * class.
 */
import type { SvgNode } from './svg-node.ts';

export type Lighting = {
  /** Paths of states. */
  readonly active: ReadonlySet<string>;
  /** Ids of transitions. */
  readonly taken: ReadonlySet<string>;
  /** Transitions that could have been taken instead, or can be taken next. */
  readonly possible: ReadonlySet<string>;
};

export const dark: Lighting = { active: new Set(), taken: new Set(), possible: new Set() };

export const litClasses = ['active', 'taken', 'possible'] as const;
export type LitClass = (typeof litClasses)[number];

/** The state or the transitions that an element stands for: the values of its `data-…` attributes. */
export type Bearing = { readonly state?: string; readonly transitions?: readonly string[] };

export function isLit(name: LitClass, { state, transitions = [] }: Bearing, lighting: Lighting): boolean {
  switch (name) {
    case 'active':
      // The root is always active while anything is, so it is never lit.
      return state !== undefined && state !== '' && lighting.active.has(state);
    case 'taken':
      return transitions.some((id) => lighting.taken.has(id));
    case 'possible':
      return transitions.some((id) => lighting.possible.has(id));
  }
}

export function bearingOf(read: (name: string) => string | undefined): Bearing {
  const state = read('data-state');
  const transitions = read('data-transitions') ?? read('data-transition');
  return {
    ...(state === undefined ? {} : { state }),
    ...(transitions === undefined ? {} : { transitions: transitions.split('\n') }),
  };
}

/** The drawing with the classes of `lighting`, for a file. */
export function lit(node: SvgNode, lighting: Lighting): SvgNode {
  const bearing = bearingOf((name) => {
    const value = node.attributes[name];
    return value === undefined ? undefined : String(value);
  });
  const added = litClasses.filter((name) => isLit(name, bearing, lighting));
  const names = [node.attributes['class'] ?? '', ...added].join(' ').trim();
  return {
    ...node,
    attributes: names === '' ? node.attributes : { ...node.attributes, class: names },
    children: node.children.map((child) => (typeof child === 'string' ? child : lit(child, lighting))),
  };
}
