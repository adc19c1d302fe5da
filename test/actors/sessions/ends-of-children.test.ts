/**
 * A machine is told of the ends of its children by kind: it remembers every type of event that it has met, so a type with an
 * id in it is a leak.
 */
import { afterEach, expect, it, vi } from 'vitest';
import { type AnyStateMachine, createActor, fromPromise, StateMachine, setup } from 'xstate';
import { withEndsByKind } from '../../../actors/sessions/ends-of-children.ts';
import { actorWorld } from '../../fakes/actor-world.ts';

afterEach(() => vi.restoreAllMocks());

/** The types of events that machines are told of from now on. */
function typesTold(): ReadonlySet<string> {
  const types = new Set<string>();
  const { transition } = StateMachine.prototype;
  vi.spyOn(StateMachine.prototype, 'transition').mockImplementation(function (
    this: AnyStateMachine,
    snapshot,
    event,
    scope,
  ) {
    types.add(event.type);
    return transition.call(this, snapshot, event, scope);
  });
  return types;
}

it('turns and tool calls end without a type of their own in any state', async () => {
  const types = typesTold();
  const { system, engine, createSession, say, publisher, storage } = await actorWorld();
  try {
    const session = await createSession();
    for (const turn of [1, 2]) {
      await say(session, 'Well?');
      const first = await engine.nextCall();
      await first.give({ type: 'tool-call', modelCallId: 'a', name: 'echo', argumentsJson: '{}' });
      await first.give({ type: 'finish' });
      const second = await engine.nextCall();
      await second.give({ type: 'text', text: 'Yes.' });
      await second.give({ type: 'finish' });
      const ended = () => storage.committed().filter(({ entry }) => entry.type === 'turn.ended').length;
      await publisher.until(() => ended() === turn);
    }
    const ends = [...types].filter((type) => /^xstate\.(done|error)\.actor\./.test(type));
    expect(ends.toSorted()).toEqual(['xstate.done.actor.toolCall.any', 'xstate.done.actor.turn.any']);
    expect([...types].filter((type) => /[0-9a-f]{12}/.test(type))).toEqual([]);
  } finally {
    await system.stop();
  }
});

it('a child whose id is its kind, and one that fails, end as they are handled', async () => {
  const told: string[] = [];
  const child = fromPromise<string, { readonly fails: boolean }>(async ({ input }) => {
    if (input.fails) throw new Error('no');
    return 'yes';
  });
  const parent = setup({
    actors: { child },
    actions: { note: ({ event }) => told.push(event.type) },
  }).createMachine({
    invoke: [
      { id: 'alone', src: 'child', input: { fails: false } },
      { id: 'kind.1', src: 'child', input: { fails: false } },
      { id: 'kind.2', src: 'child', input: { fails: true } },
    ],
    on: {
      'xstate.done.actor.alone': { actions: 'note' },
      'xstate.done.actor.kind.*': { actions: 'note' },
      'xstate.error.actor.kind.*': { actions: 'note' },
    },
  });
  const actor = createActor(withEndsByKind(parent)).start();
  await vi.waitFor(() => expect(told).toHaveLength(3));
  expect(told.toSorted()).toEqual([
    'xstate.done.actor.alone',
    'xstate.done.actor.kind.any',
    'xstate.error.actor.kind.any',
  ]);
  actor.stop();
});
