/** Examples of participants, part of `examples.ts`. */
import type { z } from 'zod';
import { messageAuthorSchema } from '../message-author.ts';
import {
  addParticipantSchema,
  participantIdSchema,
  participantSchema,
  removedParticipantSchema,
  updateParticipantSchema,
} from '../participant.ts';
import { exampleIds } from './example-ids.ts';

const coder = {
  sessionId: exampleIds.session,
  id: 'agent:coder',
  name: 'Coder',
  role: 'agent',
  createdAt: '2026-11-23T04:40:01.000Z',
  updatedAt: '2026-11-23T04:40:01.000Z',
} satisfies z.input<typeof participantSchema>;

export const participantExamples: readonly (readonly [z.ZodType, unknown])[] = [
  [participantIdSchema, coder.id],
  [messageAuthorSchema, { id: 'key:ada', name: 'Ada' } satisfies z.input<typeof messageAuthorSchema>],
  [participantSchema, coder],
  [
    addParticipantSchema,
    { id: coder.id, name: coder.name, role: 'agent' } satisfies z.input<typeof addParticipantSchema>,
  ],
  [
    updateParticipantSchema,
    { role: 'observer', name: null } satisfies z.input<typeof updateParticipantSchema>,
  ],
  [
    removedParticipantSchema,
    { sessionId: exampleIds.session, id: coder.id } satisfies z.input<typeof removedParticipantSchema>,
  ],
];
