/** What is learned of models: their counts narrow a room at once and widen it slowly; refusals are remembered. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelRooms } from '../../../actors/model-calls/model-rooms.ts';
import { limits } from '../../../schema/limits.ts';

describe('model rooms', () => {
  it('[HIS6] a provider that counts more than was estimated leaves less room, for that model alone', () => {
    const rooms = new ModelRooms();
    rooms.counted('a', { estimated: 1000, counted: 2000 });
    expect(rooms.roomOf('a', 32_000)).toBe(16_000);
    expect(rooms.roomOf('b', 32_000)).toBe(32_000);
    rooms.counted('a', { estimated: 1000, counted: 1000 });
    expect(rooms.roomOf('a', 32_000)).toBeGreaterThan(16_000);
    expect(rooms.roomOf('a', 32_000)).toBeLessThan(20_000);
  });

  it('[HIS6] never leaves more room than was asked for, nor less than a sixteenth for what a provider counts', () => {
    const count = fc.nat({ max: 1_000_000_000 });
    fc.assert(
      fc.property(fc.array(fc.record({ estimated: count, counted: count })), (seen) => {
        const rooms = new ModelRooms();
        for (const one of seen) rooms.counted('a', one);
        const room = rooms.roomOf('a', 32_000);
        expect(room).toBeLessThanOrEqual(32_000);
        expect(room).toBeGreaterThanOrEqual(2000);
      }),
    );
  });

  it('[HIS6] learns nothing from short calls, of which what a provider adds is the most', () => {
    const rooms = new ModelRooms();
    rooms.counted('a', { estimated: 10, counted: 300 });
    expect(rooms.roomOf('a', 32_000)).toBe(32_000);
  });

  it('[HIS5] halves the room of a model that refused, and then comes near to what it refused, but not to it', () => {
    const rooms = new ModelRooms();
    rooms.refused('a', { estimated: 20_000, isCertain: true });
    expect(rooms.roomOf('a', 32_000)).toBe(10_000);
    rooms.accepted('a', { estimated: 3000, isCut: false });
    expect(rooms.roomOf('a', 32_000)).toBe(10_000);
    for (let calls = 0; calls < 100; calls++) rooms.accepted('a', { estimated: 9000, isCut: true });
    expect(rooms.roomOf('a', 32_000)).toBe(17_500);
    // A message that was too long by itself says little of others.
    rooms.refused('a', { estimated: 500_000, isCertain: true });
    expect(rooms.roomOf('a', 32_000)).toBe(17_500);
  });

  it('[HIS7] outgrows what it guessed from a refusal without a name, and guesses nothing from a short request', () => {
    const rooms = new ModelRooms();
    rooms.refused('a', { estimated: 500, isCertain: false });
    expect(rooms.roomOf('a', 32_000)).toBe(32_000);
    rooms.refused('a', { estimated: 20_000, isCertain: false });
    expect(rooms.roomOf('a', 32_000)).toBe(10_000);
    for (let calls = 0; calls < 100; calls++) rooms.accepted('a', { estimated: 9000, isCut: true });
    expect(rooms.roomOf('a', 32_000)).toBe(32_000);
  });

  it('[HIS6] knows as many models as its bound allows, and forgets the one used longest ago', () => {
    const rooms = new ModelRooms();
    for (let model = 0; model <= limits.modelRoomsMax; model++)
      rooms.refused(`m${model}`, { estimated: 2000, isCertain: true });
    expect(rooms.roomOf('m0', 32_000)).toBe(32_000);
    expect(rooms.roomOf('m1', 32_000)).toBe(1000);
  });
});
