/**
 * One exchange, in order (docs/protocol.md A4), and the other ways a turn can end, through the real actors over fake
 * ports.
 */
import { describe, expect, it } from 'vitest';
import { failureText, shownMessage } from '../../schema/chat-message.ts';
import { type ActorWorld, acceptedValue, actorWorld } from '../fakes/actor-world.ts';

async function answer(world: ActorWorld, pieces: readonly string[]): Promise<void> {
  const call = await world.engine.nextCall();
  for (const text of pieces) await call.give({ type: 'text', text });
  await call.give({ type: 'finish' });
}

describe('a turn', () => {
  it('[MSG1] emits the exchange of docs/protocol.md A4 in order', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Hello');
    await answer(world, ['Hi', ' there', '!']);
    await world.publisher.turnsEnded(1);
    expect(world.publisher.names()).toEqual([
      'session.created',
      'message.created',
      'session.updated',
      'turn.queued',
      'trace.created',
      'turn.started',
      'agent.activity thinking',
      'turn.step.started',
      'message.created',
      'session.updated',
      'message.delta',
      'message.delta',
      'message.delta',
      'trace.span.appended',
      'agent.activity idle',
      'message.updated',
      'trace.span.appended',
      'trace.updated',
      'turn.ended',
    ]);
    const messages = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ['user', 'Hello'],
      ['assistant', 'Hi there!'],
    ]);
    const [trace] = await world.storage.readModel.traces({ limit: 10 });
    expect(trace).toMatchObject({
      name: 'engine.run',
      status: 'completed',
      sessionId: session,
      metadata: { messageId: messages[0]?.id, responseCount: 1 },
    });
  });

  it('[TOOL1] runs the tools the model asks for and calls it again with their results', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Use two tools');
    const first = await world.engine.nextCall();
    await first.give({ type: 'tool-call', modelCallId: 'a', name: 'echo', argumentsJson: '{"n":1}' });
    await first.give({ type: 'tool-call', modelCallId: 'b', name: 'broken', argumentsJson: '{}' });
    await first.give({ type: 'finish' });
    const second = await world.engine.nextCall();
    expect(second.request.step).toBe(2);
    expect(second.request.toolResults).toEqual([
      { modelCallId: 'a', name: 'echo', argumentsJson: '{"n":1}', result: '{"n":1}', failed: false },
      {
        modelCallId: 'b',
        name: 'broken',
        argumentsJson: '{}',
        result: 'the tool is broken',
        failed: true,
      },
    ]);
    await second.give({ type: 'text', text: 'Done' });
    await second.give({ type: 'finish' });
    await world.publisher.turnsEnded(1);
    const names = world.publisher.names();
    expect(names.slice(names.indexOf('turn.step.started'))).toEqual([
      'turn.step.started',
      'trace.span.appended',
      'turn.step.ended',
      'agent.activity tool',
      'tool.call',
      'tool.call',
      'tool.result',
      'trace.span.appended',
      'tool.result',
      'trace.span.appended',
      'agent.activity tool-error',
      'agent.activity thinking',
      'turn.step.started',
      'message.created',
      'session.updated',
      'message.delta',
      'trace.span.appended',
      'agent.activity idle',
      'message.updated',
      'trace.span.appended',
      'trace.updated',
      'turn.ended',
    ]);
  });

  it('[MSG4] ends a failure alike, whether it comes as a part, a throw or a silence', async () => {
    for (const failing of ['part', 'throw', 'empty'] as const) {
      const world = await actorWorld();
      const session = await world.createSession();
      await world.say(session, 'Hello');
      const call = await world.engine.nextCall();
      if (failing === 'part') await call.give({ type: 'error', message: 'out of quota' });
      if (failing === 'throw') await call.fail(new Error('out of quota'));
      if (failing === 'empty') await call.give({ type: 'finish' });
      await world.publisher.turnsEnded(1);
      const names = world.publisher.names();
      expect(names.slice(names.indexOf('turn.step.started') + 1)).toEqual([
        'trace.span.appended',
        'trace.span.appended',
        'trace.updated',
        'message.created',
        'session.updated',
        'message.updated',
        'agent.activity error',
        'agent.activity idle',
        'turn.ended',
      ]);
      const [trace] = await world.storage.readModel.traces({ limit: 1 });
      expect(trace?.status).toBe('failed');
      expect(trace?.metadata?.['error']).toContain(
        failing === 'empty' ? 'without an answer' : 'out of quota',
      );
      const messages = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
      expect(messages.map(shownMessage).at(-1)).toMatchObject({
        content: failureText,
        status: 'failed',
        parts: [],
      });
    }
  });

  it('[MSG5] keeps the text of an answer that fails half-way, as one message that says so', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Hello');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'Half an' });
    await call.give({ type: 'error', message: 'connection lost' });
    await world.publisher.turnsEnded(1);
    const messages = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(messages.map(({ content, status }) => [content, status])).toEqual([
      ['Hello', undefined],
      ['Half an', 'failed'],
    ]);
  });

  it('[MSG2] answers the messages of one session one at a time, in order', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    for (const content of ['one', 'two', 'three']) await world.say(session, content);
    for (const content of ['one', 'two', 'three']) {
      const call = await world.engine.nextCall();
      expect(call.request.prompt.content).toBe(content);
      const told = call.request.conversation.map((message) => message.content);
      expect(told.at(-1)).toBe(content);
      expect(told.slice(0, -1)).not.toContain('three');
      await call.give({ type: 'text', text: `re: ${content}` });
      await call.give({ type: 'finish' });
    }
    await world.publisher.turnsEnded(3);
    const history = await world.storage.readModel.messages(session, { limit: 10 }, 'current');
    expect(history.map(({ content }) => content)).toEqual([
      'one',
      're: one',
      'two',
      're: two',
      'three',
      're: three',
    ]);
  });

  it('[SES7] is cancelled by the deletion of its session, and nothing follows session.deleted', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Hello');
    await world.say(session, 'Still there?');
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'Let me th' });
    acceptedValue(await world.system.door.deleteSession(session));
    expect(call.signal.aborted).toBe(true);
    const names = world.publisher.names();
    expect(names.slice(names.indexOf('message.delta') + 1)).toEqual([
      'turn.ended',
      'trace.span.appended',
      'message.updated',
      'trace.span.appended',
      'trace.updated',
      'agent.activity idle',
      'turn.ended',
      'session.updated',
      'session.deleted',
    ]);
    expect(await world.system.door.archiveSession(session)).toMatchObject({
      ok: false,
      refusal: { code: 'not_found' },
    });
    expect(world.system.registry.size).toBe(0);
  });

  it('[TOOL4] ends a running tool as failed when its session is deleted', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    await world.say(session, 'Use a tool');
    const call = await world.engine.nextCall();
    await call.give({ type: 'tool-call', modelCallId: 'a', name: 'endless', argumentsJson: '{}' });
    await call.give({ type: 'finish' });
    await world.publisher.until((seen) => seen.some(({ event }) => event.type === 'tool.call'));
    acceptedValue(await world.system.door.deleteSession(session));
    const results = world.publisher.seen.flatMap(({ event }) =>
      event.type === 'tool.result' ? [{ ...event.data, result: event.record.result }] : [],
    );
    expect(results).toMatchObject([{ name: 'endless', status: 'failed', result: 'Cancelled' }]);
  });
});
