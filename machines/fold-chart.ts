/**
 * The chart of a fold: a pure function of a state and an event. It has no definition to read, so every event is tried
 * in every reachable state, and the results make the chart.
 */
import type { ChartTransition, MachineChart } from '../schema/machine-chart.ts';

export type Fold<State, Event> = {
  readonly id: string;
  readonly initial: State;
  /** One event of each kind. */
  readonly events: readonly Event[];
  readonly nameOf: (event: Event) => string;
  /** Returns the next state, and the names of the actions that it orders or the events that it emits. */
  readonly step: (state: State, event: Event) => readonly [State, readonly string[]];
  readonly phaseOf: (state: State) => string;
  /** States with the same key behave alike; there must be few keys. */
  readonly keyOf: (state: State) => string;
  /** Phases after which nothing follows. */
  readonly final: readonly string[];
};

type Found = {
  readonly source: string;
  readonly event: string;
  readonly target: string;
  actions: Set<string>;
};

export function foldChart<State, Event>(fold: Fold<State, Event>): MachineChart {
  const states = new Map([[fold.keyOf(fold.initial), fold.initial]]);
  const found = new Map<string, Found>();
  // The iteration includes states that are added meanwhile.
  for (const state of states.values()) {
    const source = fold.phaseOf(state);
    for (const event of fold.events) {
      const [next, actions] = fold.step(state, event);
      const target = fold.phaseOf(next);
      if (!states.has(fold.keyOf(next))) states.set(fold.keyOf(next), next);
      if (target === source && actions.length === 0) continue;
      const name = fold.nameOf(event);
      const key = JSON.stringify([source, name, target]);
      const known = found.get(key) ?? { source, event: name, target, actions: new Set() };
      for (const action of actions) known.actions.add(action);
      found.set(key, known);
    }
  }
  const phases = [...new Set([...states.values()].map(fold.phaseOf))];
  return {
    id: fold.id,
    kind: 'fold',
    states: [root(fold.id, fold.phaseOf(fold.initial)), ...phases.map((phase) => leaf(phase, fold.final))],
    transitions: numbered([...found.values()]),
  };
}

function numbered(found: readonly Found[]): ChartTransition[] {
  return found.map(({ source, event, target, actions }, index) => {
    const earlier = found.slice(0, index).filter((one) => one.source === source && one.event === event);
    return {
      id: `${source}:${event}:${earlier.length}`,
      source,
      event,
      trigger: 'event',
      delay: null,
      targets: target === source ? [] : [target],
      guard: null,
      actions: [...actions],
      reenter: false,
    };
  });
}

const plain = { description: null, tags: [], entry: [], exit: [], invokes: [] };

function root(id: string, initial: string): MachineChart['states'][number] {
  return { ...plain, path: '', key: id, parent: null, type: 'compound', initial };
}

function leaf(phase: string, final: readonly string[]): MachineChart['states'][number] {
  const type = final.includes(phase) ? 'final' : 'atomic';
  return { ...plain, path: phase, key: phase, parent: '', type, initial: null };
}
