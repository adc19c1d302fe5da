/**
 * Registered tools through the real actors over fake ports. Goal: what is registered is offered, called as it was when
 * the call began, and restored; its secret is in the answers to two commands and nowhere else. Method: a tool box that
 * answers with the definition that it was called with, when the test says so.
 */
import { describe, expect, it } from 'vitest';
import { JournalRejected } from '../../actors/ports.ts';
import type { RegisteredTools } from '../../actors/registered-tools.ts';
import type { Tool, ToolBox } from '../../actors/tool-ports.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { JsonSchemaObject } from '../../schema/json-value.ts';
import { accepted } from '../../schema/refusal.ts';
import type { RegisteredTool, RegisterTool } from '../../schema/registered-tool.ts';
import { type ActorWorld, acceptedValue, actorWorld, countingIds } from '../fakes/actor-world.ts';
import { exampleDefinition } from '../fakes/example-tool.ts';
import { type MemoryStorage, memoryStorage } from '../fakes/memory-storage.ts';

type Host = RegisteredTools &
  ToolBox & { readonly gate: PromiseWithResolvers<void>; readonly begun: Promise<void> };

function host(): Host {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  let tools: readonly Tool[] = [];
  const toolOf = ({ name, description, inputSchema, timeoutMs, ...rest }: RegisteredTool): Tool => ({
    ...{ name, description, inputSchema, timeoutMs },
    requiresApproval: rest.requiresApproval,
    repeatable: rest.repeatable,
    run: async () => {
      begun.resolve();
      await gate.promise;
      return accepted(`${rest.url} ${rest.secretVersion}`);
    },
  });
  return {
    gate,
    begun: begun.promise,
    list: () => tools,
    find: (name) => tools.find((tool) => tool.name === name),
    offer: (all) => {
      tools = all.filter(({ active }) => active).map(toolOf);
    },
    holderOf: (name) => (name === 'clock' ? 'a built-in tool' : null),
    addressProblem: (url) => (url.startsWith('https://10.') ? 'it is private' : null),
    secretOf: ({ name, secretVersion }) =>
      `whsec_${Buffer.from(`hidden ${name} ${secretVersion}`).toString('base64')}`,
  };
}

async function world(storage: MemoryStorage = memoryStorage(), start = 1) {
  const registered = host();
  const made = await actorWorld({
    storage,
    toolBox: registered,
    registeredTools: registered,
    ids: countingIds(start),
  });
  return { ...made, registered };
}

const definition: RegisterTool = { ...exampleDefinition, inputSchema: { type: 'object' } };
const { name } = definition;

/** A session whose model has asked for the tool. */
async function asked({ createSession, say, engine }: ActorWorld): Promise<SessionId> {
  const session = await createSession();
  await say(session, 'Please');
  const call = await engine.nextCall();
  await call.give({ type: 'tool-call', modelCallId: 'call_1', name, argumentsJson: '{}' });
  await call.give({ type: 'finish', reason: 'tool-calls' });
  return session;
}

async function resultOf({ engine }: ActorWorld): Promise<string | undefined> {
  return (await engine.nextCall()).request.toolResults[0]?.result;
}

describe('a registered tool', () => {
  it('[RTL1] [RTL5] is offered from the answer on, and after a restart, as it was last', async () => {
    const first = await world();
    acceptedValue(await first.system.door.registerTool(definition));
    const session = await first.createSession();
    await first.say(session, 'Hello');
    expect((await first.engine.nextCall()).request.tools).toEqual([
      { name, description: definition.description, inputSchema: definition.inputSchema },
    ]);
    acceptedValue(await first.system.door.updateTool(name, { description: 'Another' }));
    acceptedValue(await first.system.door.registerTool({ ...definition, name: 'other' }));
    acceptedValue(await first.system.door.deactivateTool('other'));
    const known = first.system.door.registeredTools();
    await first.system.stop();
    const second = await world(first.storage, 0x1000);
    expect(second.system.door.registeredTools()).toEqual(known);
    expect(second.registered.list()).toMatchObject([{ name, description: 'Another' }]);
    expect(second.registered.find('other')).toBeUndefined();
    acceptedValue(await second.system.door.activateTool('other'));
    expect(second.registered.find('other')).toBeDefined();
  });

  it('[RTL8] shows its secret in two answers, and a repetition of these commands, and nowhere else', async () => {
    const first = await world();
    const named = { key: 'a', fingerprint: 'a' };
    const answer = acceptedValue(await first.system.door.registerTool(definition, named));
    expect(answer.secret).toBe(`whsec_${Buffer.from('hidden weather 1').toString('base64')}`);
    expect(acceptedValue(await first.system.door.registerTool(definition, named))).toEqual(answer);
    const rotated = acceptedValue(
      await first.system.door.rotateToolSecret(name, { key: 'b', fingerprint: 'b' }),
    );
    expect(rotated.secretVersion).toBe(2);
    expect(rotated.secret).not.toBe(answer.secret);
    acceptedValue(await first.system.door.updateTool(name, {}));
    const everywhere = JSON.stringify([
      first.storage.committed(),
      first.publisher.seen,
      first.logs,
      first.system.door.registeredTools(),
      [...first.system.actors.roots()].map((root) => root.getSnapshot().context),
    ]);
    expect(everywhere).not.toContain('whsec_');
    await first.system.stop();
    const second = await world(first.storage, 0x1000);
    expect(acceptedValue(await second.system.door.registerTool(definition, named))).toEqual(answer);
    expect(second.storage.committed().filter(({ entry }) => entry.type === 'tool.registered')).toHaveLength(
      1,
    );
  });

  it('[RTL6] is called as it was when the call began, whatever becomes of it meanwhile', async () => {
    const made = await world();
    const { door } = made.system;
    acceptedValue(await door.registerTool(definition));
    await asked(made);
    await made.registered.begun;
    acceptedValue(await door.updateTool(name, { url: 'https://example.org/other' }));
    acceptedValue(await door.rotateToolSecret(name));
    acceptedValue(await door.deactivateTool(name));
    made.registered.gate.resolve();
    expect(await resultOf(made)).toBe(`${definition.url} 1`);
  });

  it('[RTL7] is called as it is when a person has approved, or not at all once it is deactivated', async () => {
    for (const isDeactivated of [false, true]) {
      const made = await world();
      const { door } = made.system;
      acceptedValue(await door.registerTool({ ...definition, requiresApproval: true }));
      const session = await asked(made);
      await made.publisher.until((seen) => seen.some(({ event }) => event.type === 'tool.call'));
      const [call] = await made.storage.readModel.sessionToolCalls(session, { limit: 1 });
      if (call === undefined) throw new Error('no call waits');
      acceptedValue(await door.updateTool(name, { url: 'https://example.org/other' }));
      if (isDeactivated) acceptedValue(await door.deactivateTool(name));
      made.registered.gate.resolve();
      acceptedValue(await door.approveToolCall(session, call.id));
      expect(await resultOf(made)).toBe(
        isDeactivated ? 'There is no tool named "weather"' : 'https://example.org/other 1',
      );
    }
  });

  it('[OUT6] [RTL1] is not offered when the journal refuses it, and can be registered later', async () => {
    const made = await world();
    const { door } = made.system;
    made.storage.failNextAppends(new JournalRejected('the test says so'));
    expect(await door.registerTool(definition)).toMatchObject({ ok: false });
    expect([door.registeredTools(), made.registered.list()]).toEqual([[], []]);
    acceptedValue(await door.registerTool(definition));
    expect(made.registered.find(name)).toBeDefined();
  });
});

describe('a definition that cannot be used', () => {
  const deep = (levels: number): JsonSchemaObject =>
    levels === 0 ? { type: 'string' } : { type: 'object', properties: { a: deep(levels - 1) } };

  it.each([
    ['no object', { type: 'array' }, /the arguments must be an object, not "array"/],
    ['a type that there is not', { type: 'object', properties: { a: { type: 'text' } } }, /type/],
    [
      'a pattern that cannot be checked',
      { properties: { a: { pattern: '(?=b)' } } },
      /the pattern "\(\?=b\)"/,
    ],
    ['a reference to nothing', { properties: { a: { $ref: '#/$defs/none' } } }, /#\/\$defs\/none/],
    ['another place to read', { properties: { a: { $ref: 'http://169.254.169.254/' } } }, /169\.254/],
    ['too deep', deep(65), /nested more than 64 levels/],
  ] as const)('[RTL9] is refused with the reason: %s', async (_words, inputSchema, message) => {
    const { door } = (await world()).system;
    const refusal = { code: 'validation_failed', message: expect.stringMatching(message) };
    expect(await door.registerTool({ ...definition, inputSchema })).toMatchObject({ ok: false, refusal });
    acceptedValue(await door.registerTool(definition));
    expect(await door.updateTool(name, { inputSchema })).toMatchObject({ ok: false, refusal });
    expect(door.registeredTools()).toMatchObject([{ inputSchema: definition.inputSchema }]);
  });

  it('[RTL9] is refused with the reason: an address that cannot be called, a name that is taken', async () => {
    const { door } = (await world()).system;
    expect(await door.registerTool({ ...definition, url: 'https://10.0.0.1/' })).toMatchObject({
      refusal: { code: 'validation_failed', message: 'url cannot be called: it is private' },
    });
    expect(await door.registerTool({ ...definition, name: 'clock' })).toMatchObject({
      refusal: { code: 'conflict', message: 'clock is the name of a built-in tool' },
    });
    expect(await door.deactivateTool('clock')).toMatchObject({ refusal: { code: 'not_found' } });
  });

  it('[RTL9] is any, where no tools can be registered', async () => {
    const { door } = (await actorWorld()).system;
    expect(await door.registerTool(definition)).toMatchObject({ refusal: { code: 'bad_request' } });
  });
});
