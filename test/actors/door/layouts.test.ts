/** Layouts through the real outbox: merged, stored, one after the other. */
import { describe, expect, it } from 'vitest';
import { limits } from '../../../schema/limits.ts';
import { acceptedValue, actorWorld } from '../../fakes/actor-world.ts';

describe('a layout', () => {
  it('[PRF1] is merged with what is stored, however many come at once, and answered when it is', async () => {
    const { system, storage } = await actorWorld();
    const { door } = system;
    const answers = await Promise.all([
      door.updateLayout('one', { a: { x: 1 } }),
      door.updateLayout('two', { a: 'other' }),
      door.updateLayout('one', { a: { y: 2 }, b: true }),
      door.updateLayout('one', { b: null }),
    ]);
    expect(answers.map(acceptedValue)).toEqual([
      { a: { x: 1 } },
      { a: 'other' },
      { a: { x: 1, y: 2 }, b: true },
      { a: { x: 1, y: 2 } },
    ]);
    expect(await storage.readModel.layout('one')).toEqual({ a: { x: 1, y: 2 } });
    expect(await storage.readModel.layout('two')).toEqual({ a: 'other' });
  });

  it('[PRF2] that would grow too long is refused, and the one before stays', async () => {
    const { system, storage } = await actorWorld();
    acceptedValue(await system.door.updateLayout('one', { a: 1 }));
    const refusal = await system.door.updateLayout('one', { b: 'x'.repeat(limits.layoutUnitsMax) });
    expect(refusal).toMatchObject({ ok: false, refusal: { code: 'body_too_large' } });
    expect(await storage.readModel.layout('one')).toEqual({ a: 1 });
  });

  it('[PRF2] is refused, retryable, while the database is away', async () => {
    const { system, storage } = await actorWorld();
    storage.breakDown();
    expect(await system.door.updateLayout('one', { a: 1 })).toMatchObject({
      refusal: { code: 'unavailable', retryable: true },
    });
    storage.recover();
    acceptedValue(await system.door.updateLayout('one', { a: 1 }));
  });
});
