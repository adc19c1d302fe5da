/** WebSocket connections as bytes: a handshake, and frames that follow RFC 6455 or break it. */
import fc from 'fast-check';
import { clientFrameBytesMax, defaultMessageBounds } from '../../../schema/message-bounds.ts';
import { cursorText, frameText, someSession } from './odd-json.ts';

const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n';

const paths = fc.constantFrom(
  '/live',
  '/chat-sessions',
  '/chat-messages',
  '/traces',
  '/config',
  '/tools',
  '/logs',
);
const queries = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(`?sessionId=${someSession}`, '?namespaces=tools,config', '?since=x', '?%'),
  },
  { weight: 1, arbitrary: cursorText.map((text) => `?since=${encodeURIComponent(text.toWellFormed())}`) },
);

export const handshake: fc.Arbitrary<Buffer> = fc
  .record({
    path: paths,
    query: queries,
    protocol: fc.constantFrom('callboard.v1', 'callboard.v1', 'callboard.v1, other', 'other', undefined),
    key: fc.oneof(
      { weight: 12, arbitrary: fc.constant(key) },
      fc.constantFrom('', key.replace('13', '8'), key + key),
    ),
    extensions: fc.constantFrom('', '', 'sec-websocket-extensions: permessage-deflate\r\n'),
  })
  .map(({ path, query, protocol, key: keyLines, extensions }) => {
    const offer = protocol === undefined ? '' : `sec-websocket-protocol: ${protocol}\r\n`;
    const lines = `host: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n${keyLines}${offer}${extensions}`;
    return Buffer.from(`GET ${path}${query} HTTP/1.1\r\n${lines}\r\n`);
  });

const frameBytesMax = clientFrameBytesMax(defaultMessageBounds);

const payload: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 10, arbitrary: frameText.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 130 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[Buffer.from([0xc3, 0x28]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xf8, 0x88])],
      ...[
        Buffer.alloc(0),
        Buffer.from([3, 232]),
        Buffer.from([3]),
        Buffer.from([0, 0]),
        Buffer.from([19, 136, 0xff]),
      ],
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: frameBytesMax - 1, max: frameBytesMax + 1 })
      .map((length) => Buffer.from(`{"event":"ping","id":1,"data":"${'f'.repeat(length - 33)}"}`)),
  },
);

type FramePlan = {
  readonly fin: boolean;
  readonly reserved: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly length: 'least' | '16 bits' | '64 bits' | 'too long' | 'absurd';
  readonly payload: Buffer;
};

const soundFrame = fc.record({
  fin: fc.constant(true),
  reserved: fc.constant(0),
  opcode: fc.constantFrom(1, 1, 1, 2),
  masked: fc.constant(true),
  length: fc.constant('least' as const),
  payload,
});

const oddFrame = fc.record({
  fin: fc.boolean(),
  reserved: fc.constantFrom(0, 0, 0, 0, 1, 2, 4, 7),
  // Continuations, texts, binaries, closes, pings, pongs, and undefined opcodes.
  opcode: fc.constantFrom(0, 0, 1, 2, 8, 9, 9, 10, 3, 7, 11, 15),
  masked: fc.constantFrom(true, true, true, false),
  length: fc.constantFrom('least', 'least', '16 bits', '64 bits', 'too long', 'absurd'),
  payload,
});

/** A message in pieces, with a ping between them. */
const fragmented: fc.Arbitrary<Buffer> = fc.tuple(frameText, fc.nat(20)).map(([text, cut]) => {
  const bytes = Buffer.from(text);
  const piece = (opcode: number, fin: boolean, part: Buffer) =>
    frameBytes({ fin, reserved: 0, opcode, masked: true, length: 'least', payload: part });
  const ping = piece(9, true, Buffer.from('between'));
  return Buffer.concat([piece(1, false, bytes.subarray(0, cut)), ping, piece(0, true, bytes.subarray(cut))]);
});

export const socketFrame: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 8, arbitrary: soundFrame.map(frameBytes) },
  { weight: 3, arbitrary: oddFrame.map(frameBytes) },
  { weight: 1, arbitrary: fragmented },
);

function frameBytes({ fin, reserved, opcode, masked, length, payload: body }: FramePlan): Buffer {
  const head = Buffer.from([(fin ? 0x80 : 0) | (reserved << 4) | opcode]);
  const mask = masked ? Buffer.from([1, 2, 3, 4]) : Buffer.alloc(0);
  const bytes = masked ? Buffer.from(body.map((byte, index) => byte ^ ((index % 4) + 1))) : body;
  return Buffer.concat([head, lengthBytes(length, body.length, masked), mask, bytes]);
}

function lengthBytes(how: FramePlan['length'], length: number, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0;
  if (how === 'absurd') return Buffer.from([bit | 127, ...Array.from({ length: 8 }, () => 0xff)]);
  const told = how === 'too long' ? length + 7 : length;
  if (how === '64 bits' || told > 0xffff) {
    const bytes = Buffer.alloc(9);
    bytes.writeUInt8(bit | 127);
    bytes.writeBigUInt64BE(BigInt(told), 1);
    return bytes;
  }
  if (how === '16 bits' || told > 125) return Buffer.from([bit | 126, told >> 8, told & 0xff]);
  return Buffer.from([bit | told]);
}
