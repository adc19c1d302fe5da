/** The kinds of steps of a scenario, as fast-check draws them. */
import fc from 'fast-check';
import { limits } from '../../schema/limits.ts';
import { type WireNamespace, wireNamespaces } from '../../schema/wire-event-table.ts';
import { messageOrderKinds, plainOrderKinds, toolOrderKinds } from './orders.ts';
import { agentDeeds } from './outside-agents.ts';
import { type Payload, payload } from './payloads.ts';
import { toolServerStates } from './simulated-tools.ts';
import { remoteToolNames, toolNames } from './tool-names.ts';

/** Selects one of the existing things: see {@link chosen}. */
const pick = fc.nat({ max: 7 });

/** Taken modulo their number, so that a step stays valid whatever earlier steps are left out. */
export function chosen<Value>(values: readonly Value[], pick: number): Value | undefined {
  return values[pick % Math.max(1, values.length)];
}

export const someNamespaces: readonly (readonly WireNamespace[])[] = [
  wireNamespaces,
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

/** The model's texts: pieces that split characters, long ones, and ones that no store takes unchanged. */
const text = fc.oneof(
  { weight: 12, arbitrary: fc.string({ minLength: 1, maxLength: 6 }) },
  { weight: 2, arbitrary: fc.constantFrom('😀', '\ud83d', '\ude00', 'é', '\0', '"\\\n') },
  { weight: 1, arbitrary: fc.constantFrom('', long) },
);

const modelPart = fc.oneof(
  { weight: 8, arbitrary: fc.record({ say: fc.constant('text' as const), text }) },
  { weight: 2, arbitrary: fc.record({ say: fc.constant('reasoning' as const), text }) },
  {
    weight: 6,
    arbitrary: fc.record({
      say: fc.constant('tool' as const),
      tool: fc.constantFrom('guarded', 'guarded', ...toolNames),
      payload: fc.constantFrom<Payload>('small', 'small', 'pairAtEdge', 'long', 'lone'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record(
      {
        say: fc.constant('finish' as const),
        tokens: fc.nat({ max: 40 }),
        reason: fc.constantFrom('stop', 'tool-calls', 'length', 'content-filter'),
      },
      { requiredKeys: ['say', 'tokens'] },
    ),
  },
  {
    weight: 2,
    // What an engine's type does not allow.
    arbitrary: fc.record({
      say: fc.constant('odd' as const),
      odd: fc.constantFrom('unknown part', 'no part', 'no text', 'bad counts', 'last call again'),
    }),
  },
  {
    weight: 4,
    // Retryable errors, with the provider's wait, which may be too long.
    arbitrary: fc.record({
      say: fc.constant('busy' as const),
      code: fc.constantFrom('rate_limited', 'overloaded', 'unavailable', 'timeout', 'authentication'),
      retryAfterMs: fc.option(fc.constantFrom(0, 1500, 500_000), { nil: undefined, freq: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ say: fc.constantFrom('error' as const, 'throw' as const, 'end' as const) }),
  },
);

const remotePart = fc.oneof(
  fc.record({
    say: fc.constant('tool' as const),
    tool: fc.constantFrom(...remoteToolNames),
    payload: fc.constant<Payload>('small'),
  }),
  fc.record({
    say: fc.constant('finish' as const),
    tokens: fc.constant(1),
    reason: fc.constant('tool-calls' as const),
  }),
);

const order = fc.record({
  do: fc.constant('order' as const),
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant('ask' as const) },
    { weight: 5, arbitrary: fc.constantFrom(...plainOrderKinds) },
    { weight: 8, arbitrary: fc.constantFrom(...messageOrderKinds) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('traceAppend' as const, 'traceAppend' as const, 'traceEnd' as const),
    },
  ),
  session: pick,
  /** Of commands about a message: which one, from the newest. */
  target: pick,
  named: fc.boolean(),
  /** Over which socket; `null`: REST. */
  socket: fc.option(pick),
});

/** An operator registers a tool, or changes one. */
const toolOrder = fc.record({
  do: fc.constant('order' as const),
  kind: fc.constantFrom(...toolOrderKinds, 'register' as const, 'change' as const),
  session: fc.constant(0),
  target: fc.constant(0),
  named: fc.boolean(),
  socket: fc.constant(null),
});

/** A person decides about a call: a waiting one, any earlier one, or one that never existed. */
const decide = fc.record({
  do: fc.constant('decide' as const),
  approve: fc.boolean(),
  call: fc.oneof(
    { weight: 6, arbitrary: fc.constant('waiting' as const) },
    { weight: 2, arbitrary: fc.constant('any' as const) },
    { weight: 1, arbitrary: fc.constant('unknown' as const) },
  ),
  pick,
  named: fc.boolean(),
  socket: fc.option(pick),
});

/** Somebody begins a session, or comes to one and goes. */
const shareOrder = fc.record({
  do: fc.constant('order' as const),
  kind: fc.constantFrom('create', 'join', 'join', 'changeRole', 'leave', 'leave'),
  session: pick,
  target: pick,
  named: fc.boolean(),
  socket: fc.constant(null),
});

const does = <Name extends string>(...names: [Name, ...Name[]]) => fc.constantFrom(...names);

/** The kinds of steps, by name. */
export const kinds = {
  flow: fc.record({ do: does('flow') }),
  model: fc.record({ do: does('model'), pick, part: modelPart }),
  /** A model that calls what operators registered. */
  remoteModel: fc.record({ do: does('model'), pick, part: remotePart }),
  order,
  toolOrder,
  shareOrder,
  decide,
  tick: fc.record({ do: does('tick') }),
  commit: fc.record({ do: does('commit') }),
  tool: fc.record({
    do: does('tool'),
    pick,
    how: fc.constantFrom('answer', 'answer', 'refuse', 'throw'),
    payload,
  }),
  wait: fc.record({
    do: does('wait'),
    ms: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 1, max: 60 }) },
      { weight: 3, arbitrary: fc.constantFrom(250, 1000, 2500) },
      { weight: 1, arbitrary: fc.constantFrom(10_500, 310_000) },
    ),
  }),
  join: fc.record({
    do: does('join'),
    kind: fc.constantFrom('v1', 'v1', 'baseline', 'live'),
    /** Whose connection it is, in a guarded world. */
    who: pick,
    selection,
    native: fc.boolean(),
    compact: fc.boolean(),
  }),
  subscribe: fc.record({ do: does('subscribe'), pick, selection, back: fc.option(fc.nat({ max: 20 })) }),
  unsubscribe: fc.record({ do: does('unsubscribe'), pick }),
  network: fc.record({ do: does('stall', 'unstall', 'cut', 'reconnect', 'reconnect'), pick }),
  read: fc.record({ do: does('read'), pick, bytes: fc.integer({ min: 1, max: 800 }) }),
  repeat: fc.record({ do: does('repeat'), pick }),
  burst: fc.record({ do: does('burst'), session: pick, count: fc.integer({ min: 20, max: 70 }) }),
  slowReads: fc.record({ do: does('holdReads', 'answerRead', 'answerRead', 'releaseReads') }),
  failedAppend: fc.record({ do: does('failAppend', 'loseAnswer') }),
  outage: fc.record({ do: does('storageDown', 'storageUp', 'storageUp') }),
  rejection: fc.record({ do: does('rejectAppend') }),
  oddity: fc.record({ do: does('stepClockBack', 'stubbornModel', 'loseAnswers') }),
  toolServer: fc.record({
    do: does('toolServer'),
    state: fc.constantFrom('there', 'there', 'there', ...toolServerStates),
  }),
  forget: fc.record({ do: does('forget') }),
  /** An agent outside begins, or one of those that there are does something. */
  agentBegins: fc.record({ do: does('agentBegins'), session: pick }),
  agent: fc.record({
    do: does('agent'),
    pick,
    deed: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('text' as const, 'push' as const) },
      { weight: 2, arbitrary: fc.constantFrom(...agentDeeds) },
    ),
    text: fc.constantFrom('a word ', 'half \ud83d', '\ude00 whole ', `${long}.`, 'x'),
  }),
  crash: fc.record({ do: does('crash'), commitsFirst: fc.boolean() }),
  stop: fc.record({ do: does('stop'), graceMs: fc.constantFrom(0, 50, 1000) }),
  start: fc.record({ do: does('start') }),
};
