/** Closed sessions with their real actors. Goal: what was taken before closing is finished, and nothing else begins. */
import { describe, expect, it } from 'vitest';
import { createChatMessageSchema } from '../../../schema/create-message.ts';
import { messageIdSchema } from '../../../schema/ids.ts';
import { actorWorld, echoTool } from '../../fakes/actor-world.ts';

describe('a session that is closed', () => {
  it('[SES10] [APR3] lets a person decide about a call that waits, and goes on', async () => {
    const world = await actorWorld({ tools: [{ ...echoTool, name: 'guarded', requiresApproval: true }] });
    const { door } = world.system;
    const id = await world.createSession();
    await world.say(id, 'Please');
    const first = await world.engine.nextCall();
    await first.give({ type: 'tool-call', modelCallId: 'call_1', name: 'guarded', argumentsJson: '{}' });
    await first.give({ type: 'finish' });
    const waiting = () =>
      world.publisher.seen.flatMap(({ event }) =>
        event.type === 'tool.call' && event.data.status === 'awaitingApproval' ? [event.data.id] : [],
      );
    await world.publisher.until(() => waiting().length === 1);
    expect(await door.closeSession(id)).toMatchObject({ ok: true, value: { closedAt: expect.any(String) } });
    const [callId] = waiting();
    if (callId === undefined) throw new Error('nothing waits');
    expect((await door.approveToolCall(id, callId)).ok).toBe(true);
    const second = await world.engine.nextCall();
    await second.give({ type: 'text', text: 'Done.' });
    await second.give({ type: 'finish' });
    await world.publisher.until((seen) =>
      seen.some(({ event }) => event.type === 'agent.activity' && event.data.state === 'idle'),
    );
    const messages = await world.storage.readModel.messages(id, { limit: 10 }, 'current');
    expect(messages.map(({ content }) => content)).toEqual(['Please', 'Done.']);
    await world.system.stop();
  });

  it('[SES10] [CMD1] answers a message that was accepted before as the first time, and refuses another', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const id = await world.createSession();
    const sent = (last: string) =>
      createChatMessageSchema.parse({
        id: messageIdSchema.parse(`00000000-0000-4000-8000-00000000000${last}`),
        role: 'assistant',
        content: 'Noted',
      });
    const accepted = await door.addMessage(id, sent('1'));
    expect(accepted.ok).toBe(true);
    await door.closeSession(id);
    expect(await door.addMessage(id, sent('1'))).toEqual(accepted);
    expect(await door.addMessage(id, sent('2'))).toMatchObject({
      ok: false,
      refusal: { code: 'conflict', retryable: false },
    });
    await door.reopenSession(id);
    expect((await door.addMessage(id, sent('2'))).ok).toBe(true);
    await world.system.stop();
  });
});
