/**
 * Tool server. Goal: it always reconnects, never in a tight loop, and a loss counts only when there was a connection
 * to lose. Method: generated events through the pure transition, and the delays computed from the context.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import {
  type ToolServerContext,
  type ToolServerEvent,
  toolServerMachine,
} from '../../machines/tool-server.ts';
import { limits } from '../../schema/limits.ts';

type Step = ToolServerEvent | { readonly type: 'delay' };

const event: fc.Arbitrary<Step> = fc.oneof(
  fc.nat({ max: 300 }).map((tools) => ({ type: 'server.listed' as const, tools })),
  fc.string({ unit: 'binary' }).map((error) => ({ type: 'server.lost' as const, error })),
  fc.constant({ type: 'delay' as const }),
);

/** Runs the machine; `delay` is the end of the wait, and has no effect while the machine does not wait. */
function walked(steps: readonly Step[]): { readonly state: unknown; readonly context: ToolServerContext }[] {
  let [snapshot] = initialTransition(toolServerMachine, { name: 'files' });
  const seen = [{ state: snapshot.value, context: snapshot.context }];
  for (const step of steps) {
    [snapshot] =
      step.type === 'delay'
        ? snapshot.matches('waiting')
          ? transition(toolServerMachine, snapshot, {
              type: 'xstate.after.reconnectDelay.toolServer.waiting',
            } as never)
          : [snapshot]
        : transition(toolServerMachine, snapshot, step);
    seen.push({ state: snapshot.value, context: snapshot.context });
  }
  return seen;
}

test('is connecting, ready or waiting, and says why it waits', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (steps) => {
      for (const { state, context } of walked(steps)) {
        if (state === 'waiting') {
          expect(context.failures).toBeGreaterThan(0);
          expect(context.error).not.toBeNull();
          expect(context.error?.length).toBeLessThanOrEqual(limits.failureReasonUnitsMax + 1);
        } else {
          expect([{ connected: 'connecting' }, { connected: 'ready' }]).toContainEqual(state);
        }
      }
    }),
  );
});

test('after the wait it connects again, and tools make the failures forgotten', () => {
  const states = walked([
    { type: 'server.lost', error: 'no such program' },
    { type: 'delay' },
    { type: 'server.lost', error: 'no such program' },
    { type: 'delay' },
    { type: 'server.listed', tools: 3 },
  ]);
  expect(states.map(({ state, context }) => [state, context.failures])).toEqual([
    [{ connected: 'connecting' }, 0],
    ['waiting', 1],
    [{ connected: 'connecting' }, 1],
    ['waiting', 2],
    [{ connected: 'connecting' }, 2],
    [{ connected: 'ready' }, 0],
  ]);
});
