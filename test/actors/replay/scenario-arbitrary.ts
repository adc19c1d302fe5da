/**
 * Scenarios: commands to two sessions and, for each prompt, the model's answer and its tool calls. The same script
 * answers the same prompt in every life, so that lives can be compared.
 */
import fc from 'fast-check';
import type { LiveSystemOptions } from '../../../actors/live-system.ts';
import type { ModelOptions } from '../../../schema/model-options.ts';

/** The output of one model call, part by part; `ticks` of the event loop pass before each. */
export type ModelCall = {
  readonly parts: readonly (
    | { readonly kind: 'text' | 'reasoning'; readonly text: string; readonly ticks: number }
    | { readonly kind: 'tool'; readonly name: string; readonly ticks: number }
  )[];
  readonly end: 'finish' | 'error' | 'throw';
  /** How many attempts fail with a retryable error before this one. */
  readonly flaky: number;
};

export type Order =
  | {
      readonly kind: 'ask';
      readonly session: number;
      readonly script: readonly ModelCall[];
      readonly options?: ModelOptions;
    }
  | {
      readonly kind: (typeof plainOrders)[number] | (typeof rareOrders)[number];
      readonly session: number;
    };

const plainOrders = ['note', 'cancel', 'rename', 'archive', 'delete', 'config'] as const;

/** About the newest of the session's messages, or one that waits. */
const treeOrders = [
  'regenerate',
  'continue',
  'edit',
  'editWaiting',
  'remove',
  'removeWaiting',
  'select',
  'sendNow',
  'steer',
  'replace',
  'insist',
  'fork',
  'import',
] as const;
export type TreeOrder = (typeof treeOrders)[number];

/**
 * What compared lives leave out: commands without a name, decisions and cancellations without an effect, sessions
 * that leave memory, a journal that refuses events or is unavailable for a moment, and commands about messages.
 */
const rareOrders = [
  'describe',
  'cancelOne',
  'cancelUnnamed',
  'createAgain',
  'decide',
  'decideWaiting',
  'passivate',
  'reject',
  'break',
  ...treeOrders,
] as const;

export type LivedScenario = readonly {
  readonly order: Order;
  /** Ticks of the event loop before the next command. */
  readonly ticks: number;
}[];

const ticks = fc.integer({ min: 0, max: 6 });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const modelCallWith = (...tools: readonly string[]): fc.Arbitrary<ModelCall> =>
  fc.record({
    parts: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.record({ kind: fc.constant('text' as const), text, ticks }) },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('reasoning' as const), text, ticks }) },
        {
          weight: 2,
          arbitrary: fc.record({
            kind: fc.constant('tool' as const),
            name: fc.constantFrom('quick', 'slow', 'failing', 'unknown', 'guarded', 'guarded', ...tools),
            ticks,
          }),
        },
      ),
      { maxLength: 5 },
    ),
    end: fc.constantFrom('finish', 'finish', 'finish', 'error', 'throw'),
    flaky: fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) },
    ),
  });
const modelCall = modelCallWith();
const session = fc.integer({ min: 0, max: 1 });
const order: fc.Arbitrary<Order> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      session,
      script: fc.array(modelCall, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('note', 'note', 'cancel', 'rename', 'archive', 'config', 'delete'),
      session,
    }),
  },
);

export const livedScenario: fc.Arbitrary<LivedScenario> = fc.array(
  fc.record({ order, ticks: fc.integer({ min: 0, max: 20 }) }),
  { minLength: 2, maxLength: 8 },
);

const modelOptions: fc.Arbitrary<ModelOptions> = fc.record(
  { temperature: fc.constantFrom(0, 0.5), model: fc.constantFrom('rehearsal', 'other') },
  { requiredKeys: [] },
);

/** Every command, and every other event that a session can receive. */
export const wholeScenario: fc.Arbitrary<LivedScenario> = fc.array(
  fc.record({
    order: fc.oneof(
      { weight: 4, arbitrary: order },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('ask' as const),
          session,
          script: fc.array(modelCallWith('telling', 'hurried'), { minLength: 1, maxLength: 3 }),
          options: modelOptions,
        }),
      },
      { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom(...rareOrders), session }) },
      { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom(...treeOrders), session }) },
    ),
    ticks: fc.integer({ min: 0, max: 20 }),
  }),
  { minLength: 2, maxLength: 16 },
);

/** The settings that a server may have. */
export const systemOptions: fc.Arbitrary<LiveSystemOptions> = fc.record({
  modelOptions,
  turnBounds: fc.record({
    stepsMax: fc.integer({ min: 1, max: 3 }),
    tokensMax: fc.constantFrom(1, 20, 1_000_000),
    msMax: fc.constantFrom(5, 20, 600_000),
    claimMs: fc.constantFrom(5, 600_000),
  }),
});
