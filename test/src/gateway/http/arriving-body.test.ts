/** A body that a test delivers itself, as the transport does: many chunks in one turn of the event loop. */
import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockBytes } from '../../../../src/gateway/http/arrived-bytes.ts';
import { type ArrivingBody, arrivingBody, BodyCutOff } from '../../../../src/gateway/http/arriving-body.ts';

function delivered() {
  let deliver = (_chunk: ArrayBuffer, _isLast: boolean) => {};
  let leave = () => {};
  const res = {
    onData: (handler: typeof deliver) => {
      deliver = handler;
    },
    pause: () => {},
    resume: () => {},
  };
  const exchange = {
    header: () => '',
    over: () => false,
    onGone: (gone: () => void) => {
      leave = gone;
    },
  };
  return {
    body: arrivingBody(res, exchange, Number.MAX_SAFE_INTEGER),
    deliver: (text: string, isLast = false) => {
      const chunk = new TextEncoder().encode(text).buffer;
      deliver(chunk, isLast);
      // The transport frees the memory.
      new Uint8Array(chunk).fill(0);
    },
    leave: () => leave(),
  };
}

/** Reads in the background; `between` lets a reader be busy after each chunk. */
function reading(body: ArrivingBody, between = async () => {}) {
  const read: string[] = [];
  const ended = (async () => {
    try {
      for await (const chunk of body) {
        read.push(chunk.toString());
        await between();
      }
      return 'whole';
    } catch (error) {
      if (!(error instanceof BodyCutOff)) throw error;
      return error.refusal;
    }
  })();
  return { read, ended };
}

describe('an arriving body', () => {
  it('[HTTP25] is the same bytes, however they come and whenever they are read', async () => {
    const turns = fc.array(fc.array(fc.string({ maxLength: 5000 }), { maxLength: 6 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(turns, fc.boolean(), async (given, isBusy) => {
        const { body, deliver } = delivered();
        const { read, ended } = reading(body, async () => {
          if (isBusy) await tick();
        });
        for (const chunks of given) {
          for (const chunk of chunks) deliver(chunk);
          await tick();
        }
        deliver('', true);
        expect(await ended).toBe('whole');
        expect(read.join('')).toBe(given.flat().join(''));
      }),
    );
  });

  it('is read in blocks, however small the chunks are', async () => {
    const { body, deliver } = delivered();
    const { read, ended } = reading(body);
    await tick();
    for (let count = 0; count < blockBytes; count++) deliver('xy');
    deliver('', true);
    expect(await ended).toBe('whole');
    expect(read.map(({ length }) => length)).toEqual([blockBytes, blockBytes]);
  });

  it('[HTTP25] what came just before the client went away is read', async () => {
    const { body, deliver, leave } = delivered();
    const { read, ended } = reading(body);
    await tick();
    deliver('one');
    deliver('two');
    leave();
    expect(await ended).toBeNull();
    expect(read).toEqual(['onetwo']);
  });

  it('[HTTP25] what a busy reader left when the client went away does not stay in memory', async () => {
    const { body, deliver, leave } = delivered();
    const free = Promise.withResolvers<void>();
    const { read, ended } = reading(body, () => free.promise);
    await tick();
    deliver('one');
    await tick();
    deliver('two');
    leave();
    free.resolve();
    expect(await ended).toBeNull();
    expect(read).toEqual(['one']);
  });
});
