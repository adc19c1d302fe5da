/** Reads an actor's state from its snapshot, whatever its logic is: a machine, a fold, a store, a callback. */
import { type AnyActorRef, isMachineSnapshot } from 'xstate';
import { type AnswerContext, answerPhase } from '../../machines/answer.ts';
import { pathOf } from '../../machines/machine-chart.ts';
import { type ActorKind, type ActorView, actorKinds } from '../../schema/actor-view.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

/** By its id: `turn.<uuid>`, `answer`. */
export function kindOf(id: string): ActorKind {
  const dot = id.indexOf('.');
  const word = dot < 0 ? id : id.slice(0, dot);
  return actorKinds.find((kind) => kind === word) ?? 'other';
}

/** True for an answer: it receives every token, so single events of it are not reported. */
export function hearsTokens(actor: AnyActorRef): boolean {
  return actor.id === 'answer';
}

/** Changes whenever the state does. */
export function stateKeyOf(actor: AnyActorRef): string {
  const snapshot: unknown = actor.getSnapshot();
  if (!isObject(snapshot)) return '';
  if (hearsTokens(actor)) return phaseOf(snapshot);
  const { value, status } = { value: field(snapshot, 'value'), status: field(snapshot, 'status') };
  return typeof value === 'string' ? value : `${JSON.stringify(value)} ${status}`;
}

export type ActorState = {
  readonly chartId: string | null;
  readonly status: ActorView['status'];
  readonly value: ActorView['value'];
  readonly states: readonly string[];
  readonly tags: readonly string[];
};

export function stateOf(actor: AnyActorRef): ActorState {
  const snapshot: unknown = actor.getSnapshot();
  const status = statusOf(snapshot);
  if (isMachineSnapshot(snapshot)) {
    const nodes = snapshot._nodes.toSorted((one, other) => one.order - other.order);
    const states = nodes.map(pathOf).filter((path) => path !== '');
    return {
      chartId: snapshot.machine.id,
      status,
      value: snapshot.value,
      states,
      tags: [...snapshot.tags].map(String),
    };
  }
  switch (kindOf(actor.id)) {
    case 'answer':
      return phased('answer', phaseOf(snapshot) === 'ended' ? 'done' : status, phaseOf(snapshot));
    case 'runtimeConfig':
      return phased('runtimeConfig', status, 'ready');
    case 'toolRegistry':
      return phased('toolRegistry', status, 'ready');
    default:
      return { chartId: null, status, value: null, states: [], tags: [] };
  }
}

function phased(chartId: string, status: ActorState['status'], phase: string): ActorState {
  return { chartId, status, value: phase, states: [phase], tags: [] };
}

function phaseOf(snapshot: unknown): string {
  const context = contextIn(snapshot);
  return isAnswerContext(context) ? answerPhase(context) : '';
}

function statusOf(snapshot: unknown): ActorState['status'] {
  const status = field(snapshot, 'status');
  return status === 'done' || status === 'error' || status === 'stopped' ? status : 'active';
}

export function contextOf(actor: AnyActorRef): unknown {
  return contextIn(actor.getSnapshot());
}

function contextIn(snapshot: unknown): unknown {
  return field(snapshot, 'context');
}

/** The time of the last event that the actor itself noted. */
export function ownTimeOf(actor: AnyActorRef): Milliseconds | null {
  const context = contextOf(actor);
  for (const key of ['now', 'endedAt', 'updatedAt', 'createdAt']) {
    const time = field(context, key);
    if (typeof time === 'number') return time;
  }
  return null;
}

export function isAnswerContext(context: unknown): context is AnswerContext {
  return isObject(context) && 'reasoningOpen' in context && 'checkpointed' in context;
}

/** The property of an object; `undefined` for any other value. */
export function field(value: unknown, key: string): unknown {
  return isObject(value) ? Reflect.get(value, key) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
