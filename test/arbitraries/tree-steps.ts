/** Interleavings in which people change the tree and the queue of a session while its agent answers. */
import fc from 'fast-check';
import { messageRoles } from '../../schema/chat-message.ts';
import { queuePolicies } from '../../schema/create-message.ts';
import { anyInstant, noon } from './instants.ts';
import type { LiveStep } from './live-steps.ts';
import type { CommandPlan } from './session-commands.ts';

const at = anyInstant;
const text = fc.constantFrom('so', 'then', '😀', 'half of it');
/** Mostly the newest messages. */
const which = fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(12) });

const command: fc.Arbitrary<CommandPlan> = fc
  .tuple(
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          type: fc.constant('message.add' as const),
          role: fc.oneof(
            { weight: 5, arbitrary: fc.constant('user' as const) },
            { weight: 1, arbitrary: fc.constantFrom(...messageRoles) },
          ),
          content: text,
          queue: fc.oneof(
            { weight: 6, arbitrary: fc.constant('queue' as const) },
            { weight: 1, arbitrary: fc.constantFrom(...queuePolicies) },
          ),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          type: fc.constant('message.regenerate' as const),
          which,
          continues: fc.boolean(),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record(
          {
            type: fc.constant('message.edit' as const),
            which,
            content: text,
            options: fc.constantFrom({ temperature: 0 }, { temperature: 1 }),
          },
          { requiredKeys: ['type', 'which', 'content'] },
        ),
      },
      {
        weight: 8,
        arbitrary: fc.record({
          type: fc.constantFrom('message.delete', 'message.send-now', 'message.steer', 'branch.select'),
          which,
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('turn.cancel' as const),
          prompt: fc.option(fc.nat(8), { nil: null }),
        }),
      },
    ),
    at,
    fc.boolean(),
  )
  .map(([planned, time, named]) => ({ ...planned, at: time, named }));

const step: fc.Arbitrary<LiveStep> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('command' as const), command }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('text' as const), text, at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reasoning' as const), text, at }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('calls' as const), count: fc.integer({ min: 1, max: 2 }), at }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('finish' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), error: text, at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('toolEnds' as const),
      which: fc.nat(2),
      failed: fc.boolean(),
      at,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('park' as const, 'checkpoint' as const), at }),
  },
);

const given = (planned: object): LiveStep => ({
  kind: 'command',
  command: { at: noon, named: false, ...planned } as CommandPlan,
});

/** An answer that fails or is stopped half-way, and goes on: rare if everything is left to chance. */
const goesOn: fc.Arbitrary<readonly LiveStep[]> = fc
  .boolean()
  .map((fails) => [
    given({ type: 'turn.cancel', prompt: null }),
    given({ type: 'message.add', role: 'user', content: 'go', queue: 'queue' }),
    { kind: 'text', text: 'half', at: noon },
    fails ? { kind: 'fail', error: 'no', at: noon } : given({ type: 'turn.cancel', prompt: null }),
    given({ type: 'message.regenerate', which: 0, continues: true }),
  ]);

/** The session is there. */
export const treeSteps: fc.Arbitrary<readonly LiveStep[]> = fc
  .array(
    fc.oneof(
      { weight: 30, arbitrary: step.map((one): readonly LiveStep[] => [one]) },
      { weight: 1, arbitrary: goesOn },
    ),
    { maxLength: 60, size: 'max' },
  )
  .map((scenes) => [
    given({ type: 'session.create', title: 'A title', description: undefined }),
    ...scenes.flat(),
  ]);
