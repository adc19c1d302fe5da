/** A machine's chart, indexed for drawing. */
import type { ChartState, ChartTransition, MachineChart } from '../../../../schema/machine-chart.ts';

export type { ChartState, ChartTransition, MachineChart };

export type Chart = {
  readonly id: string;
  readonly kind: MachineChart['kind'];
  /** By path, in document order: the root, whose path is empty, first. */
  readonly states: ReadonlyMap<string, ChartState>;
  /** By path of the parent, in document order. */
  readonly children: ReadonlyMap<string, readonly ChartState[]>;
  readonly transitions: readonly ChartTransition[];
  /** Transitions without a guard that follow another one with the same source and event: shown as "else". */
  readonly otherwise: ReadonlySet<string>;
};

export function chartOf({ id, kind, states, transitions }: MachineChart): Chart {
  const children = Map.groupBy(
    states.filter(({ parent }) => parent !== null),
    ({ parent }) => parent ?? '',
  );
  const otherwise = new Set<string>();
  for (const alternatives of Map.groupBy(transitions, ({ source, event }) => `${source}:${event}`).values()) {
    for (const { id: last, guard } of alternatives.slice(1)) if (guard === null) otherwise.add(last);
  }
  return {
    id,
    kind,
    states: new Map(states.map((state) => [state.path, state])),
    children,
    transitions,
    otherwise,
  };
}

/** The transitions that leave an active state, and can be taken next if their guards allow it. */
export function possibleTransitions(chart: Chart, active: Iterable<string>): readonly ChartTransition[] {
  const sources = new Set(active);
  return chart.transitions.filter(({ source }) => sources.has(source));
}

/** Whether the state at `inner` is inside the one at `outer`, at any depth. */
export function isInside(chart: Chart, inner: string, outer: string): boolean {
  const parent = chart.states.get(inner)?.parent ?? null;
  return parent !== null && (parent === outer || isInside(chart, parent, outer));
}

/** The paths of the states that are active in XState's state value `value`, parents first. */
export function activePaths(chart: Chart, value: unknown): readonly string[] {
  const paths: string[] = [];
  const visit = (parent: string, inner: unknown): void => {
    const parts: readonly (readonly [string, unknown])[] =
      typeof inner === 'string'
        ? [[inner, null]]
        : typeof inner === 'object' && inner !== null
          ? Object.entries(inner)
          : [];
    for (const [key, deeper] of parts) {
      const child = (chart.children.get(parent) ?? []).find((state) => state.key === key);
      if (child === undefined) continue;
      paths.push(child.path);
      visit(child.path, deeper);
    }
  };
  visit('', value);
  return paths;
}
