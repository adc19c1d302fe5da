/** How much memory files may take. Goal: never more than the bound, in order of arrival. Method: generated visits. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AttachmentRoom } from '../../../../src/engines/providers/attachment-room.ts';

const visit = fc.record({ bytes: fc.nat(150), leaves: fc.boolean() });

test('[FIL36] calls hold no more than the bound together, enter in order, and none waits for ever', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(visit, { maxLength: 12 }), async (visits) => {
      const room = new AttachmentRoom(100);
      const entered: number[] = [];
      const held: { readonly bytes: number; readonly release: () => void }[] = [];
      const waiting = visits.map(async ({ bytes, leaves }, index) => {
        const abort = new AbortController();
        const entry = room.hold(bytes, abort.signal);
        if (leaves) queueMicrotask(() => abort.abort());
        const release = await entry.catch(() => null);
        if (release === null) return;
        entered.push(index);
        held.push({ bytes: Math.min(bytes, 100), release });
        expect(held.reduce((sum, one) => sum + one.bytes, 0)).toBeLessThanOrEqual(100);
      });
      const all = Promise.all(waiting);
      let isOver = false;
      void all.finally(() => {
        isOver = true;
      });
      for (let round = 0; !isOver && round < 200; round++) {
        await new Promise((resolve) => setImmediate(resolve));
        const [first] = held.splice(0, 1);
        first?.release();
        first?.release();
      }
      await all;
      expect(entered).toEqual([...entered].sort((one, other) => one - other));
      for (const { release } of held) release();
      // All of it is free again.
      (await room.hold(100, new AbortController().signal))();
    }),
  );
});

test('[FIL36] nobody enters whose call has been given up', async () => {
  await expect(new AttachmentRoom(10).hold(1, AbortSignal.abort('over'))).rejects.toBe('over');
});
