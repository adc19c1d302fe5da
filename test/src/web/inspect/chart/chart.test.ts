/**
 * Goal: charts are drawn as their machines are defined, whatever the machine. Method: properties over charts of any
 * shape, and the charts of Callboard's own machines.
 */

import ELK from 'elkjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machineCharts } from '../../../../../machines/charts.ts';
import {
  activePaths,
  type Chart,
  chartOf,
  isInside,
  possibleTransitions,
} from '../../../../../src/web/inspect/chart/chart.ts';
import { chartDrawing } from '../../../../../src/web/inspect/chart/chart-drawing.ts';
import { chartFile } from '../../../../../src/web/inspect/chart/chart-export.ts';
import { anyId, initialId, stateId } from '../../../../../src/web/inspect/chart/chart-graph.ts';
import { type Box, placedChart } from '../../../../../src/web/inspect/chart/chart-layout.ts';
import { dark, lit } from '../../../../../src/web/inspect/chart/chart-lighting.ts';
import { chartMermaid } from '../../../../../src/web/inspect/chart/chart-mermaid.ts';
import { transitionText } from '../../../../../src/web/inspect/chart/chart-words.ts';
import { svgText } from '../../../../../src/web/inspect/chart/svg-node.ts';
import { cases } from '../../../../effort.ts';
import { machineChart } from './chart-arbitrary.ts';

const engine = new ELK.default();
const ours = machineCharts().map(chartOf);
const named = (id: string): Chart => {
  const chart = ours.find((each) => each.id === id);
  if (chart === undefined) throw new Error(`no chart ${id}`);
  return chart;
};
const direction = fc.constantFrom('DOWN' as const, 'RIGHT' as const);

function holds(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x - 1 &&
    inner.y >= outer.y - 1 &&
    inner.x + inner.width <= outer.x + outer.width + 1 &&
    inner.y + inner.height <= outer.y + outer.height + 1
  );
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

/** Whether the point is on the edge of the box, within a pixel. */
function touches({ x, y, width, height }: Box, point: { readonly x: number; readonly y: number }): boolean {
  const near = (one: number, other: number) => Math.abs(one - other) <= 1.5;
  const isWithin =
    point.x >= x - 1.5 && point.x <= x + width + 1.5 && point.y >= y - 1.5 && point.y <= y + height + 1.5;
  return (
    isWithin &&
    (near(point.x, x) || near(point.x, x + width) || near(point.y, y) || near(point.y, y + height))
  );
}

describe('a layout', () => {
  it('puts every state into its parent, apart from its siblings, and leads every edge from box to box', async () => {
    await fc.assert(
      fc.asyncProperty(machineChart, direction, fc.boolean(), async (machine, towards, actions) => {
        const chart = chartOf(machine);
        const { boxes, edges } = await placedChart(chart, engine, { actions, direction: towards });
        const box = (id: string): Box => {
          const found = boxes.get(id);
          if (found === undefined) throw new Error(`${id} has no place`);
          return found;
        };
        for (const { path, parent } of chart.states.values()) {
          if (parent === null) continue;
          expect(holds(box(stateId(parent)), box(stateId(path)))).toBe(true);
          for (const sibling of chart.children.get(parent) ?? []) {
            if (sibling.path !== path)
              expect(overlap(box(stateId(path)), box(stateId(sibling.path)))).toBe(false);
          }
        }
        for (const { source, target, points, lines, label } of edges) {
          const [first] = points;
          const last = points.at(-1);
          if (first === undefined || last === undefined)
            throw new Error(`${source} → ${target} has no route`);
          expect(touches(box(source), first) || source.startsWith('initial')).toBe(true);
          expect(touches(box(target), last)).toBe(true);
          expect(label !== null).toBe(lines.length > 0);
        }
        const entering = chart.transitions.flatMap(({ id, targets }) => targets.map(() => id));
        const shown = new Set(edges.flatMap(({ lines }) => lines.map(({ transition }) => transition)));
        expect(new Set(entering)).toEqual(shown);
      }),
      { numRuns: cases({ quick: 15, full: 40 }) },
    );
  }, 60_000);

  it('starts a transition of a state into itself at "any state"', async () => {
    const { edges, boxes } = await placedChart(named('turn'), engine, { actions: false, direction: 'DOWN' });
    const cancel = edges.find(({ target }) => target === stateId('cancelled'));
    expect(cancel).toMatchObject({ source: anyId(''), lines: [{ text: 'turn.cancel' }] });
    expect(boxes.has(initialId('modelCall'))).toBe(true);
  });

  it('merges the transitions between two states into one edge', async () => {
    const { edges } = await placedChart(named('turn'), engine, { actions: false, direction: 'DOWN' });
    const failing = edges.filter(
      (edge) => edge.source === stateId('modelCall') && edge.target === stateId('failed'),
    );
    expect(failing.map(({ lines }) => lines.map(({ text }) => text))).toEqual([
      ['engine.toolCall [asksTooMuch]', 'engine.finished [else]', 'after turnTimeLimit'],
    ]);
  });
});

describe('a drawing', () => {
  it('is well-formed XML that names every state and transition, whatever they are called', async () => {
    await fc.assert(
      fc.asyncProperty(machineChart, async (machine) => {
        const chart = chartOf(machine);
        const placed = await placedChart(chart, engine, { actions: true, direction: 'DOWN' });
        const file = chartFile(placed, dark, {
          rules: ['.chart text{fill:var(--text)}'],
          variable: () => '#123456',
        });
        expect(file).toContain('.chart text{fill:#123456}');
        expect(unclosed(file)).toEqual([]);
        for (const { path } of chart.states.values()) expect(file).toContain(`data-state="${path}"`);
      }),
      { numRuns: cases({ quick: 10, full: 25 }) },
    );
  }, 60_000);

  it('lights what is active and what was taken, and nothing else', async () => {
    const placed = await placedChart(named('turn'), engine, { actions: false, direction: 'RIGHT' });
    const active = new Set(['modelCall', 'modelCall.calling', 'modelCall.calling.streaming']);
    const taken = new Set(['modelCall.calling.requesting:engine.began:0']);
    const file = svgText(
      lit(chartDrawing(placed), {
        active,
        taken,
        possible: new Set(['modelCall.calling.streaming:engine.failed:0']),
      }),
    );
    const lighted = [...file.matchAll(/class="state [^"]*\bactive" data-state="([^"]*)"/g)].map(
      ([, path]) => path,
    );
    expect(lighted).toEqual(['modelCall', 'modelCall.calling', 'modelCall.calling.streaming']);
    expect([...file.matchAll(/class="edge taken"/g)]).toHaveLength(1);
    expect([...file.matchAll(/class="edge possible"/g)]).toHaveLength(1);
  });
});

/** Tags that are opened and not closed, or closed and not opened. */
function unclosed(xml: string): readonly string[] {
  const open: string[] = [];
  for (const [, closing, tag = ''] of xml.matchAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<>]*")*\s*>/gi)) {
    if (closing === '') open.push(tag);
    else if (open.pop() !== tag) return [tag];
  }
  const rest = xml.replaceAll(/<\/?[a-z]+(?:\s+[\w:-]+="[^"<>]*")*\s*>/gi, '');
  return rest.includes('<') ? [...open, '<'] : open;
}

describe('the words of a chart', () => {
  it('say which condition a transition has, and which one comes last', () => {
    const chart = named('turn');
    const finished = chart.transitions.filter(({ event }) => event === 'engine.finished');
    expect(finished.map((transition) => transitionText(chart, transition))).toEqual([
      'engine.finished [asksForTools]',
      'engine.finished [hasAnswer]',
      'engine.finished [else]',
    ]);
    const ends = chart.transitions.find(({ event }) => event === 'xstate.done.actor.toolCall.*');
    if (ends !== undefined) expect(transitionText(chart, ends)).toBe('done: toolCall.* [endsLastCall]');
  });

  it('find the active states of any state value, parents first', () => {
    const chart = named('chatSession');
    const value = { open: { status: 'active', activity: 'responding' } };
    const paths = ['open', 'open.status', 'open.status.active', 'open.activity', 'open.activity.responding'];
    expect(activePaths(chart, value)).toEqual(paths);
    for (const odd of [null, 7, 'nowhere', { nowhere: 'x' }, []]) expect(activePaths(chart, odd)).toEqual([]);
  });

  it('say what may come next: transitions of active states, inherited ones included', () => {
    const chart = named('turn');
    const possible = possibleTransitions(chart, [
      '',
      'modelCall',
      'modelCall.calling',
      'modelCall.calling.requesting',
    ]).map(({ id }) => id);
    expect(possible).toContain('modelCall.calling.requesting:engine.began:0');
    expect(possible).toContain(':turn.cancel:0');
    expect(possible.every((id) => !id.startsWith('runningTools'))).toBe(true);
  });
});

describe('Mermaid', () => {
  it('declares every state once, within its parent, and leads every transition inside the state around it', () => {
    fc.assert(
      fc.property(machineChart, (machine) => {
        const chart = chartOf(machine);
        const text = chartMermaid(chart);
        for (const { path, key } of chart.states.values()) {
          if (path === '') continue;
          const id = path.replaceAll('.', '_');
          expect(
            text.split(`state "${key}" as ${id}`).filter((rest) => /^(?: \{)?\n/.test(rest)),
          ).toHaveLength(1);
        }
        const arrows = text.split('\n').filter((line) => line.includes('-->') && !line.includes('[*]'));
        expect(arrows).toHaveLength(chart.transitions.flatMap(({ targets }) => targets).length);
        expect(arrows.every((line) => /^\s+\w+ --> \w+ : [^:;#"]+$/.test(line))).toBe(true);
      }),
    );
  });

  it('knows what is inside what', () => {
    fc.assert(
      fc.property(machineChart, (machine) => {
        const chart = chartOf(machine);
        for (const { path } of chart.states.values()) {
          expect(isInside(chart, path, path)).toBe(false);
          expect(isInside(chart, path, '')).toBe(path !== '');
        }
      }),
    );
  });
});
