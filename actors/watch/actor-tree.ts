/** Actor trees: walks running actors from a root down, and makes a view of each for inspectors. */
import type { AnyActorRef } from 'xstate';
import { transitionId } from '../../machines/machine-chart.ts';
import { type ActorKind, type ActorPath, type ActorView, actorPathSchema } from '../../schema/actor-view.ts';
import { isUuid, type SessionId, sessionIdSchema } from '../../schema/ids.ts';
import type { ActorNotes } from './actor-notes.ts';
import { contextOf, field, isAnswerContext, kindOf, ownTimeOf, stateOf } from './actor-state.ts';

/** `root` and everything below it, parents first. */
export function actorsFrom(root: AnyActorRef): AnyActorRef[] {
  return [root, ...childrenOf(root).flatMap(actorsFrom)];
}

export function rootOf(actor: AnyActorRef): AnyActorRef {
  return actor._parent === undefined ? actor : rootOf(actor._parent);
}

/** The children of an actor, including ended ones that have not been removed. */
export function childrenOf(actor: AnyActorRef): readonly AnyActorRef[] {
  const snapshot: { readonly children?: Readonly<Record<string, AnyActorRef | undefined>> } | undefined =
    actor.getSnapshot();
  return Object.values(snapshot?.children ?? {}).filter((child) => child !== undefined);
}

const paths = new WeakMap<AnyActorRef, ActorPath>();

/** The actor's path from its root, even if its parent has dropped it. It never changes, so it is computed once. */
export function pathOfActor(actor: AnyActorRef): ActorPath {
  let path = paths.get(actor);
  if (path === undefined) {
    const parent = actor._parent;
    path = actorPathSchema.parse(parent === undefined ? actor.id : `${pathOfActor(parent)}/${actor.id}`);
    paths.set(actor, path);
  }
  return path;
}

type Identity = Pick<ActorView, 'id' | 'parentId' | 'kind' | 'sessionId' | 'entityId'>;

const identities = new WeakMap<AnyActorRef, Identity>();

/** Never changes either. Must not be called while the actor is being created: the identity is read from its context. */
function identityOf(actor: AnyActorRef): Identity {
  let identity = identities.get(actor);
  if (identity === undefined) {
    const id = pathOfActor(actor);
    const parentId = actor._parent === undefined ? null : pathOfActor(actor._parent);
    const kind = kindOf(actor.id);
    identity = { id, parentId, kind, sessionId: sessionOfPath(id), entityId: entityOf(actor) };
    identities.set(actor, identity);
  }
  return identity;
}

export function sessionPath(id: SessionId): ActorPath {
  return actorPathSchema.parse(`session.${id}`);
}

/** The session to which a path belongs; `null` for a path outside of sessions. */
export function sessionOfPath(path: ActorPath): SessionId | null {
  const [root = ''] = path.split('/', 1);
  const parsed = sessionIdSchema.safeParse(root.replace(/^session\./, ''));
  return parsed.success ? parsed.data : null;
}

/** The view without `context`. */
export function viewOf(actor: AnyActorRef, notes: ActorNotes): ActorView {
  const identity = identityOf(actor);
  const { chartId, status, value, states, tags } = stateOf(actor);
  const note = notes.of(actor);
  const context = contextOf(actor);
  return {
    ...identity,
    chartId,
    label: labelOf(actor, identity.kind),
    status,
    value,
    states: [...states],
    tags: [...tags],
    since: note?.since ?? ownTimeOf(actor),
    sinceExact: note?.sinceExact ?? false,
    lastEvent: note?.lastEvent ?? null,
    transitions: (note?.transitions ?? []).map(transitionId),
    counts: countsOf(identity.kind, context),
  };
}

function entityOf(actor: AnyActorRef): string | null {
  const context = contextOf(actor);
  if (isAnswerContext(context)) return context.messageId;
  const named = actor.id.slice(actor.id.indexOf('.') + 1);
  if (isUuid(named)) return named;
  const own = field(context, 'id');
  return typeof own === 'string' && isUuid(own) ? own : null;
}

function labelOf(actor: AnyActorRef, kind: ActorKind): string {
  const name = nameOf(actor, kind);
  return typeof name === 'string' ? name : kind;
}

function nameOf(actor: AnyActorRef, kind: ActorKind): unknown {
  const context = contextOf(actor);
  switch (kind) {
    case 'session':
      return field(field(context, 'session'), 'title');
    case 'source':
      // Its turn knows whose it is.
      return actor._parent === undefined
        ? undefined
        : field(field(contextOf(actor._parent), 'pushed'), 'agent');
    default:
      return field(context, 'name');
  }
}

/** The lengths of lists and the numbers in the context, by name, as far as they exist. */
function countsOf(kind: ActorKind, context: unknown): Record<string, number> {
  if (isAnswerContext(context)) {
    const { text, reasoning } = context;
    return { pieces: text.count, textUnits: text.units, reasoningUnits: reasoning.units };
  }
  switch (kind) {
    case 'session':
      return { turnsWaiting: lengthOf(field(context, 'waiting')) };
    case 'turn': {
      const step = field(context, 'step');
      return {
        step: typeof step === 'number' ? step : 0,
        calls: lengthOf(field(context, 'calls')),
        earlierCalls: lengthOf(field(context, 'earlierCalls')),
      };
    }
    default:
      return {};
  }
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}
