/** The order in which connections catch up, and their places for reading. */
import { expect, it } from 'vitest';
import { type CatchingUp, CatchUp } from '../../../../src/gateway/stream/catch-up.ts';
import { streamBounds } from '../../../../src/gateway/stream/stream-bounds.ts';
import { SimulatedClock } from '../../../simulation/simulated-clock.ts';
import { recordingLog } from '../running-gateway.ts';

function catchingUpWith(bounds: { catchUpTickEvents: number; catchUpReadsMax: number }) {
  const clock = new SimulatedClock();
  const log = recordingLog();
  return { clock, log, catchUp: new CatchUp({ bounds: { ...streamBounds, ...bounds }, clock, log }) };
}

it('[V1D4] connections take turns, a bounded number of events per tick', () => {
  const { clock, catchUp } = catchingUpWith({ catchUpTickEvents: 300, catchUpReadsMax: 1 });
  const turns: string[] = [];
  const lengths = { a: 5, b: 1, c: 3, d: 2 };
  for (const [name, count] of Object.entries(lengths)) {
    let left = count;
    const connection: CatchingUp = {
      turn() {
        turns.push(name);
        left--;
        if (left > 0) catchUp.takeTurn(connection);
        return 90;
      },
      read: async () => {},
    };
    catchUp.takeTurn(connection);
  }
  const ticks: string[] = [];
  while (!clock.idle) {
    clock.tick();
    ticks.push(turns.splice(0).join(''));
  }
  // No connection has a second turn before all had a first, and no tick does everything.
  expect(ticks).toEqual(['abc', 'dac', 'dac', 'a', 'a']);
});

it('[V1D4] a bounded number of connections read the journal at a time, in the order in which they asked', async () => {
  const { clock, catchUp } = catchingUpWith({ catchUpTickEvents: 1000, catchUpReadsMax: 2 });
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const connections = Array.from(
    { length: 5 },
    (_, index): CatchingUp => ({
      turn: () => 'read',
      read: () =>
        new Promise((resolve) => {
          started.push(index);
          ends.push(resolve);
        }),
    }),
  );
  for (const connection of connections) catchUp.takeTurn(connection);
  clock.tick();
  expect(started).toEqual([0, 1]);
  const [, , , gone] = connections;
  if (gone !== undefined) catchUp.forget(gone);
  for (const expected of [
    [0, 1, 2],
    [0, 1, 2, 4],
    [0, 1, 2, 4],
    [0, 1, 2, 4],
  ]) {
    ends.shift()?.();
    for (let turn = 0; turn < 5; turn++) await null;
    expect(started).toEqual(expected);
  }
});

it('[V1D4] a connection whose turn fails does not hold up the others', () => {
  const { clock, catchUp, log } = catchingUpWith({ catchUpTickEvents: 1000, catchUpReadsMax: 1 });
  let turns = 0;
  const failing: CatchingUp = {
    turn() {
      throw new Error('a bug');
    },
    read: async () => {},
  };
  catchUp.takeTurn(failing);
  catchUp.takeTurn({ turn: () => ++turns, read: async () => {} });
  clock.tick();
  expect(turns).toBe(1);
  expect(log.lines).toHaveLength(1);
});
