/** Scenarios: what is generated, and what fast-check makes smaller when an invariant breaks. */
import fc from 'fast-check';
import type { WireNamespace } from '../../schema/event-catalogue.ts';
import { limits } from '../../schema/limits.ts';
import { orderKinds } from './orders.ts';
import { toolNames } from './simulated-model.ts';

/** Which of those that there are: taken modulo their number, so that a step means something whatever was left out. */
const pick = fc.nat({ max: 7 });

export const someNamespaces: readonly (readonly WireNamespace[])[] = [
  ['chat-sessions', 'chat-messages', 'traces', 'config', 'tools', 'logs'],
  ['chat-sessions', 'chat-messages'],
  ['chat-sessions'],
  ['chat-messages'],
  ['tools', 'traces'],
];

const selection = fc.record({
  namespaces: fc.nat({ max: someNamespaces.length - 1 }),
  /** `null`: of all sessions. */
  session: fc.option(pick, { freq: 3 }),
});

const long = 'long '.repeat(Math.ceil(limits.checkpointUnitsMax / 5));
const edge = 'x'.repeat(limits.previewUnitsMax - 1);

/** What models write: pieces that split characters, that are long, that no store takes as they are. */
const text = fc.oneof(
  { weight: 12, arbitrary: fc.string({ minLength: 1, maxLength: 6 }) },
  { weight: 2, arbitrary: fc.constantFrom('😀', '\ud83d', '\ude00', 'é', '\0', '"\\\n') },
  { weight: 1, arbitrary: fc.constantFrom('', long) },
);

/** Of arguments and results. */
const payload = fc.constantFrom('small', 'pairAtEdge', 'long', 'lone', 'cyclic', 'throwing', 'nothing');
export type Payload = typeof payload extends fc.Arbitrary<infer Value> ? Value : never;

export function payloadOf(kind: Payload, mark: string): unknown {
  switch (kind) {
    case 'small':
      return mark;
    case 'pairAtEdge':
      return `${edge.slice(mark.length)}${mark}😀 and more`;
    case 'long':
      return { mark, text: edge };
    case 'lone':
      return `${mark}\ud83d`;
    case 'cyclic': {
      const cycle: Record<string, unknown> = { mark };
      cycle['self'] = cycle;
      return cycle;
    }
    case 'throwing':
      return {
        toJSON: () => {
          throw new Error('no JSON');
        },
        toString: () => {
          throw new Error('no text');
        },
      };
    case 'nothing':
      return undefined;
  }
}

const modelPart = fc.oneof(
  { weight: 8, arbitrary: fc.record({ say: fc.constant('text' as const), text }) },
  { weight: 2, arbitrary: fc.record({ say: fc.constant('reasoning' as const), text }) },
  {
    weight: 6,
    arbitrary: fc.record({
      say: fc.constant('tool' as const),
      tool: fc.constantFrom(...toolNames),
      payload: fc.constantFrom<Payload>('small', 'small', 'pairAtEdge', 'long', 'lone'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ say: fc.constant('finish' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ say: fc.constantFrom('error' as const, 'throw' as const, 'end' as const) }),
  },
);

const order = fc.record({
  do: fc.constant('order' as const),
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant('ask' as const) },
    { weight: 5, arbitrary: fc.constantFrom(...orderKinds) },
  ),
  session: pick,
  named: fc.boolean(),
  /** Over which socket; `null`: REST. */
  socket: fc.option(pick),
});

const does = <Name extends string>(...names: [Name, ...Name[]]) => fc.constantFrom(...names);

/** One step; rare ones last. */
export const step = fc.oneof(
  { weight: 14, arbitrary: fc.record({ do: does('flow') }) },
  { weight: 26, arbitrary: fc.record({ do: does('model'), pick, part: modelPart }) },
  { weight: 9, arbitrary: order },
  { weight: 8, arbitrary: fc.record({ do: does('tick') }) },
  { weight: 8, arbitrary: fc.record({ do: does('commit') }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: does('tool'),
      pick,
      how: fc.constantFrom('answer', 'answer', 'refuse', 'throw'),
      payload,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: does('wait'),
      ms: fc.oneof(
        { weight: 5, arbitrary: fc.integer({ min: 1, max: 60 }) },
        { weight: 3, arbitrary: fc.constantFrom(250, 1000, 2500) },
        { weight: 1, arbitrary: fc.constantFrom(10_500, 310_000) },
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: does('join'),
      kind: fc.constantFrom('v1', 'v1', 'baseline', 'live'),
      selection,
      native: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: does('subscribe'), pick, selection, back: fc.option(fc.nat({ max: 20 })) }),
  },
  { weight: 1, arbitrary: fc.record({ do: does('unsubscribe'), pick }) },
  {
    weight: 7,
    arbitrary: fc.record({ do: does('stall', 'unstall', 'cut', 'reconnect', 'reconnect'), pick }),
  },
  { weight: 2, arbitrary: fc.record({ do: does('read'), pick, bytes: fc.integer({ min: 1, max: 800 }) }) },
  { weight: 4, arbitrary: fc.record({ do: does('repeat'), pick }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: does('burst'), session: pick, count: fc.integer({ min: 20, max: 70 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: does('holdReads', 'answerRead', 'answerRead', 'releaseReads') }) },
  { weight: 5, arbitrary: fc.record({ do: does('failAppend', 'loseAnswer') }) },
  { weight: 3, arbitrary: fc.record({ do: does('storageDown', 'storageUp', 'storageUp') }) },
  { weight: 2, arbitrary: fc.record({ do: does('rejectAppend') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: does('forget', 'stepClockBack', 'stubbornModel', 'loseAnswers') }),
  },
  { weight: 2, arbitrary: fc.record({ do: does('crash'), commitsFirst: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: does('stop'), graceMs: fc.constantFrom(0, 50, 1000) }) },
  { weight: 3, arbitrary: fc.record({ do: does('start') }) },
);
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

export type Scenario = { readonly flushIntervalMs: number; readonly steps: readonly Step[] };

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  flushIntervalMs: fc.constantFrom(0, 10),
  steps: fc.array(step, { minLength: 1, maxLength: 200, size: 'max' }),
});
