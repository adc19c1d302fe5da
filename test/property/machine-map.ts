/**
 * The map of a machine: its states and transitions, read from its definition, and how often each was reached. An
 * addition to a machine is on its map at once, and unreached until a walk gets there.
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

export class MachineMap {
  readonly #machine: AnyStateMachine;
  /** How often each was reached, by its name. */
  readonly states = new Map<string, number>();
  readonly transitions = new Map<string, number>();
  readonly #always: readonly AnyTransitionDefinition[];

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
    const nodes = nodesFrom(machine.root);
    for (const node of nodes.slice(1)) this.states.set(pathOf(node), 0);
    for (const transition of nodes.flatMap(transitionsOf)) {
      const name = nameOf(transition);
      if (this.transitions.has(name)) throw new Error(`two transitions are called ${name}`);
      this.transitions.set(name, 0);
    }
    this.#always = nodes.flatMap((node) => node.always ?? []);
  }

  get name(): string {
    return this.#machine.id;
  }

  /** Event descriptors that the machine names, `xstate.done.actor.turn.*` among them. */
  get descriptors(): ReadonlySet<string> {
    return new Set(
      nodesFrom(this.#machine.root).flatMap((node) => [...node.transitions.keys()].filter(isHeard)),
    );
  }

  /** What was never reached. */
  get unreached(): readonly string[] {
    return [...this.states, ...this.transitions].flatMap(([name, times]) => (times === 0 ? [name] : []));
  }

  /**
   * Notes one step: the transitions that the event enabled, and the snapshots after it and after each eventless
   * transition that followed. The first step has no transitions of its own.
   */
  note(enabled: readonly AnyTransitionDefinition[], snapshots: readonly AnyMachineSnapshot[]): void {
    for (const transition of enabled) count(this.transitions, nameOf(transition));
    for (const [index, snapshot] of snapshots.entries()) {
      for (const node of activeNodes(snapshot)) if (node.path.length > 0) count(this.states, pathOf(node));
      const before = snapshots[index - 1];
      if (before === undefined) continue;
      for (const transition of this.#always) {
        if (wasTaken(this.#machine, transition, before, snapshot))
          count(this.transitions, nameOf(transition));
      }
    }
  }
}

/**
 * XState does not report which eventless transition it took, but the states left and entered tell it. Where several
 * transitions of a state lead to the same place, it is the first whose guard allows it.
 */
function wasTaken(
  machine: AnyStateMachine,
  { source, target, guard }: AnyTransitionDefinition,
  before: AnyMachineSnapshot,
  after: AnyMachineSnapshot,
): boolean {
  const [left, entered] = [activeNodes(before), activeNodes(after)];
  const moved =
    left.includes(source) &&
    (target ?? []).every((node) => !left.includes(node as AnyStateNode) && entered.includes(node));
  if (!moved) return false;
  const first = (source.always ?? []).find((one) => isAllowed(machine, one.guard, before));
  return first?.guard === guard;
}

/** Guards of eventless transitions look at the context alone. */
function isAllowed(machine: AnyStateMachine, guard: unknown, { context }: AnyMachineSnapshot): boolean {
  if (guard === undefined) return true;
  const name = typeof guard === 'string' ? guard : guardName(guard);
  const test: unknown = typeof guard === 'function' ? guard : machine.implementations.guards?.[String(name)];
  if (typeof test !== 'function') throw new Error(`${machine.id} has no guard ${String(name)}`);
  return Boolean(test({ context, event: { type: '' } }));
}

function activeNodes(snapshot: AnyMachineSnapshot): readonly AnyStateNode[] {
  return snapshot._nodes;
}

function nodesFrom(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap((state) => nodesFrom(state as AnyStateNode))];
}

function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}

/** XState keeps eventless transitions under the empty descriptor. */
function isHeard(descriptor: string): boolean {
  return descriptor !== '';
}

function pathOf(node: AnyStateNode): string {
  return node.path.join('.') || '(root)';
}

/** `open.activity.idle: always [mayStartTurn] → open.activity.responding` */
function nameOf({ source, eventType, guard, target }: AnyTransitionDefinition): string {
  const when =
    guard === undefined ? '' : ` [${typeof guard === 'string' ? guard : String(guardName(guard))}]`;
  const to = target === undefined ? 'stays' : target.map((node) => pathOf(node as AnyStateNode)).join(', ');
  return `${pathOf(source as AnyStateNode)}: ${eventType === '' ? 'always' : eventType}${when} → ${to}`;
}

function guardName(guard: unknown): unknown {
  return typeof guard === 'object' && guard !== null && 'type' in guard ? guard.type : 'guard';
}

function count(map: Map<string, number>, name: string): void {
  map.set(name, (map.get(name) ?? 0) + 1);
}
