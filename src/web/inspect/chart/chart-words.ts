/** How transitions, states and events are put into words, the same on the chart, in the log and in exports. */
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

/** What sets it off, and its condition: `engine.finished`, `[hasAnswer]`. */
export function transitionWords(chart: Chart, transition: ChartTransition): readonly string[] {
  const condition = transition.guard ?? (chart.otherwise.has(transition.id) ? 'else' : null);
  return [triggerText(transition), ...(condition === null ? [] : [`[${condition}]`])];
}

/** The same in one line: `engine.finished [hasAnswer]`. */
export function transitionText(chart: Chart, transition: ChartTransition): string {
  return transitionWords(chart, transition).join(' ');
}

/** Where it leads, e.g. `→ completed`. */
export function targetText(chart: Chart, { targets }: ChartTransition): string {
  if (targets.length === 0) return 'stays';
  return `→ ${targets.map((path) => chart.states.get(path)?.key ?? path).join(', ')}`;
}

export type StateLine = {
  readonly kind: 'invoke' | 'inner' | 'action';
  readonly text: string;
  readonly transition: string | null;
};

/** What stands in a state's box below its name, line by line: what it runs, hears without leaving, and does. */
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

/** An event's type as people read it: without XState's prefixes, and with UUIDs cut to their first digits. */
export function eventText(type: string): string {
  if (type === 'xstate.init') return 'start';
  if (type === 'xstate.stop') return 'stop';
  const [, how, of] = /^xstate\.(done|error)\.(?:actor|state)\.(.*)$/.exec(type) ?? [];
  if (how !== undefined && of !== undefined) return `${how}: ${of === '*' ? 'any actor' : shortened(of)}`;
  const delay = /^xstate\.after\.([^.]*)/.exec(type)?.[1];
  if (delay === undefined) return type;
  return /^\d+$/.test(delay) ? `after ${delay} ms` : `after ${delay}`;
}

/** UUIDs cut to their first eight digits. */
export function shortened(text: string): string {
  return text.replaceAll(/\b([0-9a-f]{8})-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '$1');
}
