/**
 * Goal: the tree shows every actor that passes the filter, once, below its parent, most urgent first; and the live
 * tree equals what the server sent. Method: properties over forests of any shape.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machineCharts } from '../../../../../machines/charts.ts';
import { isAtOrBelow } from '../../../../../schema/actor-path.ts';
import { type ActorView, actorViewSchema } from '../../../../../schema/actor-view.ts';
import type { InspectEvents } from '../../../../../schema/wire/inspect-frame.ts';
import { chartOf } from '../../../../../src/web/inspect/chart/chart.ts';
import {
  census,
  everything,
  statesPresent,
  treeRows,
} from '../../../../../src/web/inspect/tree/actor-tree.ts';
import { attentionOf, compareAttention, urgencyOf } from '../../../../../src/web/inspect/tree/attention.ts';
import { endedShownMs, KnownActors } from '../../../../../src/web/inspect/tree/known-actors.ts';
import { actorViews } from './actor-view-arbitrary.ts';

const mapOf = (views: readonly ActorView[]) => new Map(views.map((view) => [view.id as string, view]));
const options = { filter: everything, closed: new Set<string>(), now: 1000 };

describe('the actor tree', () => {
  it('has a row for every actor, below its parent and one deeper', () => {
    fc.assert(
      fc.property(actorViews, (views) => {
        const rows = treeRows(mapOf(views), options);
        expect(rows.map(({ view }) => view.id).toSorted()).toEqual(views.map(({ id }) => id).toSorted());
        for (const [index, { view, depth }] of rows.entries()) {
          if (view.parentId === null) expect(depth).toBe(0);
          else {
            const above = rows.slice(0, index).findLast((row) => row.depth === depth - 1);
            expect(above?.view.id).toBe(view.parentId);
          }
        }
      }),
    );
  });

  it('puts first the tree with what is most urgent and has been so for longest', () => {
    fc.assert(
      fc.property(actorViews, (views) => {
        const roots = treeRows(mapOf(views), options).filter(({ depth }) => depth === 0);
        const most = roots.map(
          ({ view }) =>
            views
              .filter(({ id }) => isAtOrBelow(id, view.id))
              .map(attentionOf)
              .toSorted(compareAttention)[0],
        );
        expect(most).toEqual(
          most.toSorted((one, other) =>
            one === undefined || other === undefined ? 0 : compareAttention(one, other),
          ),
        );
      }),
    );
  });

  it('shows what matches a filter, and what is above it; nothing else', () => {
    const filters = fc.record({
      text: fc.constantFrom('', 'label 1', 'MODELCALL', 'nothing like it'),
      kinds: fc.constantFrom(new Set<ActorView['kind']>(), new Set<ActorView['kind']>(['turn', 'trace'])),
      state: fc.constantFrom('', 'responding', 'running'),
      longerThanMs: fc.constantFrom(0, 500),
      onlyBusy: fc.boolean(),
    });
    fc.assert(
      fc.property(actorViews, filters, (views, filter) => {
        const rows = treeRows(mapOf(views), { ...options, filter });
        const matches = (view: ActorView) =>
          (filter.kinds.size === 0 || filter.kinds.has(view.kind)) &&
          (filter.state === '' || view.states.some((path) => path.split('.').at(-1) === filter.state)) &&
          (filter.longerThanMs === 0 || (view.since !== null && 1000 - view.since >= 500)) &&
          (!filter.onlyBusy || urgencyOf(view) !== 'quiet') &&
          [view.id, view.label, view.kind, ...view.states].some((part) =>
            part.toLowerCase().includes(filter.text.toLowerCase()),
          );
        for (const view of views) {
          const row = rows.find((each) => each.view.id === view.id);
          expect(row?.isMatch ?? false).toBe(matches(view));
          const below = views.filter((other) => other.id !== view.id && isAtOrBelow(other.id, view.id));
          expect(row !== undefined).toBe(matches(view) || below.some(matches));
        }
      }),
    );
  });

  it('leaves out what is below a closed actor, and says so', () => {
    fc.assert(
      fc.property(actorViews, fc.nat(), (views, place) => {
        fc.pre(views.length > 0);
        const closed = views[place % views.length];
        if (closed === undefined) return;
        const rows = treeRows(mapOf(views), { ...options, closed: new Set([closed.id]) });
        expect(rows.filter(({ view }) => isAtOrBelow(view.id, closed.id)).map(({ view }) => view.id)).toEqual(
          [closed.id],
        );
        expect(rows.find(({ view }) => view.id === closed.id)?.isOpen).toBe(false);
      }),
    );
  });

  it('counts actors by urgency and names their states', () => {
    fc.assert(
      fc.property(actorViews, (views) => {
        const { total, byUrgency } = census(views);
        expect(total).toBe(views.length);
        expect(Object.values(byUrgency).reduce((sum, count) => sum + count, 0)).toBe(total);
        const names = statesPresent(views);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });
});

describe('the live tree', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('snapshot' as const),
      first: fc.boolean(),
      part: fc.array(fc.nat(), { maxLength: 6 }),
    }),
    fc.record({
      kind: fc.constant('changes' as const),
      part: fc.array(fc.nat(), { maxLength: 6 }),
      removed: fc.array(fc.nat(), { maxLength: 3 }),
    }),
  );

  it('is what the server said: snapshots begin anew, changes replace and remove', () => {
    fc.assert(
      fc.property(actorViews, fc.array(step, { maxLength: 15 }), (views, steps) => {
        fc.pre(views.length > 0);
        const live = new KnownActors();
        const model = new Map<string, ActorView>();
        const chosen = (places: readonly number[]) =>
          places.flatMap((place) => views[place % views.length] ?? []);
        for (const given of steps) {
          const actors = chosen(given.part);
          if (given.kind === 'snapshot') {
            live.snapshot({ first: given.first, last: true, at: 0, actors });
            if (given.first) model.clear();
          } else {
            const removed = chosen(given.removed).map(({ id }) => id);
            live.changes({ at: 0, actors, removed, sampled: { events: 0, sessionsWaiting: 0 } });
            for (const id of removed) model.delete(id);
          }
          for (const view of actors) model.set(view.id, view);
          expect(new Map(live.shown(0, null))).toEqual(model);
        }
      }),
    );
  });

  it('shows for a while how an actor of the focus ended, and the chosen one for as long as it is chosen', () => {
    const charts = new Map(machineCharts().map((machine) => [machine.id, chartOf(machine)]));
    const live = new KnownActors();
    const session = viewOf('session.00000000-0000-4000-8000-000000000001', null, 'session');
    const call = viewOf(
      `${session.id}/toolCall.00000000-0000-4000-8000-000000000002`,
      session.id,
      'toolCall',
    );
    live.focus(session.id);
    live.snapshot({ first: true, last: true, at: 0, actors: [session, call] });
    live.focused(
      {
        ...focusOn(session),
        events: [
          {
            type: '@xstate.snapshot',
            id: '1',
            _version: '0.7.2',
            createdAt: '90',
            rootId: session.id,
            sessionId: call.id,
            event: { type: 'tool.completed' },
            snapshot: { status: 'done', value: 'completed' },
            callboard: { transitions: ['running:tool.completed:0'], count: 1 },
          },
        ],
      },
      charts,
    );
    expect(live.shown(200, null).get(call.id)).toMatchObject({
      status: 'done',
      states: ['completed'],
      transitions: ['running:tool.completed:0'],
      lastEvent: { type: 'tool.completed', at: 90 },
    });
    expect(live.shown(200 + endedShownMs, call.id).has(call.id)).toBe(true);
    expect(live.shown(200 + endedShownMs, null).has(call.id)).toBe(false);
  });
});

describe('an actor that came and went between two frames', () => {
  it('is shown as its events tell', () => {
    const charts = new Map(machineCharts().map((machine) => [machine.id, chartOf(machine)]));
    const live = new KnownActors();
    const session = viewOf('session.00000000-0000-4000-8000-000000000001', null, 'session');
    const id = viewOf(
      `${session.id}/toolCall.00000000-0000-4000-8000-000000000002`,
      session.id,
      'toolCall',
    ).id;
    live.focus(session.id);
    const base = { _version: '0.7.2', createdAt: '90', rootId: session.id, sessionId: id } as const;
    const context = { name: 'clock' };
    live.focused(
      {
        ...focusOn(session),
        events: [
          {
            ...base,
            type: '@xstate.actor',
            id: '0',
            name: 'toolCall',
            parentId: session.id,
            snapshot: { status: 'active', value: 'running', context },
          },
          {
            ...base,
            type: '@xstate.snapshot',
            id: '1',
            event: { type: 'tool.failed' },
            snapshot: { status: 'done', value: 'failed' },
            callboard: { transitions: ['running:tool.failed:0'], count: 1 },
          },
        ],
      },
      charts,
    );
    expect(live.shown(200, null).get(id)).toMatchObject({
      kind: 'toolCall',
      chartId: 'toolCall',
      label: 'clock',
      status: 'done',
      states: ['failed'],
      transitions: ['running:tool.failed:0'],
    });
  });
});

/** The actor alone, and nothing said. */
function focusOn(view: ActorView): InspectEvents {
  return { actorId: view.id, sessionId: null, at: 100, dropped: 0, commands: [], actors: [view], events: [] };
}

function viewOf(id: string, parentId: string | null, kind: ActorView['kind']): ActorView {
  return actorViewSchema.parse({
    id,
    parentId,
    kind,
    chartId: kind === 'toolCall' ? 'toolCall' : null,
    sessionId: null,
    entityId: null,
    label: kind,
    status: 'active',
    value: null,
    states: ['running'],
    tags: [],
    since: 0,
    sinceExact: true,
    lastEvent: null,
    transitions: [],
    counts: {},
  });
}
