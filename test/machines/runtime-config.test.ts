/**
 * Runtime config. Goal: each patch is merged and broadcast, or refused without an effect; one reply each. Method:
 * generated patches through the store's pure transition, compared with a model.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { publishing } from '../../actors/sessions/publishing.ts';
import { runtimeConfigLogic } from '../../machines/runtime-config.ts';
import type { CommandId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import {
  configChanges,
  defaultRuntimeConfig,
  type RuntimeConfig,
  runtimeConfigSchema,
  type UpdateRuntimeConfig,
} from '../../schema/runtime-config.ts';
import type { Emission } from '../../schema/text-piece.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { configPatch } from '../arbitraries/config-patches.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { anyInstant } from '../arbitraries/instants.ts';

const by = 'an owner';
const updates = fc.array(fc.record({ patch: configPatch, at: anyInstant }), { maxLength: 12 });

function started() {
  const emissions: Emission[] = [];
  const logic = publishing(runtimeConfigLogic, (emission) => emissions.push(emission));
  const actor = createActor(logic, {
    input: { config: defaultRuntimeConfig, defaults: defaultRuntimeConfig },
  });
  actor.start();
  const send = (event: Parameters<typeof actor.send>[0]): readonly Emission[] => {
    emissions.length = 0;
    actor.send(event);
    return [...emissions];
  };
  const update = (patch: UpdateRuntimeConfig, at: number, count = 1): readonly Emission[] =>
    send({ type: 'config.update', patch, at, by, commandId: idOf<CommandId>(idKinds.command, count) });
  return { send, update, config: (): RuntimeConfig => actor.getSnapshot().context.config };
}

/** Without what is only journaled, for the history. */
function told(said: readonly Emission[]): readonly Emission[] {
  return said.filter(({ type }) => type !== 'config.changed');
}

describe('the runtime config', () => {
  it('[CFG1] merges features key by key, replaces the rest, and tells the whole document, for {} too', () => {
    fc.assert(
      fc.property(updates, (steps) => {
        const { update, config } = started();
        for (const [index, { patch, at }] of steps.entries()) {
          const before = config();
          const said = update(patch, at, index);
          const features = { ...before.features, ...patch.features };
          if (Object.keys(features).length > limits.configFeaturesMax) continue;
          const { features: _, ...rest } = patch;
          expect(config()).toEqual({ ...before, ...rest, features });
          expect(runtimeConfigSchema.parse(config())).toEqual(config());
          const commandId = idOf<CommandId>(idKinds.command, index);
          expect(told(said)).toEqual([
            { type: 'config.updated', sessionId: null, at, commandId, data: config() },
            { type: 'command.accepted', sessionId: null, commandId, result: config() },
          ]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('[CFG2] refuses more features than allowed, and neither changes nor tells anything', () => {
    fc.assert(
      fc.property(updates, (steps) => {
        const { update, config } = started();
        for (const [index, { patch, at }] of steps.entries()) {
          const before = config();
          const said = update(patch, at, index);
          expect(Object.keys(config().features).length).toBeLessThanOrEqual(limits.configFeaturesMax);
          if (told(said)[0]?.type === 'config.updated') continue;
          expect(said).toMatchObject([{ type: 'command.refused', refusal: { code: 'bad_request' } }]);
          expect(config()).toBe(before);
        }
      }),
      { numRuns: 200 },
    );
    const { update } = started();
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`extra-${index}`, true]));
    const room = limits.configFeaturesMax - Object.keys(defaultRuntimeConfig.features).length;
    expect(told(update({ features: many(room) }, 0))[0]?.type).toBe('config.updated');
    expect(update({ features: many(room + 1) }, 0)[0]?.type).toBe('command.refused');
  });

  it('[CFG1] lays its keys out as the baseline does', () => {
    const { update, config } = started();
    update({ theme: 'aurora', websocketUrl: 'ws://a', apiUrl: 'http://a' }, 0);
    expect(Object.keys(config())).toEqual(['apiUrl', 'websocketUrl', 'features', 'theme']);
  });

  it('[CFG1] [CMD1] keeps the answer of a named patch, between what it tells and its reply', () => {
    const commandId = idOf<CommandId>(idKinds.command, 1);
    const idempotency = { key: 'a key', fingerprint: 'a print' };
    const { send, config } = started();
    const said = send({
      type: 'config.update',
      patch: { theme: 'light' },
      at: 5,
      by,
      commandId,
      idempotency,
    });
    expect(told(said)).toEqual([
      { type: 'config.updated', sessionId: null, at: 5, commandId, data: config() },
      {
        type: 'command.completed',
        sessionId: null,
        at: 5,
        commandId,
        data: { ...idempotency, result: config() },
      },
      { type: 'command.accepted', sessionId: null, commandId, result: config() },
    ]);
  });

  it('[CFG2] says how many features there may be', () => {
    const { update } = started();
    const features = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`${index}`, true]));
    expect(update({ features }, 0)).toMatchObject([
      { refusal: { message: 'features must have at most 100 keys after merging' } },
    ]);
  });

  it('[OUT6] goes back to what is stored when a patch could not be', () => {
    const { send, update, config } = started();
    update({ theme: 'light' }, 0);
    const kept: RuntimeConfig = { ...defaultRuntimeConfig, theme: 'aurora' };
    expect(send({ type: 'config.restore', config: kept })).toEqual([]);
    expect(config()).toEqual(kept);
  });

  const commandId = idOf<CommandId>(idKinds.command, 1);
  const flags = fc.record({ name: fc.constantFrom('chat', 'new', 'constructor'), value: fc.boolean() });

  it('[CFG4] sets one flag, keeps the rest, and tells the flag before the whole', () => {
    fc.assert(
      fc.property(configPatch, flags, anyInstant, (patch, { name, value }, at) => {
        const { send, update, config } = started();
        update(patch, 0);
        const before = config();
        const previous = Object.hasOwn(before.features, name) ? before.features[name] : null;
        const said = told(send({ type: 'config.flag', name, value, by, at, commandId }));
        const features = { ...before.features, [name]: value };
        fc.pre(Object.keys(features).length <= limits.configFeaturesMax);
        expect(config()).toEqual({ ...before, features });
        const timestamp = isoTimestamp(at);
        expect(said).toMatchObject([
          { type: 'config.flag.updated', data: { name, value, previous, by, timestamp } },
          { type: 'config.updated', data: config() },
          { type: 'command.accepted', result: config() },
        ]);
      }),
    );
  });

  it('[CFG2] refuses a flag that is one too many', () => {
    const { send, update, config } = started();
    const room = limits.configFeaturesMax - Object.keys(defaultRuntimeConfig.features).length;
    update({ features: Object.fromEntries(Array.from({ length: room }, (_, at) => [`${at}`, true])) }, 0);
    const before = config();
    const said = send({ type: 'config.flag', name: 'more', value: true, by, at: 0, commandId });
    expect(said).toMatchObject([{ type: 'command.refused', refusal: { code: 'bad_request' } }]);
    expect(config()).toBe(before);
    expect(send({ type: 'config.flag', name: '0', value: false, by, at: 0, commandId })).toHaveLength(4);
  });

  it('[CFG5] goes back to its defaults, whatever was patched', () => {
    fc.assert(
      fc.property(updates, (steps) => {
        const { send, update, config } = started();
        for (const [index, { patch, at }] of steps.entries()) update(patch, at, index);
        const changes = configChanges(config(), defaultRuntimeConfig);
        const said = told(send({ type: 'config.reset', by, at: 5, commandId }));
        expect(config()).toEqual(defaultRuntimeConfig);
        expect(said).toMatchObject([
          { type: 'config.reset', data: { changes, by } },
          { type: 'config.updated', data: defaultRuntimeConfig },
          { type: 'command.accepted', result: defaultRuntimeConfig },
        ]);
      }),
    );
  });

  it('[CFG6] tells the history who changed what, and nothing that changed nothing', () => {
    fc.assert(
      fc.property(updates, (steps) => {
        const { update, config } = started();
        for (const [index, { patch, at }] of steps.entries()) {
          const before = config();
          const noted = update(patch, at, index).filter(({ type }) => type === 'config.changed');
          const changes = configChanges(before, config());
          const id = idOf<CommandId>(idKinds.command, index);
          const data = { id, by, kind: 'patched', changes };
          expect(noted).toEqual(
            changes.length === 0
              ? []
              : [{ type: 'config.changed', sessionId: null, at, commandId: id, data }],
          );
          // What changed leads from the one to the other.
          const after = new Map<string, unknown>(entriesOf(before));
          for (const { key, from, to } of changes) {
            expect(after.get(key) ?? null).toBe(from);
            if (to === null) after.delete(key);
            else after.set(key, to);
          }
          expect(after).toEqual(new Map(entriesOf(config())));
        }
      }),
    );
  });
});

function entriesOf({ features, ...rest }: RuntimeConfig): (readonly [string, unknown])[] {
  return [
    ...Object.entries(rest),
    ...Object.entries(features).map(([name, value]) => [`features.${name}`, value] as const),
  ];
}
