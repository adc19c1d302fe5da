/** The parts of the benchmark that compute something: what a compressed connection says, and what memory does over time. */
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { RawConnection } from '../../bench/client/raw-connection.ts';
import { commandWithFiles, whyTooFewFiles } from '../../bench/process/open-files.ts';
import { slopeOf } from '../../bench/scenarios/slope.ts';
import { requestedCases } from '../effort.ts';

describe('a compressed connection', () => {
  it('says what was sent, in order, whatever the server compresses and however it keeps its window', async () => {
    const texts = fc.array(
      fc.oneof(fc.string(), fc.constantFrom('again '.repeat(300), '{"event":"message.delta"}')),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    const settings = fc.record({
      threshold: fc.constantFrom(0, 1024),
      serverNoContextTakeover: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(texts, settings, async (sent, perMessageDeflate) => {
        const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate });
        try {
          await once(server, 'listening');
          const address = server.address();
          if (address === null || typeof address === 'string') throw new Error('no port');
          server.on('connection', (socket) => {
            for (const text of sent) socket.send(text);
          });
          const received: string[] = [];
          const all = Promise.withResolvers<void>();
          const connection = await RawConnection.open({
            port: address.port,
            path: '/',
            compress: true,
            onFrame: (bytes, start, end) => {
              received.push(bytes.toString('utf8', start, end));
              if (received.length === sent.length) all.resolve();
            },
          });
          await all.promise;
          expect(connection.compressed).toBe(true);
          expect(received).toEqual(sent.map((text) => Buffer.from(text).toString()));
          connection.close();
        } finally {
          for (const client of server.clients) client.terminate();
          server.close();
        }
      }),
      { numRuns: requestedCases({ quick: 10, full: 50 }) },
    );
  });
});

describe('slopeOf', () => {
  const number = fc.double({ min: -1000, max: 1000, noNaN: true });

  it('finds the slope of a line, wherever it was looked at', () => {
    fc.assert(
      fc.property(
        number,
        number,
        fc.uniqueArray(fc.integer({ min: 0, max: 600 }), { minLength: 2 }),
        (slope, level, places) => {
          const found = slopeOf(places.map((at) => [at, level + slope * at] as const));
          expect(found).toBeCloseTo(slope, 6);
        },
      ),
    );
  });

  it('is zero where nothing grows, and unknown where too little was seen', () => {
    expect(
      slopeOf([
        [1, 5],
        [2, 7],
        [3, 5],
      ]),
    ).toBeCloseTo(0);
    expect(slopeOf([[1, 5]])).toBeUndefined();
    expect(
      slopeOf([
        [1, 5],
        [1, 7],
      ]),
    ).toBeUndefined();
    expect(slopeOf([])).toBeUndefined();
  });
});

describe('open files', () => {
  it('are raised only for who needs more than is allowed, and a run that cannot have them says why', () => {
    expect(commandWithFiles(1)).toEqual([]);
    expect(whyTooFewFiles(1)).toBeUndefined();
    // More than any Linux allows (fs.nr_open is below 2^31).
    const never = 2 ** 40;
    expect(commandWithFiles(never)).toEqual(['prlimit', `--nofile=${never}:${never}`]);
    expect(whyTooFewFiles(never)).toMatch(
      /^a process may open \d+ files and connections here, \d+ are needed/,
    );
  });
});
