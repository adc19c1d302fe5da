/** The pace of streamed text, with a response whose room the test gives and time moved by hand. */
import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { type StreamedResponse, sendStreamed } from '../../../../src/gateway/http/streamed-text.ts';
import { pieceText } from '../../../arbitraries/texts.ts';
import { createManualClock } from '../../engines/manual-clock.ts';

async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await tick();
}

/** Like uWebSockets.js, it takes everything, and sends as many bytes as it was given room for when it is given more. */
function fakeResponse() {
  const sent: Uint8Array[] = [];
  let waiting = Buffer.alloc(0);
  let room = 0;
  let most = 0;
  let end: 'open' | 'ended' | 'closed' = 'open';
  let writable = () => true;
  const send = (chunk: Uint8Array) => {
    if (end !== 'open') throw new Error('the response must not be used any more');
    waiting = Buffer.concat([waiting, chunk]);
    const part = waiting.subarray(0, room);
    sent.push(part);
    room -= part.length;
    waiting = waiting.subarray(part.length);
    most = Math.max(most, waiting.length);
  };
  const res: StreamedResponse = {
    cork: (run) => run(),
    write(chunk) {
      // The transport would take an empty chunk for the end of the answer.
      if (chunk.length === 0) throw new Error('an empty chunk');
      send(chunk);
      return waiting.length === 0;
    },
    onWritable: (handler) => {
      writable = handler;
    },
    end: (last) => {
      send(last);
      end = 'ended';
    },
    close: () => {
      end = 'closed';
    },
  };
  return {
    res,
    all: () => Buffer.concat([...sent, waiting]).toString(),
    end: () => end,
    most: () => most,
    give: (bytes: number, told: boolean) => {
      room += bytes;
      if (told) writable();
    },
  };
}

async function* from(pieces: readonly string[]) {
  yield* pieces;
}

const long = 'é'.repeat(limits.transcriptChunkUnits - 3);

describe('streamed text', () => {
  it('[TRN2] arrives whole and in order, whatever room there is and whether it is told of', async () => {
    const piece = fc.oneof(
      { weight: 4, arbitrary: pieceText },
      { weight: 1, arbitrary: fc.constantFrom(long, `${long}🎉🎉🎉🎉`) },
    );
    const room = fc.record({ bytes: fc.nat({ max: 200_000 }), told: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 8 }),
        fc.array(room, { maxLength: 6 }),
        async (pieces, rooms) => {
          const clock = createManualClock();
          const fake = fakeResponse();
          const { ended } = sendStreamed(fake.res, from(pieces), clock.after);
          const whole = pieces.join('');
          for (const { bytes, told } of rooms) {
            fake.give(bytes, told);
            if (!told) clock.runNext();
            await settle();
            expect(fake.most()).toBeLessThanOrEqual(4 * limits.transcriptChunkUnits);
          }
          fake.give(Number.POSITIVE_INFINITY, true);
          for (let turn = 0; turn < 100 && fake.end() === 'open'; turn++) await settle();
          await ended;
          expect(fake.end()).toBe('ended');
          expect(fake.all()).toBe(whole);
          expect(clock.pending()).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('[TRN2] waits for a reader, offers a slow one more before the transport gives up, and cuts off one that takes nothing', async () => {
    const clock = createManualClock();
    const fake = fakeResponse();
    let asked = 0;
    async function* pieces() {
      for (;;) {
        asked++;
        yield long;
      }
    }
    const { ended } = sendStreamed(fake.res, pieces(), clock.after);
    await settle();
    const before = asked;
    expect(before).toBeLessThanOrEqual(2);
    let offers = 0;
    for (; fake.end() === 'open' && clock.runNext(); offers++) await settle();
    await ended;
    expect(fake.end()).toBe('closed');
    expect(asked).toBe(before);
    expect(offers).toBe(Math.ceil(limits.transcriptStallMsMax / limits.transcriptRetryMs));
    expect(limits.transcriptRetryMs).toBeLessThan(10_000);
  });

  it('[TRN4] is closed without an end when its source fails, and says so', async () => {
    const fake = fakeResponse();
    fake.give(Number.POSITIVE_INFINITY, false);
    async function* broken() {
      yield long;
      yield long;
      throw new Error('the source is broken');
    }
    const { ended } = sendStreamed(fake.res, broken(), createManualClock().after);
    await expect(ended).rejects.toThrow('the source is broken');
    expect(fake.end()).toBe('closed');
  });

  it('[TRN2] stops when its reader has gone, and does not touch the response again', async () => {
    const clock = createManualClock();
    const fake = fakeResponse();
    const { ended, gone } = sendStreamed(fake.res, from([long, long, long]), clock.after);
    await settle();
    gone();
    await ended;
    expect(fake.end()).toBe('open');
    expect(clock.pending()).toBe(0);
  });
});
