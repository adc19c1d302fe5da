/** Layouts through the real outbox: merged, stored, one after the other. */
import { describe, expect, it } from 'vitest';
import { limits } from '../../../schema/limits.ts';
import { shownLayout } from '../../../schema/preferences.ts';
import { acceptedValue, actorWorld } from '../../fakes/actor-world.ts';

const defaults = { chat: { collapsedPanels: {}, sessionSettings: {}, templates: {} } };

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
    const updatedAt = expect.any(String);
    expect(answers.map(acceptedValue)).toEqual([
      { ...defaults, a: { x: 1 }, updatedAt },
      { ...defaults, a: 'other', updatedAt },
      { ...defaults, a: { x: 1, y: 2 }, b: true, updatedAt },
      { ...defaults, a: { x: 1, y: 2 }, updatedAt },
    ]);
    expect(await storage.readModel.layout('one')).toMatchObject({ layout: { a: { x: 1, y: 2 } } });
    expect(await storage.readModel.layout('two')).toMatchObject({ layout: { a: 'other' } });
  });

  it('[PRF1] is answered with the time of its change, whatever time the page puts back', async () => {
    const { system, storage } = await actorWorld();
    const patch = { updatedAt: '1999-01-01T00:00:00.000Z', chat: { collapsedPanels: { logs: true } } };
    const puts = [];
    for (const one of [patch, {}]) puts.push(acceptedValue(await system.door.updateLayout('one', one)));
    const [first, second] = puts;
    const chat = { ...defaults.chat, collapsedPanels: { logs: true } };
    const [committed, later] = storage.committed().map(({ entry }) => new Date(entry.at).toISOString());
    expect(first).toEqual({ chat, updatedAt: committed });
    expect(second).toEqual({ chat, updatedAt: later });
    expect(later).not.toBe(committed);
    expect(shownLayout(await storage.readModel.layout('one'))).toEqual(second);
  });

  it('[PRF2] that would grow too long is refused, and the one before stays', async () => {
    const { system, storage } = await actorWorld();
    acceptedValue(await system.door.updateLayout('one', { a: 1 }));
    const refusal = await system.door.updateLayout('one', { b: 'x'.repeat(limits.layoutUnitsMax) });
    expect(refusal).toMatchObject({ ok: false, refusal: { code: 'body_too_large' } });
    expect(await storage.readModel.layout('one')).toMatchObject({ layout: { a: 1 } });
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
