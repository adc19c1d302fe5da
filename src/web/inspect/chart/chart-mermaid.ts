/**
 * A chart as Mermaid's `stateDiagram-v2`. What Mermaid cannot draw is written out: invoked actors and events that a
 * state handles without leaving it become notes; a transition from a state to a state inside it starts at "any
 * state".
 */
import { type Chart, type ChartState, isInside } from './chart.ts';
import { anyText } from './chart-graph.ts';
import { stateLines, transitionText } from './chart-words.ts';

/** Mermaid keywords, which cannot be ids. */
const reserved = [
  'state',
  'note',
  'end',
  'class',
  'classDef',
  'style',
  'direction',
  'default',
  'as',
  'click',
  'href',
];

export function chartMermaid(chart: Chart, active: readonly string[] = []): string {
  const ids = mermaidIds(chart);
  const id = (path: string): string => ids.get(path) ?? '';
  const root = chart.states.get('');
  const lines = [
    '---',
    `title: ${chart.id}`,
    '---',
    'stateDiagram-v2',
    ...(root === undefined ? [] : innerLines(chart, root, id).map((line) => `  ${line}`)),
    ...noteLines(chart, id),
  ];
  const leaves = active.filter((path) => path !== '' && (chart.children.get(path) ?? []).length === 0);
  if (leaves.length > 0) {
    lines.push(
      '  classDef active fill:#2f6fed,color:#fff,stroke:#1d4fb8',
      `  class ${leaves.map(id).join(',')} active`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function mermaidIds(chart: Chart): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const taken = new Set(reserved);
  for (const { path, key } of chart.states.values()) {
    let id = (path === '' ? key : path).replaceAll(/\W/g, '_');
    while (taken.has(id)) id += '_';
    taken.add(id);
    ids.set(path, id);
  }
  return ids;
}

type IdOf = (path: string) => string;

/** The lines inside a state: its children, and the transitions between them. */
function innerLines(chart: Chart, state: ChartState, id: IdOf): string[] {
  const children = chart.children.get(state.path) ?? [];
  const lines = state.initial === null ? [] : [`[*] --> ${id(state.initial)}`];
  for (const [index, child] of children.entries()) {
    if (state.type === 'parallel' && index > 0) lines.push('--');
    lines.push(...stateDeclaration(chart, child, id));
  }
  lines.push(...transitionLines(chart, state, id));
  return lines;
}

function stateDeclaration(chart: Chart, state: ChartState, id: IdOf): string[] {
  const declared = `state "${words(state.key)}" as ${id(state.path)}`;
  const inner = innerLines(chart, state, id);
  const isComposite = (chart.children.get(state.path) ?? []).length > 0;
  if (!isComposite) return [declared, ...(state.type === 'final' ? [`${id(state.path)} --> [*]`] : [])];
  return [`${declared} {`, ...inner.map((line) => `  ${line}`), '}'];
}

/** Mermaid requires a transition to be written in the innermost state that contains both ends. */
function transitionLines(chart: Chart, around: ChartState, id: IdOf): string[] {
  const lines: string[] = [];
  const anyId = `${id(around.path)}_any`;
  for (const transition of chart.transitions) {
    for (const target of transition.targets) {
      if (homeOf(chart, transition.source, target) !== around.path) continue;
      const isInward = transition.source === around.path;
      if (isInward && lines.every((line) => !line.endsWith(` as ${anyId}`))) {
        lines.push(`state "${anyText}" as ${anyId}`);
      }
      const source = isInward ? anyId : id(transition.source);
      lines.push(`${source} --> ${id(target)} : ${words(transitionText(chart, transition))}`);
    }
  }
  return lines;
}

function homeOf(chart: Chart, source: string, target: string): string {
  if (isInside(chart, target, source)) return source;
  let home = chart.states.get(source)?.parent ?? '';
  while (home !== '' && !isInside(chart, target, home)) home = chart.states.get(home)?.parent ?? '';
  return home;
}

function noteLines(chart: Chart, id: IdOf): string[] {
  return [...chart.states.values()].flatMap((state) => {
    const lines = stateLines(chart, state, false).map(({ kind, text }) =>
      kind === 'inner' ? `on ${text}` : text,
    );
    if (lines.length === 0 || state.path === '') return [];
    return [`  note right of ${id(state.path)}`, ...lines.map((line) => `    ${words(line)}`), '  end note'];
  });
}

/** The text without characters that Mermaid interprets; never empty, because Mermaid rejects empty labels. */
function words(text: string): string {
  const plain = text
    .replaceAll(/[:;#"{}<>%]+/g, ' ')
    .replaceAll(/ +/g, ' ')
    .trim();
  return plain === '' ? '…' : plain;
}
