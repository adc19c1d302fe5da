/** The id of the message in which baseline sockets are told of a failure; judged by another maker of UUIDs. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { messageIdSchema } from '../../../../schema/ids.ts';
import { failureIdOf } from '../../../../src/gateway/stream/failure-id.ts';

/** Never changes: a socket that catches up after an update of the server must hear of the same message. */
const namespace = '4d6a6b1e-0c53-4b0e-9a51-6f0d0f2f7c18';

function version5(name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

it('[TREE43] is the UUIDv5 of the answer', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      expect(failureIdOf(messageIdSchema.parse(id))).toBe(version5(id));
    }),
  );
});
