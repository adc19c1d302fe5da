/**
 * Who wrote what, through the real actors over fake ports. A property lives a session of several people and remembers by
 * itself who said what; the store must say the same.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageFact } from '../../schema/chat-message.ts';
import { createChatMessageSchema, editMessageSchema } from '../../schema/create-message.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';
import { authorOf } from '../../schema/message-author.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { local, type Principal, type Scope, scopes } from '../../schema/principal.ts';
import { cases } from '../effort.ts';
import { type ActorWorld, acceptedValue, actorWorld } from '../fakes/actor-world.ts';
import { agentOf, answerOf, differing, reborn } from './pushing-agent.ts';

const principal = (
  id: string,
  name: string | null,
  held: readonly Scope[] = ['chat', 'roles'],
): Principal => ({
  id: participantIdSchema.parse(id),
  name,
  tenant: null,
  scopes: new Set(held),
  sessions: null,
});
const ada = principal('key:ada', 'Ada');
const bob = principal('jwt:https://id.example:bob', 'You');
const coder = principal('app:coder', null);
const backEnd = principal('key:back-end', 'Back end', scopes);
const people = [ada, bob, coder, local];

const said = (content: string, more: object = {}) => createChatMessageSchema.parse({ content, ...more });

async function messagesOf(world: ActorWorld, session: SessionId): Promise<readonly MessageFact[]> {
  return await world.storage.readModel.messages(session, { limit: 100 }, 'all');
}

describe('the author of a message', () => {
  it('[WHO1] is who sent it, whatever the body says and whatever the role is', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const session = await world.createSession();
    const author = { id: ada.id, name: 'Ada' };
    for (const role of ['user', 'system', 'assistant', 'tool']) {
      acceptedValue(
        await door.addMessage(session, said(role, { role, author, name: 'Ada' }), undefined, bob),
      );
    }
    const stored = await messagesOf(world, session);
    const own = stored.filter(({ promptId }) => promptId === undefined);
    expect(own.map((one) => one.author)).toEqual(Array(4).fill({ id: bob.id, name: 'You' }));
    await world.system.stop();
  });

  it('[WHO1] stays when somebody else repeats the message', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const session = await world.createSession();
    const message = said('Mine', { id: '11111111-1111-4111-8111-111111111111', role: 'assistant' });
    const first = acceptedValue(await door.addMessage(session, message, undefined, ada));
    expect(acceptedValue(await door.addMessage(session, message, undefined, bob))).toEqual(first);
    expect(first.author).toEqual({ id: ada.id, name: 'Ada' });
    expect(await messagesOf(world, session)).toHaveLength(1);
    await world.system.stop();
  });

  it('[WHO3] is nobody for a model, and for an agent outside whoever began or claimed its turn', async () => {
    const world = await actorWorld();
    const { door } = world.system;
    const session = await world.createSession();
    const part = { type: 'text', seq: 1, text: 'Sunny.' } as const;
    const begun = acceptedValue(await door.startTurn(session, { agent: 'weather' }, undefined, coder));
    acceptedValue(await door.turns.push(begun.turnId, begun.lease, [part]));
    acceptedValue(await door.turns.finish(begun.turnId, { lease: begun.lease }));
    const asking = said('And now?', { options: { engine: 'external' } });
    acceptedValue(await door.addMessage(session, asking, undefined, ada));
    await world.publisher.until((seen) => seen.some(({ event }) => event.type === 'turn.offered'));
    const [turn] = await world.storage.readModel.turnsWith('running', { limit: 9 });
    if (turn === undefined) throw new Error('a turn is offered');
    const claimed = acceptedValue(await door.claimTurn(turn.turnId, { agent: 'weather' }, undefined, bob));
    acceptedValue(await door.turns.push(claimed.turnId, claimed.lease, [part]));
    acceptedValue(await door.turns.finish(claimed.turnId, { lease: claimed.lease }));
    acceptedValue(await door.addMessage(session, said('To the model'), undefined, ada));
    const call = await world.engine.nextCall();
    await call.give({ type: 'text', text: 'A model says so' });
    await call.give({ type: 'finish', reason: 'stop' });
    await world.publisher.turnsEnded(3);
    const stored = await messagesOf(world, session);
    expect(stored.map(({ role, author }) => [role, author?.id])).toEqual([
      ['assistant', coder.id],
      ['user', ada.id],
      ['assistant', bob.id],
      ['user', ada.id],
      ['assistant', undefined],
    ]);
    await world.system.stop();
    expect(await differing(world, session)).toEqual([]);
  });

  it('[WHO3] of a pushed answer survives the end of the process, and a model that goes on with it', async () => {
    const world = await actorWorld();
    const session = await world.createSession();
    const { door } = world.system;
    acceptedValue(
      await door.addMessage(session, said('Well?', { options: { engine: 'external' } }), undefined, ada),
    );
    await world.publisher.until((seen) => seen.some(({ event }) => event.type === 'turn.offered'));
    const [offered] = await world.storage.readModel.turnsWith('running', { limit: 9 });
    if (offered === undefined) throw new Error('a turn is offered');
    const turn = acceptedValue(await door.claimTurn(offered.turnId, { agent: 'weather' }, undefined, bob));
    const part = (seq: number, text: string) => [{ type: 'text', seq, text } as const];
    acceptedValue(await door.turns.push(turn.turnId, turn.lease, part(1, 'Half of ')));
    await world.system.drain(0);
    await world.system.stop();
    const later = await reborn(world.storage, agentOf(world, session, turn));
    acceptedValue(await later.push(part(2, 'the ')));
    const { lease } = turn;
    acceptedValue(await later.world.system.door.turns.fail(turn.turnId, { lease, error: 'It rains' }));
    const author = { id: bob.id, name: 'You' };
    expect(await answerOf(later)).toMatchObject({ status: 'failed', author });
    const goingOn = { options: undefined, continue: true };
    const next = later.world.system.door;
    acceptedValue(await next.regenerateMessage(session, turn.answerId, goingOn, undefined, ada));
    const call = await later.world.engine.nextCall();
    await call.give({ type: 'text', text: 'answer.' });
    await call.give({ type: 'finish', reason: 'stop' });
    await later.world.publisher.turnsEnded(2);
    expect(await answerOf(later)).toMatchObject({ content: 'Half of the answer.', author });
    await later.world.system.stop();
  });

  it('[WHO1] [WHO2] [WHO4] is always who said these words, whoever edits, copies and imports', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const world = await actorWorld();
        const session = await world.createSession();
        const spoken = await live(world, session, steps);
        const authors = async (id: SessionId) =>
          new Map((await messagesOf(world, id)).map(({ content, author }) => [content, author]));
        const believed = (by: Principal) =>
          [...spoken].map(([content, who]) => [content, who === by ? authorOf(who) : undefined] as const);
        const all = new Map([...spoken].map(([content, who]) => [content, authorOf(who)]));
        for (const [content, author] of await authors(session))
          expect([content, author]).toEqual([content, all.get(content)]);

        const { readModel } = world.storage;
        const conversation = await readModel.copyOf(session, 'all');
        const last = conversation?.messages.at(-1);
        if (conversation === undefined || last === undefined) return await world.system.stop();
        const { door } = world.system;
        const fork = acceptedValue(await door.forkSession(session, { messageId: last.id }, undefined, coder));
        for (const [content, author] of await authors(fork.id)) expect(author).toEqual(all.get(content));
        const given = { session: { title: 'Again' }, conversation };
        const trusted = acceptedValue(await door.importSession(given, undefined, backEnd));
        for (const [content, author] of await authors(trusted.id)) expect(author).toEqual(all.get(content));
        const own = new Map(believed(bob));
        const imported = acceptedValue(await door.importSession(given, undefined, bob));
        for (const [content, author] of await authors(imported.id)) expect(author).toEqual(own.get(content));
        await world.system.stop();
        expect(await differing(world, session)).toEqual([]);
        return undefined;
      }),
      { numRuns: cases({ quick: 25, full: 200 }) },
    );
  });
});

const step = fc.record({
  kind: fc.constantFrom('send', 'store', 'edit'),
  who: fc.constantFrom(...people),
  target: fc.nat({ max: 11 }),
});

/** Whose the words are that were said, by the words. The first question is never answered, so that others wait. */
async function live(world: ActorWorld, session: SessionId, steps: readonly Step[]) {
  const { door } = world.system;
  const spoken = new Map<string, Principal>();
  const ids: MessageId[] = [];
  for (const [index, { kind, who, target }] of steps.entries()) {
    const content = `${kind} ${index}`;
    const edited = ids[target % Math.max(1, ids.length)];
    if (kind === 'edit' && edited === undefined) continue;
    const outcome =
      kind === 'edit' && edited !== undefined
        ? await door.editMessage(session, edited, editMessageSchema.parse({ content }), undefined, who)
        : await door.addMessage(
            session,
            said(content, kind === 'store' ? { role: 'assistant' } : {}),
            undefined,
            who,
          );
    if (!outcome.ok) continue;
    spoken.set(content, who);
    ids.push(outcome.value.id);
  }
  return spoken;
}

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;
