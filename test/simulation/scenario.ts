/** Scenarios: what fast-check generates, and shrinks when an invariant breaks. */
import fc from 'fast-check';
import type { OrderKind } from './orders.ts';
import { kinds } from './step-kinds.ts';

type Kind = keyof typeof kinds;

/** How often each kind occurs, relative to the others: for worlds with every kind of fault … */
const everything: Readonly<Record<Kind, number>> = {
  flow: 14,
  model: 26,
  remoteModel: 2,
  order: 9,
  toolOrder: 2,
  shareOrder: 0,
  decide: 6,
  tick: 8,
  commit: 8,
  tool: 9,
  wait: 5,
  join: 4,
  subscribe: 3,
  unsubscribe: 1,
  network: 7,
  read: 2,
  repeat: 4,
  burst: 1,
  slowReads: 4,
  failedAppend: 5,
  outage: 3,
  rejection: 2,
  oddity: 1,
  toolServer: 2,
  forget: 1,
  agentBegins: 1,
  agent: 4,
  crash: 2,
  stop: 1,
  start: 3,
};
/** … for worlds with long-lived processes and slow readers … */
const hardReading: Readonly<Record<Kind, number>> = {
  ...everything,
  join: 8,
  subscribe: 9,
  unsubscribe: 4,
  network: 22,
  read: 8,
  slowReads: 10,
  outage: 8,
  forget: 2,
  repeat: 1,
  failedAppend: 1,
  rejection: 0,
  crash: 0,
  stop: 0,
};

/** … for worlds in which people decide, and processes die before they do … */
const deciding: Readonly<Record<Kind, number>> = {
  ...everything,
  flow: 24,
  model: 40,
  order: 6,
  decide: 5,
  join: 2,
  network: 1,
  slowReads: 1,
  failedAppend: 2,
  outage: 0,
  rejection: 0,
  burst: 0,
  crash: 5,
  stop: 2,
  start: 8,
};

/** … for worlds in which people change what was said, and processes die meanwhile. */
const branching: Readonly<Record<Kind, number>> = {
  ...everything,
  flow: 30,
  model: 45,
  order: 30,
  join: 2,
  subscribe: 1,
  network: 2,
  slowReads: 2,
  failedAppend: 3,
  outage: 0,
  rejection: 1,
  burst: 0,
  crash: 3,
  stop: 1,
  start: 6,
};

/** … and for worlds in which agents push their answers, and processes die meanwhile. */
const pushing: Readonly<Record<Kind, number>> = {
  ...everything,
  flow: 24,
  model: 10,
  order: 6,
  agentBegins: 8,
  agent: 45,
  slowReads: 2,
  failedAppend: 3,
  rejection: 0,
  burst: 0,
  crash: 4,
  stop: 2,
  start: 8,
};

/** … and for worlds in which operators change tools while they are called. */
const registering: Readonly<Record<Kind, number>> = {
  ...deciding,
  model: 10,
  remoteModel: 40,
  toolOrder: 14,
  crash: 2,
  start: 4,
};

/** … and, of guarded worlds, in which people are added and removed while they read and come back. */
const sharing: Readonly<Record<Kind, number>> = {
  ...everything,
  flow: 20,
  order: 16,
  shareOrder: 16,
  join: 14,
  subscribe: 6,
  network: 16,
  toolOrder: 0,
  remoteModel: 0,
  burst: 0,
  agent: 1,
};

function stepsOf(weights: Readonly<Record<Kind, number>>) {
  const names = Object.keys(kinds) as Kind[];
  const step = fc.oneof(...names.map((name) => ({ weight: weights[name], arbitrary: kinds[name] })));
  return fc.array(step, { minLength: 1, maxLength: 200, size: 'max' });
}

/** A command over REST. */
function given<Kind extends OrderKind>(kind: Kind, session: number) {
  return { do: 'order' as const, kind, session, target: 0, named: false, socket: null };
}

/** The beginning of those: both tools are there, and a model is asked. */
const askedWithTools = (['register', 'register', 'create', 'ask'] as const).flatMap((kind) => [
  given(kind, 0),
  { do: 'flow' as const },
]);

const steps = fc.oneof(
  { weight: 2, arbitrary: stepsOf(everything) },
  { weight: 3, arbitrary: stepsOf(hardReading) },
  { weight: 2, arbitrary: stepsOf(deciding) },
  { weight: 3, arbitrary: stepsOf(branching) },
  { weight: 2, arbitrary: stepsOf(pushing) },
  { weight: 2, arbitrary: stepsOf(registering).map((drawn) => [...askedWithTools, ...drawn]) },
);
/** The beginning of guarded worlds: three have a session each, and one of them comes to that of another. */
const shared = [
  ...(['create', 'create', 'create'] as const).flatMap((kind) => [given(kind, 0), { do: 'flow' as const }]),
  ...(['v1', 'live', 'baseline'] as const).map((kind) => ({
    do: 'join' as const,
    kind,
    who: 0,
    selection: { namespaces: 0, session: null },
    native: kind !== 'live',
    compact: kind === 'live',
  })),
  given('join', 2),
  { do: 'flow' as const },
];

const guardedSteps = fc.oneof(
  { weight: 3, arbitrary: stepsOf(sharing).map((drawn) => [...shared, ...drawn]) },
  { weight: 1, arbitrary: stepsOf(everything) },
);
export type Step = typeof steps extends fc.Arbitrary<(infer Value)[]> ? Value : never;
export type StepOf<Do extends Step['do']> = Extract<Step, { do: Do }>;

/** `guarded`: the server asks for credentials; default: everybody is `local`. */
export type Scenario = {
  readonly flushIntervalMs: number;
  readonly guarded?: boolean;
  readonly steps: readonly Step[];
};

const flushIntervalMs = fc.constantFrom(0, 10);

export const scenario: fc.Arbitrary<Scenario> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ flushIntervalMs, steps }) },
  {
    weight: 1,
    arbitrary: fc.record({ flushIntervalMs, guarded: fc.constant(true), steps: guardedSteps }),
  },
);
