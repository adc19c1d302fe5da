/** The runtime config through the real actors over fake ports: who changed what, once, and through a restart. */
import { describe, expect, it } from 'vitest';
import { defaultRuntimeConfig } from '../../schema/runtime-config.ts';
import { acceptedValue, actorWorld } from '../fakes/actor-world.ts';

describe('the runtime config', () => {
  it('[CFG4] [CFG5] [CFG6] is changed flag by flag and reset, and its history says by whom', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    acceptedValue(await door.updateConfig({ theme: 'light' }, 'one'));
    acceptedValue(await door.setFlag({ name: 'logs', value: false }, 'two'));
    acceptedValue(await door.setFlag({ name: 'logs', value: false }, 'two'));
    expect(acceptedValue(await door.resetConfig('three'))).toEqual(defaultRuntimeConfig);
    expect(door.runtimeConfig()).toEqual(defaultRuntimeConfig);
    const history = await world.storage.readModel.configHistory({ limit: 10 });
    expect(history).toMatchObject([
      {
        by: 'three',
        kind: 'reset',
        changes: [
          { key: 'theme', from: 'light', to: 'dark' },
          { key: 'features.logs', from: false, to: true },
        ],
      },
      { by: 'two', kind: 'flag', changes: [{ key: 'features.logs', from: true, to: false }] },
      { by: 'one', kind: 'patched', changes: [{ key: 'theme', from: 'dark', to: 'light' }] },
    ]);
    expect(world.publisher.names().filter((name) => name.startsWith('config.'))).toEqual([
      ...['config.changed', 'config.updated'],
      ...['config.changed', 'config.flag.updated', 'config.updated'],
      ...['config.flag.updated', 'config.updated'],
      ...['config.changed', 'config.reset', 'config.updated'],
    ]);
  });

  it('[CFG7] [CMD1] takes each named command once, at once and after a restart', async () => {
    const first = await actorWorld();
    const named = { key: 'flag', fingerprint: 'x' };
    const set = () => first.system.door.setFlag({ name: 'new', value: true }, 'one', named);
    for (const outcome of await Promise.all([set(), set(), set()])) acceptedValue(outcome);
    const reset = { key: 'reset', fingerprint: 'y' };
    acceptedValue(await first.system.door.resetConfig('one', reset));
    expect(await first.storage.readModel.configHistory({ limit: 10 })).toHaveLength(2);
    const second = await actorWorld({ storage: first.storage });
    acceptedValue(await second.system.door.setFlag({ name: 'new', value: true }, 'one', named));
    expect(second.system.door.runtimeConfig()).toEqual(defaultRuntimeConfig);
    acceptedValue(await second.system.door.updateConfig({ theme: 'aurora' }, 'one'));
    acceptedValue(await second.system.door.resetConfig('one', reset));
    expect(second.system.door.runtimeConfig().theme).toBe('aurora');
    expect(await second.system.door.resetConfig('one', { ...named, fingerprint: 'z' })).toMatchObject({
      refusal: { code: 'conflict' },
    });
  });

  it('[CFG4] keeps what two set at once', async () => {
    const { system } = await actorWorld();
    const flags = Array.from({ length: 20 }, (_, index) => `flag ${index}`);
    await Promise.all(flags.map((name) => system.door.setFlag({ name, value: true }, 'one')));
    const on = Object.fromEntries(flags.map((name) => [name, true]));
    expect(system.door.runtimeConfig().features).toEqual({ ...defaultRuntimeConfig.features, ...on });
  });
});
