/** The chart of an XState machine, read from its definition, so that a changed machine is drawn as it is. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type { ChartState, ChartTransition, MachineChart } from '../schema/machine-chart.ts';

/** Paths identify states here; XState refuses a machine in which two states have the same path. */
export function machineChart(machine: AnyStateMachine): MachineChart {
  const nodes = nodesOf(machine.root);
  return {
    id: machine.id,
    kind: 'machine',
    states: nodes.map(stateOf),
    transitions: nodes.flatMap((node) => transitionsOf(node).map(chartTransition)),
  };
}

/** Parents before children, children in document order. */
function nodesOf(node: AnyStateNode): AnyStateNode[] {
  const children: AnyStateNode[] = Object.values(node.states);
  return [node, ...children.toSorted((one, other) => one.order - other.order).flatMap(nodesOf)];
}

export function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}

function stateOf(node: AnyStateNode): ChartState {
  const initial = node.type === 'compound' ? node.initial?.target?.[0] : undefined;
  return {
    path: pathOf(node),
    key: node.key,
    parent: node.parent === undefined ? null : pathOf(node.parent),
    type: node.type,
    initial: initial === undefined ? null : pathOf(initial),
    description: node.description ?? null,
    tags: [...node.tags],
    entry: node.entry.filter((action) => !isTimer(action)).map(nameOf),
    exit: node.exit.filter((action) => !isTimer(action)).map(nameOf),
    invokes: node.invoke.map(({ id, src }) => ({ id, src: typeof src === 'string' ? src : id })),
  };
}

/** In the order in which XState tries them: eventless ones first. Delayed transitions are among those with events. */
export function transitionsOf(node: AnyStateNode): readonly AnyTransitionDefinition[] {
  return [...(node.always ?? []), ...[...node.transitions.values()].flat()];
}

function chartTransition(transition: AnyTransitionDefinition): ChartTransition {
  const { eventType: event, target, guard, actions, reenter } = transition;
  const delay: unknown = 'delay' in transition ? transition.delay : undefined;
  return {
    id: transitionId(transition),
    source: pathOf(transition.source),
    event,
    trigger: triggerOf(event),
    delay: typeof delay === 'number' || typeof delay === 'string' ? delay : null,
    targets: (target ?? []).map(pathOf),
    guard: guard === undefined ? null : nameOf(guard),
    actions: actions.map(nameOf),
    reenter,
  };
}

function triggerOf(event: string): ChartTransition['trigger'] {
  if (event === '') return 'always';
  if (event.startsWith('xstate.after.')) return 'after';
  if (event.startsWith('xstate.done.')) return 'done';
  return event.startsWith('xstate.error.') ? 'error' : 'event';
}

const ids = new WeakMap<AnyTransitionDefinition, string>();

/** The same id for every copy of a machine: `provide()` makes new definitions of the same transitions. */
export function transitionId(transition: AnyTransitionDefinition): string {
  let id = ids.get(transition);
  if (id === undefined) {
    const { source, eventType } = transition;
    const siblings = eventType === '' ? (source.always ?? []) : (source.transitions.get(eventType) ?? []);
    id = `${pathOf(source)}:${eventType}:${siblings.indexOf(transition)}`;
    ids.set(transition, id);
  }
  return id;
}

/**
 * XState starts and stops the timer of a delayed transition with its own actions; the chart shows the delay instead.
 */
function isTimer(action: unknown): boolean {
  const type: unknown = action instanceof Function && 'type' in action ? action.type : undefined;
  return type === 'xstate.raise' || type === 'xstate.cancel';
}

/** The name of an action or a guard in the machine, else its type. */
function nameOf(named: unknown): string {
  if (typeof named === 'string') return named;
  const type: unknown = named instanceof Object && 'type' in named ? named.type : undefined;
  if (typeof type === 'string') return type.replace(/^xstate\./, '');
  return typeof named === 'function' && named.name !== '' ? named.name : 'inline';
}
