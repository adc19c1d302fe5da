/** Valid frames of a `callboard.v1` client, and broken ones. */
import fc from 'fast-check';
import { queuePolicies } from '../../schema/create-message.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { storableText } from '../../schema/text.ts';
import { cursorOf, epochSchema } from '../../schema/wire/cursor.ts';
import type { FrameId } from '../../schema/wire/frame.ts';
import { wireNamespaces } from '../../schema/wire-event-table.ts';
import { idKinds, idOf } from './ids.ts';

export const sessionId = idOf<SessionId>(idKinds.session, 1);
export const messageId = idOf<MessageId>(idKinds.prompt, 1);

export type MeantFrame = { readonly event: string; readonly data: unknown; readonly id?: FrameId };

/** The frame as a client that writes valid JSON sends it. */
export function frameBytes(frame: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(frame));
}

export const cursorText = fc
  .tuple(fc.uuid(), fc.nat(2 ** 31 - 1))
  .map(([epoch, seq]) => cursorOf({ epoch: epochSchema.parse(epoch), seq }));

const selection = { namespaces: fc.subarray([...wireNamespaces], { minLength: 1 }) };
const text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .map((given) => storableText(given).replaceAll('\0', ' '));

const part = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constant('file'), fileId: fc.constant(sessionId) }),
  fc.record({ type: fc.constant('source'), url: text, title: text }, { requiredKeys: ['type', 'url'] }),
  fc.record({ type: fc.constant('data'), name: text, data: fc.jsonValue({ maxDepth: 3 }) }),
);

const said = fc.oneof(
  fc.record({ content: text }),
  fc.record({ parts: fc.array(part, { minLength: 1, maxLength: 4 }) }),
);

const options = fc.record({ temperature: fc.constantFrom(0, 0.5) }, { requiredKeys: [] });
const queue = fc.constantFrom(...queuePolicies);
const ofMessage = { sessionId: fc.constant(sessionId), messageId: fc.constant(messageId) };

function together(...given: readonly fc.Arbitrary<object>[]): fc.Arbitrary<object> {
  return fc.tuple(...given).map((parts) => Object.assign({}, ...parts));
}

const data: readonly (readonly [event: string, data: fc.Arbitrary<unknown>])[] = [
  [
    'subscribe',
    fc.record(
      { ...selection, sessionId: fc.constant(sessionId), since: cursorText },
      { requiredKeys: ['namespaces'] },
    ),
  ],
  [
    'unsubscribe',
    fc.record({ ...selection, sessionId: fc.constant(sessionId) }, { requiredKeys: ['namespaces'] }),
  ],
  [
    'message.send',
    fc.record(
      {
        sessionId: fc.constant(sessionId),
        message: together(
          said,
          fc.record(
            {
              id: fc.constant(messageId),
              role: fc.constantFrom('user', 'assistant', 'system', 'developer', 'tool'),
              name: text,
              toolCallId: text,
              queue,
            },
            { requiredKeys: ['role'] },
          ),
        ),
        queue,
      },
      { requiredKeys: ['sessionId', 'message'] },
    ),
  ],
  [
    'message.edit',
    together(said, fc.record({ ...ofMessage, options }, { requiredKeys: ['sessionId', 'messageId'] })),
  ],
  [
    'message.regenerate',
    fc.record(
      { ...ofMessage, options, continue: fc.boolean() },
      { requiredKeys: ['sessionId', 'messageId'] },
    ),
  ],
  ['message.delete', fc.record(ofMessage)],
  ['message.send-now', fc.record(ofMessage)],
  ['message.steer', fc.record(ofMessage)],
  ['branch.select', fc.record({ sessionId: fc.constant(sessionId), leafId: fc.constant(messageId) })],
  [
    'turn.cancel',
    fc.record(
      { sessionId: fc.constant(sessionId), messageId: fc.constant(messageId) },
      { requiredKeys: ['sessionId'] },
    ),
  ],
  ['inspect.focus', fc.record({ actorId: fc.constantFrom(null, 'session/1', 'session/1/turn') })],
  ['ping', fc.jsonValue({ maxDepth: 2 })],
];

const frameId: fc.Arbitrary<FrameId> = fc.oneof(
  fc.maxSafeInteger(),
  fc.string({ maxLength: 128 }),
  fc.constantFrom('', 'x'.repeat(128), 0, -1),
);

export const meantFrame: fc.Arbitrary<MeantFrame> = fc.oneof(
  ...data.map(([event, given]) =>
    fc.record({ event: fc.constant(event), data: given, id: frameId }, { requiredKeys: ['event', 'data'] }),
  ),
);

/** Bytes of a frame that was cut, doubled or changed, or any other bytes; the largest fill a frame. */
export const strangeBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.tuple(meantFrame, fc.nat(200), fc.nat(255)).map(([frame, at, byte]) => {
    const bytes = frameBytes(frame);
    bytes[at % bytes.length] = byte;
    return bytes;
  }),
  fc.tuple(meantFrame, fc.nat(200)).map(([frame, cut]) => frameBytes(frame).subarray(0, cut)),
  fc
    .record({ event: fc.string(), data: fc.jsonValue(), id: fc.jsonValue() }, { requiredKeys: [] })
    .map(frameBytes),
  fc
    .integer({ min: 1, max: limits.clientFrameBytesLeast / 2 })
    .map((depth) => new TextEncoder().encode('['.repeat(depth) + ']'.repeat(depth))),
);
