/** A participant of a session: a person or an agent, by an id of its own, with a role (SPEC, rules PTC). */
import { z } from 'zod';
import { sessionIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { boundedText } from './validation.ts';

export const participantRoles = ['owner', 'agent', 'observer'] as const;
export type ParticipantRole = (typeof participantRoles)[number];

/** Names a person or an agent, in all sessions alike; compared exactly as given. */
export const participantIdSchema = boundedText({
  charactersMin: 1,
  charactersMax: limits.participantCharactersMax,
})
  .check(({ value, issues }) => {
    // A browser takes such a segment out of a path, even when it is percent-encoded.
    if (value !== '.' && value !== '..') return;
    issues.push({ code: 'custom', params: { constraint: 'isNoDotSegment' }, input: value });
  })
  .brand<'ParticipantId'>();
export type ParticipantId = z.infer<typeof participantIdSchema>;

const name = boundedText({ charactersMin: 1, charactersMax: limits.participantCharactersMax });
const role = z.enum(participantRoles);

export const participantSchema = z
  .object({
    sessionId: sessionIdSchema,
    id: participantIdSchema,
    /** How it is shown; absent: by its id. */
    name: z.string().exactOptional(),
    role,
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Participant' });
export type Participant = z.infer<typeof participantSchema>;

/** What whoever adds a participant says of it. */
export const addParticipantSchema = z
  .object({
    id: participantIdSchema,
    name: name.nullish().transform((value) => value ?? undefined),
    role,
  })
  .meta({ id: 'AddParticipant' });
export type AddParticipant = {
  readonly id: ParticipantId;
  readonly name?: string | undefined;
  readonly role: ParticipantRole;
};

/** An absent key keeps its value; `name: null` clears it. */
export const updateParticipantSchema = z
  .object({ name: name.nullable().optional(), role: role.optional() })
  .meta({ id: 'UpdateParticipant' });
export type UpdateParticipant = z.infer<typeof updateParticipantSchema>;

/** Data of `participant.removed`. */
export const removedParticipantSchema = z
  .object({ sessionId: sessionIdSchema, id: participantIdSchema })
  .meta({ id: 'RemovedParticipant' });

/** A participant as a transcript tells it; whoever brings it back takes part from then on. */
export const toldParticipantSchema = z.object({
  id: participantIdSchema,
  name: name.exactOptional(),
  // Another role than ours comes from elsewhere: the least of ours stands for it.
  role: role.catch('observer'),
});

/** With its keys in the order of the schema. */
export function participant({
  sessionId,
  id,
  name: shown,
  role: has,
  createdAt,
  updatedAt,
}: Omit<Participant, 'name'> & { readonly name?: string | undefined }): Participant {
  return { sessionId, id, ...(shown === undefined ? {} : { name: shown }), role: has, createdAt, updatedAt };
}
