/**
 * How model calls end, and what engines hand over, through the real actors over fake ports. Goal: why a model call ended
 * decides what runs, and is told; nothing foreign reaches an actor as it came. Method: a scripted engine, part by part.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { soundPart, soundUsage } from '../../actors/model-calls/sound-part.ts';
import type { EnginePart } from '../../actors/ports.ts';
import { failureText, shownMessage } from '../../schema/chat-message.ts';
import { limits } from '../../schema/limits.ts';
import { modelUsageSchema } from '../../schema/model-usage.ts';
import { baselineEvents } from '../../schema/wire/shown-event.ts';
import { failureIdOf } from '../../src/gateway/stream/failure-id.ts';
import { oddValue } from '../arbitraries/odd-values.ts';
import { type ActorWorld, acceptedValue, actorWorld, echoTool, tickingClock } from '../fakes/actor-world.ts';

async function asked(world: ActorWorld, ...parts: readonly unknown[]) {
  const session = await world.createSession();
  await world.say(session, 'Hello');
  const call = await world.engine.nextCall();
  // Engines are foreign: their types promise nothing.
  for (const part of parts) await call.give(part as EnginePart);
  return session;
}

const call = (id: string, argumentsJson: string, name = 'echo'): EnginePart => {
  return { type: 'tool-call', modelCallId: id, name, argumentsJson };
};

async function ended(world: ActorWorld) {
  await world.publisher.turnsEnded(1);
  const [trace] = await world.storage.readModel.traces({ limit: 1 });
  return trace;
}

const updates = (world: ActorWorld) =>
  world.publisher.seen.flatMap(({ event }) => (event.type === 'message.updated' ? [event] : []));

describe('a model call that was cut off', () => {
  it('[MDL8] runs the calls before the last, and tells the model and the trace of the last', async () => {
    const world = await actorWorld();
    const session = await asked(world, call('a', '{"n":1}'), call('b', ''), {
      type: 'finish',
      reason: 'length',
    });
    const next = await world.engine.nextCall();
    expect(next.request.conversation.filter(({ role }) => role === 'tool')).toMatchObject([
      { content: '{"n":1}', failed: false },
      { content: expect.stringContaining('cut off at the output limit'), failed: true },
    ]);
    await next.give({ type: 'text', text: 'Done.' });
    await next.give({ type: 'finish', reason: 'stop' });
    expect(await ended(world)).toMatchObject({
      status: 'completed',
      metadata: { note: 'cut off at the output limit' },
    });
    const stored = await world.storage.readModel.sessionToolCalls(session, { limit: 9 });
    expect(stored.map(({ status }) => status)).toEqual(['completed', 'failed']);
    // Everybody who was told of a result was told of its call.
    const told = world.publisher.seen.filter(
      ({ event }) => event.type === 'tool.call' || event.type === 'tool.result',
    );
    expect(told).toHaveLength(4);
  });

  it('[MDL8] [APR1] asks nobody about a call that is not run', async () => {
    const world = await actorWorld({ tools: [{ ...echoTool, requiresApproval: true }] });
    const session = await asked(world, call('a', '{"n":1}'), { type: 'finish', reason: 'length' });
    await world.engine.nextCall();
    const [stored] = await world.storage.readModel.sessionToolCalls(session, { limit: 9 });
    expect(stored).toMatchObject({ status: 'failed', needsApproval: false });
  });

  it('[MDL8] runs nothing after a filter, and ends the turn', async () => {
    for (const text of ['I will', '']) {
      const world = await actorWorld();
      const session = await asked(world, { type: 'text', text }, call('a', '{}'), {
        type: 'finish',
        reason: 'content-filter',
      });
      expect(await ended(world)).toMatchObject({
        status: text === '' ? 'failed' : 'completed',
        metadata: { finishReason: 'content-filter' },
      });
      expect(await world.storage.readModel.sessionToolCalls(session, { limit: 9 })).toEqual([]);
    }
  });

  it('[MDL9] says so with its message, for good, and not to baseline sockets', async () => {
    for (const reason of ['length', 'content-filter'] as const) {
      const world = await actorWorld();
      const session = await asked(world, { type: 'text', text: 'Once upon' }, { type: 'finish', reason });
      await ended(world);
      const [, answer] = await world.storage.readModel.messages(session, { limit: 9 }, 'current');
      expect(answer).toMatchObject({ content: 'Once upon', finishReason: reason });
      const [update] = updates(world);
      expect(update?.data.finishReason).toBe(reason);
      if (update === undefined) throw new Error('the answer was updated');
      const [told, ...more] = baselineEvents(update, {
        previewUnitsMax: limits.previewUnitsMax,
        failureIdOf,
      });
      expect(more).toEqual([]);
      expect(Object.keys(Object(told?.data))).toEqual(['id', 'sessionId', 'role', 'content', 'createdAt']);
    }
  });

  it('[MDL9] says that an answer reached its end', async () => {
    const world = await actorWorld();
    await asked(world, { type: 'text', text: 'The end.' }, { type: 'finish', reason: 'stop' });
    await ended(world);
    expect(updates(world)[0]?.data).toMatchObject({ finishReason: 'stop', status: 'complete' });
  });
});

describe('what engines hand over', () => {
  it('[MDL10] runs a call once that came twice, and two calls with one id that differ', async () => {
    const world = await actorWorld();
    const session = await asked(
      world,
      ...[call('a', '{"n":1}'), call('a', '{"n":1}'), call('a', '{"n":2}'), call('', '{}'), call('', '{}')],
      { type: 'finish', reason: 'tool-calls' },
    );
    await world.engine.nextCall();
    const stored = await world.storage.readModel.sessionToolCalls(session, { limit: 9 });
    expect(stored.map(({ argumentsJson }) => argumentsJson)).toEqual(['{"n":1}', '{"n":2}', '{}', '{}']);
  });

  it('[MDL11] is left out, or cut, part by part', () => {
    expect(
      soundUsage({ inputTokens: -1, outputTokens: 37.25, reasoningTokens: '9', cachedInputTokens: 4 }),
    ).toEqual({
      cachedInputTokens: 4,
    });
    expect(soundUsage({ inputTokens: Number.MAX_SAFE_INTEGER, outputTokens: Number.NaN })).toEqual({});
    expect(soundPart({ type: 'text', text: 7 })).toBeUndefined();
    expect(soundPart({ type: 'sparkle' })).toBeUndefined();
    expect(soundPart({ type: 'finish', reason: 'bored', model: 'm'.repeat(999) })).toMatchObject({
      reason: 'other',
      model: 'm'.repeat(limits.toolLabelUnitsMax),
    });
    expect(soundPart({ type: 'error', code: 'toString', retryAfterMs: Number.NaN })).toEqual({
      type: 'error',
      code: 'unknown',
      message: expect.any(String),
    });
  });

  it('[MDL11] never throws, and what is left is sound', () => {
    const types = ['text', 'reasoning', 'tool-call', 'finish', 'error', 'other'];
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.array(oddValue, { minLength: 9, maxLength: 9 }),
        (type, values) => {
          const names = [
            'text',
            'modelCallId',
            'name',
            'argumentsJson',
            'reason',
            'usage',
            'model',
            'continuation',
            'message',
          ];
          const given = Object.fromEntries(names.map((name, index) => [name, values[index]?.value]));
          const part = soundPart({ ...given, type });
          if (part === undefined) return;
          expect(part.type).toBe(type);
          if (part.type === 'finish') expect(modelUsageSchema.safeParse(part.usage).success).toBe(true);
          expect(() => JSON.stringify(part)).not.toThrow();
        },
      ),
    );
    expect(soundPart(null)).toBeUndefined();
  });

  it('[MDL11] with counts that are none, the session lives on', async () => {
    const world = await actorWorld();
    const session = await asked(
      world,
      { type: 'text', text: 'Hi' },
      { type: 'finish', reason: 'stop', usage: { outputTokens: -1, inputTokens: 37.25 } },
    );
    expect(await ended(world)).toMatchObject({ status: 'completed', metadata: { responseCount: 1 } });
    expect(
      acceptedValue(
        await world.system.door.addMessage(session, {
          role: 'user',
          content: 'And?',
          toolCallId: undefined,
          name: undefined,
        }),
      ),
    ).toBeDefined();
    expect(world.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('[MDL12] [MSG4] of white space alone is no answer', async () => {
    const world = await actorWorld();
    const session = await asked(
      world,
      { type: 'text', text: '\n' },
      { type: 'text', text: ' \u200b' },
      { type: 'finish' },
    );
    expect(await ended(world)).toMatchObject({ status: 'failed' });
    const messages = await world.storage.readModel.messages(session, { limit: 9 }, 'current');
    expect(messages.map(shownMessage).map(({ content }) => content)).toEqual(['Hello', failureText]);
  });

  it('[MDL12] keeps white space before the first word with it', async () => {
    const world = await actorWorld();
    const session = await asked(
      world,
      { type: 'text', text: '\n' },
      { type: 'text', text: ' Hi' },
      { type: 'text', text: '\n' },
      { type: 'finish' },
    );
    await ended(world);
    const messages = await world.storage.readModel.messages(session, { limit: 9 }, 'current');
    expect(messages[1]?.content).toBe('\n Hi\n');
  });

  it('[MDL13] is kept with the step and its calls, with who gave it', async () => {
    const world = await actorWorld();
    const session = await asked(
      world,
      { ...call('a', '{"n":1}'), continuation: { signed: 1 } },
      call('b', '{"n":2}'),
      { type: 'finish', reason: 'tool-calls', origin: 'scripted/one', continuation: { thoughts: 'hm' } },
    );
    const next = await world.engine.nextCall();
    const [first] = await world.storage.readModel.sessionToolCalls(session, { limit: 9 });
    const continuation = {
      origin: 'scripted/one',
      step: { thoughts: 'hm' },
      calls: { [first?.id ?? '']: { signed: 1 } },
    };
    expect(next.request.conversation[1]).toMatchObject({ continuation });
    // The last step of a turn with calls is kept, too.
    await next.give({ type: 'text', text: 'Done.' });
    await next.give({ type: 'finish', origin: 'scripted/one', continuation: { thoughts: 'well' } });
    await ended(world);
    const steps = await world.storage.readModel.turnSteps(first?.turnId ?? ('' as never));
    expect(steps.map((step) => step.continuation)).toEqual([
      continuation,
      { origin: 'scripted/one', step: { thoughts: 'well' } },
    ]);
  });

  it('[MDL13] is dropped whole when it is too long', async () => {
    const world = await actorWorld();
    await asked(
      world,
      { ...call('a', '{}'), continuation: { signed: 1 } },
      { type: 'finish', origin: 'scripted/one', continuation: 'z'.repeat(limits.continuationUnitsMax) },
    );
    const next = await world.engine.nextCall();
    expect(next.request.conversation[1]).toMatchObject({
      continuation: { origin: 'scripted/one', dropped: true },
    });
    expect(world.logs.map(({ message }) => message)).toContainEqual(expect.stringContaining('too long'));
  });
});

describe('the time of a model call', () => {
  it('[MDL4] is bounded as a whole, however lively it is', async () => {
    const world = await actorWorld({ clock: tickingClock(), modelMsMax: 60, modelSilenceMsMax: 10_000 });
    await asked(world, { type: 'text', text: 'So ' });
    expect(await ended(world)).toMatchObject({
      status: 'failed',
      metadata: { error: expect.stringContaining('not finished after 60 ms'), errorCode: 'timeout' },
    });
  });
});
