/** The spans that a run appends, through the real actors over fake ports. */
import { describe, expect, it } from 'vitest';
import type { ActorWorld } from '../fakes/actor-world.ts';
import { acceptedValue, actorWorld } from '../fakes/actor-world.ts';

async function spansOf(world: ActorWorld) {
  const [trace] = await world.storage.readModel.traces({ limit: 1 });
  if (trace === undefined) throw new Error('there is no trace');
  return world.storage.readModel.spans(trace.id, { limit: 100 });
}

describe('the spans of a run', () => {
  it('[TRC6] tell the turn, each model call and each tool call, with what they used', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Use two tools');
    const first = await world.engine.nextCall();
    await first.give({ type: 'tool-call', modelCallId: 'a', name: 'echo', argumentsJson: '{}' });
    await first.give({ type: 'tool-call', modelCallId: 'b', name: 'broken', argumentsJson: '{}' });
    await first.give({ type: 'finish', usage: { inputTokens: 3, outputTokens: 4 }, model: 'small' });
    const second = await world.engine.nextCall();
    await second.give({ type: 'text', text: 'Done' });
    await second.give({ type: 'finish', usage: { inputTokens: 5, outputTokens: 6 }, model: 'small' });
    await world.publisher.turnsEnded(1);
    const spans = await spansOf(world);
    const turn = spans.at(-1);
    expect(turn).toMatchObject({
      parentId: null,
      status: 'ok',
      name: expect.stringMatching(/^invoke_agent /),
    });
    expect(turn?.attributes).toMatchObject({
      'gen_ai.conversation.id': session,
      'gen_ai.usage.input_tokens': 8,
      'gen_ai.usage.output_tokens': 10,
    });
    expect(spans.slice(0, -1)).toMatchObject([
      {
        name: 'chat small',
        status: 'ok',
        attributes: { 'gen_ai.usage.output_tokens': 4, 'callboard.step': 1 },
      },
      { name: 'execute_tool echo', status: 'ok' },
      { name: 'execute_tool broken', status: 'error', attributes: { 'error.type': 'tool_error' } },
      { name: 'chat small', status: 'ok', attributes: { 'callboard.step': 2 } },
    ]);
    for (const span of spans.slice(0, -1)) expect(span.parentId).toBe(turn?.id);
    for (const { startedAt, endedAt } of spans) expect(startedAt <= endedAt).toBe(true);
    expect(new Set(spans.map(({ id }) => id)).size).toBe(spans.length);
  });

  it('[TRC5] [TRC6] come between the beginning and the end of the trace, however it ends', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Use a tool');
    const call = await world.engine.nextCall();
    await call.give({ type: 'tool-call', modelCallId: 'a', name: 'endless', argumentsJson: '{}' });
    await call.give({ type: 'finish' });
    await world.publisher.until((seen) => seen.some(({ event }) => event.type === 'tool.call'));
    acceptedValue(await world.system.door.cancelTurns(session));
    expect(await spansOf(world)).toMatchObject([
      { name: 'chat', status: 'ok' },
      { name: 'execute_tool endless', status: 'error', attributes: { 'error.type': 'cancelled' } },
      { status: 'error', parentId: null, attributes: { 'error.type': 'cancelled' } },
    ]);
    const told = world.publisher.names().filter((name) => name.startsWith('trace.'));
    expect([told[0], told.at(-1), told.length]).toEqual(['trace.created', 'trace.updated', 5]);
  });

  it('[TRC6] are completed by recovery, each once', async () => {
    const first = await actorWorld();
    const session = await first.createSession();
    await first.say(session, 'Use a tool');
    const call = await first.engine.nextCall();
    await call.give({ type: 'tool-call', modelCallId: 'a', name: 'endless', argumentsJson: '{}' });
    await call.give({ type: 'finish' });
    await first.publisher.until((seen) => seen.some(({ event }) => event.type === 'tool.call'));
    const second = await actorWorld({ storage: first.storage });
    await second.system.recover();
    expect(await spansOf(second)).toMatchObject([
      { name: 'chat', status: 'ok' },
      { name: 'execute_tool endless', attributes: { 'error.type': 'interrupted' } },
      { name: 'invoke_agent', attributes: { 'error.type': 'interrupted' } },
    ]);
    await second.system.recover();
    expect(await spansOf(second)).toHaveLength(3);
  });
});
