/**
 * Histories of long sessions. Goal: replaying one never holds up other work for long. Method: a clock that moves one
 * millisecond each time it is read, and counts how often other work may run.
 */
import { expect, it } from 'vitest';
import { limits } from '../../../schema/limits.ts';
import { replayedSession } from '../../../src/inspect/replayed-sessions.ts';
import { acceptedValue, actorWorld, tickingClock } from '../../fakes/actor-world.ts';

it('[INS9] lets other work run after each slice of time, whatever the steps take', async () => {
  const world = await actorWorld();
  const id = await world.createSession();
  for (let count = 0; count < 40; count++)
    acceptedValue(await world.system.door.updateSession(id, { title: `Title ${count}` }));
  await world.system.stop();
  const { soon, ...ticking } = tickingClock();
  let pauses = 0;
  const clock = {
    ...ticking,
    soon: (run: () => void) => {
      pauses++;
      soon(run);
    },
  };
  const history = await replayedSession({ ...world.storage, clock }, id, { after: 0, limit: 500 });
  const steps = history?.steps ?? [];
  expect(steps.length).toBeGreaterThan(40);
  expect(pauses).toBeGreaterThanOrEqual(Math.floor(steps.length / (limits.historySliceMs + 1)));
});
