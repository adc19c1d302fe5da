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
  defaultRuntimeConfig,
  type RuntimeConfig,
  runtimeConfigSchema,
  type UpdateRuntimeConfig,
} from '../../schema/runtime-config.ts';
import type { Emission } from '../../schema/text-piece.ts';
import { configPatch } from '../arbitraries/config-patches.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { anyInstant } from '../arbitraries/instants.ts';

const updates = fc.array(fc.record({ patch: configPatch, at: anyInstant }), { maxLength: 12 });

function started() {
  const emissions: Emission[] = [];
  const logic = publishing(runtimeConfigLogic, (emission) => emissions.push(emission));
  const actor = createActor(logic, { input: { config: defaultRuntimeConfig } });
  actor.start();
  const send = (event: Parameters<typeof actor.send>[0]): readonly Emission[] => {
    emissions.length = 0;
    actor.send(event);
    return [...emissions];
  };
  const update = (patch: UpdateRuntimeConfig, at: number, count = 1): readonly Emission[] =>
    send({ type: 'config.update', patch, at, commandId: idOf<CommandId>(idKinds.command, count) });
  return { send, update, config: (): RuntimeConfig => actor.getSnapshot().context.config };
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
          expect(said).toEqual([
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
          if (said[0]?.type === 'config.updated') continue;
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
    expect(update({ features: many(room) }, 0)[0]?.type).toBe('config.updated');
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
    const said = send({ type: 'config.update', patch: { theme: 'light' }, at: 5, commandId, idempotency });
    expect(said).toEqual([
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
    expect(send({ type: 'config.reset', config: kept })).toEqual([]);
    expect(config()).toEqual(kept);
  });
});
