/** The agent of the client library. Goal: it stops when the server does not take what it says. Method: a server of one function. */
import { expect, it } from 'vitest';
import { startTurn } from '../../../src/client/agent.ts';

it.each([
  ['at once', 0],
  ['after a restart', 2],
])('[PSH20] gives up when the server goes on to miss a part that it was pushed, %s', async (_, received) => {
  const turn = { turnId: 't', status: 'running' };
  let pushes = 0;
  const answers = (path: string) => {
    if (path.endsWith('/turns')) return Response.json({ ...turn, lease: 'l', leaseMs: 60_000 });
    pushes++;
    return pushes === 1 && received > 0
      ? Response.json({ ...turn, received, durable: 0 })
      : Response.json({ message: 'Part 1 is missing', turn: { ...turn, received: 0 } }, { status: 409 });
  };
  const pushed = await startTurn({
    url: 'http://127.0.0.1:1',
    sessionId: 's',
    agent: 'library',
    fetch: (url) => Promise.resolve(answers(String(url))),
  });
  for (const said of ['a', 'b', 'c']) pushed.text(said);
  await expect(pushed.drained()).rejects.toThrow('Part 1 is missing');
  expect(pushes).toBeLessThanOrEqual(3);
});
