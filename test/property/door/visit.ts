/** One visit: a connection, the bytes written to it and how they are cut, and the bytes received. */
import { connect } from 'node:net';
import fc from 'fast-check';
import { httpRequest } from './http-bytes.ts';
import { someSession } from './odd-json.ts';
import { handshake, socketFrame } from './socket-bytes.ts';

export type Visit = {
  readonly kind: 'http' | 'socket';
  /** One byte per character. */
  readonly bytes: string;
  /** Where the bytes are cut into pieces that are sent one after the other. */
  readonly cuts: readonly number[];
  /** How the visitor leaves: in order, or with a reset. */
  readonly leaves: 'end' | 'reset';
};

type Change = {
  readonly at: number;
  readonly how: 'flip' | 'insert' | 'delete' | 'repeat' | 'cut';
  readonly byte: number;
};

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(0xffff),
  how: fc.constantFrom('flip', 'insert', 'delete', 'repeat', 'cut'),
  byte: fc.nat(255),
});

function changed(bytes: Buffer, { at, how, byte }: Change): Buffer {
  const index = bytes.length === 0 ? 0 : at % bytes.length;
  const [before, after] = [bytes.subarray(0, index), bytes.subarray(index)];
  switch (how) {
    case 'flip':
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (byte || 1)]), after.subarray(1)]);
    case 'insert':
      return Buffer.concat([before, Buffer.from([byte]), after]);
    case 'delete':
      return Buffer.concat([before, after.subarray(1 + (byte % 8))]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, byte), after]);
    default:
      return before;
  }
}

function visits(kind: Visit['kind'], whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Visit> {
  const changes = fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(change, { minLength: 1, maxLength: 5 }) },
  );
  return fc
    .record({
      whole,
      changes,
      cuts: fc.array(fc.nat(600), { maxLength: 3 }),
      leaves: fc.constantFrom('end' as const, 'reset' as const),
    })
    .map(({ whole: bytes, changes: list, cuts, leaves }) => ({
      kind,
      bytes: (list as readonly Change[]).reduce(changed, bytes).toString('latin1'),
      cuts: cuts.toSorted((one, other) => one - other),
      leaves,
    }));
}

const requests = fc.array(httpRequest, { minLength: 1, maxLength: 3 }).map((list) => Buffer.concat(list));
const conversation = fc
  .tuple(handshake, fc.array(socketFrame, { maxLength: 6 }))
  .map(([first, frames]) => Buffer.concat([first, ...frames]));
const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

export const visit: fc.Arbitrary<Visit> = fc.oneof(
  { weight: 5, arbitrary: visits('http', requests) },
  { weight: 5, arbitrary: visits('socket', conversation) },
  { weight: 1, arbitrary: visits('http', noise) },
);

/**
 * Makes the visit; resolves with the bytes received by the time that `answered` resolves, once the visitor has left.
 */
export async function pay(
  { bytes, cuts, leaves }: Visit,
  port: number,
  sessionId: string,
  answered: () => Promise<void>,
): Promise<string> {
  const all = Buffer.from(bytes.replaceAll(someSession, sessionId), 'latin1');
  const socket = connect(port, '127.0.0.1');
  let received = '';
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    // The server may close first.
    socket.on('error', () => resolve());
  });
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  await Promise.race([closed, new Promise<void>((resolve) => socket.once('connect', () => resolve()))]);
  let from = 0;
  for (const cut of [...cuts, all.length]) {
    if (socket.destroyed) break;
    // The next piece waits until the last one was sent, or the connection is over.
    await Promise.race([
      closed,
      new Promise<void>((resolve) => void socket.write(all.subarray(from, cut), () => resolve())),
    ]);
    from = Math.max(from, cut);
  }
  await answered();
  // A connection that the server is closing must not be reset: Node would not report its end.
  if (leaves === 'end' || socket.readableEnded || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
  await closed;
  return received;
}

/** What was sent, as text for people. */
export function visitText({ kind, bytes, cuts, leaves }: Visit): string[] {
  const lines = bytes.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return [
    `${kind}, cut at ${JSON.stringify(cuts)}, leaves with ${leaves}:`,
    ...lines.map((line) =>
      line.length > 300 ? `${JSON.stringify(line.slice(0, 300))} … ${line.length}` : JSON.stringify(line),
    ),
  ];
}
