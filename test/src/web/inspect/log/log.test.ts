/**
 * Goal: the log and the sequence diagram show each message with its sender and receiver. Method: events of any order
 * and number.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyStepSchema } from '../../../../../schema/session-history.ts';
import { type InspectEvent, inspectEventSchema } from '../../../../../schema/wire/inspect-event.ts';
import {
  filteredLog,
  logEntriesMax,
  logged,
  storedLog,
  wholeLog,
} from '../../../../../src/web/inspect/log/event-log.ts';
import { clients, nameOfPath, outside, sequenceOf } from '../../../../../src/web/inspect/log/sequence.ts';

const paths = [
  'session.a',
  'session.a/turn.b',
  'session.a/turn.b/answer',
  'session.a/turn.b/engine',
] as const;
const path = fc.constantFrom(...paths);
const type = fc.constantFrom('engine.began', 'answer.text', 'turn.cancel');

const base = { _version: '0.7.2', createdAt: '1000', rootId: paths[0] };
const event: fc.Arbitrary<InspectEvent> = fc
  .oneof(
    fc.record({
      type: fc.constant('@xstate.actor'),
      sessionId: path,
      name: fc.constant('turn.b'),
      snapshot: fc.constant({ status: 'active' }),
    }),
    fc.record(
      {
        type: fc.constant('@xstate.event'),
        sessionId: path,
        sourceId: path,
        event: type.map((name) => ({ type: name })),
        callboard: fc.constant({ preview: '{"a":1}', count: 1 }),
      },
      { requiredKeys: ['type', 'sessionId', 'event', 'callboard'] },
    ),
    fc.record({
      type: fc.constant('@xstate.snapshot'),
      sessionId: path,
      event: type.map((name) => ({ type: name })),
      snapshot: fc.constant({ status: 'active' }),
      callboard: fc.constant({ transitions: ['a:b:0'], count: 1 }),
    }),
    fc.record({
      type: fc.constant('@callboard.emitted'),
      sessionId: path,
      event: fc.constant({ type: 'tool.call' }),
      callboard: fc.constant({
        preview: null,
        count: 1,
        delivery: 'durable',
        namespace: 'tools',
        seq: 4,
        topics: ['v1/tools'],
        frame: '{}',
      }),
    }),
  )
  .map((given, index = 0) => inspectEventSchema.parse({ ...base, id: String(index), ...given }));
const events = fc.array(event, { maxLength: 60 });

const heard = inspectEventSchema.parse({
  ...base,
  id: '0',
  type: '@xstate.event',
  sessionId: paths[1],
  event: { type: 'engine.began' },
  callboard: { preview: null, count: 1 },
});

describe('the log', () => {
  it('has an entry for each event, in order, but for those that say what an earlier one set off', () => {
    fc.assert(
      fc.property(events, fc.nat(), (given, cut) => {
        const at = given.length === 0 ? 0 : cut % given.length;
        const log = logged(logged([], given.slice(0, at)), given.slice(at));
        const told = given.filter(({ type: kind }) => kind !== '@xstate.snapshot');
        expect(log).toHaveLength(told.length);
        expect(log.map(({ to, from }) => to ?? from)).toEqual(told.map(({ sessionId }) => sessionId));
        for (const [index, { key }] of log.entries()) expect(key).toBe(index + 1);
        expect(log).toEqual(logged([], given));
      }),
    );
  });

  it('says of a message which transitions it set off, and nothing until the actor has handled it', () => {
    const handled = inspectEventSchema.parse({
      ...base,
      id: '1',
      type: '@xstate.snapshot',
      sessionId: paths[1],
      event: { type: 'engine.began' },
      snapshot: { status: 'active' },
      callboard: { transitions: ['x'], count: 1 },
    });
    const waiting = logged([], [heard]);
    expect(waiting[0]?.transitions).toBeNull();
    expect(logged(waiting, [handled])[0]?.transitions).toEqual(['x']);
    expect(waiting[0]?.transitions).toBeNull();
  });

  it('[I12] forgets the oldest entries when there are too many', () => {
    const log = logged(
      [],
      Array.from({ length: logEntriesMax + 7 }, () => heard),
    );
    expect(log).toHaveLength(logEntriesMax);
    expect(log.at(-1)?.key).toBe(logEntriesMax + 7);
    expect(logged(log, [heard]).at(-1)?.key).toBe(logEntriesMax + 8);
  });

  it('is filtered by text, kind and actor', () => {
    fc.assert(
      fc.property(events, path, (given, actorId) => {
        const log = logged([], given);
        expect(filteredLog(log, wholeLog)).toBe(log);
        const mine = filteredLog(log, { ...wholeLog, actorId });
        expect(mine).toEqual(log.filter(({ from, to }) => from === actorId || to === actorId));
        const emitted = filteredLog(log, {
          ...wholeLog,
          kinds: new Set(['emission' as const]),
          text: 'TOOL',
        });
        expect(emitted).toEqual(log.filter(({ kind }) => kind === 'emission'));
      }),
    );
  });

  it('of a stored session has what came in before what was said, with the step of each to be found', () => {
    const step = historyStepSchema.parse({
      seq: 9,
      at: 5,
      event: 'tool.call',
      namespace: 'tools',
      data: '{}',
      basis: 'replayed',
      actorId: paths[1],
      inputs: [
        { actorId: paths[1], type: 'engine.toolCall', at: 5, preview: null },
        { actorId: paths[1], type: 'engine.finished', at: 5, preview: null },
      ],
      actors: [],
      untaken: [],
      note: null,
    });
    const log = storedLog([step, { ...step, seq: 10, inputs: [] }]);
    expect(log.map(({ type: name }) => name)).toEqual([
      'engine.toolCall',
      'engine.finished',
      'tool.call',
      'tool.call',
    ]);
    expect(log.map(({ key }) => Math.ceil(key))).toEqual([9, 9, 9, 10]);
    expect(log.map(({ key }) => key)).toEqual(
      log.map(({ key }) => key).toSorted((one, other) => one - other),
    );
  });
});

describe('the sequence diagram', () => {
  it('has a lifeline for everybody, parents left of their children, and an arrow for each entry', () => {
    fc.assert(
      fc.property(events, (given) => {
        const log = logged([], given);
        const { lifelines, arrows } = sequenceOf(log, nameOfPath);
        const ids = lifelines.map(({ id }) => id);
        expect(ids[0]).toBe(outside);
        expect(ids.at(-1)).toBe(clients);
        expect(new Set(ids).size).toBe(ids.length);
        for (const [index, id] of ids.entries()) {
          const parent = id.split('/').slice(0, -1).join('/');
          if (parent !== '') expect(ids.indexOf(parent)).toBeLessThan(index);
        }
        expect(arrows).toHaveLength(log.length);
        for (const { entry, from, to } of arrows) {
          expect(ids[from]).toBe(entry.from ?? outside);
          expect(ids[to]).toBe(entry.to ?? clients);
        }
      }),
    );
  });

  it('names actors without their ids', () => {
    expect(nameOfPath('session.6f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e11')).toBe('session');
    expect(nameOfPath('session.6f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e11/answer')).toBe('answer');
  });
});
