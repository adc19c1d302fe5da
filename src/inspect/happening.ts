/** Happenings: what was collected below a focus, and how each is sent. */
import {
  type AnyActorRef,
  type AnyEventObject,
  type AnyTransitionDefinition,
  isMachineSnapshot,
} from 'xstate';
import { field } from '../../actors/watch/actor-state.ts';
import { pathOfActor, rootOf } from '../../actors/watch/actor-tree.ts';
import { transitionId } from '../../machines/machine-chart.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import { eventTable, isEventName, isWireNamespace } from '../../schema/event-table.ts';
import { limits } from '../../schema/limits.ts';
import { loggableJson } from '../../schema/log-context.ts';
import { cutText } from '../../schema/preview.ts';
import { type Emission, eventOfPiece } from '../../schema/text-piece.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { callboardV1DeltaFrames, callboardV1DurableFrame } from '../../schema/wire/callboard-v1-frame.ts';
import { type InspectEvent, type InspectEventOf, inspectVersion } from '../../schema/wire/inspect-event.ts';
import { shownData } from '../../schema/wire/shown-event.ts';
import { sessionTopicOf, topicOf, wireFormats } from '../../schema/wire/topic.ts';
import { deltaOf } from '../../schema/wire-event-table.ts';

export type Happening = {
  readonly actor: AnyActorRef;
  at: Milliseconds;
  what: What;
  /** How many equal happenings this one stands for. */
  count: number;
};

export type What =
  | {
      readonly type: 'actor';
      /** `undefined` while the actor is being created. */
      readonly snapshot: unknown;
    }
  | { readonly type: 'event'; readonly event: AnyEventObject; readonly source: AnyActorRef | undefined }
  | {
      readonly type: 'snapshot';
      readonly event: AnyEventObject;
      readonly snapshot: unknown;
      readonly transitions: readonly AnyTransitionDefinition[];
    }
  | { readonly type: 'emission'; readonly event: Emission };

export type EmissionLookup = {
  /** The emission's `seq` in the journal. */
  readonly seqOf: (event: DomainEvent) => number | undefined;
  /** The setting with which clients' frames are made. */
  readonly previewUnitsMax: number;
};

/** `number` is its place in the stream. */
export function inspectEventOf(happening: Happening, number: number, lookup: EmissionLookup): InspectEvent {
  const { actor, at, count, what } = happening;
  const sessionId = pathOfActor(actor);
  const base = {
    id: String(number),
    _version: inspectVersion,
    createdAt: String(at),
    rootId: pathOfActor(rootOf(actor)),
    sessionId,
  } as const;
  switch (what.type) {
    case 'actor':
      return {
        ...base,
        type: '@xstate.actor',
        name: actor.id,
        ...(actor._parent === undefined ? {} : { parentId: pathOfActor(actor._parent) }),
        ...definitionOf(actor),
        snapshot: shownSnapshot(what.snapshot ?? actor.getSnapshot()),
      };
    case 'event': {
      const { event, source } = what;
      return {
        ...base,
        type: '@xstate.event',
        ...(source === undefined ? {} : { sourceId: pathOfActor(source) }),
        ...shownEvent(event, count),
      };
    }
    case 'snapshot': {
      const { event, snapshot, transitions } = what;
      return {
        ...base,
        type: '@xstate.snapshot',
        event: shownEvent(event, count).event,
        snapshot: shownSnapshot(snapshot),
        callboard: { transitions: transitions.map(transitionId), count },
      };
    }
    case 'emission': {
      const { event } = what;
      const shown = shownEvent(event, count);
      return {
        ...base,
        type: '@callboard.emitted',
        event: shown.event,
        callboard: { ...shown.callboard, ...published(event, lookup) },
      };
    }
    default:
      return unreachable(what);
  }
}

type ShownEvent = Pick<InspectEventOf<'@xstate.event'>, 'event' | 'callboard'>;

function shownEvent(event: { readonly type: string }, count: number): ShownEvent {
  const { type } = event;
  const shown = loggableJson(event, limits.inspectPreviewUnitsMax);
  const text = JSON.stringify(shown);
  const preview = cutText(text, limits.inspectPreviewUnitsMax);
  const isSmall = text.length <= limits.inspectPayloadUnitsMax;
  const whole = isSmall && typeof shown === 'object' && shown !== null ? shown : { preview };
  return { event: { ...whole, type }, callboard: { preview, count } };
}

function shownSnapshot(snapshot: unknown): InspectEventOf<'@xstate.snapshot'>['snapshot'] {
  const shown = (key: string): object => {
    const value = field(snapshot, key);
    return value === undefined ? {} : { [key]: loggableJson(value, limits.inspectContextUnitsMax) };
  };
  return {
    status: String(field(snapshot, 'status') ?? 'active'),
    ...shown('value'),
    ...shown('context'),
    ...shown('output'),
    ...shown('error'),
  };
}

const definitions = new WeakMap<object, string>();

function definitionOf(actor: AnyActorRef): { readonly definition?: string } {
  const snapshot: unknown = actor.getSnapshot();
  if (!isMachineSnapshot(snapshot)) return {};
  const { config } = snapshot.machine;
  let definition = definitions.get(config);
  if (definition === undefined) {
    definition = JSON.stringify(config);
    definitions.set(config, definition);
  }
  return { definition };
}

type Published = Omit<InspectEventOf<'@callboard.emitted'>['callboard'], 'preview' | 'count'>;

function published(event: Emission, { seqOf, previewUnitsMax }: EmissionLookup): Published {
  switch (event.type) {
    case 'command.accepted':
    case 'command.refused':
      return { delivery: 'reply', namespace: null, seq: null, topics: [], frame: null };
    case 'message.delta':
    case 'reasoning.delta': {
      const name = eventOfPiece[event.type];
      const { sessionId, messageId, offset, text } = event;
      return {
        delivery: 'stream',
        namespace: eventTable[name].namespace,
        seq: null,
        topics: topicsOf(name, sessionId),
        frame: cutText(
          callboardV1DeltaFrames(deltaOf[name], { sessionId, messageId })(offset, text),
          limits.inspectPreviewUnitsMax,
        ),
      };
    }
    default: {
      const { delivery, namespace } = eventTable[event.type];
      const seq = seqOf(event) ?? null;
      const topics = topicsOf(event.type, event.sessionId);
      const frame =
        topics.length === 0 || seq === null
          ? null
          : callboardV1DurableFrame({ type: event.type, data: shownData(event, previewUnitsMax) }, seq);
      return {
        delivery,
        namespace,
        seq,
        topics,
        frame: frame === null ? null : cutText(frame, limits.inspectPreviewUnitsMax),
      };
    }
  }
}

function topicsOf(name: string, sessionId: DomainEvent['sessionId']): string[] {
  if (!isEventName(name)) return [];
  const { namespace, delivery } = eventTable[name];
  if (!isWireNamespace(namespace) || delivery === 'journal') return [];
  const topics: string[] = wireFormats.map((format) => topicOf(format, namespace));
  return sessionId === null ? topics : [...topics, sessionTopicOf(namespace, sessionId)];
}
