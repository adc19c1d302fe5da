/**
 * Tool registry. Goal: each command changes one tool and tells the whole of it, or is refused without an effect; one
 * reply each; nothing that changes nothing is told. Method: generated commands through the store, compared with a model
 * that knows only which names there are and which of them are active.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { publishing } from '../../actors/sessions/publishing.ts';
import { toolRegistryLogic, withTool } from '../../machines/tool-registry.ts';
import type { CommandId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { registeredToolSchema, type ToolRegistryCommand } from '../../schema/registered-tool.ts';
import type { Emission } from '../../schema/text-piece.ts';
import { millisecondsOf } from '../../schema/timestamp.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { anyInstant } from '../arbitraries/instants.ts';
import { registryCommand } from '../arbitraries/registry-commands.ts';
import { exampleDefinition, exampleTool } from '../fakes/example-tool.ts';

function started(tools = [] as readonly (typeof exampleTool)[]) {
  const emissions: Emission[] = [];
  const logic = publishing(toolRegistryLogic, (emission) => emissions.push(emission));
  const actor = createActor(logic, { input: { tools } });
  actor.start();
  let count = 0;
  const send = (event: Parameters<typeof actor.send>[0]): readonly Emission[] => {
    emissions.length = 0;
    actor.send(event);
    return [...emissions];
  };
  const give = (command: ToolRegistryCommand, at = 0, key?: string) => {
    const idempotency = key === undefined ? undefined : { key, fingerprint: 'a print' };
    const commandId = idOf<CommandId>(idKinds.command, ++count);
    return send({ type: 'tools.command', command, commandId, at, idempotency });
  };
  return { send, give, tools: () => actor.getSnapshot().context.tools };
}

const register: ToolRegistryCommand = { type: 'tool.register', definition: exampleDefinition, heldBy: null };
const { name } = exampleDefinition;

describe('the tool registry', () => {
  it('[RTL1] [RTL3] [RTL4] tells each change once and whole, refuses the rest, and answers each command once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(registryCommand, anyInstant), { maxLength: 30 }), (steps) => {
        const { give, tools } = started();
        const active = new Map<string, boolean>();
        for (const [command, at] of steps) {
          const before = tools();
          const said = give(command, at);
          const named = command.type === 'tool.register' ? command.definition.name : command.name;
          const isKnown = active.has(named);
          const isRefused = command.type === 'tool.register' ? isKnown || command.heldBy !== null : !isKnown;
          expect(said.at(-1)?.type).toBe(isRefused ? 'command.refused' : 'command.accepted');
          const changes =
            !isRefused &&
            !(command.type === 'tool.activate' && active.get(named) === true) &&
            !(command.type === 'tool.deactivate' && active.get(named) === false);
          if (!isRefused) {
            active.set(
              named,
              command.type === 'tool.activate' || command.type === 'tool.register'
                ? true
                : command.type === 'tool.deactivate'
                  ? false
                  : (active.get(named) ?? true),
            );
          }
          const tool = tools().find((one) => one.name === named);
          const told =
            command.type === 'tool.register'
              ? 'tool.registered'
              : command.type === 'tool.deactivate'
                ? 'tool.deactivated'
                : 'tool.updated';
          expect(said.slice(0, -1)).toMatchObject(changes ? [{ type: told, data: tool }] : []);
          if (!changes) expect(tools()).toBe(before);
          if (tool !== undefined) expect(registeredToolSchema.parse(tool)).toEqual(tool);
          for (const one of before) {
            const after = tools().find((other) => other.name === one.name);
            expect(millisecondsOf(after?.updatedAt ?? '')).toBeGreaterThanOrEqual(
              millisecondsOf(one.updatedAt),
            );
          }
        }
        expect(new Map(tools().map((tool) => [tool.name, tool.active]))).toEqual(active);
        expect(tools().map((tool) => tool.name)).toEqual([...active.keys()].sort());
      }),
      { numRuns: 300 },
    );
  });

  it('[RTL2] refuses a name that is taken, and says by whom', () => {
    const { give } = started();
    const held = { ...register, heldBy: 'a built-in tool' } as const;
    const message = 'weather is the name of a built-in tool';
    expect(give(held)).toMatchObject([{ refusal: { code: 'conflict', message } }]);
    give(register);
    expect(give(register)).toMatchObject([
      { refusal: { code: 'conflict', message: 'A tool named weather is registered; change it instead' } },
    ]);
    give({ type: 'tool.deactivate', name });
    expect(give(register)).toMatchObject([
      {
        refusal: { message: 'A tool named weather is registered, and deactivated; change it instead' },
      },
    ]);
    expect(give({ type: 'tool.update', name: 'storm', patch: {} })).toMatchObject([
      { refusal: { code: 'not_found', message: 'Tool storm not found' } },
    ]);
  });

  it('[RTL2] refuses more tools than allowed, and still changes those that are there', () => {
    const many = Array.from({ length: limits.registeredToolsMax }, (_, index) => ({
      ...exampleTool,
      name: `tool-${String(index).padStart(3, '0')}`,
    }));
    const full = started(many);
    expect(full.give(register)).toMatchObject([
      { refusal: { code: 'conflict', message: expect.stringContaining('256 tools are registered') } },
    ]);
    expect(full.give({ type: 'tool.deactivate', name: 'tool-000' })[0]?.type).toBe('tool.deactivated');
    expect(started(many.slice(1)).give(register)[0]?.type).toBe('tool.registered');
  });

  it('[RTL8] counts secrets, and notes since when the newest is', () => {
    const { give, tools } = started();
    give(register, 1000);
    expect(tools()).toMatchObject([{ secretVersion: 1, secretSince: '1970-01-01T00:00:01.000Z' }]);
    give({ type: 'tool.update', name, patch: { description: 'Another' } }, 2000);
    give({ type: 'tool.rotate-secret', name }, 3000);
    expect(tools()).toMatchObject([
      { secretVersion: 2, secretSince: '1970-01-01T00:00:03.000Z', createdAt: '1970-01-01T00:00:01.000Z' },
    ]);
  });

  it('[RTL1] [CMD1] keeps the answer of a named command, between what it tells and its reply', () => {
    const { give, tools } = started();
    expect(give(register, 5, 'a key')).toMatchObject([
      { type: 'tool.registered', data: tools()[0] },
      { type: 'command.completed', data: { key: 'a key', fingerprint: 'a print', result: tools()[0] } },
      { type: 'command.accepted', result: tools()[0] },
    ]);
  });

  it('[OUT6] goes back to what is stored when a change could not be', () => {
    const { send, give, tools } = started();
    give(register);
    expect(send({ type: 'tools.reset', tools: [] })).toEqual([]);
    expect(tools()).toEqual([]);
  });

  it('[RTL1] puts a changed tool where it was', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((one) => ({ ...exampleTool, name: one }));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three tools');
    const changed = { ...b, active: false };
    expect(withTool([a, b, c], changed)).toEqual([a, changed, c]);
    expect(withTool([], a)).toEqual([a]);
    expect(withTool([a], c)).toEqual([a, c]);
  });
});
