/** The view of an actor that is known only from its events. */
import type { ActorKind, ActorView } from '../../../../schema/actor-view.ts';
import type { InspectEventOf } from '../../../../schema/wire/inspect-event.ts';
import { activePaths, type Chart } from '../chart/chart.ts';
import { nameOfPath } from '../log/sequence.ts';

const kinds: Readonly<Record<string, ActorKind>> = {
  session: 'session',
  turn: 'turn',
  answer: 'answer',
  engine: 'engine',
  source: 'source',
  toolCall: 'toolCall',
  toolRunner: 'toolRunner',
  trace: 'trace',
  clientTrace: 'clientTrace',
  runtimeConfig: 'runtimeConfig',
  toolRegistry: 'toolRegistry',
};

export function briefActor(
  event: InspectEventOf<'@xstate.actor'>,
  charts: ReadonlyMap<string, Chart>,
): ActorView {
  const { sessionId: id, parentId = null, createdAt, snapshot } = event;
  const { value = null, context } = snapshot;
  const kind = kinds[nameOfPath(id)] ?? 'other';
  const chart = charts.get(kind === 'session' ? 'chatSession' : kind);
  return {
    id,
    parentId,
    kind,
    chartId: chart?.id ?? null,
    sessionId: null,
    entityId: null,
    label: nameIn(context) ?? '',
    status: 'stopped',
    value,
    states: chart === undefined ? [] : [...activePaths(chart, value)],
    tags: [],
    since: Number(createdAt),
    sinceExact: true,
    lastEvent: null,
    transitions: [],
    counts: {},
  };
}

/** Tool calls and traces have a name. */
function nameIn(context: unknown): string | null {
  if (typeof context !== 'object' || context === null || !('name' in context)) return null;
  return typeof context.name === 'string' ? context.name : null;
}
