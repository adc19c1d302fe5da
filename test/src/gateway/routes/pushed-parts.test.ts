/** One stream of pushed lines, held against a door that takes everything; garbage is collected by the test. */
import { setImmediate as tick } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { local } from '../../../../schema/principal.ts';
import { takePushedParts } from '../../../../src/gateway/routes/pushed-parts.ts';
import { fakeTurns, theTurn } from '../fake-turns.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

it('[PSH16] a stream keeps nothing of the lines that were taken, however long it is open', async () => {
  const end = Promise.withResolvers<void>();
  const chunks: WeakRef<Buffer>[] = [];
  async function* lines() {
    for (let seq = 1; seq <= 1000; seq++) {
      const chunk = Buffer.from(`${JSON.stringify({ seq, type: 'text', text: 'x' })}\n`);
      chunks.push(new WeakRef(chunk));
      yield chunk;
    }
    await end.promise;
  }
  const headers = new Map([
    ['content-type', 'application/x-ndjson'],
    ['callboard-lease', 'a lease'],
  ]);
  const answered = takePushedParts(
    { door: { turns: fakeTurns([]) } },
    {
      id: theTurn,
      body: { [Symbol.asyncIterator]: lines, touch: () => {} },
      keepAlive: () => () => {},
      header: (name) => headers.get(name) ?? '',
      query: new URLSearchParams(),
      named: undefined,
      principal: local,
    },
  );
  await expect.poll(() => chunks.length).toBe(1000);
  await tick();
  collectGarbage();
  expect(chunks.filter((chunk) => chunk.deref() !== undefined).length).toBeLessThan(10);
  end.resolve();
  expect(await answered).toMatchObject({ ok: true });
});
