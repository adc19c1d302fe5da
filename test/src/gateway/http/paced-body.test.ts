/** The pace of a body, with a response whose room the test gives and time moved by hand. */
import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { type PacedResponse, sendPaced } from '../../../../src/gateway/http/paced-body.ts';
import { createManualClock } from '../../engines/manual-clock.ts';

async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await tick();
}

/** A response that takes as many bytes as it was given room for. */
function fakeResponse() {
  const taken: Uint8Array[] = [];
  let offset = 0;
  let room = 0;
  let offers = 0;
  let isClosed = false;
  let writable = () => true;
  const res: PacedResponse = {
    cork: (run) => run(),
    tryEnd(chunk, length) {
      if (isClosed || offset === length) throw new Error('the response must not be used any more');
      offers++;
      const part = chunk.subarray(0, room);
      taken.push(part.slice());
      offset += part.length;
      room -= part.length;
      return [part.length === chunk.length, offset === length];
    },
    getWriteOffset: () => offset,
    onWritable: (handler) => {
      writable = handler;
    },
    close: () => {
      isClosed = true;
    },
  };
  return {
    res,
    taken: () => Buffer.concat(taken),
    offers: () => offers,
    isClosed: () => isClosed,
    /** Room for so many more bytes, of which the transport tells or not. */
    give: (bytes: number, told: boolean) => {
      room += bytes;
      if (told) writable();
    },
  };
}

async function* chunksOf(body: Uint8Array, size: number) {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

describe('a paced body', () => {
  it('[FIL14] arrives whole and in order, whatever room there is and whether it is told of', async () => {
    const room = fc.record({ bytes: fc.nat({ max: 40 }), told: fc.boolean() });
    const body = fc.uint8Array({ minLength: 1, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.integer({ min: 1, max: 30 }),
        fc.array(room, { maxLength: 12 }),
        async (bytes, size, rooms) => {
          const clock = createManualClock();
          const fake = fakeResponse();
          const { ended } = sendPaced(
            fake.res,
            { length: bytes.length, chunks: chunksOf(bytes, size) },
            clock.after,
          );
          for (const { bytes: more, told } of rooms) {
            fake.give(more, told);
            await settle();
            expect(fake.taken()).toEqual(Buffer.from(bytes.subarray(0, fake.taken().length)));
          }
          fake.give(bytes.length, true);
          await settle();
          await ended;
          expect(fake.taken()).toEqual(Buffer.from(bytes));
          expect([fake.isClosed(), clock.pending()]).toEqual([false, 0]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('[FIL14] asks for no more chunks than the reader takes', async () => {
    const fake = fakeResponse();
    let asked = 0;
    async function* chunks() {
      for (;;) {
        asked++;
        yield new Uint8Array(10);
      }
    }
    const { gone, ended } = sendPaced(
      fake.res,
      { length: 1000, chunks: chunks() },
      createManualClock().after,
    );
    fake.give(25, true);
    await settle();
    expect(asked).toBe(3);
    gone();
    await ended;
    expect([asked, fake.isClosed()]).toEqual([3, false]);
  });

  it('[FIL14] offers more to a slow reader all the time, and cuts off one that takes nothing for 30 s', async () => {
    const clock = createManualClock();
    const fake = fakeResponse();
    const { ended } = sendPaced(
      fake.res,
      { length: 1000, chunks: chunksOf(new Uint8Array(1000), 500) },
      clock.after,
    );
    const start = clock.now();
    // A byte now and then keeps it.
    while (clock.now() - start < 10 * limits.fileStallMsMax) {
      await settle();
      fake.give(1, false);
      expect(clock.runNext()).toBe(true);
    }
    await settle();
    expect(fake.isClosed()).toBe(false);
    const last = clock.now();
    while (!fake.isClosed()) {
      expect(clock.runNext()).toBe(true);
      await settle();
    }
    expect(clock.now() - last).toBeGreaterThanOrEqual(limits.fileStallMsMax);
    expect(clock.now() - last).toBeLessThanOrEqual(limits.fileStallMsMax + 2 * limits.fileRetryMs);
    await ended;
  });

  it('[FIL15] is cut off when its bytes cannot be read, or are too few', async () => {
    async function* failing() {
      yield new Uint8Array(1);
      throw new Error('says the test');
    }
    for (const chunks of [failing(), chunksOf(new Uint8Array(9), 9)]) {
      const fake = fakeResponse();
      fake.give(100, false);
      const { ended } = sendPaced(fake.res, { length: 10, chunks }, createManualClock().after);
      await expect(ended).rejects.toThrow();
      expect(fake.isClosed()).toBe(true);
    }
  });
});
