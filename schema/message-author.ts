/** Who sent a message, as the server knows it (SPEC, rules WHO). */
import { z } from 'zod';
import { participantIdSchema } from './participant.ts';
import type { Principal } from './principal.ts';

export const messageAuthorSchema = z
  .object({
    /** Of the principal; a participant of this id is the same person. */
    id: participantIdSchema,
    /** How the server knew it to be called when the message was sent; absent: by its id. */
    name: z.string().exactOptional(),
  })
  .meta({ id: 'MessageAuthor' });
export type MessageAuthor = z.infer<typeof messageAuthorSchema>;

export function authorOf({ id, name }: Principal): MessageAuthor {
  return { id, ...(name === null ? {} : { name }) };
}
