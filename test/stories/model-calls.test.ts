/**
 * Failing model calls and tool runs, through the real actors over fake ports: each ends in a defined state with
 * everything closed. Method: a scripted engine, tools that misbehave, and timers that the test fires.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock, EnginePart } from '../../actors/ports.ts';
import type { Tool } from '../../actors/tool-ports.ts';
import { defaultTurnBounds } from '../../machines/turn-context.ts';
import { failureText, shownMessage } from '../../schema/chat-message.ts';
import { limits } from '../../schema/limits.ts';
import { accepted } from '../../schema/refusal.ts';
import { type ActorWorld, actorWorld, echoTool, endlessTool, tickingClock } from '../fakes/actor-world.ts';
import { disordered, duplicatedEvents, unterminatedIn } from '../torture/journal-faults.ts';

/** Waits between attempts are over at once; time limits stay. */
function hurriedClock(): Clock {
  const clock = tickingClock();
  const isRetry = (delay: number) => delay >= limits.modelRetryMs / 2 && delay < limits.commandWaitMsMax;
  return { ...clock, after: (delay, run) => clock.after(isRetry(delay) ? 0 : delay, run) };
}

async function asked(world: ActorWorld) {
  const session = await world.createSession();
  await world.say(session, 'Hello');
  return session;
}

async function ended(world: ActorWorld) {
  await world.publisher.turnsEnded(1);
  const log = world.storage.committed().map(({ entry }) => entry);
  expect([...duplicatedEvents(log), ...unterminatedIn(log), ...disordered(log)]).toEqual([]);
  const [trace] = await world.storage.readModel.traces({ limit: 1 });
  return { trace, log };
}

const text: EnginePart = { type: 'text', text: 'Hi' };

describe('a model call that fails before its first piece', () => {
  it('[MDL1] is made again, and the turn goes on', async () => {
    const world = await actorWorld({ clock: hurriedClock() });
    await asked(world);
    for (let attempt = 1; attempt <= 2; attempt++) {
      const call = await world.engine.nextCall();
      expect(call.request).toMatchObject({ step: 1, attempt });
      await call.give({ type: 'error', code: 'overloaded', message: 'busy' });
    }
    const third = await world.engine.nextCall();
    await third.give(text);
    await third.give({ type: 'finish', reason: 'stop' });
    const { trace, log } = await ended(world);
    expect(trace).toMatchObject({ status: 'completed', metadata: { retries: 2 } });
    expect(
      log.flatMap((entry) => (entry.type === 'turn.step.started' ? [entry.data.attempt ?? 1] : [])),
    ).toEqual([1, 2, 3]);
  });

  it('[MDL1] [MDL3] fails for good when it has been tried often enough, for people in the fixed words', async () => {
    const world = await actorWorld({ clock: hurriedClock() });
    const session = await asked(world);
    for (let attempt = 0; attempt <= limits.modelRetriesMax; attempt++) {
      const call = await world.engine.nextCall();
      await call.give({ type: 'error', code: 'rate_limited', message: 'slow down', retryAfterMs: 700 });
    }
    const { trace } = await ended(world);
    expect(trace).toMatchObject({
      status: 'failed',
      metadata: {
        error: 'The provider limits how often it may be asked: slow down',
        errorCode: 'rate_limited',
        retries: limits.modelRetriesMax,
      },
    });
    const messages = await world.storage.readModel.messages(session, { limit: 9 }, 'current');
    expect(messages.map(shownMessage).map(({ content }) => content)).toEqual(['Hello', failureText]);
  });

  it('[MDL1] is not made again while the process stops or the turn is cancelled', async () => {
    for (const end of ['cancel', 'stop'] as const) {
      const world = await actorWorld();
      const session = await asked(world);
      const call = await world.engine.nextCall();
      await call.give({ type: 'error', code: 'overloaded', message: 'busy' });
      if (end === 'cancel') await world.system.door.cancelTurns(session);
      else await world.system.drain(0);
      const { log } = await ended(world);
      const outcome = log.findLast((entry) => entry.type === 'turn.ended');
      expect(outcome).toMatchObject({ data: { outcome: end === 'cancel' ? 'cancelled' : 'interrupted' } });
      await world.system.stop();
    }
  });
});

describe('a model call that falls silent', () => {
  it('[MDL4] counts as dead, and is made again if it had said nothing', async () => {
    const world = await actorWorld({ clock: hurriedClock(), modelSilenceMsMax: 20 });
    const session = await asked(world);
    const first = await world.engine.nextCall();
    const second = await world.engine.nextCall();
    expect(first.signal.aborted).toBe(true);
    expect(second.request.attempt).toBe(2);
    await second.give(text);
    const { trace } = await ended(world);
    expect(trace).toMatchObject({
      status: 'failed',
      metadata: { errorCode: 'timeout', error: expect.stringContaining('silent for 20 ms') },
    });
    const messages = await world.storage.readModel.messages(session, { limit: 9 }, 'current');
    expect(messages.map(({ content, status }) => [content, status])).toEqual([
      ['Hello', undefined],
      ['Hi', 'failed'],
    ]);
  });
});

describe('odd models', () => {
  const part: fc.Arbitrary<EnginePart> = fc.oneof(
    fc.constantFrom<EnginePart>(
      { type: 'text', text: '' },
      { type: 'text', text: 'a\uD83D' },
      { type: 'text', text: '\uDE00b' },
      { type: 'reasoning', text: 'hm' },
      { type: 'reasoning', text: '' },
      { type: 'finish' },
      { type: 'finish', reason: 'length', usage: { outputTokens: 9 } },
      { type: 'error', message: '' },
      { type: 'error', message: 'x', code: 'authentication' },
    ),
    fc.record({
      type: fc.constant('tool-call' as const),
      modelCallId: fc.constantFrom('a', 'b', ''),
      name: fc.constantFrom('echo', 'throws', 'huge', 'nobody', '__proto__'),
      argumentsJson: fc.constantFrom('{}', '', 'null', '[]', '{', '"text"', '{"n":1}'),
    }),
  );

  it('[MDL7] [MSG8] whatever they say in whatever order, each turn ends with everything closed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(part, { maxLength: 6 }), { maxLength: 4 }), async (script) => {
        const throws: Tool = { ...echoTool, name: 'throws', run: () => Promise.reject(new Error('no')) };
        const huge: Tool = {
          ...echoTool,
          name: 'huge',
          run: async () => accepted('x'.repeat(limits.toolResultUnitsMax + 10)),
        };
        const world = await actorWorld({ tools: [echoTool, throws, huge], clock: hurriedClock() });
        await asked(world);
        let isOver = false;
        const over = ended(world).then((end) => {
          isOver = true;
          return end;
        });
        for (const parts of [...script, [text, { type: 'finish' } as const]]) {
          const call = await Promise.race([world.engine.nextCall(), over.then(() => null)]);
          if (call === null) break;
          for (const one of parts) {
            await Promise.race([call.give(one), over]);
            if (isOver || one.type === 'finish' || one.type === 'error') break;
          }
          const last = parts.at(-1)?.type;
          if (
            last !== 'finish' &&
            last !== 'error' &&
            !parts.some(({ type }) => type === 'finish' || type === 'error')
          )
            await Promise.race([call.give({ type: 'finish' }), over]);
        }
        await over;
        await world.system.stop();
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('[MDL2] that call tools for ever are stopped', async () => {
    const world = await actorWorld({ turnBounds: { ...defaultTurnBounds, stepsMax: 3 } });
    await asked(world);
    for (let step = 1; step <= 3; step++) {
      const call = await world.engine.nextCall();
      await call.give({ type: 'tool-call', modelCallId: 'a', name: 'echo', argumentsJson: '{}' });
      await call.give({ type: 'finish' });
    }
    const { trace } = await ended(world);
    expect(trace).toMatchObject({ metadata: { error: expect.stringContaining('more than 3 model calls') } });
  });
});

describe('odd tools', () => {
  async function resultsOf(
    calls: readonly { name: string; argumentsJson: string }[],
    tools: readonly Tool[],
  ) {
    const world = await actorWorld({ tools });
    const session = await asked(world);
    const call = await world.engine.nextCall();
    for (const [index, one] of calls.entries())
      await call.give({ type: 'tool-call', modelCallId: `${index}`, ...one });
    await call.give({ type: 'finish' });
    const next = await world.engine.nextCall();
    const stored = await world.storage.readModel.sessionToolCalls(session, { limit: 9 });
    return { results: next.request.toolResults, stored, world };
  }

  it('[TOOL7] get nothing that their schema does not accept, and the model is told why', async () => {
    const strict: Tool = {
      ...echoTool,
      inputSchema: {
        type: 'object',
        properties: { n: { type: 'integer', minimum: 1 } },
        required: ['n'],
        additionalProperties: false,
      },
    };
    const given = ['{"n":1}', '{"n":0}', '{}', '{"n":1,"m":2}', '[1]', '{', ''];
    const { results } = await resultsOf(
      given.map((argumentsJson) => ({ name: 'echo', argumentsJson })),
      [strict],
    );
    expect(results.map(({ failed }) => failed)).toEqual([false, true, true, true, true, true, true]);
    expect(results.map(({ result }) => result)).toEqual([
      '{"n":1}',
      'Not valid: /n must be >= 1',
      "Not valid: the arguments must have required property 'n'",
      'Not valid: the arguments must NOT have additional properties ("m")',
      'The arguments must be a JSON object',
      'The arguments are not JSON',
      "Not valid: the arguments must have required property 'n'",
    ]);
  });

  it('[TOOL3] [TOOL14] that are unknown or throw fail their call alone, a broken schema does not', async () => {
    const throws: Tool = {
      ...echoTool,
      name: 'throws',
      run: () => Promise.reject(new Error('out of order')),
    };
    const broken: Tool = { ...echoTool, name: 'broken', inputSchema: { type: 'nonsense' } };
    const { results } = await resultsOf(
      ['nobody', 'throws', 'broken', 'echo'].map((name) => ({ name, argumentsJson: '{}' })),
      [throws, broken, echoTool],
    );
    expect(results).toMatchObject([
      { failed: true, result: 'There is no tool named "nobody"' },
      { failed: true, result: 'out of order' },
      { failed: false, result: '{}' },
      { failed: false },
    ]);
  });

  it('[TOOL3] that hang are given up after their time', async () => {
    const { results } = await resultsOf(
      [{ name: 'endless', argumentsJson: '{}' }],
      [{ ...endlessTool, timeoutMs: 5 }],
    );
    expect(results).toMatchObject([{ failed: true, result: 'endless did not finish within 5 ms' }]);
  });

  it('[TOOL9] that answer megabytes are kept up to a bound, and shorter for the model', async () => {
    const huge: Tool = {
      ...echoTool,
      name: 'huge',
      run: async () => accepted('x'.repeat(3 * limits.toolResultUnitsMax)),
    };
    const { results, stored } = await resultsOf([{ name: 'huge', argumentsJson: '{}' }], [huge]);
    expect(stored[0]?.result).toHaveLength(limits.toolResultUnitsMax + 1);
    expect(results[0]?.result.length).toBeLessThan(limits.toolResultModelUnitsMax + 200);
    expect(results[0]?.result).toContain('characters are left out');
  });

  it('[TOOL8] tell how far they are now and then, the newest first, and nothing after their end', async () => {
    const busy: Tool = {
      ...echoTool,
      name: 'busy',
      run: async (_input, { progress }) => {
        for (let done = 0; done < 50; done++) progress({ done, total: 50, message: `\0part ${done}` });
        progress({ done: Number.NaN });
        return accepted('done');
      },
    };
    const { world } = await resultsOf([{ name: 'busy', argumentsJson: '{}' }], [busy]);
    const told = world.publisher.seen.flatMap(({ event }) =>
      event.type === 'tool.call' || event.type === 'tool.result' ? [event.data] : [],
    );
    expect(told.map(({ status, progress }) => [status, progress])).toEqual([
      ['running', undefined],
      ['running', { done: 0, total: 50, message: '\uFFFDpart 0' }],
      ['completed', undefined],
    ]);
  });
});
