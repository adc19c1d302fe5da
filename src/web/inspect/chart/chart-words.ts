/** The texts for transitions, states and events; charts, log and exports use the same ones. */
import { unreachable } from '../../../../schema/unreachable.ts';
import type { Chart, ChartState, ChartTransition } from './chart.ts';

function triggerText({ trigger, event, delay }: ChartTransition): string {
  switch (trigger) {
    case 'event':
      return event === '*' ? 'any event' : event;
    case 'done':
    case 'error':
      return eventText(event);
    case 'always':
      return 'always';
    case 'after':
      return typeof delay === 'number' ? `after ${delay} ms` : `after ${delay ?? '?'}`;
    default:
      return unreachable(trigger);
  }
}

/** What triggers the transition, and its condition: `engine.finished`, `[hasAnswer]`. */
export function transitionWords(chart: Chart, transition: ChartTransition): readonly string[] {
  const condition = transition.guard ?? (chart.otherwise.has(transition.id) ? 'else' : null);
  return [triggerText(transition), ...(condition === null ? [] : [`[${condition}]`])];
}

/** `transitionWords` in one line: `engine.finished [hasAnswer]`. */
export function transitionText(chart: Chart, transition: ChartTransition): string {
  return transitionWords(chart, transition).join(' ');
}

/** The transition's target, e.g. `→ completed`. */
export function targetText(chart: Chart, { targets }: ChartTransition): string {
  if (targets.length === 0) return 'stays';
  return `→ ${targets.map((path) => chart.states.get(path)?.key ?? path).join(', ')}`;
}

export type StateLine = {
  readonly kind: 'invoke' | 'inner' | 'action';
  readonly text: string;
  readonly transition: string | null;
};

/**
 * The lines below a state's name in its box: the actors it invokes, the events it handles without leaving, its
 * actions.
 */
export function stateLines(chart: Chart, state: ChartState, showsActions: boolean): readonly StateLine[] {
  const invokes = state.invokes.map(({ id, src }) => (id === src ? `runs ${src}` : `runs ${src} as ${id}`));
  const inner = chart.transitions.filter(
    ({ source, targets }) => source === state.path && targets.length === 0,
  );
  const actions = [
    ...state.entry.map((action) => `entry: ${action}`),
    ...state.exit.map((action) => `exit: ${action}`),
  ];
  return [
    ...invokes.map((text) => ({ kind: 'invoke' as const, text, transition: null })),
    ...inner.map((transition) => ({
      kind: 'inner' as const,
      text: transitionText(chart, transition),
      transition: transition.id,
    })),
    ...(showsActions ? actions.map((text) => ({ kind: 'action' as const, text, transition: null })) : []),
  ];
}

/** An event's type as shown: without XState's prefixes, with UUIDs shortened. */
export function eventText(type: string): string {
  if (type === 'xstate.init') return 'start';
  if (type === 'xstate.stop') return 'stop';
  const [, how, of] = /^xstate\.(done|error)\.(?:actor|state)\.(.*)$/.exec(type) ?? [];
  if (how !== undefined && of !== undefined) return `${how}: ${of === '*' ? 'any actor' : shortened(of)}`;
  const delay = /^xstate\.after\.([^.]*)/.exec(type)?.[1];
  if (delay === undefined) return type;
  return /^\d+$/.test(delay) ? `after ${delay} ms` : `after ${delay}`;
}

/** Shortens UUIDs to their first eight digits. */
export function shortened(text: string): string {
  return text.replaceAll(/\b([0-9a-f]{8})-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '$1');
}
