/**
 * The effects of a machine's pure step. XState's `transition()` returns actions instead of running them; no child is
 * started and nothing is sent.
 */
import {
  type AnyStateMachine,
  createEmptyActor,
  getInitialMicrosteps,
  getMicrosteps,
  type InputFrom,
} from 'xstate';
import type { Emission } from '../schema/text-piece.ts';

export type Sent = { readonly type: string; readonly at?: number; readonly [key: string]: unknown };

export type Effect =
  | { readonly kind: 'emit'; readonly event: Emission }
  | { readonly kind: 'send'; readonly to: string; readonly event: Sent }
  | { readonly kind: 'spawn'; readonly id: string }
  | { readonly kind: 'stop'; readonly id: string }
  /** One of the machine's own timers is set, or stopped. */
  | { readonly kind: 'timer'; readonly id: string; readonly delay: number | null };

type Action = { readonly type: string; readonly params?: unknown };

/** For places that need an actor ref to which nothing is sent. */
export const nobody = createEmptyActor();

/** In order. An action of a kind that the machines do not use fails the test. */
export function effectsOf(actions: readonly Action[]): Effect[] {
  return actions.map(({ type, params }): Effect => {
    switch (type) {
      case 'xstate.emit':
        return { kind: 'emit', event: field(params, 'event') as Emission };
      case 'xstate.sendTo':
        return {
          kind: 'send',
          to: String(field(params, 'targetId') ?? 'session'),
          event: field(params, 'event') as Sent,
        };
      case 'xstate.spawnChild':
        return { kind: 'spawn', id: String(field(params, 'id')) };
      case 'xstate.stopChild':
        return { kind: 'stop', id: String(field(params, 'id') ?? params) };
      case 'xstate.raise':
        return { kind: 'timer', id: String(field(params, 'id')), delay: Number(field(params, 'delay')) };
      case 'xstate.cancel':
        return { kind: 'timer', id: String(params), delay: null };
      default:
        throw new Error(`unexpected action ${type}`);
    }
  });
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

export function emissionsOf(effects: readonly Effect[]): Emission[] {
  return effects.flatMap((effect) => (effect.kind === 'emit' ? [effect.event] : []));
}

export function sendsOf(effects: readonly Effect[]): { readonly to: string; readonly event: Sent }[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send' ? [{ to: effect.to, event: effect.event }] : [],
  );
}

/** Paths of every state of a machine, `open.activity.idle`. */
export function everyStateOf(machine: AnyStateMachine): Set<string> {
  return new Set(statesBelow(machine.root).map(pathOf));
}

function statesBelow(node: StateNodeLike): StateNodeLike[] {
  return Object.values(node.states).flatMap((state) => [state, ...statesBelow(state)]);
}

/** Paths of every state entered by the steps, including states that are left within the same step. */
export class VisitedStates {
  readonly paths = new Set<string>();

  start<Machine extends AnyStateMachine>(machine: Machine, input: InputFrom<Machine>): void {
    this.#note(getInitialMicrosteps(machine, input));
  }

  step(machine: AnyStateMachine, snapshot: unknown, event: unknown): void {
    this.#note(getMicrosteps(machine, snapshot as never, event as never));
  }

  #note(microsteps: readonly (readonly [{ readonly _nodes: readonly StateNodeLike[] }, unknown])[]): void {
    for (const [snapshot] of microsteps) {
      for (const node of snapshot._nodes) if (node.path.length > 0) this.paths.add(pathOf(node));
    }
  }
}

type StateNodeLike = {
  readonly path: readonly string[];
  readonly states: Readonly<Record<string, StateNodeLike>>;
};

function pathOf(node: StateNodeLike): string {
  return node.path.join('.');
}
