/** Interleavings of commands, parts of an engine's answers, and ends of tools around one live session. */
import fc from 'fast-check';
import { anyInstant } from './instants.ts';
import { type CommandPlan, commandPlan } from './session-commands.ts';
import { anyText, pieceText } from './texts.ts';

/** The output of the running turn's engine. */
export type EngineStep =
  | { readonly kind: 'text' | 'reasoning'; readonly text: string; readonly at: number }
  | { readonly kind: 'calls'; readonly count: number; readonly at: number }
  | { readonly kind: 'checkpoint' | 'finish'; readonly at: number }
  | { readonly kind: 'fail'; readonly error: string; readonly at: number };

export type LiveStep =
  | EngineStep
  | { readonly kind: 'command'; readonly command: CommandPlan }
  | { readonly kind: 'park' | 'interrupt'; readonly at: number }
  | { readonly kind: 'toolEnds'; readonly which: number; readonly failed: boolean; readonly at: number };

/**
 * What a tool does when it is started: mostly it waits for the test. Engines always wait: a model call begins only
 * when the events before it are durable, so never in the tick that starts it.
 */
export const manners = ['wait', 'end', 'fail', 'throw'] as const;
export type Manner = (typeof manners)[number];

const manner: fc.Arbitrary<Manner> = fc.oneof(
  { weight: 8, arbitrary: fc.constant('wait' as const) },
  { weight: 1, arbitrary: fc.constantFrom(...manners) },
);

export type LivePlan = {
  readonly steps: readonly LiveStep[];
  /** In the order in which the tools are started; further tools wait. */
  readonly tools: readonly Manner[];
};

const at = anyInstant;

const step: fc.Arbitrary<LiveStep> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('command' as const), command: commandPlan }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('text' as const), text: pieceText, at }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('reasoning' as const), text: pieceText, at }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('calls' as const), count: fc.integer({ min: 1, max: 3 }), at }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('checkpoint' as const, 'finish' as const), at }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('finish' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), error: anyText, at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('park' as const, 'interrupt' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('interrupt' as const), at }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('toolEnds' as const),
      which: fc.nat(5),
      failed: fc.boolean(),
      at,
    }),
  },
);

export const livePlan: fc.Arbitrary<LivePlan> = fc.record({
  steps: fc.array(step, { maxLength: 80, size: 'max' }),
  tools: fc.array(manner, { maxLength: 10 }),
});
