/** Who sent a message, as the server knows it (SPEC, rules WHO). */
import { z } from 'zod';
import { participantIdSchema } from './participant.ts';
import { local, type Principal } from './principal.ts';

export const messageAuthorSchema = z
  .object({
    /** Of the principal; a participant of this id is the same person. */
    id: participantIdSchema,
    /** How the server knew it to be called when the message was sent; absent: by its id. */
    name: z.string().exactOptional(),
  })
  .meta({ id: 'MessageAuthor' });
export type MessageAuthor = z.infer<typeof messageAuthorSchema>;

/** `undefined`: the server asks for no credentials, and cannot tell people apart. */
export function authorOf({ id, name }: Principal): MessageAuthor | undefined {
  if (id === local.id) return undefined;
  return { id, ...(name === null ? {} : { name }) };
}
