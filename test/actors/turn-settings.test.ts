/** Goal: a change of how turns are answered begins with the next turn. Method: real actors, an engine that is let go by hand. */
import { expect, it } from 'vitest';
import type { Engine, EnginePart } from '../../actors/ports.ts';
import { defaultTurnBounds } from '../../machines/turn-context.ts';
import { noUsage } from '../../schema/model-usage.ts';
import { createToolBox } from '../../src/tools/tool-box.ts';
import { acceptedValue, actorWorld, echoTool } from '../fakes/actor-world.ts';

/** Asks for one tool, then says its name. */
function namedEngine(name: string, asked: string[], wait: () => Promise<void>): Engine {
  return {
    name,
    async *stream({ step, options, tools }): AsyncGenerator<EnginePart> {
      asked.push(`${name} ${step} ${options.temperature} ${tools.map((tool) => tool.name)}`);
      await wait();
      if (step === 1) yield { type: 'tool-call', modelCallId: 'a', name: 'echo', argumentsJson: '{}' };
      else yield { type: 'text', text: name };
      yield { type: 'finish', reason: step === 1 ? 'tool-calls' : 'stop', usage: noUsage };
    },
  };
}

it('[EDT16] a turn keeps the settings that it began with, and the next one has the new ones', async () => {
  const asked: string[] = [];
  const began = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const old = namedEngine('old', asked, () => {
    began.resolve();
    return letGo.promise;
  });
  const world = await actorWorld({ modelOptions: { temperature: 0 } });
  const { system } = world;
  system.answerWith({ engine: old, tools: createToolBox([echoTool]) }, { modelOptions: { temperature: 0 } });
  const session = await world.createSession();
  await world.say(session, 'one');
  await began.promise;
  system.answerWith(
    {
      engine: namedEngine('new', asked, async () => {}),
      tools: createToolBox([echoTool, { ...echoTool, name: 'another' }]),
    },
    { modelOptions: { temperature: 1 }, turnBounds: { ...defaultTurnBounds, stepsMax: 1 } },
  );
  await world.say(session, 'two');
  letGo.resolve();
  const answers = async () =>
    acceptedMessages(await world.storage.readModel.messages(session, { limit: 10 }, 'current'));
  while ((await answers()).length < 1) await new Promise((resolve) => setImmediate(resolve));
  while (system.registry.responding() > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(asked.slice(0, 3)).toEqual(['old 1 0 echo', 'old 2 0 echo', 'new 1 1 echo,another']);
  expect((await answers())[0]).toBe('old');
  // A session that has waked anew has the new bounds: one step.
  const third = await world.say(session, 'three');
  expect(third.content).toBe('three');
  while (asked.filter((line) => line.startsWith('new 1')).length < 2) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (system.registry.responding() > 0) await new Promise((resolve) => setImmediate(resolve));
  expect(asked.at(-1)).toBe('new 1 1 echo,another');
  acceptedValue(await system.door.deleteSession(session));
  await system.stop();
});

function acceptedMessages(
  messages: readonly { readonly role: string; readonly content: string }[],
): readonly string[] {
  return messages
    .filter(({ role, content }) => role === 'assistant' && content !== '')
    .map(({ content }) => content);
}
