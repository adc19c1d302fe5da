/**
 * Tools by scope, through the real actors over fake ports. Goal: a turn is offered, and runs, the tools that the sender of
 * its question may use, also after a crash, when it is asked again, and when somebody else has changed the question.
 */
import { describe, expect, it } from 'vitest';
import type { Tool } from '../../actors/tool-ports.ts';
import { participantIdSchema } from '../../schema/participant.ts';
import { type Principal, type Scope, scopes } from '../../schema/principal.ts';
import { acceptedValue, actorWorld, countingIds, echoTool } from '../fakes/actor-world.ts';

const ran: string[] = [];
const tool = (name: string, scope?: Scope): Tool => ({
  ...echoTool,
  name,
  scope,
  run: async (input, run) => {
    ran.push(name);
    return await echoTool.run(input, run);
  },
});
const tools = [tool('open'), tool('reads', 'read'), tool('deploy', 'admin')];

const principal = (held: readonly Scope[]): Principal => ({
  id: participantIdSchema.parse('key:somebody'),
  name: null,
  tenant: null,
  scopes: new Set(held),
  sessions: null,
});
const person = principal(['chat']);
const operator = principal(scopes);

const said = (content: string) =>
  ({ role: 'user', content, toolCallId: undefined, name: undefined }) as const;
const offered = ({ request }: { request: { tools: readonly { name: string }[] } }) =>
  request.tools.map(({ name }) => name);

describe('tools by scope', () => {
  it('[CHO4] a turn is offered what its sender may use, and runs nothing else that its model asks for', async () => {
    ran.length = 0;
    const world = await actorWorld({ tools });
    const { door } = world.system;
    const session = await world.createSession();
    acceptedValue(await door.addMessage(session, said('Deploy'), undefined, person));
    const call = await world.engine.nextCall();
    expect(offered(call)).toEqual(['open', 'reads']);
    for (const name of ['deploy', 'reads'])
      await call.give({ type: 'tool-call', modelCallId: name, name, argumentsJson: '{}' });
    await call.give({ type: 'finish', reason: 'tool-calls' });
    const next = await world.engine.nextCall();
    expect(offered(next)).toEqual(['open', 'reads']);
    expect(next.request.toolResults).toMatchObject([
      { name: 'deploy', failed: true, result: 'There is no tool named "deploy"' },
      { name: 'reads', failed: false },
    ]);
    expect(ran).toEqual(['reads']);
    await next.give({ type: 'finish', reason: 'stop' });
    await world.publisher.turnsEnded(1);

    const [question] = await world.storage.readModel.messages(session, { limit: 1 }, 'current');
    if (question === undefined) throw new Error('there is no question');
    for (const [by, names] of [
      [operator, ['open', 'reads', 'deploy']],
      [person, ['open', 'reads']],
    ] as const) {
      acceptedValue(await door.regenerateMessage(session, question.id, {}, undefined, by));
      const again = await world.engine.nextCall();
      expect(offered(again)).toEqual(names);
      await again.give({ type: 'finish', reason: 'stop' });
    }
    await world.publisher.turnsEnded(3);
    await world.system.stop();
  });

  it('[CHO4] after a crash a turn that had not begun is offered the same', async () => {
    const first = await actorWorld({ tools });
    const session = await first.createSession();
    acceptedValue(await first.system.door.addMessage(session, said('First'), undefined, operator));
    acceptedValue(await first.system.door.addMessage(session, said('Second'), undefined, person));
    await first.engine.nextCall();
    // It dies here; what comes later is of another life, on the same store.
    const second = await actorWorld({ tools, storage: first.storage, ids: countingIds(0x1000) });
    await second.system.recover();
    expect(offered(await second.engine.nextCall())).toEqual(['open', 'reads']);
    await second.system.stop();
    await first.system.stop();
  });

  it.each([
    ['an operator’s, changed by a person, has the tools of the person', operator, person, ['open', 'reads']],
    [
      'a person’s, changed by an operator, those of the operator',
      person,
      operator,
      ['open', 'reads', 'deploy'],
    ],
  ])('[CHO4] of questions that wait, %s', async (_, sender, changer, names) => {
    const world = await actorWorld({ tools });
    const { door } = world.system;
    const session = await world.createSession();
    await world.say(session, 'First');
    const running = await world.engine.nextCall();
    const waiting = acceptedValue(await door.addMessage(session, said('Second'), undefined, sender));
    const edit = { content: 'Something else' };
    acceptedValue(await door.editMessage(session, waiting.id, edit, undefined, changer));
    const stored = await world.storage.readModel.storedSession(session);
    expect(stored?.turns.at(-1)?.scopes).toEqual(changer === operator ? undefined : ['chat']);
    await running.give({ type: 'finish', reason: 'stop' });
    expect(offered(await world.engine.nextCall())).toEqual(names);
    await world.system.stop();
  });
});
