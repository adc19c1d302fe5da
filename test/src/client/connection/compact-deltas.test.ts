/** How the client understands texts that are named by number. */
import { expect, it } from 'vitest';
import { fakeWorld, settled } from '../fake-server.ts';
import { growing, message, messageId, session, sessionId } from '../sample-frames.ts';

async function reading() {
  const world = await fakeWorld((server) => {
    server.rest = async ({ path }) => ({
      status: 200,
      body: path.includes('/messages') ? [growing(1, 'The ')] : { ...session(), leafId: messageId(1) },
    });
  });
  const followed = world.client.session(sessionId);
  await settled();
  return { ...world, followed, content: () => followed.messages.value.at(-1)?.content };
}

it('[V1F1] [V1F2] a delta by number continues the text that a snapshot or a first delta named', async () => {
  const { server, client, followed, violations, content } = await reading();
  const named = { sessionId, messageId: messageId(1) };
  server.socket.say('message.delta', { ...named, offset: 4, text: 'time' }, { number: 7 });
  server.socket.sayText('[7,8," is"]');
  expect(content()).toBe('The time is');
  server.socket.say('message.partial', growing(1, 'The time is '), { snapshot: true, number: 8 });
  server.socket.sayText('[8,12,"now"]');
  expect(content()).toBe('The time is now');
  server.socket.say('message.reasoning.delta', { ...named, offset: 0, text: 'a clock' }, { number: 9 });
  server.socket.sayText('[9,7," face"]');
  expect(followed.snapshot.value.reasoning.get(messageId(1))?.text).toBe('a clock face');
  expect(violations).toEqual([]);
  client.close();
});

it('[CLT4] [V1F3] a number that was not told on this connection is reported, and the next connection tells it', async () => {
  const { server, timers, client, violations, content } = await reading();
  server.socket.say('message.partial', growing(1, 'The '), { snapshot: true, number: 7 });
  server.socket.drop(4000);
  await timers.pass(1000);
  expect(server.sockets).toHaveLength(2);
  server.socket.sayText('[7,4,"time"]');
  expect(violations).toMatchObject([{ kind: 'malformed-frame' }]);
  await timers.pass(1000);
  expect(server.sockets).toHaveLength(3);
  server.socket.say('message.partial', growing(1, 'The time'), { snapshot: true, number: 7 });
  server.socket.sayText('[7,8," is"]');
  expect(content()).toBe('The time is');
  server.socket.say('message.updated', message(1, 'The time is'), { seq: 101 });
  expect(violations).toHaveLength(1);
  client.close();
});

it('[I12] [V1F3] texts that were named long ago and not heard of since are forgotten', async () => {
  const { server, client, violations } = await reading();
  const name = (number: number) =>
    server.socket.say(
      'message.reasoning.delta',
      { sessionId, messageId: messageId(1), offset: 0, text: 'x' },
      { number },
    );
  name(1);
  name(2);
  for (let number = 3; number <= 20_000; number++) name(number);
  // It is used, so the other is the oldest.
  server.socket.sayText('[1,1,"y"]');
  name(20_001);
  expect(violations).toEqual([]);
  server.socket.sayText('[1,2,"z"]');
  expect(violations).toEqual([]);
  server.socket.sayText('[2,1,"y"]');
  expect(violations).toMatchObject([{ kind: 'malformed-frame' }]);
  client.close();
});
