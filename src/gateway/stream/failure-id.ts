/**
 * The id of the message in which baseline sockets are told that an answer failed after it had text. It is derived from
 * the answer's id, so that a socket that catches up hears of the same message as one that was there.
 */
import { v5 } from 'uuid';
import { type MessageId, messageIdSchema } from '../../../schema/ids.ts';

const namespace = '4d6a6b1e-0c53-4b0e-9a51-6f0d0f2f7c18';

export function failureIdOf(answerId: MessageId): MessageId {
  return messageIdSchema.parse(v5(answerId, namespace));
}
